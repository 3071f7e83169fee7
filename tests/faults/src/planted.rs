//! Planted bugs: the harness is tested by mistakes that it must find.
//!
//! The product holds none of them, nor a switch for them. A copy of the sources is edited, every edit
//! behind an environment variable, so that one build serves all. An edit whose place is not found
//! any more is an error: then the bug has to be planted anew.

mod build;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use crate::fault::Fault;
use crate::run::{self, Manner};
use crate::say;

/// Which bug is awake, in the edited copy.
const SWITCH: &str = "HEMGANG_PLANTED";

/// A mistake, where it is made, and what finds it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bug {
    /// What is wrong, in words.
    what: String,
    /// The faults that are played, in this order; none is usual.
    #[serde(default)]
    faults: Vec<String>,
    /// How long each lasts, in milliseconds.
    #[serde(default = "usual")]
    lasts: u64,
    edit: Vec<build::Edit>,
}

const fn usual() -> u64 {
    2_000
}

/// What is asked for.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these bugs.
    #[arg(long, value_delimiter = ',')]
    bug: Vec<String>,
    /// Within how many seeds each must be found.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Only edit and build.
    #[arg(long)]
    build: bool,
}

/// Finds all bugs; whether that succeeded.
pub(crate) async fn find(arguments: Arguments) -> anyhow::Result<bool> {
    let bugs = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("planted"))?;
    let edits = bugs.iter().flat_map(|(_, bug)| &bug.edit);
    let program = build::build(edits.collect())?;
    if arguments.build {
        return Ok(true);
    }
    let mut sound = true;
    for (name, bug) in &bugs {
        if arguments.bug.is_empty() || arguments.bug.contains(name) {
            sound &= hunt(name, bug, &program, arguments.seeds).await?;
        }
    }
    Ok(sound)
}

fn read(folder: &Path) -> anyhow::Result<Vec<(String, Bug)>> {
    let mut bugs = Vec::new();
    for entry in std::fs::read_dir(folder).context("read the planted bugs")? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)?;
        let bug =
            toml::from_str(&text).with_context(|| format!("understand {}", path.display()))?;
        bugs.push((name, bug));
    }
    bugs.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(bugs)
}

/// Plays one seed after the other until something is found. What must be found in a program without an
/// awake bug is nothing.
async fn hunt(name: &str, bug: &Bug, program: &Path, seeds: u64) -> anyhow::Result<bool> {
    let faults: Vec<Fault> = bug
        .faults
        .iter()
        .map(|fault| Fault::named(fault).with_context(|| format!("there is no fault {fault}")))
        .collect::<anyhow::Result<_>>()?;
    let manner = Manner {
        program: PathBuf::from(program),
        env: vec![(SWITCH.to_owned(), name.to_owned())],
        lasts: Duration::from_millis(bug.lasts),
        patient: false,
        every: Duration::from_millis(125),
    };
    let ground = faults.first().context("a fault that shows the bug")?.ground;
    for seed in 1..=seeds {
        let report = run::play(ground, &faults, seed, &manner).await?;
        if let Some(logs) = &report.logs {
            let _ = std::fs::remove_dir_all(logs);
        }
        if let Some(found) = report.findings.broken.first() {
            tell(&format!("found    {name} (seed {seed}, {:.0} s): {found}", report.seconds));
            return Ok(true);
        }
        say(&format!("{name}: not found with seed {seed}"));
    }
    tell(&format!("NOT FOUND {name} within {seeds} seeds: {}", bug.what));
    Ok(false)
}

#[expect(clippy::print_stdout, reason = "the answer")]
fn tell(what: &str) {
    println!("{what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_has_its_place_in_the_sources() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let bugs = read(&folder.join("planted")).unwrap();
        let edits = bugs.iter().flat_map(|(_, bug)| &bug.edit).collect();
        let edited = build::edit(&folder.join("../.."), edits);
        assert!(edited.is_ok(), "{:#}", edited.unwrap_err());
    }
}
