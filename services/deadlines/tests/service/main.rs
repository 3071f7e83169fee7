//! The whole service on a real Postgres and a real nats-server; its sources are real outboxes that
//! the test writes to.

#![expect(clippy::unwrap_used, reason = "a failed preparation fails the test")]

mod facts;
mod payment;
mod proofs;
mod rulebooks;
mod statistics;
mod support;
