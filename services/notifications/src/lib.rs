//! Who is told, by which channel, when.

pub mod domain;
pub mod outcome;
pub mod sms;
pub mod templates;
