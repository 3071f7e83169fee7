//! How fast the system is, on this one machine: `year` follows admissions from the hospital's message
//! to the last first alert, `backlog` does so after an outage, `timers` follows deadlines from being armed to being acted on.
//!
//! Postgres, nats-server and the services run as processes of their own, as they do in production;
//! the services are this binary, executed again. Progress goes to standard error, and the result, one
//! JSON object, to standard output.

mod backlog;
mod floor;
mod load;
mod measure;
mod process;
mod region;
mod system;
mod timers;
mod year;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use serde_json::{Map, Value};
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(name = "bench", about = "How fast Hemgång is on this machine")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Admissions through the intakes, until the last first alert is taken by mail server and gateway.
    Year(year::Arguments),
    /// Admissions while all other services are stopped, and how fast these catch up afterwards.
    Backlog(backlog::Arguments),
    /// Obligations armed, fired and compared with another job queue's timers.
    Timers(timers::Arguments),
}

/// What was measured, by key.
type Figures = Map<String, Value>;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // A service is this binary executed again.
    if arguments.get(1).is_some_and(|first| first == "service") {
        return hemgang::main(arguments);
    }
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let json = match &arguments.what {
        What::Year(year) => year.json,
        What::Backlog(backlog) => backlog.json,
        What::Timers(timers) => timers.json,
    };
    let measured = async {
        match arguments.what {
            What::Year(arguments) => year::run(arguments).await,
            What::Backlog(arguments) => backlog::run(arguments).await,
            What::Timers(arguments) => timers::run(arguments).await,
        }
    };
    // Everything that runs is stopped, and its data removed, when what holds it is dropped.
    let figures = tokio::select! {
        figures = measured => figures?,
        stopped = stopped() => {
            stopped.context("wait for signals")?;
            anyhow::bail!("stopped");
        }
    };
    print(&figures, json)
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        stopped = ctrl_c() => stopped,
        _ = terminated.recv() => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "the result")]
fn print(figures: &Figures, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(figures)?);
    } else {
        println!("{}", serde_json::to_string_pretty(figures)?);
    }
    Ok(())
}

/// Tells of progress.
#[expect(clippy::print_stderr, reason = "progress is for whoever waits")]
fn say(what: &str) {
    eprintln!("bench: {what}");
}
