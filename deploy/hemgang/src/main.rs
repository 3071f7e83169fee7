//! `hemgang`: starts the whole system on one machine, plays the demo, and is the operator's command
//! line.

use std::process::ExitCode;

fn main() -> ExitCode {
    hemgang::main(std::env::args_os())
}
