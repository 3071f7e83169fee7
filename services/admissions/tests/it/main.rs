//! The whole service on a real Postgres and a real nats-server: bytes in, events and answers out.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod agreed;
mod batches;
mod commands;
mod crowds;
mod frequent;
mod hl7;
mod http;
mod intake;
mod merges;
mod modes;
mod notice;
mod odd;
mod readmission;
mod replay;
mod support;
mod times;
mod triggers;
mod waiting;
