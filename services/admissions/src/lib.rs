//! The case from the hospital's side: what hospital systems say about stays, who the patient is,
//! need, consent and notice, ready for discharge and discharge.
//!
//! See the crate's README for what it owns, hears and says.

pub mod app;
pub mod batcher;
mod commands;
mod domain;
mod handlers;
pub mod hl7;
pub mod hospital_message;
pub mod http;
pub mod ids;
pub mod inbound;
pub mod ingest;
mod intake_again;
pub mod intake_mllp;

mod intake_nats;
pub mod json_intake;
pub mod mllp;
pub mod outcome;
pub mod private;
pub mod profile;
mod reading;
pub mod receipts;
mod retention;
pub mod stated;
mod store;
mod times;
pub mod when;

#[cfg(test)]
mod fuzz;

pub use app::Admissions;
