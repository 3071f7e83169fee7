//! What units are to be told of SIP meetings: that they are asked, that it was moved, that it was
//! cancelled or that they are asked no more. Calendars know it as requests and cancellations of one
//! event (iTIP, RFC 5546).
//!
//! Meetings that were moved are a chain, and one event: its id is that of the first entry. What a unit
//! is told of it follows one after another, and only the last of it is still true. All of it is derived
//! from the plan, and the same whenever it is derived; whether a cancellation tells anybody anything
//! depends on what was sent before, and is looked at when it is sent.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::sip::{Meeting, MeetingForm, Participant, ParticipantRole};
use contracts::{CaseRef, EntryId, HsaId, Sip};

/// How long a meeting lasts of which nobody has said.
const USUAL: TimeDelta = TimeDelta::hours(1);

/// What a calendar is to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Enter it, or change it.
    Request,
    /// Strike it out.
    Cancel,
}

impl Method {
    /// The name in iTIP.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// A meeting as a calendar and its owner are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The case, where its reference is known here.
    pub case: Option<CaseRef>,
    /// What is to be done with it.
    pub method: Method,
    /// The event: the same for all that is said of a meeting that is moved.
    pub uid: EntryId,
    /// Rises with each thing that is changed of the event.
    pub sequence: u32,
    /// When what is said came true.
    pub since: DateTime<Utc>,
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends, or is likely to.
    pub ends_at: DateTime<Utc>,
    /// How people meet, where that is stated.
    pub form: Option<MeetingForm>,
    /// The recipient may have been invited before: this changes that.
    pub changes: bool,
}

/// Something that a unit is told of a meeting.
#[derive(Clone, Debug)]
pub(crate) struct Cause<'a> {
    pub(crate) id: EntryId,
    pub(crate) unit: &'a HsaId,
    pub(crate) says: Invitation,
    /// Nothing was said to the unit since, and the meeting was not held.
    latest: bool,
    /// The requests that the unit was told before.
    pub(crate) requests_before: Vec<EntryId>,
}

impl Cause<'_> {
    /// Whether it is still worth telling. Nobody is invited to a meeting that has begun.
    pub(crate) fn holds(&self, now: DateTime<Utc>) -> bool {
        self.latest && now < self.says.starts_at
    }
}

/// All that units have been told or are told of a plan's meetings, whether it still holds or not.
pub(crate) fn all(sip: &Sip) -> Vec<Cause<'_>> {
    chains(&sip.meetings).iter().flat_map(|chain| of_chain(chain)).collect()
}

/// One cause.
pub(crate) fn find(sip: &Sip, id: EntryId) -> Option<Cause<'_>> {
    all(sip).into_iter().find(|cause| cause.id == id)
}

/// Meetings that were moved from one another, each with those after it.
fn chains(meetings: &[Meeting]) -> Vec<Vec<&Meeting>> {
    let mut chains: Vec<Vec<&Meeting>> = Vec::new();
    for meeting in meetings {
        let before = meeting.moved_from.and_then(|from| {
            chains.iter_mut().find(|chain| chain.last().is_some_and(|last| last.stamp.id == from))
        });
        match before {
            Some(chain) => chain.push(meeting),
            None => chains.push(vec![meeting]),
        }
    }
    chains
}

fn of_chain<'a>(chain: &[&'a Meeting]) -> Vec<Cause<'a>> {
    let asked = chain.iter().flat_map(|meeting| &meeting.participants);
    let mut units: Vec<&HsaId> = asked.filter_map(asked_unit).collect();
    units.sort_unstable();
    units.dedup();
    units.into_iter().flat_map(|unit| of_unit(chain, unit)).collect()
}

/// The unit that a participant comes from. The patient's side is not invited by mail.
fn asked_unit(participant: &Participant) -> Option<&HsaId> {
    match participant.role {
        ParticipantRole::Patient | ParticipantRole::PatientsOwn => None,
        ParticipantRole::Leader | ParticipantRole::Staff | ParticipantRole::Unknown => {
            participant.unit.as_ref()
        }
    }
}

