//! Who deals with a case outside the hospital: the directory of units, how cases are routed to
//! them, receptions and receipts, care contact and lead officer, support reports.
//!
//! See the crate's README for what it owns, hears and says.

pub mod app;
mod commands;
mod domain;
mod handlers;
mod store;

pub use app::Coordination;
