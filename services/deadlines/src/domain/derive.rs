//! The ledger of a case, as it follows from facts, rulebooks and time.
//!
//! Nothing is remembered but the steps that were taken: whatever the order in which the facts came,
//! the same facts give the same ledger. The histories in the snapshots make that possible, so each
//! duty is derived from the entry that triggered it and from what became of that entry, ended and
//! revoked ones included.

mod conditions;
mod news;
mod origins;
mod predicates;
mod proposal;
mod shown;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, Utc};
use contracts::ledger::{Ending, Obligation, ObligationState};
use contracts::{Case, EntryId, HsaId, Ledger, ObligationId, Owner, Sip};
use serde::{Deserialize, Serialize};

use self::origins::Origin;
use self::standing::Standing;
use super::calendar::end_of_day;
use super::facts::{Facts, Life, View};
use super::rulebook::{Clock, Rule, Rulebook, Rulebooks, Until};

pub use shown::in_full;
pub(super) use shown::pass as pass_shown;
pub(super) use standing::pass_time;
pub use standing::reason;

/// A ledger and what must be kept beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// What is published.
    pub ledger: Ledger,
    /// What the passing of time needs besides.
    pub plan: Plan,
}

/// How long a case stays open for a follow-up of a plan that is late.
const FOLLOW_UP_MAY_BE_LATE: Days = Days::new(7);

/// The instants of a case that time is measured against and that the public ledger does not hold.
/// Stored beside the ledger, it spares the sweep the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The case closes: 30 days after the discharge in force, or later when a plan is still to be followed
    /// up; or when somebody closes it.
    pub closes_at: Option<DateTime<Utc>>,
    /// The ready notice in force was recorded.
    pub ready_at: Option<DateTime<Utc>>,
    /// The estimated discharge.
    pub estimated_at: Option<DateTime<Utc>>,
    /// When consents expire that open duties stand on, or lines that are shown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expiries: BTreeMap<ObligationId, DateTime<Utc>>,
    /// The duties that each standing ready notice names. It does not follow from the facts: what a
    /// notice names is what was known when it was told (see `ladder`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub named: BTreeMap<EntryId, BTreeSet<ObligationId>>,
}

impl Plan {
    fn of(view: View<'_>) -> Self {
        let View { case, assignment, sip } = view;
        let by_hand = assignment.and_then(|all| all.cooperation.closed_at());
        let followed_up = sip.filter(|sip| sip.end().is_none()).and_then(Sip::follow_up_on);
        let followed_up = followed_up.and_then(|day| day.checked_add_days(FOLLOW_UP_MAY_BE_LATE));
        let followed_up = followed_up.map(end_of_day);
        let by_itself = case.closes_at().map(|at| followed_up.map_or(at, |end| at.max(end)));
        Self {
            closes_at: by_itself.into_iter().chain(by_hand).min(),
            ready_at: case.ready_in_force().map(|ready| ready.stamp.recorded_at),
            estimated_at: case.estimate(),
            expiries: BTreeMap::new(),
            named: BTreeMap::new(),
        }
    }
}

/// The duties for which steps were taken, as the last ledger has them. Steps are never computed
/// away: a duty that no longer follows from the facts stays, cancelled, with its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepsTaken(BTreeMap<ObligationId, Obligation>);

impl StepsTaken {
    /// The steps in a ledger as it was stored.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        let stepped = ledger.obligations.iter().filter(|o| !o.steps.is_empty());
        Self(stepped.map(|o| (o.id, o.clone())).collect())
    }

    fn put_back(&self, duties: &mut BTreeMap<ObligationId, Obligation>) {
        for (id, old) in &self.0 {
            if let Some(duty) = duties.get_mut(id) {
                duty.steps.clone_from(&old.steps);
            } else {
                duties.insert(*id, no_longer_derived(old));
            }
        }
    }
}

fn no_longer_derived(old: &Obligation) -> Obligation {
    let last_step = old.steps.iter().map(|step| step.taken_at).max();
    Obligation {
        state: ObligationState::Cancelled,
        proof: None,
        missing: Vec::new(),
        ended: Some(Ending {
            at: last_step.unwrap_or(old.started_at),
            reason: reason::NO_LONGER_DERIVED.to_owned(),
        }),
        ..old.clone()
    }
}

