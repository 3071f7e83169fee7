//! The whole service on a real Postgres and a real nats-server: bytes in, events and answers out.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod commands;
mod hl7;
mod http;
mod intake;
mod notice;
mod support;
mod waiting;
