//! The whole service, on real parts.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, its helpers included"
)]

mod alerts;
mod contacts;
mod digests;
mod harness;
mod healing;
mod invitations;
mod ledgers;
mod page;
mod plans;
mod sending;
mod sms;
