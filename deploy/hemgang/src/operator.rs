//! The operator's command line.

use std::process::ExitCode;

/// What an operator can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {}

/// Runs one command.
pub(crate) fn main(command: Command) -> ExitCode {
    match command {}
}
