//! The case from the hospital's side.
