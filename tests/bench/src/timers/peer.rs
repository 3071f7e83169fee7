//! Another job queue on the same Postgres: graphile-worker from npm, in a temporary folder.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context;
use serde::Deserialize;
use sqlx::Executor;
use tokio::process::Command;

use crate::system::System;
use crate::{measure, say};

const PACKAGE: &str = "graphile-worker@0.17.3";
const SCRIPT: &str = include_str!("../../peer/fire.mjs");

/// What the script says.
#[derive(Deserialize)]
struct Fired {
    fired: usize,
    seconds: f64,
}

/// Timers fired a second; none where it cannot be installed.
pub(super) async fn measure(system: &System, count: usize) -> anyhow::Result<Option<f64>> {
    let folder = tempfile::tempdir().context("make a folder for the peer")?;
    if let Err(error) = install(folder.path()).await {
        say(&format!("no peer to compare with: {error:#}"));
        return Ok(None);
    }
    system.database("postgres").await?.execute("create database peer").await?;
    system.checkpoint().await?;
    let output = Command::new("node")
        .arg("fire.mjs")
        .current_dir(folder.path())
        .env("PEER_URL", system.database_url("peer"))
        .env("PEER_COUNT", count.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("run the peer")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let fired: Fired =
        serde_json::from_str(last).with_context(|| format!("the peer failed: {complaint}"))?;
    anyhow::ensure!(fired.fired == count, "the peer fired {} of {count}", fired.fired);
    Ok(Some(measure::per_second(count, fired.seconds)))
}

async fn install(folder: &Path) -> anyhow::Result<()> {
    std::fs::write(folder.join("package.json"), "{}")?;
    std::fs::write(folder.join("fire.mjs"), SCRIPT)?;
    say(&format!("installing {PACKAGE}"));
    let output = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent", PACKAGE])
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("run npm")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "npm: {}", complaint.trim());
    Ok(())
}
