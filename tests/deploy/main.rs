//! The container files describe the system that is in this repository.
//!
//! The private system that `cargo run` starts uses neither of them, so nothing else would notice
//! that a service was added, that a setting was renamed, or that one asks the broker for something
//! that its user is not allowed to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers included")]

mod broker;
mod compose;

use std::path::PathBuf;

/// All services.
const SERVICES: [&str; 5] = ["admissions", "coordination", "sip", "deadlines", "notifications"];
/// The program that the image holds.
const HEMGANG: &str = env!("CARGO_BIN_EXE_hemgang");

/// A file of the checkout.
fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(name)
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}
