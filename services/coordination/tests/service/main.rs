//! The whole service on a real Postgres and a real nats-server; `admissions` is an outbox that the
//! test writes to.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed preparation fails the test")]

mod appointments;
mod reading;
mod support;