/// What one unit is told, in order.
fn of_unit<'a>(chain: &[&'a Meeting], unit: &'a HsaId) -> Vec<Cause<'a>> {
    let Some(first) = chain.first() else { return Vec::new() };
    let mut told = Vec::new();
    // Moves, and participants who are asked no more, before the entry that is looked at.
    let mut changes = 0;
    for (nth, meeting) in chain.iter().enumerate() {
        let is_last = nth + 1 == chain.len();
        let mut asked = 0_usize;
        for (at, comes) in marks(meeting, unit) {
            let sequence = changes + withdrawn(meeting, Some(at));
            match (asked, comes) {
                (0, true) => told.push(says(first, meeting, Method::Request, sequence, at)),
                (1, false) => told.push(says(first, meeting, Method::Cancel, sequence, at)),
                _ => {}
            }
            asked = if comes { asked + 1 } else { asked.saturating_sub(1) };
        }
        changes += withdrawn(meeting, None) + 1;
        if let Some(cancelled) = meeting.cancelled.as_ref().filter(|_| is_last && asked > 0) {
            told.push(says(first, meeting, Method::Cancel, changes, cancelled.recorded_at));
        }
    }
    let held = chain.last().is_some_and(|meeting| meeting.held.is_some());
    causes(unit, told, held)
}

/// When members of a unit's staff were asked, and asked no more, in order.
fn marks(meeting: &Meeting, unit: &HsaId) -> Vec<(DateTime<Utc>, bool)> {
    let mut marks = Vec::new();
    for one in meeting.participants.iter().filter(|one| asked_unit(one) == Some(unit)) {
        // Who was asked before it was moved is asked anew by moving it.
        marks.push((one.stamp.recorded_at.max(meeting.stamp.recorded_at), true));
        marks.extend(one.withdrawn.as_ref().map(|stamp| (stamp.recorded_at, false)));
    }
    // At one instant, who comes before who goes: the unit is asked all along.
    marks.sort_by_key(|(at, comes)| (*at, !comes));
    marks
}

/// How many are asked no more, up to an instant.
fn withdrawn(meeting: &Meeting, until: Option<DateTime<Utc>>) -> u32 {
    let all = meeting.participants.iter().filter_map(|one| one.withdrawn.as_ref());
    let counted = all.filter(|stamp| until.is_none_or(|until| stamp.recorded_at <= until));
    u32::try_from(counted.count()).unwrap_or(u32::MAX)
}

fn says(
    first: &Meeting,
    meeting: &Meeting,
    method: Method,
    sequence: u32,
    since: DateTime<Utc>,
) -> Invitation {
    let Meeting { starts_at, ends_at, form, .. } = *meeting;
    let ends_at = ends_at.filter(|ends_at| *ends_at > starts_at).unwrap_or(starts_at + USUAL);
    let (case, uid, changes) = (None, first.stamp.id, false);
    Invitation { case, method, uid, sequence, since, starts_at, ends_at, form, changes }
}

fn causes(unit: &HsaId, told: Vec<Invitation>, held: bool) -> Vec<Cause<'_>> {
    let count = told.len();
    let mut requests = Vec::new();
    let mut causes = Vec::with_capacity(count);
    for (nth, says) in told.into_iter().enumerate() {
        let (uid, sequence) = (says.uid.to_string(), says.sequence.to_string());
        let parts = [uid.as_str(), unit.as_str(), &sequence, says.method.as_str()];
        let id = EntryId::derive("invitation", &parts);
        let (requests_before, is_request) = (requests.clone(), says.method == Method::Request);
        causes.push(Cause { id, unit, says, latest: nth + 1 == count && !held, requests_before });
        requests.extend(is_request.then_some(id));
    }
    causes
}

#[cfg(test)]
mod tests;
