//! The crates of this workspace that have migrations.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// The crate whose migrations run in the database of every crate that uses it.
pub(crate) const MESSAGING: &str = "messaging";

/// A crate with migrations of its own.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) uses_messaging: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
}

/// The cargo that runs us, as if it did not: what it tells us about our own package would look to
/// build scripts like a change, and they would build again what takes minutes.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Where the migrations of `messaging` are.
pub(crate) fn messaging_migrations() -> PathBuf {
    Path::new(WORKSPACE).join("shared").join(MESSAGING).join("migrations")
}

/// The crates that were named, or all that have migrations.
pub(crate) fn packages(named: &[String]) -> Result<Vec<Package>> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(WORKSPACE)
        .output()
        .context("executing cargo metadata")?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).with_context(|| {
        format!("reading cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim())
    })?;
    let all: Vec<Package> = metadata.packages.into_iter().filter_map(with_migrations).collect();
    let known: HashSet<&str> = all.iter().map(|package| package.name.as_str()).collect();
    if let Some(unknown) = named.iter().find(|name| !known.contains(name.as_str())) {
        let mut known: Vec<&str> = known.into_iter().collect();
        known.sort_unstable();
        bail!("{unknown} is no crate with a migrations folder; those are: {}", known.join(", "));
    }
    Ok(all.into_iter().filter(|it| named.is_empty() || named.contains(&it.name)).collect())
}

fn with_migrations(listed: Listed) -> Option<Package> {
    let folder = listed.manifest_path.parent()?.to_owned();
    let uses_messaging = listed.dependencies.iter().any(|dependency| dependency.name == MESSAGING);
    let package = Package { name: listed.name, folder, uses_messaging };
    package.folder.join("migrations").is_dir().then_some(package)
}