/// The ledger that follows from `facts`, or `None` as long as the case is not there. `now` is the
/// time that is known to have passed: whoever gives it vouches that every proof recorded before it
/// is among the facts.
///
/// `steps` are those of the ledger that was stored last. A duty follows the rulebook of `region`
/// that was in force when its clock started.
#[must_use]
pub fn derive(
    facts: &Facts,
    steps: &StepsTaken,
    rulebooks: &Rulebooks,
    region: &str,
    now: DateTime<Utc>,
) -> Option<Derived> {
    let view = facts.view()?;
    let mut plan = Plan::of(view);
    let mut duties = BTreeMap::new();
    let mut shown = Vec::new();
    let mut expiries = BTreeMap::new();
    for book in rulebooks.of(region) {
        let time = Time { plan: &plan, now };
        let mut lines = shown::Lines::default();
        for (rule, owner) in book.rules.iter().flat_map(each_owner) {
            let line = Line { book, rule, owner };
            if rule.shown {
                lines.add(line, view, time, &mut expiries);
            } else {
                followed(line, view, |origin| {
                    let duty = duty(line, &origin, view, time);
                    let open = duty.state.is_open();
                    expiries.extend(origin.expires_at.filter(|_| open).map(|at| (duty.id, at)));
                    duties.insert(duty.id, duty);
                });
            }
        }
        shown.extend(lines.of(book));
    }
    steps.put_back(&mut duties);
    plan.expiries = expiries;
    let ledger = Ledger {
        case_id: view.case.case_id,
        case_ref: view.case.case_ref,
        obligations: duties.into_values().collect(),
        news: news::of(view, rulebooks, region),
        shown,
        proposal: proposal::of(view.case, rulebooks, region),
    };
    Some(Derived { ledger, plan })
}

/// What time is measured against.
#[derive(Clone, Copy)]
struct Time<'a> {
    plan: &'a Plan,
    now: DateTime<Utc>,
}

/// The entries by which a line is owed: those that came while its rulebook was in force, and not too
/// late.
fn followed<'a>(line: Line<'_>, view: View<'a>, mut found: impl FnMut(Origin<'a>)) {
    origins::each(line.rule, line.owner, view, |origin| {
        let follows = line.book.is_in_force(origin.started_at);
        if follows && !comes_too_late(line.rule, &origin, view.case) {
            found(origin);
        }
    });
}

fn each_owner(rule: &Rule) -> impl Iterator<Item = (&Rule, Owner)> {
    rule.owners.iter().map(move |owner| (rule, *owner))
}

/// What could be owed to the discharge at the longest, and was first heard of after it, never was a
/// duty.
fn comes_too_late(rule: &Rule, origin: &Origin<'_>, case: &Case) -> bool {
    let to_discharge = rule.until == Until::Discharge || rule.clock == Clock::AtDischarge;
    let discharge = case.discharge().filter(|_| to_discharge);
    discharge.is_some_and(|discharge| discharge.stamp.occurred_at <= origin.life.from)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    book: &'a Rulebook,
    rule: &'a Rule,
    owner: Owner,
}

fn duty(line: Line<'_>, origin: &Origin<'_>, view: View<'_>, time: Time<'_>) -> Obligation {
    let Line { book, rule, owner } = line;
    let event_at = match rule.clock {
        Clock::AtDischarge => {
            view.case.discharge().filter(|d| origin.is_there(d)).map(|d| d.stamp.occurred_at)
        }
        Clock::OnDay => origin.day.map(end_of_day),
        _ => None,
    };
    let times = rule.clock.times(book.calendar(owner), origin.started_at, event_at);
    let standing = stands(line, origin, times.due, view, time);
    let units = units(owner, origin, &standing, view);
    let mut duty = Obligation {
        id: id(line, origin.entry, view.case),
        rule: rule.id.clone(),
        rulebook: book.name().to_owned(),
        title: rule.title.clone(),
        owner,
        units,
        trigger: origin.entry,
        started_at: origin.started_at,
        target: times.target,
        due: times.due,
        state: standing.state,
        proof: standing.proof,
        ended: standing.ended,
        missing: standing.missing,
        steps: Vec::new(),
    };
    pass_time(&mut duty, time.plan, time.now);
    duty
}

fn id(line: Line<'_>, entry: EntryId, case: &Case) -> ObligationId {
    ObligationId::derive(case.case_id, &line.rule.id, line.owner.as_str(), entry)
}

fn stands(
    line: Line<'_>,
    origin: &Origin<'_>,
    due: Option<DateTime<Utc>>,
    view: View<'_>,
    time: Time<'_>,
) -> Standing {
    let answer = predicates::look(&line.rule.proof, line.owner, origin, view);
    standing::decide(line.rule, origin, answer, due, view.case, time.plan, time.now)
}

/// The owner's units: those that have the case now, or had it when the duty was over.
fn units(owner: Owner, origin: &Origin<'_>, standing: &Standing, view: View<'_>) -> Vec<HsaId> {
    if owner == Owner::Ward {
        return vec![view.ward().clone()];
    }
    let met_at = standing.proof.as_ref().map(|proof| proof.recorded_at);
    let over_at =
        met_at.or(standing.ended.as_ref().map(|ended| ended.at)).map(|at| at.max(origin.life.from));
    let had_it = |life: Life| match over_at {
        Some(at) => life.from <= at && life.until.is_none_or(|until| at <= until),
        None => life.until.is_none(),
    };
    let mut units: Vec<HsaId> = view
        .routes_of(owner)
        .filter(|route| Life::of(route).overlaps(origin.life) && had_it(Life::of(route)))
        .map(|route| route.unit.clone())
        .collect();
    units.sort();
    units.dedup();
    units
}
