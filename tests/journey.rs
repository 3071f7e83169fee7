//! The main job over all services as processes of their own, on a real Postgres and a real
//! nats-server: HL7 goes in at one end, mails and SMS come out at the other.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod support;

#[path = "journey/duties.rs"]
mod duties;
#[path = "journey/order.rs"]
mod order;
#[path = "journey/privacy.rs"]
mod privacy;
