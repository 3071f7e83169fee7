//! The whole service on a real Postgres and a real nats-server; its sources are real outboxes that
//! the test writes to.

mod proofs;
mod support;
