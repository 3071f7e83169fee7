//! The coordinated individual plan (samordnad individuell plan, SIP): need, call, time, held,
//! cancelled, declined, each dated.
//!
//! See the crate's README for what it owns, hears and says.

pub mod app;
mod calendars;
mod commands;
mod domain;
mod handlers;
mod store;

pub use app::SipService;
