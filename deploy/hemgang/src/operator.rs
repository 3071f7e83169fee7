//! The operator's command line: asks and tells a running system over its broker, and shows the
//! answers to a person or, as JSON, to a program.
//!
//! It has no door of its own into the services. What it can do is what their commands and queries
//! offer, and everything that it changes is signed with the person who acts.

mod act;
mod broker;
mod failure;
pub(crate) mod import;
mod letters;
mod list;
mod payment;
mod reconcile;
mod refused;
mod report;
mod resync;
mod retry;
mod rulebook;
mod send_hl7;
mod show;
mod sign;
mod state;
mod statistics;
mod system;
mod table;
mod when;
mod words;

use std::process::ExitCode;

use self::failure::Failure;
use self::report::{Output, Report};
use self::system::Site;

/// What an operator can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show services, backlogs, streams and figures.
    State(With<state::Arguments>),
    /// Messages that a service could not handle: list, show, replay, discard.
    DeadLetters(With<letters::Arguments>),
    /// Messages from hospitals that were refused: list, replay, dismiss.
    Refused(With<refused::Arguments>),
    /// List what a restored `admissions` has forgotten, and whom to ask to send it again.
    Reconcile(With<reconcile::Arguments>),
    /// Have a service publish everything again.
    Resync(With<resync::Arguments>),
    /// Have alerts that failed told once more, to whoever is there now.
    RetryAlerts(With<retry::Arguments>),
    /// Import units or their contact points from a TOML or JSON file.
    Import(With<import::Arguments>),
    /// Send HL7 v2 messages from files over MLLP and show the answers.
    SendHl7(With<send_hl7::Arguments>),
    /// Act on behalf of a member of staff.
    Act(Box<With<act::Arguments>>),
    /// Show what is known of one case.
    Show(With<show::Arguments>),
    /// Say why the duties of a case are due when they are, or met, or not counted.
    Explain(With<show::ExplainArguments>),
    /// Show which days a municipality is to pay, of a case with reasons or of a month in sums.
    Payment(With<payment::Arguments>),
    /// Show how well a month went, in figures that say nothing of a person, each with its definition.
    Statistics(With<statistics::Arguments>),
    /// Check rulebook files, try them on a case, and compare them over what has been recorded.
    Rulebook(With<rulebook::Arguments>),
    /// List cases, units, alerts, or cases that could not be routed.
    List(With<list::Arguments>),
}

/// A command's arguments and those that all of them have.
#[derive(clap::Args)]
pub(crate) struct With<A: clap::Args> {
    #[command(flatten)]
    arguments: A,
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
struct Options {
    /// The broker; by default the system that `hemgang up` runs in this checkout, else what `NATS_URL`
    /// says. A URL with a password belongs into the environment rather than here, where others can
    /// see it.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "dir")]
    nats: Option<String>,
    #[arg(id = "nats-environment", long, hide = true, env = "NATS_URL", hide_env_values = true)]
    environment: Option<String>,
    /// The system that was started by `hemgang up --dir FOLDER`.
    #[arg(long, global = true, value_name = "FOLDER")]
    dir: Option<std::path::PathBuf>,
    /// The broker's credentials file, where it asks for one.
    #[arg(long, global = true, value_name = "FILE")]
    nats_credentials: Option<std::path::PathBuf>,
    /// For people, or for programs.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Runs one command.
pub(crate) fn main(command: Command) -> ExitCode {
    match command {
        Command::State(with) => with.run(state::run),
        Command::DeadLetters(with) => with.run(letters::run),
        Command::Refused(with) => with.run(refused::run),
        Command::Reconcile(with) => with.run(reconcile::run),
        Command::Resync(with) => with.run(resync::run),
        Command::RetryAlerts(with) => with.run(retry::run),
        Command::Import(with) => with.run(import::run),
        Command::SendHl7(with) => with.run(send_hl7::run),
        Command::Act(with) => with.run(act::run),
        Command::Show(with) => with.run(show::run),
        Command::Explain(with) => with.run(show::explain),
        Command::Payment(with) => with.run(payment::run),
        Command::Statistics(with) => with.run(statistics::run),
        Command::Rulebook(with) => with.run(rulebook::run),
        Command::List(with) => with.run(list::run),
    }
}

impl<A: clap::Args> With<A> {
    fn run(self, task: impl AsyncFnOnce(Site, A) -> Result<Report, Failure>) -> ExitCode {
        let Options { nats, environment, dir, nats_credentials, output } = self.options;
        let site = Site::find(nats, dir.as_deref(), environment, nats_credentials);
        let outcome = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(async { task(site, self.arguments).await }),
            Err(_) => Err(Failure::new(
                "no_runtime",
                "Processen fick inte de resurser som den behöver.",
                "The process did not get the resources that it needs.",
            )),
        };
        report::print(outcome, output)
    }
}

#[cfg(test)]
mod tests;
