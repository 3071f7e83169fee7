//! What is decided, without a clock, a database or a network.
pub mod calendar;
pub mod rulebook;
