//! What a hospital's message changes.
//!
//! A message is a set of statements. Each changes its fact only when nothing newer has stated that
//! fact, so messages may come late, twice and in any order. What a message leaves out it says
//! nothing about.

mod steps;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::case::Case;
use contracts::{CaseId, CaseRef, EntryId, HsaId, StaffId, Stamp};
use uuid::Uuid;

use super::stay::{Patient, StatedAt, Stay};
use crate::hospital_message::{HospitalMessage, Kind};

/// How far a hospital's clock may be ahead of ours. A message from further in the future counts as
/// made now: else one wrong clock would make all later news look old.
pub(crate) const AHEAD: TimeDelta = TimeDelta::hours(24);

/// What a new case is called, and what its first message is.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// The message; the ids of entries are derived from it.
    pub(crate) message: Uuid,
    /// For a new case.
    pub(crate) case: CaseId,
    /// For a new case.
    pub(crate) case_ref: CaseRef,
    /// The hospital that the sender speaks for.
    pub(crate) hospital: HsaId,
}

/// What became of a message.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    /// The stay after it.
    pub(crate) stay: Stay,
    /// What happened to the case, for the outside; `None` when nothing did.
    pub(crate) what: Option<&'static str>,
}

/// Why a message is not acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declined {
    /// It ends or takes back something of a stay that is not known here. Refused, and kept: after
    /// the admission has come it can be replayed.
    UnknownStay,
    /// It is about a stay that is not known here, and not known to be in-patient care.
    NotInpatient,
}

/// Applies a message to a stay, or opens one.
pub(crate) fn apply(
    known: Option<Stay>,
    message: &HospitalMessage,
    ids: &Ids,
    now: DateTime<Utc>,
) -> Result<Applied, Declined> {
    let stated_at = if message.stated_at > now + AHEAD { now } else { message.stated_at };
    let news = News { message, id: ids.message, stated_at, now };
    let before = known.as_ref().map(|stay| stay.case.clone());
    let stay = match known {
        Some(stay) => stay,
        None => open(&news, ids)?,
    };
    let (stay, last) = steps::take(stay, &news);
    let what = match before {
        None => Some("case_opened"),
        Some(before) if before == stay.case => None,
        Some(_) => Some(last.unwrap_or("case_updated")),
    };
    Ok(Applied { stay, what })
}

/// A message and the moment of its arrival.
struct News<'m> {
    message: &'m HospitalMessage,
    id: Uuid,
    stated_at: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl News<'_> {
    /// Nothing is recorded before it has happened: what a fast clock puts into the future happens
    /// now.
    fn stamp(&self, what: &str, occurred_at: DateTime<Utc>, by: Option<&StaffId>) -> Stamp {
        Stamp {
            id: EntryId::derive(what, &[&self.id.to_string()]),
            occurred_at: occurred_at.min(self.now),
            recorded_at: self.now,
            by: by.cloned(),
        }
    }
}

/// A stay that was not known. An admission opens it; a transfer or an update of an in-patient does
/// too, for the admission may have been lost, and the patient is there.
fn open(news: &News<'_>, ids: &Ids) -> Result<Stay, Declined> {
    let message = news.message;
    let joined_late = match (message.kind, message.inpatient) {
        (_, Some(false)) | (Kind::Update, None) => return Err(Declined::NotInpatient),
        (Kind::Admit | Kind::BecomeInpatient, _) => false,
        (Kind::Transfer | Kind::Update, _) => true,
        (
            Kind::Discharge
            | Kind::CancelAdmit
            | Kind::CancelDischarge
            | Kind::StartLeave
            | Kind::EndLeave
            | Kind::CancelLeave
            | Kind::CancelReturn
            | Kind::Merge,
            _,
        ) => return Err(Declined::UnknownStay),
    };
    let admitted_at = message.admitted_at.unwrap_or(message.occurred_at);
    let admitted = news.stamp("admission", admitted_at, None);
    let case = Case::new(ids.case, ids.case_ref, ids.hospital.clone(), admitted);
    let case = Case { joined_late, ..case };
    Ok(Stay { case, patient: Patient::default(), stated: StatedAt::default() })
}

/// The moment before which no need can have been noticed.
fn noticed(case: &Case, stated: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let admitted = case.admitted.occurred_at;
    stated.map_or(admitted, |stated| stated.max(admitted))
}

#[cfg(test)]
mod tests;
