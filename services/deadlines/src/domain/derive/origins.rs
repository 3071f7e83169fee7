//! Which entries trigger a duty, when its clock starts, and what ends it again.

mod plans;
mod tracks;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::assignment::Route;
use contracts::case::{Consent, ConsentScope, Discharge, Need};
use contracts::{Case, EntryId, Owner, Party, Stamp};

use super::conditions;
use super::standing::{End, reason};
use crate::domain::facts::{Life, View};
use crate::domain::rulebook::{Rule, Trigger};

/// An entry that triggers a duty.
pub(super) struct Origin<'a> {
    pub(super) entry: EntryId,
    /// When the clock starts.
    pub(super) started_at: DateTime<Utc>,
    /// From when until when the entry held.
    pub(super) life: Life,
    /// How the entry ended.
    pub(super) end: Option<End>,
    /// A consent that it stands on holds no longer from then on, be that still to come.
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// The judgement, when that is the entry.
    pub(super) need: Option<&'a Need>,
    /// The day that the entry names.
    pub(super) day: Option<NaiveDate>,
}

impl<'a> Origin<'a> {
    /// Begins with this entry, when it was recorded, and with `ended` is no longer there.
    fn recorded(entry: &Stamp, ended: Option<&Stamp>, reason: &'static str) -> Self {
        Self {
            entry: entry.id,
            started_at: entry.recorded_at,
            life: Life::new(entry, ended),
            end: ended.map(|stamp| End::cancels(stamp, reason)),
            expires_at: None,
            need: None,
            day: None,
        }
    }

    /// The same, with a clock that runs from when it happened.
    fn happened(entry: &Stamp, ended: Option<&Stamp>, reason: &'static str) -> Self {
        Self { started_at: entry.occurred_at, ..Self::recorded(entry, ended, reason) }
    }

    pub(super) fn ends(&mut self, end: End) {
        self.lasts_until(end.at);
        self.end = Some(end);
    }

    pub(super) fn expires(&mut self, at: DateTime<Utc>) {
        self.lasts_until(at);
        self.expires_at = Some(self.expires_at.map_or(at, |earlier| earlier.min(at)));
    }

    /// Whether the entry still held when the discharge was recorded. One that was over before has no time
    /// by it.
    pub(super) fn is_there(&self, discharge: &Discharge) -> bool {
        self.life.until.is_none_or(|until| discharge.stamp.recorded_at <= until)
    }

    fn lasts_until(&mut self, at: DateTime<Utc>) {
        self.life.until = Some(self.life.until.map_or(at, |until| until.min(at)));
    }

    fn of_need(need: &'a Need) -> Self {
        let reason = reason::NEED_WITHDRAWN;
        Self { need: Some(need), ..Self::happened(&need.stamp, need.withdrawn.as_ref(), reason) }
    }
}

/// The entries that trigger a duty of an owner, in the order of the facts.
pub(super) fn each<'a>(
    rule: &Rule,
    owner: Owner,
    view: View<'a>,
    mut found: impl FnMut(Origin<'a>),
) {
    triggers(&rule.trigger, owner, view, &mut |origin| {
        let holds = |origin, condition| conditions::apply(condition, owner, view, origin);
        if let Some(origin) = rule.conditions.iter().try_fold(origin, holds) {
            found(origin);
        }
    });
}

