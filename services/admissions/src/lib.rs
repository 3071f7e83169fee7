//! The case from the hospital's side.

pub mod hl7;
pub mod hospital_message;
pub mod ids;
pub mod json_intake;
pub mod mllp;
pub mod private;
pub mod profile;
pub mod stated;
pub mod when;
