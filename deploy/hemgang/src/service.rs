//! A service as a child process of this binary.

use std::ffi::OsString;
use std::process::ExitCode;

use chassis::Program;

use crate::USAGE;

/// A service that is linked in.
pub(crate) struct Service {
    /// Its name: package, stream, database and subject root.
    pub(crate) name: &'static str,
    /// The usual port of its probes.
    pub(crate) probes: u16,
    main: fn(Vec<OsString>) -> ExitCode,
}

/// The names of all services, in the order of their probe ports.
pub(crate) const NAMES: [&str; 5] =
    ["admissions", "coordination", "sip", "deadlines", "notifications"];

/// All services, in the same order.
pub(crate) static ALL: [Service; NAMES.len()] = [
    of::<admissions::Admissions>(),
    of::<coordination::Coordination>(),
    of::<sip::SipService>(),
    of::<deadlines::Deadlines>(),
    of::<notifications::Notifications>(),
];

const fn of<P: Program>() -> Service {
    Service { name: P::NAME, probes: P::PROBES_PORT, main: run::<P> }
}

fn run<P: Program>(arguments: Vec<OsString>) -> ExitCode {
    chassis::main::<P>(arguments)
}

/// Runs a service as its own binary would.
#[expect(clippy::print_stderr, reason = "a command line answers its user")]
pub(crate) fn main(name: &str, arguments: Vec<OsString>) -> ExitCode {
    let Some(service) = ALL.iter().find(|service| service.name == name) else {
        eprintln!("hemgang: there is no service {name}; there are {}", NAMES.join(", "));
        return ExitCode::from(USAGE);
    };
    (service.main)(std::iter::once(OsString::from(name)).chain(arguments).collect())
}
