//! How services talk: the outbox and its relay, consumers, dead letters, commands. Knows no business
//! word; Postgres is the truth, JetStream is transport.
//!
//! See the crate's README for the rules that it keeps and why.

#![warn(missing_docs)]

pub mod access;
mod answers;
mod bus;
mod caller;
mod commands;
mod consumer;
mod dead_letters;
mod incoming;
mod losses;
pub mod outbox;
mod pull;
mod relay;
mod status;
pub mod streams;
mod watermark;

pub use bus::{Bus, ConnectError, connect_client};
pub use caller::{CallError, Caller};
pub use commands::{Answer, Call, CommandError, Serve, answer};
pub use consumer::{Handle, Subscription};
pub use incoming::{HandleError, Incoming};
pub use outbox::Outgoing;
pub use pull::{Pull, Take};

/// The schema `messaging`, to be applied to a service's database before the service's own.
#[must_use]
pub fn migrator() -> sqlx::migrate::Migrator {
    let mut migrator = sqlx::migrate!("./migrations");
    migrator.dangerous_set_table_name("messaging.migrations");
    migrator.create_schema("messaging");
    migrator
}
