//! Starts the whole system on this machine.

use std::process::ExitCode;

/// Options of `up`.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {}

/// Runs until told to stop.
pub(crate) fn main(_arguments: Arguments) -> ExitCode {
    ExitCode::SUCCESS
}