fn triggers<'a>(
    trigger: &Trigger,
    owner: Owner,
    view: View<'a>,
    found: &mut impl FnMut(Origin<'a>),
) {
    let case = view.case;
    match trigger {
        Trigger::Admission => found(Origin::happened(&case.admitted, None, "")),
        Trigger::Notice if owner == Owner::Ward => needs(case, found),
        Trigger::Need => needs(case, found),
        Trigger::Reception | Trigger::Notice => receptions(owner, view, found),
        Trigger::Ready => {
            let ready = case.ready.iter();
            ready.for_each(|one| {
                let revoked = one.revoked.as_ref();
                found(Origin::recorded(&one.stamp, revoked, reason::READY_REVOKED));
            });
        }
        Trigger::Discharge => case.discharges.iter().for_each(|one| {
            let revoked = one.revoked.as_ref();
            found(Origin::happened(&one.stamp, revoked, reason::DISCHARGE_REVOKED));
        }),
        Trigger::Track(set) => tracks::set(set, case, found),
        Trigger::TrackChange => tracks::proposals(owner, view, found),
        Trigger::TrackChangeApproved => tracks::approved(view, found),
        Trigger::SipNeed => plans::needs(view, found),
        Trigger::SipCalled => plans::calls(view, found),
        Trigger::SipHeld => plans::held(view, found),
        Trigger::FollowUpDay => plans::days(view, found),
    }
}

fn needs<'a>(case: &'a Case, found: &mut impl FnMut(Origin<'a>)) {
    case.needs.iter().filter_map(|one| need(one, case)).for_each(found);
}

/// A judgement that concerns somebody outside the hospital. A frequent patient without other need
/// concerns open care from the patient's consent to that on, for as long as it lasts.
fn need<'a>(need: &'a Need, case: &Case) -> Option<Origin<'a>> {
    let mut origin = Origin::of_need(need);
    if concerns_somebody(need) {
        return Some(origin);
    }
    if !need.frequent_patient {
        return None;
    }
    let settles = |one: &&Consent| one.settles(ConsentScope::Information, Party::OpenCare);
    let consents = || case.consents.iter().filter(settles);
    let given = |consent: &Consent| consent.covers(Party::OpenCare);
    let consent = consents().find(|consent| given(consent))?;
    origin.started_at = origin.started_at.max(consent.stamp.occurred_at);
    origin.life.from = origin.life.from.max(consent.stamp.recorded_at);
    let last = consents().next_back();
    if let Some(last) = last.filter(|last| !given(last))
        && origin.end.as_ref().is_none_or(|end| last.stamp.recorded_at < end.at)
    {
        origin.ends(End::cancels(&last.stamp, reason::CONSENT_WITHDRAWN));
    } else if let Some(at) = last.and_then(|last| last.expires_at) {
        origin.expires(at);
    }
    let Life { from, until } = origin.life;
    until.is_none_or(|until| from < until).then_some(origin)
}

/// Each reception of a party; of the municipality as one owner the earliest that is in force, and
/// when that ends, the earliest of those that still are.
fn receptions<'a>(owner: Owner, view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    let origin = |route: &Route| Origin {
        end: reception_ends(route, view.case),
        ..Origin::recorded(&route.stamp, route.ended.as_ref(), reason::ROUTE_ENDED)
    };
    if owner != Owner::Municipality {
        view.routes_of(owner).map(origin).for_each(found);
        return;
    }
    let mut routes: Vec<&Route> = view.routes_of(owner).collect();
    routes.sort_by_key(|route| (route.stamp.recorded_at, route.stamp.id));
    let mut taken_until = Some(DateTime::<Utc>::MIN_UTC);
    for route in routes {
        let until = Life::of(route).until;
        if taken_until.is_some_and(|t| until.is_none_or(|until| t < until)) {
            taken_until = until;
            found(origin(route));
        }
    }
}

/// A reception ends with its route. When the need is withdrawn it ends then, though the route's end
/// may still be on its way.
fn reception_ends(route: &Route, case: &Case) -> Option<End> {
    let withdrawn = || case.needs.iter().filter_map(|need| need.withdrawn.as_ref()).next_back();
    let still_concerned = case.ended() || case.concerned().contains(&route.party);
    match &route.ended {
        Some(ended) => Some(End::cancels(ended, reason::ROUTE_ENDED)),
        None if still_concerned => None,
        None => withdrawn().map(|stamp| End::cancels(stamp, reason::ROUTE_ENDED)),
    }
}

fn concerns_somebody(need: &Need) -> bool {
    contracts::Party::OUTSIDE.iter().any(|party| need.parties.contains(party))
}
