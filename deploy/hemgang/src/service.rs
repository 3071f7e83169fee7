//! A service as a child process of this binary.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::USAGE;

/// All services, in the order of their probe ports.
pub(crate) const NAMES: [&str; 5] =
    ["admissions", "coordination", "sip", "deadlines", "notifications"];

/// Runs a service as its own binary would.
#[expect(clippy::print_stderr, reason = "a command line answers its user")]
pub(crate) fn main(name: &str, arguments: Vec<OsString>) -> ExitCode {
    let arguments = std::iter::once(OsString::from(name)).chain(arguments);
    match name {
        "coordination" => chassis::main::<coordination::Coordination>(arguments),
        "sip" => chassis::main::<sip::SipService>(arguments),
        _ => {
            eprintln!("hemgang: there is no service {name}; there are {}", NAMES.join(", "));
            ExitCode::from(USAGE)
        }
    }
}
