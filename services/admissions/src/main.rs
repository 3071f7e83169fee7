//! The service `admissions` as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<admissions::Admissions>(std::env::args_os())
}
