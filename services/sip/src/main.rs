//! The service `sip` as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::main::<sip::SipService>(std::env::args_os())
}
