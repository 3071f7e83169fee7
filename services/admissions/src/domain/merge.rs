//! A hospital merges identities: whoever had one number has another from then on.
//!
//! What the hospital says of a stay and what it has merged are kept apart, and the number that counts
//! follows from both: the newest one said of the stay, and from it through every merge that was stated
//! later, in the order of their times. So it is the same in whatever order messages and merges come, and
//! however often. An older message does not bring a merged number back; one that was stated after the
//! merge is a newer word and counts, else a merge made by mistake could not be put right for a stay.

use chrono::{DateTime, Utc};
use contracts::{EntryId, HsaId, Stamp};
use uuid::Uuid;

use super::person;
use super::stay::{Fact, Merged, Patient, Stay};
use crate::hospital_message::Identity;

/// One number that was merged into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Merge {
    /// Whose stays are meant.
    pub(crate) hospital: HsaId,
    /// The number that nobody has any more.
    pub(crate) prior: Identity,
    /// The number in its place.
    pub(crate) survivor: Identity,
    /// The identity is protected.
    pub(crate) protected: bool,
    /// When the hospital stated it.
    pub(crate) stated_at: DateTime<Utc>,
    /// The message; the ids of entries are derived from it.
    pub(crate) message: Uuid,
}

/// Takes over the number that a message says. The same as before it was merged is no news against the
/// merge, unless it was stated later.
pub(super) fn say(patient: &mut Patient, said: Option<&Identity>, at: DateTime<Utc>) {
    let is_overtaken =
        patient.merged.as_ref().is_some_and(|one| Some(&one.own) == said && at <= one.at);
    if !is_overtaken {
        patient.merged = None;
        show(patient, said);
    }
}

fn show(patient: &mut Patient, identity: Option<&Identity>) {
    patient.identity = identity.map(|identity| identity.number.clone());
    patient.authority = identity.and_then(|identity| identity.authority.clone());
}

/// Gives the stay the number that follows from all `merges`, those of other hospitals and numbers among
/// them, and says so as a message about the stay would. What happened, in the past tense.
pub(crate) fn follow(
    stay: &mut Stay,
    merges: &[Merge],
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let own = stay.patient.own_identity()?;
    let said_at = stay.stated.at.get(&Fact::Identity).copied();
    let path = path(&stay.case.hospital, &own, said_at.unwrap_or_default(), merges);
    let before = stay.patient.clone();
    let (first, last) = path.first().zip(path.last())?;
    show(&mut stay.patient, Some(&last.survivor));
    stay.patient.merged = Some(Merged { own, at: first.stated_at });
    for merge in path.iter().filter(|merge| merge.protected) {
        stay.patient.protected |= stay.stated.is_news(Fact::Protection, merge.stated_at);
    }
    person::publish_whereabouts(stay);
    let nth = stay.case.reidentified.len().to_string();
    person::identify(stay, &before, |what| Stamp {
        id: EntryId::derive(what, &[&last.message.to_string(), &nth]),
        occurred_at: last.stated_at.min(now),
        recorded_at: now,
        by: None,
    })
}

/// The merges that lead on from a number that was said at a moment, each not before the one that led
/// to it.
fn path<'m>(
    hospital: &HsaId,
    own: &Identity,
    said_at: DateTime<Utc>,
    merges: &'m [Merge],
) -> Vec<&'m Merge> {
    let mut path: Vec<&Merge> = Vec::new();
    let (mut identity, mut at) = (own, said_at);
    // Merges of one instant may lead in a circle.
    while path.len() < merges.len() {
        let next = merges.iter().filter(|merge| {
            merge.hospital == *hospital && merge.prior == *identity && merge.stated_at >= at
        });
        let Some(next) = next.min_by_key(|merge| (merge.stated_at, merge.message)) else { break };
        (identity, at) = (&next.survivor, next.stated_at);
        path.push(next);
    }
    path
}

#[cfg(test)]
mod tests;
