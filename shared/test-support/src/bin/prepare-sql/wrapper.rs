//! Between cargo and rustc.
//!
//! Every crate has a database of its own, and the macros take its address from the environment,
//! which cargo sets for a whole build. As cargo's `RUSTC_WORKSPACE_WRAPPER` this program is
//! executed for each crate instead of rustc and adds what belongs to that crate. So one build
//! prepares all of them side by side, and none collects the queries of another. Artifacts of such
//! a build are kept apart by cargo from those of ordinary builds.

use anyhow::{Context as _, Error, Result};
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that tells us that we are between cargo and rustc, and where the crates' addresses
/// and queries are.
pub(crate) const FOLDER: &str = "PREPARE_SQL_FOLDER";

/// The folder, if we are between cargo and rustc.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Lets a crate be compiled against a database, with its queries written to [`queries`].
pub(crate) fn prepare(folder: &Path, package: &str, url: &str) -> Result<()> {
    // The macros do not make the folder that they write to.
    fs::create_dir_all(queries(folder, package)).context("a folder for the queries")?;
    fs::write(folder.join(package).join("url"), url).context("a note of the database")
}

/// Where the queries of a crate are written.
pub(crate) fn queries(folder: &Path, package: &str) -> PathBuf {
    folder.join(package).join("queries")
}

/// Becomes the rustc that cargo meant to execute; returns only when that fails.
pub(crate) fn become_rustc(folder: &Path) -> Error {
    let mut words = std::env::args_os().skip(1);
    let Some(rustc) = words.next() else { return Error::msg("cargo named no rustc") };
    let mut command = Command::new(rustc);
    command.args(words);
    let package = std::env::var_os("CARGO_PKG_NAME").unwrap_or_default();
    if let Some((url, queries)) = database(folder, &package) {
        command.env("SQLX_OFFLINE", "false").env("DATABASE_URL", url);
        command.env("SQLX_OFFLINE_DIR", queries);
    }
    Error::new(command.exec()).context("executing rustc")
}

fn database(folder: &Path, package: &OsString) -> Option<(String, PathBuf)> {
    let folder = folder.join(package);
    let url = fs::read_to_string(folder.join("url")).ok()?;
    Some((url, folder.join("queries")))
}
