//! What one case gives.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use contracts::assignment::{Confirmed, Route};
use contracts::case::{Estimate, Outcome, Readmission};
use contracts::{Case, HsaId, Ledger, Party};

use super::{Contribution, Counting, Measure, Place, Seat, Tally, of_ledger, of_sip};
use crate::domain::calendar::local_date;
use crate::domain::facts::{Facts, View};
use crate::domain::payment::month_of;

/// What a case adds to the month's figures. Nothing while the case itself is not known.
#[must_use]
pub fn contributions(
    facts: &Facts,
    ledger: Option<&Ledger>,
    counting: &Counting<'_>,
) -> Vec<Contribution> {
    let Some(view) = facts.view() else { return Vec::new() };
    let mut found = Found::new(view);
    payable_days(facts, counting, &mut found);
    readmission(view.case, counting, &mut found);
    if let Some(discharged) = discharged_in(view.case, counting) {
        of_stay(view, discharged, counting.now, &mut found);
        receipts(view, discharged, &mut found);
        of_sip::add(view, discharged, &mut found);
        of_ledger::add(view, ledger, counting.rulebooks, &mut found);
    }
    found.all
}

/// What a case gives, as it is found.
pub(super) struct Found {
    place: Place,
    all: Vec<Contribution>,
}

impl Found {
    fn new(view: View<'_>) -> Self {
        let place = Place {
            municipality: view.case.municipality.clone(),
            seat: Seat::Ward(view.ward().clone()),
            track: view.case.planning.track().cloned(),
        };
        Self { place, all: Vec::new() }
    }

    /// Counted of the ward.
    pub(super) fn add(&mut self, measure: Measure, tally: Tally) {
        self.all.push(Contribution { measure, place: self.place.clone(), tally });
    }

    /// Counted of units outside the hospital.
    pub(super) fn add_of(&mut self, measure: Measure, units: Vec<HsaId>, tally: Tally) {
        let place = Place { seat: Seat::Units(units), ..self.place.clone() };
        self.all.push(Contribution { measure, place, tally });
    }
}

/// When a case that counts in the month was discharged: somebody was judged to need help afterwards,
/// the stay was not cancelled, and the patient lived.
fn discharged_in(case: &Case, counting: &Counting<'_>) -> Option<DateTime<Utc>> {
    let discharged = case.discharge()?.stamp.occurred_at;
    let cancelled = case.cancellations.iter().any(contracts::Revocable::in_force);
    let dead = contracts::stamp::in_force(&case.deaths)
        .is_some_and(|death| death.stamp.occurred_at <= discharged);
    let counts = case.need().is_some() && !cancelled && !dead && discharged <= counting.now;
    (counts && counting.is_in_month(discharged)).then_some(discharged)
}

fn payable_days(facts: &Facts, counting: &Counting<'_>, found: &mut Found) {
    let Counting { month, now, policies, region, .. } = *counting;
    for row in month_of(facts, policies, region, month, now) {
        if row.payable_days > 0 {
            let tally = Tally::one(false).with(row.payable_days);
            found.add(Measure::PayableDays(row.policy), tally);
        }
    }
}

/// A stay counts in the month in which it began, whatever was needed afterwards and however it ended,
/// once `admissions` has looked whether it is a readmission.
fn readmission(case: &Case, counting: &Counting<'_>, found: &mut Found) {
    let began = case.admitted.occurred_at;
    let cancelled = case.cancellations.iter().any(contracts::Revocable::in_force);
    let is_back = match case.readmission {
        None | Some(Readmission::Unknown) => return,
        Some(Readmission::No) => false,
        Some(Readmission::Planned | Readmission::Unplanned | Readmission::NotStated) => true,
    };
    if cancelled || counting.now < began || !counting.is_in_month(began) {
        return;
    }
    found.add(Measure::Readmission, Tally::one(is_back));
    let unplanned = case.readmission == Some(Readmission::Unplanned);
    // Both measures together tell of how many it was planned, or not said.
    let tally = Tally::one(unplanned).beside(is_back && !unplanned);
    found.add(Measure::UnplannedReadmission, tally);
}

fn of_stay(view: View<'_>, discharged: DateTime<Utc>, now: DateTime<Utc>, found: &mut Found) {
    let case = view.case;
    found.add(Measure::Cases, Tally::one(false));
    let often = case.frequent.is_some() || case.need().is_some_and(|need| need.frequent_patient);
    found.add(Measure::Frequent, Tally::one(often));
    way_home(view, discharged, found);
    estimates(case, discharged, found);
    let tracks = &case.planning.tracks;
    if !tracks.is_empty() {
        let changed = tracks.windows(2).any(|two| matches!(two, [a, b] if a.track != b.track));
        found.add(Measure::TrackChanged, Tally::one(changed));
    }
    let work = view.assignment.map(|all| &all.cooperation);
    let by_hand = work.and_then(contracts::assignment::Cooperation::closed_at);
    let closed = case.closes_at().into_iter().chain(by_hand).min().is_some_and(|at| at <= now);
    if closed {
        let mut follow_ups = work.into_iter().flat_map(|work| &work.follow_ups);
        let done = follow_ups.any(|one| one.outcome == Outcome::Done);
        found.add(Measure::FollowedUp, Tally::one(done));
    }
}

