//! What is decided, without a clock, a database or a network.
//!
//! [`derive()`] makes a case's ledger from facts, [`advance()`] lets time pass over a ledger without
//! looking at the facts again, [`explain()`] says why a duty stands as it does. [`rulebook`] and
//! [`calendar`] are what all three read their clocks from.
pub mod calendar;
pub mod compare;
pub mod derive;
pub mod explain;
pub mod facts;
pub mod ladder;
pub mod payment;
pub mod rulebook;
pub mod statistics;

pub use derive::{Derived, Plan, StepsTaken, derive};
pub use explain::explain;
pub use facts::{Acknowledgement, Facts, Reach};
pub use ladder::{Around, advance, named, next_instant};
pub use payment::payment_days;
