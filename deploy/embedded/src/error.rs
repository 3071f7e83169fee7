//! What can go wrong, in words that say what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// Why a program was not found, fetched, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something to do with a file.
    #[error("could not {doing} {}", path.display())]
    File {
        /// A verb, to be read before the path.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program that was to be executed could not even be started.
    #[error("could not execute {program}")]
    Execute {
        /// The program.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A helper program (pip, npm, initdb, …) ended with an error.
    #[error("`{command}` ended with {status}: {said}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it printed.
        said: String,
    },
    /// What was fetched is not what was asked for.
    #[error("{} has the SHA-256 {found} instead of {wanted}; it was not used", path.display())]
    Tampered {
        /// The file that was fetched.
        path: PathBuf,
        /// Its SHA-256.
        found: String,
        /// The SHA-256 that this version is pinned to.
        wanted: &'static str,
    },
    /// What was fetched has another shape than expected, or does not run here.
    #[error("what was fetched is of no use: {0}")]
    Unusable(String),
    /// A program is neither on this machine nor to be fetched.
    #[error("{0}")]
    Missing(String),
    /// Another process, or the rest of an earlier run, still writes to this log.
    #[error(
        "{} is still in use: another process runs here, or an earlier one has not ended in {waited:?}",
        log.display()
    )]
    InUse {
        /// The log file whose lock is held.
        log: PathBuf,
        /// How long we waited for it.
        waited: Duration,
    },
    /// The port that was asked for is taken.
    #[error("port {0} of 127.0.0.1 is taken by another program; stop that one or choose another")]
    PortTaken(u16),
    /// The server ended, or said nothing, instead of getting ready.
    #[error("{program} {what}; the end of {}:\n{said}", log.display())]
    NotReady {
        /// The program's name.
        program: &'static str,
        /// "ended with …" or "was not ready after …".
        what: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of the log.
        said: String,
    },
    /// The data was made by another major version of Postgres.
    #[error(
        "the data in {} was made by Postgres {made_by}, which Postgres {found} ({}) cannot read; \
         put a Postgres {made_by} first on PATH, or move the folder away to begin with an empty database",
        data.display(), program.display()
    )]
    OtherMajor {
        /// The data folder.
        data: PathBuf,
        /// What its `PG_VERSION` says.
        made_by: String,
        /// The major version of the program that was found.
        found: u32,
        /// That program.
        program: PathBuf,
    },
    /// Postgres does not run as root, and there is nobody else to run it as.
    #[error(
        "Postgres refuses to run as root and this machine has neither a user postgres nor nobody; run as an ordinary user"
    )]
    NoUser,
    /// The other user that Postgres must run as may not execute it where it lies.
    #[error("{} may not be executed by user {uid}, as whom Postgres has to run; install it elsewhere or run as an ordinary user", path.display())]
    OutOfReach {
        /// The program.
        path: PathBuf,
        /// The user's number.
        uid: u32,
    },
    /// A folder in a place that everybody may write to belongs to somebody else.
    #[error("{} belongs to another user; remove it", .0.display())]
    NotOurs(PathBuf),
}

impl Error {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}
