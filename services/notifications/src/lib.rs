//! Who is told, by which channel, when.

pub mod domain;
pub mod mail;
pub mod outcome;
pub mod page;
pub mod sms;
pub mod templates;
