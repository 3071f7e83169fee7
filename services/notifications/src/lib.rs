//! Who is told, by which channel, when.
//!
//! See the crate's README for what it owns, hears, says and promises.

#![warn(missing_docs)]

mod addressing;
pub mod app;
mod commands;
pub mod config;
mod deliver;
pub mod domain;
mod handlers;
mod http;
pub mod itip;
pub mod mail;
pub mod outcome;
pub mod page;
mod reports;
mod sender;
mod settle;
pub mod sms;
mod store;
pub mod templates;
mod upkeep;

#[cfg(test)]
mod fuzz;

pub use app::Notifications;
