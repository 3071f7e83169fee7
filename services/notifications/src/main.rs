//! The service `notifications` as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<notifications::Notifications>(std::env::args_os())
}
