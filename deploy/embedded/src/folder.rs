//! Where a server's files lie.

use crate::{Error, Progress, User, secret};
use sha2::{Digest as _, Sha256};
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Where everybody may make folders and which survives a restart of the machine.
const COMMON: &str = "/var/tmp";

/// A server's folder, either kept or thrown away after use.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    throwaway: bool,
}

impl Folder {
    /// A folder that stays.
    pub(crate) fn kept(path: &Path, user: Option<User>) -> Result<Self, Error> {
        let path = std::path::absolute(path).map_err(Error::file("resolve", path))?;
        fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
        Self::private(path, user, false)
    }

    /// A new folder that goes with its server.
    pub(crate) fn throwaway(user: Option<User>) -> Result<Self, Error> {
        let usual = std::env::temp_dir();
        let reached = user.is_none_or(|user| user.reaches(&usual.join("folder")));
        let base = if reached { usual } else { PathBuf::from(COMMON) };
        let made = tempfile::Builder::new()
            .prefix("hemgang-")
            .tempdir_in(&base)
            .map_err(Error::file("create a folder in", &base))?;
        Self::private(made.keep(), user, true)
    }

    fn private(path: PathBuf, user: Option<User>, throwaway: bool) -> Result<Self, Error> {
        fs::set_permissions(&path, Permissions::from_mode(0o700))
            .map_err(Error::file("close", &path))?;
        if let Some(user) = user {
            user.own(&path)?;
        }
        Ok(Self { path, throwaway })
    }

    /// The folder, if it is to be removed when the server is gone.
    pub(crate) fn to_remove(&self) -> Option<PathBuf> {
        self.throwaway.then(|| self.path.clone())
    }
}

/// The wanted path, or one that the user reaches instead of it, always the same one.
pub(crate) fn within_reach(
    wanted: &Path,
    user: Option<User>,
    say: &mut dyn FnMut(Progress),
) -> Result<PathBuf, Error> {
    let wanted = std::path::absolute(wanted).map_err(Error::file("resolve", wanted))?;
    if user.is_none_or(|user| user.reaches(&wanted)) {
        return Ok(wanted);
    }
    let us = rustix::process::geteuid().as_raw();
    let name = Sha256::digest(wanted.as_os_str().as_encoded_bytes());
    let hash = secret::hex(name.get(..6).unwrap_or_default());
    let own = Path::new(COMMON).join(format!("hemgang-{us}-{hash}"));
    match DirBuilder::new().mode(0o711).create(&own) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        made => made.map_err(Error::file("create", &own))?,
    }
    // Anybody could have made it before us; theirs is not to be used, nor is a link to elsewhere.
    let found = fs::symlink_metadata(&own).map_err(Error::file("look at", &own))?;
    if !found.is_dir() || found.uid() != us {
        return Err(Error::NotOurs(own));
    }
    fs::set_permissions(&own, Permissions::from_mode(0o711)).map_err(Error::file("open", &own))?;
    let instead = own.join(wanted.file_name().unwrap_or_default());
    say(Progress::LiesElsewhere { wanted, instead: instead.clone() });
    Ok(instead)
}
