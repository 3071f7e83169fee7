//! The service `coordination` as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<coordination::Coordination>(std::env::args_os())
}
