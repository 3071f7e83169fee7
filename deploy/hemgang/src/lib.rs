//! The launcher, the demo hospital and the operator's command line.
//!
//! The launcher starts every service as a process of its own: this binary, executed again as
//! `hemgang service <name>`, from the services' libraries linked in.

mod demo;
mod inbox;
mod operator;
pub mod reach;
mod service;
mod up;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Wrong usage.
const USAGE: u8 = 2;

#[derive(Parser)]
#[command(name = "hemgang", version, about = "Hemgång: discharge from hospital, in time")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the whole system on this machine and play the demo (the default).
    Up(up::Arguments),
    /// Run one service, as its own binary does.
    #[command(disable_help_flag = true)]
    Service {
        /// Which one.
        name: String,
        /// Its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    #[command(flatten)]
    Operator(operator::Command),
}

/// Runs the program; `arguments` begin with its name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    match arguments.command {
        None => up::main(&up::Arguments::default()),
        Some(Command::Up(arguments)) => up::main(&arguments),
        Some(Command::Service { name, arguments }) => service::main(&name, arguments),
        Some(Command::Operator(command)) => operator::main(command),
    }
}
