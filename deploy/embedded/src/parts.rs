//! Finding the programs on this machine.

use crate::{Cache, Error, Progress, Version, fetch};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) mod advice;

/// A program that we can run, where it is at least so new and its companions lie beside it.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) program: &'static str,
    companions: &'static [&'static str],
    pub(crate) oldest: Version,
    /// Folders where packages put it, newest first where there are many; `*` is any name.
    folders: &'static [&'static str],
    pub(crate) advice: &'static str,
}

pub(crate) const NATS_SERVER: Part = Part {
    name: "nats-server",
    program: "nats-server",
    companions: &[],
    // The first with everything that our streams and consumers are configured with.
    oldest: Version::new(2, 10, 0),
    folders: &["/usr/local/bin", "/usr/bin", "/usr/sbin", "/opt/homebrew/bin", "/snap/bin"],
    advice: advice::NATS_SERVER,
};

pub(crate) const POSTGRES: Part = Part {
    name: "Postgres",
    program: "postgres",
    companions: &["initdb"],
    oldest: Version::new(14, 0, 0),
    folders: &[
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin",
        "/usr/local/pgsql/bin",
        "/usr/local/bin",
        "/opt/homebrew/bin",
        "/usr/bin",
    ],
    advice: advice::POSTGRES,
};

/// A program that is good enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The program, without symbolic links.
    pub path: PathBuf,
    /// Its version.
    pub version: Version,
    /// The folder of shared libraries that it needs beside the system's.
    pub(crate) libraries: Option<PathBuf>,
    /// The folder that holds all of it, when it was fetched by us.
    pub(crate) package: Option<PathBuf>,
}

/// Where to look before fetching.
#[derive(Debug, Clone)]
pub struct Search {
    path: Vec<PathBuf>,
    usual: bool,
}

impl Search {
    /// On PATH and then in the folders that distributions use.
    #[must_use]
    pub fn machine() -> Self {
        // The shell's search path is no configuration of ours.
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self { path: std::env::split_paths(&path).collect(), usual: true }
    }

    /// In these folders only.
    #[must_use]
    pub fn only_in(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { path: folders.into_iter().collect(), usual: false }
    }

    fn folders(&self, part: &Part) -> Vec<PathBuf> {
        let usual = part.folders.iter().filter(|_| self.usual).flat_map(|pattern| expand(pattern));
        self.path.iter().cloned().chain(usual).collect()
    }
}

/// Both programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The broker.
    pub nats_server: Found,
    /// The database.
    pub postgres: Found,
}

impl Parts {
    /// Finds both programs, or fetches into the cache what is missing or too old.
    pub fn locate(
        search: &Search,
        cache: &Cache,
        say: &mut dyn FnMut(Progress),
    ) -> Result<Self, Error> {
        Ok(Self {
            nats_server: Self::nats_server(search, cache, say)?,
            postgres: Self::postgres(search, cache, say)?,
        })
    }

    /// Finds or fetches nats-server alone.
    pub fn nats_server(
        search: &Search,
        cache: &Cache,
        say: &mut dyn FnMut(Progress),
    ) -> Result<Found, Error> {
        find_or_fetch(&NATS_SERVER, search, cache, say)
    }

    /// Finds or fetches Postgres alone.
    pub fn postgres(
        search: &Search,
        cache: &Cache,
        say: &mut dyn FnMut(Progress),
    ) -> Result<Found, Error> {
        find_or_fetch(&POSTGRES, search, cache, say)
    }
}

fn find_or_fetch(
    part: &'static Part,
    search: &Search,
    cache: &Cache,
    say: &mut dyn FnMut(Progress),
) -> Result<Found, Error> {
    let folders = search.folders(part);
    let mut passed_over: Vec<(PathBuf, String)> = Vec::new();
    for seen in folders.iter().filter_map(|folder| inspect(part, &folder.join(part.program))) {
        match seen {
            Ok(found) => {
                let (path, version) = (found.path.clone(), found.version);
                say(Progress::Found { part: part.name, path, version });
                return Ok(found);
            }
            // One program often lies in several folders by links.
            Err(seen) if passed_over.contains(&seen) => {}
            Err((path, reason)) => {
                passed_over.push((path.clone(), reason.clone()));
                say(Progress::PassedOver { part: part.name, path, reason });
            }
        }
    }
    fetch::fetch(part, cache, say)
        .map_err(|tried| advice::missing(part, &folders, &passed_over, &tried))
}

