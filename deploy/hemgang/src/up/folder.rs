//! The folder of a run: everything that the launcher and what it starts leave on disk.
//!
//! One launcher at a time uses a folder, which a lock sees to: it is the kernel's, so it is gone
//! with its holder, however that ended.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context;
use embedded::{Log, secret};

use crate::service;

/// How long what an earlier launcher left behind may take to end. A service has
/// [`super::child::GRACE`] to do so.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a launcher that was killed may take to be gone.
const DYING: Duration = Duration::from_secs(1);

/// The folder, locked.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Opens or makes the folder. With `fresh`, what is in it is deleted first. Waits for what an
    /// earlier launcher started and could not stop.
    pub(crate) fn open(path: &Path, fresh: bool) -> anyhow::Result<Self> {
        let path = std::path::absolute(path)?;
        let parent = path.parent().unwrap_or(&path);
        fs::create_dir_all(parent)
            .with_context(|| format!("make the folder {}", parent.display()))?;
        // Beside the folder, so that it outlives the folder's deletion.
        let lock = lock(&path.with_extension("lock"), &path)?;
        wait_for_earlier(&path)?;
        if fresh {
            delete(&path)?;
        }
        // Others may pass through to the data of Postgres, which cannot run as root, but not look.
        DirBuilder::new()
            .recursive(true)
            .mode(0o711)
            .create(&path)
            .with_context(|| format!("make the folder {}", path.display()))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file or folder in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The log of a service.
    pub(crate) fn log_of(&self, service: &str) -> PathBuf {
        log_of(&self.path, service)
    }

    /// A random password that is made once and kept.
    pub(crate) fn secret(&self, name: &str) -> anyhow::Result<String> {
        let folder = self.at("secrets");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(secret::Secret::kept_in(&folder.join(name))?.reveal().to_owned())
    }

    /// Ties the data of Postgres to this folder, wherever it lies. False: it was made for a folder
    /// that was deleted meanwhile, and is of no use to this one.
    pub(crate) fn owns(&self, postgres: &Path) -> anyhow::Result<bool> {
        let (run, mark) = (self.secret("run")?, postgres.join("run"));
        if let Ok(marked) = fs::read_to_string(&mark) {
            return Ok(marked == run);
        }
        secret::write_private(&mark, &run)?;
        secret::write_private(&self.at("postgres.folder"), &postgres.to_string_lossy())?;
        Ok(true)
    }
}

fn log_of(folder: &Path, service: &str) -> PathBuf {
    folder.join("log").join(format!("{service}.log"))
}

fn lock(file: &Path, folder: &Path) -> anyhow::Result<File> {
    let failed = || format!("lock {}", file.display());
    let mut lock = File::options()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(file)
        .with_context(failed)?;
    if !taken(&lock).with_context(failed)? {
        let mut pid = String::new();
        let _ = lock.read_to_string(&mut pid);
        let (folder, pid) = (folder.display(), pid.trim());
        anyhow::bail!(
            "Hemgång körs redan i {folder} (pid {pid}); stoppa den eller välj en annan mapp med --dir\n\
             Hemgång already runs in {folder} (pid {pid}); stop it or choose another folder by --dir"
        );
    }
    lock.set_len(0).and_then(|()| lock.rewind()).with_context(failed)?;
    write!(lock, "{}", std::process::id()).with_context(failed)?;
    Ok(lock)
}

/// Takes the lock, if need be from a launcher that was killed a moment ago and is still dying.
fn taken(lock: &File) -> std::io::Result<bool> {
    let until = Instant::now() + DYING;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if Instant::now() < until => sleep(DYING / 20),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whatever still writes to a log is still running, and holds its port.
fn wait_for_earlier(folder: &Path) -> anyhow::Result<()> {
    let services = service::ALL.iter().map(|service| log_of(folder, service.name));
    for log in services.chain([folder.join("nats/nats-server.log")]) {
        if log.exists() {
            Log::open(&log, PATIENCE)?;
        }
    }
    Ok(())
}

fn delete(folder: &Path) -> anyhow::Result<()> {
    // The data of Postgres lies elsewhere where its user could not reach it here.
    let postgres = fs::read_to_string(folder.join("postgres.folder")).unwrap_or_default();
    for path in [Path::new(&postgres), folder] {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("delete {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_launcher_in_a_folder_is_told_who_is_first() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("demo");
        let _first = Folder::open(&path, false).unwrap();
        let error = Folder::open(&path, false).unwrap_err().to_string();
        assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
    }

    #[test]
    fn fresh_forgets_everything_and_otherwise_nothing_is_forgotten() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("demo");
        let secret = |fresh| Folder::open(&path, fresh).unwrap().secret("run").unwrap();
        let first = secret(false);
        assert_eq!(secret(false), first);
        assert_ne!(secret(true), first);
    }

    #[test]
    fn data_of_a_deleted_folder_is_not_taken_over() {
        let top = tempfile::tempdir().unwrap();
        let postgres = tempfile::tempdir().unwrap();
        let path = top.path().join("demo");
        assert!(Folder::open(&path, false).unwrap().owns(postgres.path()).unwrap());
        assert!(Folder::open(&path, false).unwrap().owns(postgres.path()).unwrap());
        fs::remove_dir_all(&path).unwrap();
        assert!(!Folder::open(&path, false).unwrap().owns(postgres.path()).unwrap());
    }

    #[test]
    fn a_fresh_start_deletes_the_data_of_postgres_wherever_it_lies() {
        let top = tempfile::tempdir().unwrap();
        let postgres = top.path().join("elsewhere");
        fs::create_dir(&postgres).unwrap();
        let path = top.path().join("demo");
        Folder::open(&path, false).unwrap().owns(&postgres).unwrap();
        Folder::open(&path, true).unwrap();
        assert!(!postgres.exists());
    }
}
