//! What is to be run under supervision.

use crate::supervised::Signal;
use crate::user::User;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

/// A program, its arguments and everything that it is given to run with. Its environment is empty
/// but for what is named here, so that a developer's variables change nothing.
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) user: Option<User>,
    pub(crate) stop: Signal,
    pub(crate) grace: Duration,
    pub(crate) remove: Option<PathBuf>,
}

impl Program {
    /// A program without arguments and environment, stopped by SIGTERM and ten seconds later by
    /// SIGKILL.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
            user: None,
            stop: Signal::Term,
            grace: Duration::from_secs(10),
            remove: None,
        }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args(self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// With these variables of our own environment, as far as they are set.
    #[must_use]
    pub fn inherit(self, names: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        names.into_iter().fold(self, |program, name| match env::var_os(&name) {
            Some(value) => program.env(name, value),
            None => program,
        })
    }

    /// In this working directory instead of ours.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// As this user instead of ours, which only root may ask for.
    #[must_use]
    pub fn as_user(mut self, user: Option<User>) -> Self {
        self.user = user;
        self
    }

    /// Stopped by this signal, and killed when it has not ended after the grace period (counted in
    /// tenths of a second).
    #[must_use]
    pub fn stopped_by(mut self, signal: Signal, grace: Duration) -> Self {
        self.stop = signal;
        self.grace = grace;
        self
    }

    /// With a folder that is of no use once we are gone without having stopped the program: the
    /// supervisor removes it then.
    #[must_use]
    pub fn removing(mut self, folder: Option<PathBuf>) -> Self {
        self.remove = folder;
        self
    }
}
