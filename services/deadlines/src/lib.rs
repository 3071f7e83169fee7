//! Time: which duties there are, when they are due, whether they were met, and whom a missed one is
//! told to.
//!
//! See the crate's README for what it owns, hears and says.

pub mod app;
mod commands;
pub mod domain;
mod handlers;
mod ledgers;
mod payment;
mod rulebooks;
mod statistics;
mod store;
mod sweep;

#[cfg(test)]
mod fuzz;

pub use app::Deadlines;
