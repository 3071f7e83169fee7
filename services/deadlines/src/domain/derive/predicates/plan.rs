//! What of a plan (SIP) fulfils a duty.

use chrono::{DateTime, Utc};
use contracts::ledger::Proof;
use contracts::sip::{Meeting, MeetingPoint, PlanFollowUp, PlanKind, PointDone, SipEndKind};
use contracts::{HsaId, Sip, Stamp};

use super::{Answer, Units, proof, together};
use crate::domain::derive::standing::{End, reason};
use crate::domain::rulebook::Predicate;

/// The plan's end ends what is asked of it, unless a call came after it, be it cancelled since. That of
/// compulsory care takes the place of a SIP: nobody need call to one (2017:612, 4 kap.).
pub(super) fn look(predicate: &Predicate, sip: &Sip, owner: &Units<'_>) -> Answer {
    let called_after = |at| sip.calls.iter().any(|call| at < call.stamp.recorded_at);
    let mut ends = sip.ends.iter();
    let end = ends.find(|end| !called_after(end.stamp.recorded_at));
    let kind = sip.kind_changes.last().filter(|_| is_about_sip_alone(predicate));
    let compulsory = kind.filter(|change| change.kind == PlanKind::CompulsoryPsychiatricCare);
    let compulsory = compulsory.map(|change| End::cancels(&change.stamp, reason::COMPULSORY_CARE));
    Answer {
        proof: proven(predicate, sip, owner),
        end: end
            .map(|end| {
                let reason = match end.kind {
                    SipEndKind::DeclinedByPatient => reason::SIP_DECLINED,
                    SipEndKind::NotNeeded => reason::SIP_NOT_NEEDED,
                    SipEndKind::Unknown => reason::SIP_ENDED,
                };
                End::cancels(&end.stamp, reason)
            })
            .or(compulsory),
        missing: Vec::new(),
    }
}

const fn is_about_sip_alone(predicate: &Predicate) -> bool {
    matches!(
        predicate,
        Predicate::SipCalled | Predicate::SipCalledByAnybody | Predicate::Registration
    )
}

fn proven(predicate: &Predicate, sip: &Sip, owner: &Units<'_>) -> Option<Proof> {
    match predicate {
        Predicate::SipCalled => called(sip, owner, |unit| owner.ever_had_it(unit)),
        Predicate::SipCalledByAnybody => called(sip, owner, |_| true),
        Predicate::SipHeld => earliest(meetings(sip).filter_map(|meeting| meeting.held.as_ref())),
        Predicate::PreMeetingPoints => {
            let before = before_this_round(sip, owner.origin.life.from);
            let points = sip.pre_meetings.iter().flat_map(|one| &one.points);
            let points =
                || points.clone().filter(|one| before.is_none_or(|at| at < one.stamp.recorded_at));
            together(MeetingPoint::BEFORE.iter().map(|point| gone_through(*point, points())))
        }
        Predicate::MeetingPoints => {
            let points = || meetings(sip).flat_map(|one| &one.points);
            together(MeetingPoint::AT_MEETING.iter().map(|point| gone_through(*point, points())))
        }
        Predicate::Attended => attended(sip, owner),
        Predicate::PlanMade => {
            let since = since_need(sip, owner);
            let mut plans = sip.plans.iter().map(|plan| &plan.stamp);
            plans.find(|plan| since.is_none_or(|at| at <= plan.recorded_at)).map(proof)
        }
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
                    .filter(|one| one.withdrawn.is_none())
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

/// A call by such a unit that is not cancelled, or a meeting that was held, whenever that was. A need
/// that was noticed later is answered by what came after it, or by a call that still waited then.
fn called(sip: &Sip, owner: &Units<'_>, by: impl Fn(&HsaId) -> bool) -> Option<Proof> {
    let since = since_need(sip, owner);
    let held = || meetings(sip).filter_map(|meeting| meeting.held.as_ref());
    let waited = |call: &Stamp| {
        let answered = |at| held().any(|held| (call.recorded_at..at).contains(&held.recorded_at));
        since.is_none_or(|at| at <= call.recorded_at || !answered(at))
    };
    let calls = sip.calls.iter().filter(|call| call.cancelled.is_none() && waited(&call.stamp));
    let calls = calls.filter(|call| by(&call.unit)).map(|call| &call.stamp);
    let held = held().filter(|held| since.is_none_or(|at| at <= held.recorded_at));
    earliest(calls.chain(held))
}

/// When what came before a call was over: a meeting that was held, or an earlier call that was cancelled.
/// What was gone through until then says nothing of this one.
fn before_this_round(sip: &Sip, called: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let held = meetings(sip).filter_map(|meeting| meeting.held.as_ref());
    let cancelled = sip.calls.iter().filter_map(|call| call.cancelled.as_ref());
    held.chain(cancelled).map(|stamp| stamp.recorded_at).filter(|at| *at < called).max()
}

/// When the need was recorded that a duty arose from, if it did from one.
fn since_need(sip: &Sip, owner: &Units<'_>) -> Option<DateTime<Utc>> {
    let mut needs = sip.needs.iter();
    needs.find(|need| need.stamp.id == owner.origin.entry).map(|need| need.stamp.recorded_at)
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
