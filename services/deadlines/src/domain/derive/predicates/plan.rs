//! What of a plan (SIP) fulfils a duty.

use contracts::ledger::Proof;
use contracts::sip::{Meeting, MeetingPoint, PlanFollowUp, PointDone, SipEndKind};
use contracts::{HsaId, Sip, Stamp};

use super::{Answer, Units, proof, together};
use crate::domain::derive::standing::{End, reason};
use crate::domain::rulebook::Predicate;

/// The plan's end ends what is asked of it, unless a call came after it, be it cancelled since.
pub(super) fn look(predicate: &Predicate, sip: &Sip, owner: &Units<'_>) -> Answer {
    let called_after = |at| sip.calls.iter().any(|call| at < call.stamp.recorded_at);
    let mut ends = sip.ends.iter();
    let end = ends.find(|end| !called_after(end.stamp.recorded_at));
    Answer {
        proof: proven(predicate, sip, owner),
        end: end.map(|end| {
            let reason = match end.kind {
                SipEndKind::DeclinedByPatient => reason::SIP_DECLINED,
                SipEndKind::NotNeeded => reason::SIP_NOT_NEEDED,
                SipEndKind::Unknown => reason::SIP_ENDED,
            };
            End::cancels(&end.stamp, reason)
        }),
        missing: Vec::new(),
    }
}

fn proven(predicate: &Predicate, sip: &Sip, owner: &Units<'_>) -> Option<Proof> {
    match predicate {
        Predicate::SipCalled => called(sip, |unit| owner.ever_had_it(unit)),
        Predicate::SipCalledByAnybody => called(sip, |_| true),
        Predicate::SipHeld => earliest(meetings(sip).filter_map(|meeting| meeting.held.as_ref())),
        Predicate::PreMeetingPoints => {
            let points = || sip.pre_meetings.iter().flat_map(|one| &one.points);
            together(MeetingPoint::BEFORE.iter().map(|point| gone_through(*point, points())))
        }
        Predicate::MeetingPoints => {
            let points = || meetings(sip).flat_map(|one| &one.points);
            together(MeetingPoint::AT_MEETING.iter().map(|point| gone_through(*point, points())))
        }
        Predicate::Attended => attended(sip, owner),
        Predicate::PlanMade => sip.plans.first().map(|plan| proof(&plan.stamp)),
        Predicate::PlanConfirmed => {
            let plan = sip.plan()?;
            let confirmed = |party| {
                let by = plan.confirmations.iter().filter(move |one| one.party == party);
                earliest(by.map(|one| &one.stamp))
            };
            together(plan.parties.iter().map(|party| confirmed(*party)))
        }
        Predicate::PlanFollowedUp => earliest(later(sip, owner).map(|one| &one.stamp)),
        Predicate::FollowUpAttended => {
            let attended =
                |one: &&PlanFollowUp| one.parties.iter().any(|party| owner.owner.includes(*party));
            earliest(later(sip, owner).filter(attended).map(|one| &one.stamp))
        }
        Predicate::Registration => {
            let of_meeting = sip.registrations.iter();
            earliest(
                of_meeting
                    .filter(|one| one.owner && one.meeting == owner.origin.entry)
                    .map(|one| &one.stamp),
            )
        }
        _ => None,
    }
}

fn earliest<'a>(stamps: impl Iterator<Item = &'a Stamp>) -> Option<Proof> {
    stamps.min_by_key(|stamp| (stamp.recorded_at, stamp.id)).map(proof)
}

/// Meetings that were not cancelled or moved.
fn meetings(sip: &Sip) -> impl Iterator<Item = &Meeting> {
    sip.meetings.iter().filter(|meeting| meeting.cancelled.is_none())
}

/// Follow-ups after their day was set.
fn later<'a>(sip: &'a Sip, owner: &Units<'_>) -> impl Iterator<Item = &'a PlanFollowUp> {
    let (entry, from) = (owner.origin.entry, owner.origin.life.from);
    let all = sip.follow_ups.iter();
    all.filter(move |one| one.stamp.id != entry && from <= one.stamp.recorded_at)
}

/// A call by such a unit that is not cancelled, or a meeting that was held, whenever that was.
fn called(sip: &Sip, by: impl Fn(&HsaId) -> bool) -> Option<Proof> {
    let calls = sip.calls.iter().filter(|call| call.cancelled.is_none());
    let calls = calls.filter(|call| by(&call.unit)).map(|call| &call.stamp);
    let held = sip.meetings.iter().filter_map(|meeting| meeting.held.as_ref());
    earliest(calls.chain(held))
}

fn attended(sip: &Sip, owner: &Units<'_>) -> Option<Proof> {
    let held = meetings(sip).filter(|meeting| meeting.held.is_some());
    let asked = held.flat_map(|meeting| &meeting.participants);
    let own = asked.filter(|one| one.party.is_some_and(|party| owner.owner.includes(party)));
    let came = own.filter_map(|one| one.attendance.as_ref()).filter(|one| one.came);
    earliest(came.map(|one| &one.stamp))
}

fn gone_through<'a>(
    point: MeetingPoint,
    points: impl Iterator<Item = &'a PointDone>,
) -> Option<Proof> {
    earliest(points.filter(|one| one.point == point).map(|one| &one.stamp))
}
