//! Postgres from the archive of Debian or Ubuntu, unpacked into the cache without being installed.
//!
//! The second way, for machines without npm. No version is pinned: the distribution's archive has
//! only its newest, and signs it. Package lists lie in the cache as well, since containers are
//! delivered without any, and nobody but root may write to the machine's own.

use super::{Installed, Way, run};
use crate::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) fn postgres() -> Option<Way> {
    cfg!(target_os = "linux").then(|| Way {
        with: "apt-get",
        package: "postgresql".to_owned(),
        folder: "postgres-of-distribution".to_owned(),
        fill,
        find,
    })
}

fn fill(folder: &Path) -> Result<(), Error> {
    let work = folder.join("work");
    let archives = work.join("cache/archives");
    for folder in [work.join("lists/partial"), archives.join("partial")] {
        fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    }
    run(apt_get(&work).arg("update"))?;
    run(apt_get(&work)
        .args(["install", "--download-only", "--yes", "--no-install-recommends"])
        .arg("postgresql"))?;
    for package in entries(&archives).filter(|path| path.extension().is_some_and(|e| e == "deb")) {
        run(Command::new("dpkg-deb").arg("-x").arg(&package).arg(folder))?;
    }
    fs::remove_dir_all(&work).map_err(Error::file("remove", &work))
}

/// `apt-get` that reads what is installed and writes nothing outside our folder.
fn apt_get(work: &Path) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "Debug::NoLocking=1", "-o", "Acquire::Retries=1"]);
    command.args(["-o", "Acquire::http::Timeout=20", "-o", "APT::Sandbox::User=root"]);
    for (name, folder) in [("Dir::State::lists", "lists"), ("Dir::Cache", "cache")] {
        command.arg("-o").arg(format!("{name}={}", work.join(folder).display()));
    }
    command
}

/// The program, which lies in a folder named after its version, and the libraries beside it.
fn find(package: &Path) -> Option<Installed> {
    let libraries = package.join("usr/lib");
    let program = entries(&libraries.join("postgresql"))
        .map(|version| version.join("bin/postgres"))
        .find(|program| program.exists())?;
    let libraries = entries(&libraries).find(|path| path.to_string_lossy().contains("-linux-gnu"));
    Some(Installed { program, libraries })
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
