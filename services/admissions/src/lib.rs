//! The case from the hospital's side.

pub mod mllp;