/// From the ready notice that held to the discharge.
fn way_home(view: View<'_>, discharged: DateTime<Utc>, found: &mut Found) {
    let ready = view.case.ready_in_force().map(|ready| ready.stamp.occurred_at);
    let Some(ready) = ready.filter(|ready| *ready <= discharged) else { return };
    let waited = days(local_date(ready), local_date(discharged));
    found.add(Measure::ReadyDays, Tally::one(waited > 0).with(waited));
    let tally = home_ready(view, discharged).map_or_else(never, |last| {
        match days(local_date(ready.max(last)), local_date(discharged)) {
            0 => Tally::one(true).with(0),
            later => Tally::late().with(later),
        }
    });
    found.add(Measure::SameDayHome, tally);
}

/// When the last party that has a part in the going home, the ward's among them, had confirmed that the
/// patient is home-ready; `None` when one had not.
fn home_ready(view: View<'_>, discharged: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let parties = routes_at(view, discharged).map(|route| route.party);
    let parties: BTreeSet<Party> = parties.chain([Party::Ward]).collect();
    let all = view.assignment.into_iter().flat_map(|all| &all.cooperation.confirmations);
    let confirmed = all.filter(|one| {
        one.what == Confirmed::HomeReady
            && one.revoked.is_none()
            && one.outcome != Outcome::Unknown
            && one.stamp.occurred_at <= discharged
    });
    let by = |party: &Party| {
        let own = confirmed.clone().filter(|one| one.party == *party);
        own.map(|one| one.stamp.occurred_at).max()
    };
    parties.iter().map(by).try_fold(DateTime::<Utc>::MIN_UTC, |last, at| Some(last.max(at?)))
}

/// The routes that the case had when the patient left.
fn routes_at(view: View<'_>, discharged: DateTime<Utc>) -> impl Iterator<Item = &Route> {
    let has_it = move |ended: &contracts::Stamp| discharged <= ended.recorded_at;
    view.routes().iter().filter(move |route| {
        route.stamp.recorded_at <= discharged && route.ended.as_ref().is_none_or(has_it)
    })
}

/// How often the estimated day changed, and since when the right one had been stated.
fn estimates(case: &Case, discharged: DateTime<Utc>, found: &mut Found) {
    let day = |one: &Estimate| Some((local_date(one.at?), one.stamp.recorded_at));
    let stated = case.estimates.iter().filter(|one| one.stamp.recorded_at <= discharged);
    let stated: Vec<(NaiveDate, DateTime<Utc>)> = stated.filter_map(day).collect();
    if !stated.is_empty() {
        let changes = stated.windows(2).filter(|two| matches!(two, [a, b] if a.0 != b.0)).count();
        let changes = u32::try_from(changes).unwrap_or(u32::MAX);
        found.add(Measure::EstimateChanges, Tally::one(false).with(changes));
    }
    let right = stated.iter().rev().take_while(|(day, _)| *day == local_date(discharged));
    // Who has no estimate is told by the other measure.
    let wrong = || never().beside(!stated.is_empty());
    let tally = right.last().map_or_else(wrong, |(_, since)| {
        let warned = discharged - *since;
        let tally = if warned >= DAY { Tally::one(true) } else { Tally::late() };
        tally.with(hours(warned))
    });
    found.add(Measure::EstimateWarning, tally);
}

/// Each unit that had the notice when the patient left, and when somebody there had read it.
fn receipts(view: View<'_>, discharged: DateTime<Utc>, found: &mut Found) {
    let Some(assignment) = view.assignment else { return };
    let units: BTreeSet<&HsaId> = routes_at(view, discharged).map(|route| &route.unit).collect();
    for unit in units {
        let all = view.routes().iter().filter(|route| route.unit == *unit);
        let Some(received) = all.map(|route| route.stamp.recorded_at).min() else { continue };
        let there = assignment.receipts.iter().filter(|one| one.unit == *unit);
        let read = view.case.reads.iter().filter(|one| one.unit == *unit);
        let read = there.map(|one| &one.stamp).chain(read.map(|one| &one.stamp));
        let tally = read.map(|stamp| stamp.occurred_at).min().map_or_else(never, |read| {
            let took = read - received;
            let tally = if took <= DAY { Tally::one(true) } else { Tally::late() };
            tally.with(hours(took))
        });
        found.add_of(Measure::Receipt, vec![unit.clone()], tally);
    }
}

/// The 24 hours of the agreements.
pub(super) const DAY: TimeDelta = TimeDelta::hours(24);

/// Whole hours; what came before its time took none.
pub(super) fn hours(took: TimeDelta) -> u32 {
    u32::try_from(took.num_hours().max(0)).unwrap_or(u32::MAX)
}

/// Days from one day to another.
pub(super) fn days(from: NaiveDate, to: NaiveDate) -> u32 {
    u32::try_from(to.signed_duration_since(from).num_days().max(0)).unwrap_or(u32::MAX)
}

/// One that never did it.
pub(super) fn never() -> Tally {
    Tally::one(false)
}
