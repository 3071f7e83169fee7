//! Refreshes the query metadata that builds without a database need (`.sqlx` in each crate).
//!
//! `sqlx`' macros check every query against a database while the crate is compiled, or, without
//! one, against metadata in files. This program starts a private Postgres, runs each crate's
//! migrations in a database of its own, lets cargo compile the crates against them and keeps what
//! the macros write. It replaces `cargo sqlx prepare`, which wants a database to be there and
//! collects the queries of a crate's dependencies along with its own.
//!
//! ```text
//! cargo run -p test-support --bin prepare-sql                    all crates
//! cargo run -p test-support --bin prepare-sql -- sip deadlines   some crates
//! cargo run -p test-support --bin prepare-sql -- --check         compare only
//! ```

#![expect(clippy::print_stderr, reason = "a command-line tool speaks to its user")]

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use std::ffi::OsString;
use std::fs::File;
use std::process::ExitCode;
use std::time::SystemTime;
use workspace::Package;

mod metadata;
mod schema;
mod workspace;
mod wrapper;

/// Refreshes the .sqlx folders that builds without a database need.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo run -p test-support --bin prepare-sql --")]
struct Arguments {
    /// The crates; all that have migrations, when none is named.
    crates: Vec<String>,
    /// Change nothing, and fail when something would be changed.
    #[arg(long)]
    check: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = match wrapper::folder() {
        Some(folder) => Err(wrapper::become_rustc(&folder)),
        None => prepare(&Arguments::parse()).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("prepare-sql: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn prepare(arguments: &Arguments) -> Result<()> {
    let packages = workspace::packages(&arguments.crates)?;
    if packages.is_empty() {
        eprintln!("no crate has a migrations folder; nothing to do");
        return Ok(());
    }
    let work = tempfile::tempdir().context("a temporary folder")?;
    for package in &packages {
        let url = schema::database(package).await?;
        wrapper::prepare(work.path(), &package.name, &url)?;
    }
    compile(&packages, work.path().as_os_str().to_owned())?;
    let mut differing = Vec::new();
    for package in &packages {
        let written = wrapper::queries(work.path(), &package.name);
        let difference = metadata::compare(&written, &package.folder.join(".sqlx"))?;
        eprintln!("{}: {difference}", package.name);
        if !difference.is_empty() {
            differing.push(package.name.as_str());
            if !arguments.check {
                difference.apply()?;
            }
        }
    }
    ensure!(
        !arguments.check || differing.is_empty(),
        "the committed metadata is not what the queries and migrations give; run\n  \
         cargo run -p test-support --bin prepare-sql -- {}\nand commit the .sqlx folders",
        differing.join(" ")
    );
    Ok(())
}

/// Compiles everything in the crates that can hold a query, with us between cargo and rustc.
fn compile(packages: &[Package], work: OsString) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["check", "--quiet", "--keep-going", "--all-targets"]);
    for package in packages {
        cargo.arg("-p").arg(&package.name);
        // Macros run only when their crate is compiled, and what is compiled against the library
        // is compiled after it.
        let source = package.folder.join("src/lib.rs");
        File::options()
            .append(true)
            .open(&source)
            .and_then(|file| file.set_modified(SystemTime::now()))
            .with_context(|| format!("touching {}", source.display()))?;
    }
    let us = std::env::current_exe().context("finding this program")?;
    cargo.env("RUSTC_WORKSPACE_WRAPPER", us).env(wrapper::FOLDER, work);
    let status = cargo.status().context("executing cargo")?;
    if !status.success() {
        bail!(
            "the crates do not compile against their migrations (see above); nothing was changed"
        );
    }
    Ok(())
}