/// Looks at a program: none when there is none, else whether it can be used or why not.
pub(crate) fn inspect(part: &Part, path: &Path) -> Option<Result<Found, (PathBuf, String)>> {
    let path = fs::canonicalize(path).ok().filter(|path| is_executable(path))?;
    let lacking = part.companions.iter().find(|name| !is_executable(&path.with_file_name(name)));
    Some(match (lacking, version(&path, None)) {
        (Some(name), _) => Err((path, format!("{name} does not lie beside it"))),
        (None, Err(reason)) => Err((path, reason)),
        (None, Ok(version)) if version < part.oldest => {
            Err((path, format!("{version} is older than {}", part.oldest)))
        }
        (None, Ok(version)) => Ok(Found { path, version, libraries: None, package: None }),
    })
}

/// Asks a program for its version, or says why it has none.
pub(crate) fn version(path: &Path, libraries: Option<&Path>) -> Result<Version, String> {
    let mut command = Command::new(path);
    command.arg("--version").stdin(Stdio::null());
    if let Some(folder) = libraries {
        command.env("LD_LIBRARY_PATH", folder);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    Version::in_output(&printed).ok_or_else(|| format!("`{}` is no version", printed.trim()))
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The folders that a pattern with at most one `*` stands for, the highest number first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![pattern.into()];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or((".", before));
    let mut names: Vec<String> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix(prefix).map(str::to_owned))
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(Version::in_output(name)));
    let folder = |name| format!("{before}{name}{after}");
    names.into_iter().map(|name| PathBuf::from(OsStr::new(&folder(name)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn fake(folder: &Path, name: &str, prints: &str) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        // Written by another process: while one of ours has it open, nobody can execute it, and
        // a test beside this one may be forking.
        let script = format!("printf '#!/bin/sh\necho \"{prints}\"\n' >'{}'", path.display());
        assert!(Command::new("sh").arg("-c").arg(script).status().unwrap().success());
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        fs::canonicalize(path).unwrap()
    }

    fn search(part: &'static Part, folders: &[&Path]) -> (Result<Found, Error>, Vec<Progress>) {
        let search = Search::only_in(folders.iter().map(|folder| folder.to_path_buf()));
        let mut said = Vec::new();
        // A file is where the cache's folder should be, so nothing can be fetched into it.
        let cache = Cache::new("/dev/null/cache");
        let found = find_or_fetch(part, &search, &cache, &mut |progress| said.push(progress));
        (found, said)
    }

    #[test]
    fn a_program_that_is_too_old_is_passed_over_for_a_newer_one_further_on() {
        let top = tempfile::tempdir().unwrap();
        let (first, second) = (top.path().join("1"), top.path().join("2"));
        let old = fake(&first, "nats-server", "nats-server: v2.9.10");
        let new = fake(&second, "nats-server", "nats-server: v2.12.8");
        let (found, said) = search(&NATS_SERVER, &[&first, &second]);
        assert_eq!(found.unwrap().path, new);
        assert!(matches!(&said[0], Progress::PassedOver { path, .. } if *path == old), "{said:?}");
    }

    #[test]
    fn a_postgres_without_initdb_beside_it_is_passed_over() {
        let top = tempfile::tempdir().unwrap();
        let (first, second) = (top.path().join("1"), top.path().join("2"));
        fake(&first, "postgres", "postgres (PostgreSQL) 17.2");
        fake(&second, "postgres", "postgres (PostgreSQL) 16.1");
        fake(&second, "initdb", "initdb (PostgreSQL) 16.1");
        let (found, _) = search(&POSTGRES, &[&first, &second]);
        assert_eq!(found.unwrap().version, Version::new(16, 1, 0));
    }

    #[test]
    fn the_error_says_what_was_looked_for_passed_over_tried_and_how_to_install_it() {
        let top = tempfile::tempdir().unwrap();
        fake(top.path(), "nats-server", "nats-server: v2.9.10");
        let (found, _) = search(&NATS_SERVER, &[top.path()]);
        let text = found.unwrap_err().to_string();
        for part in [
            "nats-server 2.10.0 or newer was not found",
            top.path().to_str().unwrap(),
            "2.9.10 is older than 2.10.0",
            "sudo apt-get install",
            "sudo dnf install",
            "brew install nats-server",
        ] {
            assert!(text.contains(part), "{part} is missing in: {text}");
        }
    }

    #[test]
    fn of_many_installed_versions_the_newest_comes_first() {
        let top = tempfile::tempdir().unwrap();
        for version in ["9", "16", "15"] {
            fs::create_dir_all(top.path().join(version).join("bin")).unwrap();
        }
        let base = top.path().display();
        let expected: Vec<PathBuf> =
            ["16", "15", "9"].iter().map(|v| format!("{base}/{v}/bin").into()).collect();
        assert_eq!(expand(&format!("{base}/*/bin")), expected);
    }
}
