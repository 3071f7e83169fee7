//! Which entries trigger a duty, when its clock starts, and what ends it again.

use chrono::{DateTime, Utc};
use contracts::assignment::Route;
use contracts::case::{ConsentAnswer, Need};
use contracts::{Case, EntryId, Owner, Party, Stamp};

use super::standing::{End, reason};
use crate::domain::facts::{Life, View};
use crate::domain::rulebook::{Condition, Rule, Trigger};

/// An entry that triggers a duty.
pub(super) struct Origin<'a> {
    pub(super) entry: EntryId,
    /// When the clock starts.
    pub(super) started_at: DateTime<Utc>,
    /// From when until when the entry held.
    pub(super) life: Life,
    /// How the entry ended.
    pub(super) end: Option<End>,
    /// The judgement, when that is the entry.
    pub(super) need: Option<&'a Need>,
}

impl Origin<'_> {
    fn ends(&mut self, end: End) {
        self.life.until = Some(self.life.until.map_or(end.at, |until| until.min(end.at)));
        self.end = Some(end);
    }
}

pub(super) fn of<'a>(rule: &Rule, owner: Owner, view: View<'a>) -> Vec<Origin<'a>> {
    let origins = match rule.trigger {
        Trigger::Admission => vec![admission(view.case)],
        Trigger::Need => view.case.needs.iter().filter_map(|n| need(n, view.case)).collect(),
        Trigger::Reception => receptions(owner, view),
        Trigger::Ready => ready(view.case),
    };
    origins
        .into_iter()
        .filter_map(|origin| conditions(&rule.conditions, origin, view.case))
        .collect()
}

fn admission(case: &Case) -> Origin<'_> {
    Origin {
        entry: case.admitted.id,
        started_at: case.admitted.occurred_at,
        life: Life::new(&case.admitted, None),
        end: None,
        need: None,
    }
}

/// A judgement that concerns somebody outside the hospital. A frequent patient without other need
/// concerns open care from the patient's consent on, for as long as it lasts.
fn need<'a>(need: &'a Need, case: &Case) -> Option<Origin<'a>> {
    let mut origin = Origin {
        entry: need.stamp.id,
        started_at: need.stamp.occurred_at,
        life: Life::new(&need.stamp, need.withdrawn.as_ref()),
        end: need.withdrawn.as_ref().map(|s| End::cancels(s, reason::NEED_WITHDRAWN)),
        need: Some(need),
    };
    if !need.concerned().is_empty() {
        return Some(origin);
    }
    if !need.frequent_patient {
        return None;
    }
    let given = |answer| answer == ConsentAnswer::Given;
    let consent = case.consents.iter().find(|consent| given(consent.answer))?;
    origin.started_at = origin.started_at.max(consent.stamp.occurred_at);
    origin.life.from = origin.life.from.max(consent.stamp.recorded_at);
    if let Some(last) = case.consents.last().filter(|last| !given(last.answer))
        && origin.end.as_ref().is_none_or(|end| last.stamp.recorded_at < end.at)
    {
        origin.ends(End::cancels(&last.stamp, reason::CONSENT_WITHDRAWN));
    }
    let Life { from, until } = origin.life;
    until.is_none_or(|until| from < until).then_some(origin)
}

/// Each reception of a party; of the municipality as one owner the earliest that is in force, and
/// when that ends, the earliest of those that still are.
fn receptions(owner: Owner, view: View<'_>) -> Vec<Origin<'_>> {
    let mut routes: Vec<&Route> = view.routes_of(owner).collect();
    if owner == Owner::Municipality {
        routes.sort_by_key(|route| (route.stamp.recorded_at, route.stamp.id));
        let mut taken_until = Some(DateTime::<Utc>::MIN_UTC);
        routes.retain(|route| {
            let until = Life::of(route).until;
            let triggers = taken_until.is_some_and(|t| until.is_none_or(|until| t < until));
            if triggers {
                taken_until = until;
            }
            triggers
        });
    }
    let origin = |route: &Route| Origin {
        entry: route.stamp.id,
        started_at: route.stamp.recorded_at,
        life: Life::of(route),
        end: reception_ends(route, view.case),
        need: None,
    };
    routes.into_iter().map(origin).collect()
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

fn ready(case: &Case) -> Vec<Origin<'_>> {
    let origin = |stamp: &Stamp, revoked: Option<&Stamp>| Origin {
        entry: stamp.id,
        started_at: stamp.recorded_at,
        life: Life::new(stamp, revoked),
        end: revoked.map(|s| End::cancels(s, reason::READY_REVOKED)),
        need: None,
    };
    let ready = case.ready.iter();
    ready.map(|ready| origin(&ready.stamp, ready.revoked.as_ref())).collect()
}

fn conditions<'a>(conditions: &[Condition], origin: Origin<'a>, case: &Case) -> Option<Origin<'a>> {
    conditions.iter().try_fold(origin, |origin, condition| match condition {
        Condition::BothPrincipals => both_principals(origin, case),
    })
}

/// The duty begins when a judgement in force first concerns both, and ends when none does any more.
fn both_principals<'a>(mut origin: Origin<'a>, case: &Case) -> Option<Origin<'a>> {
    let lives: Vec<Life> = case
        .needs
        .iter()
        .filter(|need| concerns_both(need))
        .map(|need| Life::new(&need.stamp, need.withdrawn.as_ref()))
        .filter(|life| life.overlaps(origin.life))
        .collect();
    let first = lives.iter().map(|life| life.from).min()?;
    origin.started_at = origin.started_at.max(first);
    origin.life.from = origin.life.from.max(first);
    // Absent when one of them is still in force.
    let last: Option<Vec<_>> = lives.iter().map(|life| life.until).collect();
    let last = last.and_then(|ends| ends.into_iter().max());
    if let Some(at) = last.filter(|at| origin.end.as_ref().is_none_or(|end| *at < end.at)) {
        origin.ends(End::cancels_at(at, reason::NO_LONGER_CONCERNED));
    }
    Some(origin)
}

pub(super) fn concerns_both(need: &Need) -> bool {
    let parties = need.concerned();
    parties.contains(&Party::OpenCare) && parties.iter().any(|party| party.is_municipal())
}
