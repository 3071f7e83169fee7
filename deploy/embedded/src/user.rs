//! As whom Postgres runs when we are root, which it refuses to be.

use crate::Error;
use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

const EXECUTE: u32 = 0o1;

/// A user and their primary group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl User {
    /// The user to run Postgres as; none means: as ourselves. Data that exists already decides,
    /// so that its owner stays the same whoever starts it.
    pub(crate) fn for_postgres(data: Option<&Path>) -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if let Some(Ok(found)) = data.map(fs::metadata)
            && found.uid() != 0
        {
            return Ok(Some(Self { uid: found.uid(), gid: found.gid() }));
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user = ["postgres", "nobody"].iter().find_map(|name| Self::in_passwd(&users, name));
        user.map(Some).ok_or(Error::NoUser)
    }

    fn in_passwd(users: &str, wanted: &str) -> Option<Self> {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            (name == wanted && uid != 0).then_some(Self { uid, gid })
        })
    }

    /// Whether this user may pass through every folder above a path (those that exist).
    pub(crate) fn reaches(self, path: &Path) -> bool {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        path.ancestors().skip(1).filter_map(|folder| fs::metadata(folder).ok()).all(|found| {
            let shift = self.class(&found);
            found.mode() >> shift & EXECUTE != 0
        })
    }

    /// How far the permission bits for this user stand from the right.
    fn class(self, found: &Metadata) -> u32 {
        if found.uid() == self.uid {
            6
        } else if found.gid() == self.gid {
            3
        } else {
            0
        }
    }

    /// Makes a file or folder this user's.
    pub(crate) fn own(self, path: &Path) -> Result<(), Error> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(Error::file("give away", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_user_is_found_by_name_and_root_is_never_taken() {
        let users =
            "root:x:0:0::/root:/bin/sh\nfake:x:0:0::/:/bin/sh\nnobody:x:65534:65533::/:/x\n";
        assert_eq!(User::in_passwd(users, "nobody"), Some(User { uid: 65534, gid: 65533 }));
        assert_eq!(User::in_passwd(users, "fake"), None);
        assert_eq!(User::in_passwd(users, "postgres"), None);
    }

    #[test]
    fn a_closed_folder_anywhere_above_is_out_of_reach_for_others() {
        let top = tempfile::tempdir().unwrap();
        let inner = top.path().join("open");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(top.path(), Permissions::from_mode(0o700)).unwrap();
        let owner = fs::metadata(top.path()).unwrap();
        let stranger = User { uid: owner.uid() + 1, gid: owner.gid() + 1 };
        assert!(!stranger.reaches(&inner.join("data")));
        fs::set_permissions(top.path(), Permissions::from_mode(0o711)).unwrap();
        assert!(stranger.reaches(&inner.join("data")));
    }
}
