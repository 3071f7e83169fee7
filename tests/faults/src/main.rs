//! Breaks the running system and checks that nothing is lost, doubled or told about anybody.
//!
//! Postgres, nats-server and the services run as processes of their own, as they do in production; the
//! services are this binary, executed again, or another one that is given. Everything between them
//! goes through links that can be cut.

mod calendar;
mod checks;
mod fault;
mod load;
mod planted;
mod quiet;
mod region;
mod report;
mod run;
mod world;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

use self::fault::{ALL, Fault, Ground};
use self::run::{Manner, Report};

#[derive(Parser)]
#[command(name = "faults", about = "Breaks Hemgång and checks what must hold")]
struct Arguments {
    #[command(subcommand)]
    what: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Plays faults under load and checks what must hold afterwards.
    Run(RunArguments),
    /// Names the faults.
    List,
    /// Finds bugs that are planted in a copy of the sources: a test of the harness itself.
    Planted(planted::Arguments),
}

#[derive(clap::Args)]
struct RunArguments {
    /// Which faults, one after the other in one world; `all` are all, in as few worlds as they need.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    fault: Vec<String>,
    /// The seed of the first run; the next one has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often.
    #[arg(long, default_value_t = 1)]
    runs: u64,
    /// Instead, for so many minutes: in each run some of the faults, in random order.
    #[arg(long)]
    minutes: Option<u64>,
    /// How many faults there are in one of those runs.
    #[arg(long, default_value_t = 8)]
    mixed: usize,
    /// How long a fault lasts, in milliseconds. Long runs must go beyond every lease (60 s).
    #[arg(long, default_value_t = 2_000)]
    lasts: u64,
    /// Wait for leases and pauses instead of bringing them forward in the database.
    #[arg(long)]
    patient: bool,
    /// Admissions a second.
    #[arg(long, default_value_t = 8)]
    pace: u32,
    /// Another binary that is executed as the services, as `<binary> service <name>`.
    #[arg(long)]
    services: Option<PathBuf>,
    /// One line of JSON for each run.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // A service is this binary executed again.
    if arguments.get(1).is_some_and(|first| first == "service") {
        return hemgang::main(arguments);
    }
    match start(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Does what is asked; whether all was sound.
#[tokio::main]
async fn start(arguments: Arguments) -> anyhow::Result<bool> {
    let doing = async {
        match arguments.what {
            Subject::List => {
                report::list();
                Ok(true)
            }
            Subject::Run(arguments) => run_all(arguments).await,
            Subject::Planted(arguments) => planted::find(arguments).await,
        }
    };
    // Everything that runs is stopped, and its data removed, when what holds it is dropped.
    tokio::select! {
        sound = doing => sound,
        stopped = stopped() => {
            stopped.context("wait for signals")?;
            anyhow::bail!("stopped");
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        stopped = ctrl_c() => stopped,
        _ = terminated.recv() => Ok(()),
    }
}

async fn run_all(arguments: RunArguments) -> anyhow::Result<bool> {
    let faults = chosen(&arguments.fault)?;
    let this = std::env::current_exe().context("find this program")?;
    let manner = Manner {
        program: arguments.services.clone().unwrap_or(this),
        env: Vec::new(),
        lasts: Duration::from_millis(arguments.lasts),
        patient: arguments.patient,
        every: Duration::from_secs(1) / arguments.pace.max(1),
    };
    let (begun, mut sound) = (Instant::now(), true);
    for seed in arguments.seed.. {
        let plays = match arguments.minutes {
            None if seed - arguments.seed >= arguments.runs => break,
            Some(minutes) if begun.elapsed() > Duration::from_mins(minutes) => break,
            None => by_ground(&faults),
            Some(_) => mixed(&faults, seed, arguments.mixed),
        };
        for (ground, faults) in plays {
            let played = run::play(ground, &faults, seed, &manner).await?;
            sound &= played.is_sound();
            tell(&played, &arguments)?;
        }
    }
    Ok(sound)
}

fn tell(played: &Report, arguments: &RunArguments) -> anyhow::Result<()> {
    if arguments.json { report::json(played) } else { report::text(played, arguments.lasts) }
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<Fault>> {
    if names.iter().any(|name| name == "all") {
        return Ok(ALL.to_vec());
    }
    let find = |name: &String| {
        Fault::named(name).with_context(|| format!("there is no fault {name}; see `faults list`"))
    };
    names.iter().map(find).collect()
}

/// The faults by the worlds that they need, in their order.
fn by_ground(faults: &[Fault]) -> Vec<(Ground, Vec<Fault>)> {
    let mut worlds: BTreeMap<Ground, Vec<Fault>> = BTreeMap::new();
    for fault in faults {
        worlds.entry(fault.ground).or_default().push(*fault);
    }
    worlds.into_iter().collect()
}

/// Some of the faults, by chance, on the ground of the first.
fn mixed(faults: &[Fault], seed: u64, count: usize) -> Vec<(Ground, Vec<Fault>)> {
    let mut dice = fastrand::Rng::with_seed(seed ^ 0x4d49_5845_4421);
    let Some(first) = dice.choice(faults).copied() else { return Vec::new() };
    // A fault of a ground of its own is mixed with all of the usual ground.
    let others: Vec<Fault> = faults
        .iter()
        .filter(|fault| [first.ground, Ground::Usual].contains(&fault.ground))
        .copied()
        .collect();
    let more = (1..count).filter_map(|_| dice.choice(&others).copied());
    vec![(first.ground, std::iter::once(first).chain(more).collect())]
}

/// Tells of progress.
#[expect(clippy::print_stderr, reason = "progress is for whoever waits")]
pub(crate) fn say(what: &str) {
    eprintln!("faults: {what}");
}
