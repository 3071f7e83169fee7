//! What may happen to a plan, and in which order. Pure: stamps are arguments.
//!
//! ```text
//! need -> call -> meeting (moved, cancelled) -> held -> registered
//!           |        \-> people asked, points gone through
//!           \-> cancelled (and may be called again)
//! plan: version 1, 2, ... each confirmed by its parties -> followed up, and again
//! declined by the patient / not needed: at any moment before a meeting was held
//! ```

pub(crate) mod follow_up;
pub(crate) mod local_time;
pub(crate) mod meeting;
pub(crate) mod need;
pub(crate) mod people;
pub(crate) mod plan;
pub(crate) mod points;
pub(crate) mod reading;
pub(crate) mod registration;
pub(crate) mod slots;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
