//! What any process of the system needs to start, be seen and stop: configuration, logs, metrics,
//! probes, the database pool, the domain clock, and an orderly end. It knows no business word.
//!
//! A service implements [`Program`]; [`main`] does the rest: it reads the command line and the
//! settings, and runs `serve`, `provision` or `check-config`, so that who knows one service knows
//! all.

#![warn(missing_docs)]

pub mod clock;
pub mod config;
pub mod db;
pub mod http;
pub mod places;
pub mod probes;
pub mod program;
pub mod tasks;
pub mod telemetry;
pub mod trace;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use clock::Clock;
pub use config::Secret;
pub use probes::Readiness;
pub use program::{Process, Program, main};
pub use tasks::{Pulse, Tasks};
pub use trace::Trace;

/// A fresh id, ordered by time so that indexes stay compact. Made at the edge and passed in.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Real time: for retries, leases, timeouts and log lines, never for duties.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads real time")]
pub fn real_now() -> DateTime<Utc> {
    Utc::now()
}
