//! HL7 v2, from bytes to a typed ADT message, and the answer to it.
//!
//! Reading is lenient and never fails on content: every field is optional, and what cannot be read
//! becomes a [`FieldFault`] that names the field and never its value. Which fields a message cannot
//! do without is decided apart, in [`require`], so that one answer names every fault at once.
//! Only a message whose first segment is no usable MSH is [`Unreadable`].

mod ack;
mod adt;
mod batch;
mod charset;
mod escape;
mod fault;
mod header;
mod path;
mod read;
mod require;
mod time;
mod trigger;
mod wire;

pub use ack::{Answer, Mode, acknowledge, answers};
pub use adt::{Address, Adt, Diagnosis, Identifier, Patient, Place, Visit};
pub use batch::{Batch, NoBatch, batch_sender};
pub use charset::decode;
pub use fault::{FaultCode, FieldFault, Location, Reason, Severity};
pub use header::{Endpoint, Header};
pub use path::{BadPath, FieldPath};
pub use read::parse;
pub use require::require;
pub use time::{BadTime, Dtm, Told};
pub use trigger::Trigger;
pub use wire::{Delimiters, Message, Part, Segment, Unreadable};

#[cfg(test)]
mod tests;
