//! Messaging between two services that know nothing but things, on a real Postgres and a real
//! nats-server.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod commands;
mod events;
mod letters;
mod losses;
mod restores;
mod support;
