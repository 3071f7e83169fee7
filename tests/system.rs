//! The main job over all services as processes of their own, on a real Postgres and a real
//! nats-server: HL7 goes in at one end, mails and SMS come out at the other.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, its helpers included"
)]

#[path = "system/duties.rs"]
mod duties;
#[path = "system/journeys.rs"]
mod journeys;
#[path = "system/order.rs"]
mod order;
#[path = "system/privacy.rs"]
mod privacy;
#[path = "system/readmissions.rs"]
mod readmissions;
#[path = "system/restored.rs"]
mod restored;
#[path = "system/support.rs"]
mod support;
