//! What crosses a border between services, and nothing else: the envelope, one snapshot type per
//! aggregate, the commands, and the identifiers that they are made of.
//!
//! An event is a *snapshot with its history*: its `data` is the whole public state of one
//! aggregate, with every dated entry that a rule or an alert may ask about. Whoever has the newest
//! version of an aggregate has everything; disorder, gaps and duplicates cost nothing.
//!
//! The patient stays in `admissions`: no type that is published holds a name, an identity number,
//! an address, a diagnosis or free text. [`identity`] has the one type for identity numbers; it is
//! used in answers to [`commands::ReadNotice`] only, and it does not print itself.
//!
//! Contracts only grow. A new field is optional; a value unknown to this version decodes as
//! `Unknown`. `samples/` holds messages of every published shape that must decode for ever.

#![warn(missing_docs)]

pub mod alert;
pub mod assignment;
pub mod case;
pub mod commands;
pub mod envelope;
pub mod hsa;
pub mod identity;
pub mod ids;
pub mod ledger;
pub mod municipality;
pub mod party;
pub mod reach;
pub mod sip;
pub mod stamp;
pub mod subjects;
pub mod track;
pub mod unit;

pub use alert::Alert;
pub use assignment::Assignment;
pub use case::Case;
pub use envelope::{Aggregate, Event, Version};
pub use hsa::{HsaId, StaffId};
pub use ids::{
    AlertId, CaseId, CaseRef, CommandId, ContactPointId, EntryId, EventId, ObligationId,
};
pub use ledger::Ledger;
pub use municipality::MunicipalityCode;
pub use party::{Owner, Party};
pub use reach::UnitReach;
pub use sip::Sip;
pub use stamp::{Revocable, Stamp};
pub use track::Track;
pub use unit::Unit;
