//! An ADT message as far as we read it: what the sender says, before it means anything to us.
//!
//! Codes are the sender's own; a sender profile turns them into ours.

use chrono::{DateTime, Utc};

use super::fault::FieldFault;
use super::header::Header;
use super::time::Dtm;
use super::trigger::Trigger;
use super::wire::Message;
use crate::hospital_message::{self, PersonName, PostalAddress};
use crate::private::Private;
use crate::stated::Stated;
use crate::when::When;

/// A message that was read, with all that could not be.
#[derive(Clone, Debug)]
pub struct Adt {
    /// MSH.
    pub header: Header,
    /// MSH-9.
    pub trigger: Trigger,
    /// EVN-2, when the sender recorded it; else MSH-7.
    pub recorded_at: Option<DateTime<Utc>>,
    /// EVN-6, when it happened.
    pub occurred_at: Option<DateTime<Utc>>,
    /// PID and PD1.
    pub patient: Patient,
    /// PV1.
    pub visit: Visit,
    /// PV2-9, the estimated discharge.
    pub expected_discharge: Stated<When>,
    /// DG1.
    pub diagnoses: Stated<Vec<Diagnosis>>,
    /// Fields that hold what cannot be read, not stated above; some are warnings only.
    pub faults: Vec<FieldFault>,
    /// The whole message, for fields that only a sender's profile names, Z segments among them.
    pub message: Message,
}

/// PID and PD1.
#[derive(Clone, Debug, Default)]
pub struct Patient {
    /// PID-3, in the sender's order.
    pub identifiers: Vec<Identifier>,
    /// MRG-1, the numbers that the patient had.
    pub prior: Vec<Identifier>,
    /// PID-5, the legal name where several are given.
    pub name: Stated<Private<PersonName>>,
    /// PID-7, as precise as it is known.
    pub born: Option<Private<Dtm>>,
    /// PID-8, the sender's code.
    pub sex: Option<Private<String>>,
    /// PID-11.
    pub addresses: Stated<Vec<Address>>,
    /// PID-12.
    pub county: Stated<String>,
    /// PID-29.
    pub died_at: Stated<When>,
    /// PID-30, the sender's code.
    pub death_indicator: Stated<String>,
    /// PD1-3, the sender's code of the care centre where the patient is listed.
    pub care_centre: Stated<String>,
}

/// One number of the patient (a CX).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Which repetition of PID-3, from 1.
    pub repetition: u16,
    /// CX.1, the number.
    pub value: Private<String>,
    /// CX.4, who assigned it: a local name and an OID, whichever are given.
    pub authorities: Vec<String>,
    /// CX.5, of what kind it is.
    pub kind: Option<String>,
}

/// An address (an XAD).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Which repetition of PID-11, from 1.
    pub repetition: u16,
    /// XAD.7, the sender's code of what address it is.
    pub kind: Option<String>,
    /// The address.
    pub postal: Private<PostalAddress>,
}

/// PV1.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// PV1-2, the sender's code of the kind of care.
    pub class: Option<String>,
    /// PV1-3.
    pub location: Place,
    /// PV1-7.1, the attending physician's id.
    pub attending: Option<String>,
    /// PV1-19.
    pub number: Option<Private<String>>,
    /// PV1-36, the sender's code of how the stay ended.
    pub disposition: Stated<String>,
    /// PV1-44.
    pub admitted_at: Option<DateTime<Utc>>,
    /// PV1-45.
    pub discharged_at: Stated<DateTime<Utc>>,
}

/// Where in the hospital (a PL).
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// PL.1, the sender's code of the ward.
    pub point_of_care: Stated<String>,
    /// PL.2.
    pub room: Option<String>,
    /// PL.3.
    pub bed: Option<String>,
    /// PL.4.
    pub facility: Option<String>,
}

/// DG1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// DG1-6, the sender's code: admitting, working, final.
    pub kind: Option<String>,
    /// The diagnosis.
    pub stated: Private<hospital_message::Diagnosis>,
}
