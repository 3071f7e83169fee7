//! What to say to somebody who has neither the program nor a way to fetch it.

use crate::Error;
use crate::parts::Part;
use std::fmt::Write as _;
use std::path::PathBuf;

pub(super) const NATS_SERVER: &str = "\
to let it be fetched, have network and pip:
  Debian, Ubuntu:  sudo apt-get install python3-pip
  Fedora:          sudo dnf install python3-pip
or install it yourself (Debian 12 has one that is too old):
  macOS:           brew install nats-server
  anywhere:        download a release of nats-io/nats-server and put the program on PATH";

pub(super) const POSTGRES: &str = "\
install it:
  Debian, Ubuntu:  sudo apt-get install postgresql
  Fedora:          sudo dnf install postgresql-server
  macOS:           brew install postgresql@17
or, to let it be fetched on Linux, have network and npm:
  Debian, Ubuntu:  sudo apt-get install npm
  Fedora:          sudo dnf install nodejs-npm";

/// The whole story: what was looked for, what was there, what was tried and what to do.
pub(super) fn missing(
    part: &Part,
    folders: &[PathBuf],
    passed_over: &[(PathBuf, String)],
    tried: &[(&'static str, Error)],
) -> Error {
    let mut text = format!("{} {} or newer was not found", part.name, part.oldest);
    let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let _ = write!(text, "\n- looked for `{}` in: {}", part.program, looked.join(", "));
    for (path, reason) in passed_over {
        let _ = write!(text, "\n- passed over {}: {reason}", path.display());
    }
    for (with, error) in tried {
        let _ = write!(text, "\n- could not be fetched with {with}: {}", whole(error));
    }
    if tried.is_empty() {
        let _ = write!(text, "\n- there is nothing to fetch for this kind of machine");
    }
    let _ = write!(text, "\n{}", part.advice);
    Error::Missing(text)
}

/// An error with its causes.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
