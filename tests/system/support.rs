//! The whole system as processes, the world outside it, and a clock that the test sets.

#[path = "support/hl7.rs"]
pub(crate) mod hl7;
#[path = "support/replay.rs"]
pub(crate) mod replay;
#[path = "support/scan.rs"]
pub(crate) mod scan;
#[path = "support/system.rs"]
pub(crate) mod system;
#[path = "support/units.rs"]
pub(crate) mod units;

pub(crate) use system::System;
