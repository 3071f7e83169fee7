//! Needs of a plan, calls, meetings, and the days of follow-ups.

use contracts::Sip;
use contracts::sip::{Call, Meeting};

use super::Origin;
use crate::domain::derive::standing::reason;
use crate::domain::facts::View;

pub(super) fn needs<'a>(view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    for need in view.sip.iter().flat_map(|sip| &sip.needs) {
        found(Origin::recorded(&need.stamp, need.revoked.as_ref(), reason::SIP_NEED_REVOKED));
    }
}

pub(super) fn calls<'a>(view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    let Some(sip) = view.sip else { return };
    for call in sip.calls.iter().filter(|call| is_first(sip, call)) {
        found(Origin::recorded(&call.stamp, call.cancelled.as_ref(), reason::SIP_CANCELLED));
    }
}

/// Of units that call beside each other, to one meeting, the first call is what the plan's duties arise
/// from; when that was cancelled, the next one.
fn is_first(sip: &Sip, call: &Call) -> bool {
    let when = |call: &Call| (call.stamp.recorded_at, call.stamp.id);
    let meetings = sip.meetings.iter().filter(|meeting| meeting.cancelled.is_none());
    let held = meetings.filter_map(|meeting| meeting.held.as_ref().map(|held| held.recorded_at));
    let begins_anew = held.filter(|held| *held < call.stamp.recorded_at).max();
    let mut beside = sip.calls.iter().filter(|one| one.cancelled.is_none());
    !beside.any(|one| {
        when(one) < when(call) && begins_anew.is_none_or(|held| held < one.stamp.recorded_at)
    })
}

/// The meeting is the entry, its having been held the beginning.
pub(super) fn held<'a>(view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    let meetings = view.sip.iter().flat_map(|sip| &sip.meetings);
    let held = |meeting: &'a Meeting| Some((meeting, meeting.held.as_ref()?));
    for (meeting, held) in meetings.filter_map(held) {
        let cancelled = meeting.cancelled.as_ref().filter(|at| held.recorded_at <= at.recorded_at);
        let origin = Origin::happened(held, cancelled, reason::SIP_CANCELLED);
        found(Origin { entry: meeting.stamp.id, ..origin });
    }
}

/// Each version of the plan sets a day, and each follow-up may set another; the next version takes
/// what is left of them away.
pub(super) fn days<'a>(view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    let Some(sip) = view.sip else { return };
    let by_plans = sip.plans.iter().map(|plan| (&plan.stamp, Some(plan.follow_up_on)));
    let by_follow_ups = sip.follow_ups.iter().map(|one| (&one.stamp, one.next_on));
    for (stamp, day) in by_plans.chain(by_follow_ups).filter(|(_, day)| day.is_some()) {
        let origin = Origin::recorded(stamp, next_plan(sip, stamp), reason::PLAN_REPLACED);
        found(Origin { day, ..origin });
    }
}

fn next_plan<'a>(sip: &'a Sip, after: &contracts::Stamp) -> Option<&'a contracts::Stamp> {
    let mut plans = sip.plans.iter().map(|plan| &plan.stamp);
    plans.find(|plan| after.recorded_at < plan.recorded_at)
}
