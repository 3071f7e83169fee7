//! The service `deadlines` as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<deadlines::Deadlines>(std::env::args_os())
}
