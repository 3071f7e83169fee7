//! A server's log file, which also tells whether the server is alive.
//!
//! The file is locked, and the lock belongs to the open file rather than to a process: everything
//! that inherited it as its standard error (supervisor, server, the server's children) holds it.
//! So who gets the lock knows that nothing of an earlier run is left, even when the process that
//! started it was killed a moment ago. A pid file cannot tell that.

use crate::Error;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

const TAIL_BYTES: u64 = 2_000;

/// An open and locked log file, written to at its end.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens (or makes) the log file and takes its lock, for which it waits so long at most.
    pub fn open(path: impl Into<PathBuf>, patience: Duration) -> Result<Self, Error> {
        let path = path.into();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Error::file("open", &path))?;
        let until = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { path, file }),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::InUse { log: path, waited: patience });
                }
                Err(TryLockError::Error(source)) => return Err(Error::file("lock", &path)(source)),
            }
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn stdio(&self) -> Result<Stdio, Error> {
        self.file.try_clone().map(Stdio::from).map_err(Error::file("share", &self.path))
    }

    /// How long the log is now, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// The last lines after a position.
    pub(crate) fn tail(&self, after: u64) -> String {
        let mut text = Vec::new();
        let from = after.max(self.length().saturating_sub(TAIL_BYTES));
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(from))?;
            file.take(TAIL_BYTES).read_to_end(&mut text)
        });
        match read {
            Ok(_) => String::from_utf8_lossy(&text).trim().to_owned(),
            Err(_) => String::new(),
        }
    }
}
