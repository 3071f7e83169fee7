//! A real Postgres, a real nats-server, mail and SMS sinks, and waiting for conditions.
//!
//! Services are tested against what they will run on: no mock tells whether an SQL statement locks
//! what it should or a stream redelivers. Servers are private to the test process and end with it,
//! so tests need no preparation, disturb nobody and leave nothing behind.
//!
//! Whatever fails in here panics: it is called by tests only, and fails them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a helper of tests fails its test"
)]

mod address;
mod broker;
mod database;
mod eventually;
mod identities;
mod parts;

pub use address::free_address;
pub use broker::Broker;
pub use database::TestDatabase;
pub use embedded::sinks;
pub use eventually::{SOON, eventually};
pub use identities::TEST_IDENTITIES;
