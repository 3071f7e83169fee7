//! Starts the whole system on this machine, plays the demo, and stops everything again.
//!
//! Broker and database run privately, each service is a process of its own, and nothing of it
//! outlives the launcher, however that ends. What a run leaves lies in a folder of its own, so that
//! the next run goes on where this one stopped.

mod child;
mod clock;
mod console;
mod databases;
mod folder;
mod interrupts;
mod keeper;
mod parts;
mod ports;
mod probe;
mod run;
mod screen;
mod settings;
mod start;
mod streams;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use console::Console;
use ports::Choice;

pub(crate) use summary::News;

/// Failure, as against wrong usage.
const FAILURE: u8 = 1;

/// Options of `up`.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Forget the last run: begin with empty databases.
    #[arg(long)]
    fresh: bool,
    /// No demo: no units, no patients, the system's clock, on data of its own.
    #[arg(long)]
    no_demo: bool,
    /// Where runs are kept [default: .hemgang in the project].
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Another port, such as `inbox=18025`, `nats=free` or `all=free`; may be repeated.
    #[arg(long = "port", value_name = "NAME=NUMBER")]
    ports: Vec<Choice>,
    /// How many seconds pass in the demo while one passes here.
    #[arg(long, value_name = "FACTOR", value_parser = rate, conflicts_with = "no_demo")]
    rate: Option<f64>,
}

/// Runs until told to stop.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let console = Console::new();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&console, &error.into()),
    };
    let result = runtime.block_on(run::run(arguments, &console));
    // What still blocks is a helper program or a server that starts; both end when we do.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&console, &error),
    }
}

fn failed(console: &Console, error: &anyhow::Error) -> ExitCode {
    console.say("Hemgång kunde inte starta:", "Hemgång could not start:");
    console.quote(&format!("{error:#}"));
    ExitCode::from(FAILURE)
}

/// A rate that makes sense: time goes forward, and not by years a second.
fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.1..=100_000.0).contains(&rate) => Ok(rate),
        _ => Err("must be a number from 0.1 to 100000".to_owned()),
    }
}
