//! What happens while the parts are looked for and started, for a caller that wants to say so.

use crate::Version;
use std::fmt;
use std::path::PathBuf;

/// One step; an enum rather than text, so that a caller can say it in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// A program was found and is good enough.
    Found {
        /// The program's name.
        part: &'static str,
        /// Where it lies.
        path: PathBuf,
        /// Its version.
        version: Version,
    },
    /// A program was found and is not used.
    PassedOver {
        /// The program's name.
        part: &'static str,
        /// Where it lies.
        path: PathBuf,
        /// Why it is not used.
        reason: String,
    },
    /// A program is being fetched.
    Fetching {
        /// The program's name.
        part: &'static str,
        /// The package and its version.
        package: String,
        /// The tool that fetches it.
        with: &'static str,
    },
    /// One way of fetching did not work; the next one is tried.
    FetchFailed {
        /// The tool that was tried.
        with: &'static str,
        /// What it said.
        reason: String,
    },
    /// Data lies elsewhere than asked for, because its user may not look into the wanted folder.
    LiesElsewhere {
        /// Where it was to lie.
        wanted: PathBuf,
        /// Where it lies.
        instead: PathBuf,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found { part, path, version } => {
                write!(f, "{part} {version} at {}", path.display())
            }
            Self::PassedOver { part, path, reason } => {
                write!(f, "{part} at {} passed over: {reason}", path.display())
            }
            Self::Fetching { part, package, with } => {
                write!(f, "fetching {part} ({package}) with {with}")
            }
            Self::FetchFailed { with, reason } => write!(f, "{with} did not deliver: {reason}"),
            Self::LiesElsewhere { wanted, instead } => write!(
                f,
                "{} is out of reach for the user that Postgres runs as; using {}",
                wanted.display(),
                instead.display()
            ),
        }
    }
}
