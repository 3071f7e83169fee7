//! What one case gives to the figures of plans: was one needed, called to, held.

use chrono::{DateTime, Utc};
use contracts::sip::{Call, Meeting, PlanKind};
use contracts::{Party, Stamp};

use super::of_case::{Found, days, hours, never};
use super::{Measure, Tally};
use crate::domain::calendar::{end_of_calendar_day_after, local_date};
use crate::domain::facts::View;

/// Calendar days from the ready notice within which the call is to go out (2017:612, 4 kap.).
const CALLED_WITHIN_DAYS: u32 = 3;

pub(super) fn add(view: View<'_>, discharged: DateTime<Utc>, found: &mut Found) {
    if !is_needed(view) {
        return;
    }
    let sip = view.sip;
    let calls = sip.into_iter().flat_map(|sip| &sip.calls).filter(|call| call.cancelled.is_none());
    let called = calls.map(|call: &Call| call.stamp.occurred_at).min();
    let ready = view.case.ready_in_force().map(|ready| ready.stamp.recorded_at);
    let ready = ready.unwrap_or(discharged);
    found.add(
        Measure::SipCalled,
        called.map_or_else(never, |called| {
            let in_time = called <= end_of_calendar_day_after(ready, CALLED_WITHIN_DAYS);
            let tally = if in_time { Tally::one(true) } else { Tally::late() };
            tally.with(hours(called - ready))
        }),
    );
    let meetings = sip.into_iter().flat_map(|sip| &sip.meetings);
    let held = meetings.filter(|meeting| meeting.cancelled.is_none());
    let held = held.filter_map(|one: &Meeting| one.held.as_ref());
    let held = held.map(|held: &Stamp| held.occurred_at).min();
    found.add(
        Measure::SipHeld,
        held.map_or_else(
            || never().beside(called.is_some()),
            |held| {
                let tally = if held <= discharged { Tally::one(true) } else { Tally::late() };
                let called = called.unwrap_or(held);
                tally.with(days(local_date(called), local_date(held)))
            },
        ),
    );
    let ended = sip.is_some_and(|sip| sip.end().is_some());
    let neither = called.is_none() && !ended;
    found.add(Measure::SipEnded, Tally::one(ended).beside(neither));
}

/// Somebody has noticed that a plan is needed, or services of both principals are; no plan under the
/// acts on compulsory care takes its place.
fn is_needed(view: View<'_>) -> bool {
    let concerned = view.case.need().map(contracts::case::Need::concerned).unwrap_or_default();
    let both =
        concerned.contains(&Party::OpenCare) && concerned.iter().any(|party| party.is_municipal());
    let noticed = view.sip.is_some_and(|sip| sip.need().is_some());
    let compulsory = view.sip.is_some_and(|sip| sip.kind == PlanKind::CompulsoryPsychiatricCare);
    (both || noticed) && !compulsory
}
