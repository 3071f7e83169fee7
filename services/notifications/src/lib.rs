//! Who is told, by which channel, when.

pub mod domain;
pub mod templates;
