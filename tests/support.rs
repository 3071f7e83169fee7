//! The whole system as processes, the world outside it, and a clock that the test sets.

pub(crate) mod hl7;
pub(crate) mod system;
pub(crate) mod units;

pub(crate) use system::System;
