//! The folder where everything that was fetched lies.

use crate::Error;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// How the names of folders begin that are being filled.
const PART: &str = ".part-";

/// A folder of fetched programs, shared by any number of processes at a time.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// A cache in this folder, which is made when something is fetched.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder: std::path::absolute(&folder).unwrap_or(folder) }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of one package; it exists only when the package is there as a whole.
    pub(crate) fn package(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Lets `fill` fill the folder of a package unless it is there. Of many processes one does so
    /// and the others wait for it; a folder half filled is never seen, as it gets its name last.
    pub(crate) fn get_or_fill(
        &self,
        name: &str,
        fill: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let package = self.package(name);
        if package.exists() {
            return Ok(package);
        }
        fs::create_dir_all(&self.folder).map_err(Error::file("create", &self.folder))?;
        let lock = self.folder.join("lock");
        let held = File::create(&lock).map_err(Error::file("create", &lock))?;
        held.lock().map_err(Error::file("lock", &lock))?;
        if package.exists() {
            return Ok(package);
        }
        self.sweep();
        let part = tempfile::Builder::new()
            .prefix(PART)
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in(&self.folder)
            .map_err(Error::file("create a folder in", &self.folder))?;
        fill(part.path())?;
        fs::rename(part.path(), &package).map_err(Error::file("name", &package))?;
        // Nothing lies at the temporary name any longer, so there is nothing to remove.
        let _ = part.keep();
        Ok(package)
    }

    /// Removes what was left half filled by processes that were killed. Whoever holds the lock knows
    /// that nobody fills any of it.
    fn sweep(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for left in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PART)) {
            // What cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(left.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn of_many_at_a_time_only_one_fills_a_package() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let filled = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let package = cache
                        .get_or_fill("thing", |part| {
                            filled.fetch_add(1, Ordering::SeqCst);
                            fs::write(part.join("file"), "whole").unwrap();
                            Ok(())
                        })
                        .unwrap();
                    assert_eq!(fs::read_to_string(package.join("file")).unwrap(), "whole");
                });
            }
        });
        assert_eq!(filled.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn what_a_killed_fetch_left_is_removed_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".part-killed")).unwrap();
        Cache::new(folder.path()).get_or_fill("thing", |_| Ok(())).unwrap();
        assert!(!folder.path().join(".part-killed").exists());
    }

    #[test]
    fn a_fetch_that_fails_half_way_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let failed = cache.get_or_fill("thing", |part| {
            fs::write(part.join("file"), "ha").unwrap();
            Err(Error::Unusable("torn".to_owned()))
        });
        assert!(failed.is_err());
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["lock"]);
    }
}
