//! Who is told next about a duty, and when.
//!
//! Nothing here reads the facts: a ledger as it was stored, its [`Plan`], the rulebooks, the units'
//! reach and the acknowledgements are enough. Whoever stores a ledger stores the plan beside it and
//! the instant that [`next_instant`] gives, and computes that instant again when reach or
//! acknowledgements of the case change.
//!
//! Spacing runs from the previous step as it really happened, so an outage does not fire all steps
//! at once. Outside a unit's hours its on-call is told; where there is none, the step waits for
//! opening. Only fulfilment or the end of the duty stops the ladder.

mod reaching;
mod together;

use chrono::{DateTime, Utc};
use contracts::ledger::{Obligation, ObligationState, Step, StepKind, StepOutcome};
use contracts::reach::Role;
use contracts::{EntryId, Ledger, ObligationId};

use self::reaching::{Telling, Way, telling, way_to};
use self::together::Together;
use super::calendar::plus_hours;
use super::derive::{Plan, pass_shown, pass_time};
use super::facts::{Acknowledgement, Reach};
use super::rulebook::{Rule, Rulebooks, Rung};

pub use self::together::named;

/// What the passing of time is read against, besides the ledger.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The rulebooks; each duty names its own.
    pub rulebooks: &'a Rulebooks,
    /// The plan that was derived with the ledger.
    pub plan: &'a Plan,
    /// When and how the duties' units can be reached.
    pub reach: &'a Reach,
    /// Acknowledgements of alerts about the duties.
    pub acknowledgements: &'a [Acknowledgement],
}

/// A step that will be taken at `at` if nothing happens before; at once when that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// Which rung.
    pub kind: StepKind,
    /// When it was to be taken: by its spacing, or at the opening that it had to wait for.
    pub planned_at: DateTime<Utc>,
    /// When it can be taken; later than planned when the time planned was slept through and the
    /// unit is closed now.
    pub at: DateTime<Utc>,
    /// What will become of it.
    pub outcome: StepOutcome,
    /// Who is told.
    pub role: Role,
}

/// Lets time pass over a ledger: duties become missed or past, and every step that is due is taken.
/// Changes `ledger` and gives the steps that it took. `input_late` marks them when a source of
/// proofs was silent and not waited for.
pub fn advance(
    ledger: &mut Ledger,
    around: &Around<'_>,
    now: DateTime<Utc>,
    input_late: bool,
) -> Vec<(ObligationId, Step)> {
    let mut taken = Vec::new();
    pass_shown(ledger, around.plan, now);
    let mut together = Together::new(around.plan, &ledger.news);
    for duty in &mut ledger.obligations {
        pass_time(duty, around.plan, now);
        let Some(rule) = rule_of(duty, around) else {
            continue;
        };
        // Each round takes one of the rule's steps, and none twice.
        for _ in &rule.ladder {
            let next = next_step(duty, rule, around, now);
            let Some(planned) = next.filter(|planned| planned.at <= now) else {
                break;
            };
            let mut step = take_step(duty, &planned, around.reach, now, input_late);
            step.told_with = together.with(duty.id, &step);
            duty.steps.push(step.clone());
            taken.push((duty.id, step));
        }
    }
    taken
}

/// The next instant at which [`advance`] would change the ledger. After `advance` at `now` it lies
/// after `now`; none: time alone changes nothing any more.
#[must_use]
pub fn next_instant(
    ledger: &Ledger,
    around: &Around<'_>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let open = ledger.obligations.iter().filter(|duty| duty.state.is_open());
    let of_duty = |duty: &Obligation| {
        let due = duty.due.filter(|_| duty.state == ObligationState::Open);
        let step = rule_of(duty, around).and_then(|rule| next_step(duty, rule, around, now));
        let expiry = around.plan.expiries.get(&duty.id).copied();
        [due, step.map(|step| step.at), around.plan.closes_at, expiry]
    };
    let first = open.flat_map(of_duty).flatten().min();
    first.into_iter().chain(of_shown(ledger, around, now)).min()
}

/// When something that is shown and open changes by time alone.
fn of_shown(ledger: &Ledger, around: &Around<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !ledger.shows_open() {
        return None;
    }
    let expiries = around.plan.expiries.values().copied().filter(|at| now < *at);
    expiries.chain(around.plan.closes_at).min()
}

/// Whether a missed duty waits for somebody to tell of it: a matter for an alarm.
#[must_use]
pub fn waits_for_somebody(ledger: &Ledger, around: &Around<'_>, now: DateTime<Utc>) -> bool {
    let mut missed = ledger.obligations.iter().filter(|duty| duty.state == ObligationState::Missed);
    missed.any(|duty| {
        rule_of(duty, around).is_some_and(|rule| {
            let mut rungs = rule.ladder.iter().filter(|rung| rung.kind().is_escalation());
            let all_taken =
                rungs.all(|rung| duty.steps.iter().any(|step| step.kind == rung.kind()));
            !all_taken && next_step(duty, rule, around, now).is_none()
        })
    })
}

/// Whether the rulebooks of all open duties are known.
#[must_use]
pub fn is_known(ledger: &Ledger, around: &Around<'_>) -> bool {
    let mut open = ledger.obligations.iter().filter(|duty| duty.state.is_open());
    open.all(|duty| around.rulebooks.named(&duty.rulebook).is_some())
}

fn rule_of<'a>(duty: &Obligation, around: &Around<'a>) -> Option<&'a Rule> {
    around.rulebooks.named(&duty.rulebook)?.rule(&duty.rule)
}

/// The next step of an open duty: the earliest reminder that is not told yet, or the next
/// escalation.
#[must_use]
pub fn next_step(
    duty: &Obligation,
    rule: &Rule,
    around: &Around<'_>,
    now: DateTime<Utc>,
) -> Option<PlannedStep> {
    if !duty.state.is_open() {
        return None;
    }
    let ladder = Ladder { duty, rule, around, now };
    let reminders = rule.ladder.iter().filter_map(|rung| ladder.reminder(*rung));
    let steps = reminders.chain(ladder.escalation());
    steps.min_by_key(|step| (step.at, step.kind))
}

/// The step as it is recorded when it is taken.
#[must_use]
pub fn take_step(
    duty: &Obligation,
    planned: &PlannedStep,
    reach: &Reach,
    now: DateTime<Utc>,
    input_late: bool,
) -> Step {
    // Each unit by its own hours: one may be open while another has its on-call.
    let role = role_of(planned.kind);
    let by = |way| {
        let units = duty.units.iter();
        units.filter(move |unit| way_to(unit, role, reach, now) == Some(way)).cloned()
    };
    let (in_role, on_call): (Vec<_>, Vec<_>) = (by(Way::Role).collect(), by(Way::OnCall).collect());
    let is_told = planned.outcome == StepOutcome::Told;
    let (role, units, on_call) = match (in_role.is_empty(), on_call.is_empty()) {
        _ if !is_told => (planned.role, duty.units.clone(), Vec::new()),
        (true, false) => (Role::OnCall, on_call, Vec::new()),
        _ => (role, in_role.into_iter().chain(on_call.clone()).collect(), on_call),
    };
    Step {
        id: EntryId::derive("step", &[&duty.id.to_string(), planned.kind.as_str()]),
        kind: planned.kind,
        planned_at: planned.planned_at,
        taken_at: now,
        outcome: planned.outcome,
        role,
        units,
        on_call,
        told_with: None,
        input_late,
    }
}

/// Who is told of a step during a unit's hours.
fn role_of(kind: StepKind) -> Role {
    match kind {
        StepKind::Manager => Role::Manager,
        StepKind::Principal => Role::Principal,
        _ => Role::Unit,
    }
}

struct Ladder<'a> {
    duty: &'a Obligation,
    rule: &'a Rule,
    around: &'a Around<'a>,
    now: DateTime<Utc>,
}

impl Ladder<'_> {
    fn taken(&self, kind: StepKind) -> Option<&Step> {
        self.duty.steps.iter().find(|step| step.kind == kind)
    }

    /// A reminder that cannot be told before its due is recorded at due as overtaken.
    fn reminder(&self, rung: Rung) -> Option<PlannedStep> {
        let (duty, plan) = (self.duty, self.around.plan);
        let base = match rung {
            Rung::Reminder { before_due_hours } => Some(hours_before(duty.due?, before_due_hours)),
            Rung::ReminderAtReady => plan.ready_at,
            Rung::ReminderAtEstimate => plan.estimated_at,
            _ => None,
        };
        let base = base?.max(duty.started_at);
        if self.taken(rung.kind()).is_some() || duty.due.is_some_and(|due| due <= base) {
            return None;
        }
        let planned = self.planned(rung, base);
        match duty.due.filter(|due| *due <= planned.at.max(self.now)) {
            Some(due) => Some(PlannedStep {
                planned_at: base,
                at: due,
                outcome: StepOutcome::Overtaken,
                role: rung.role(),
                ..planned
            }),
            None => Some(planned),
        }
    }

    /// The rung after the last escalation that was taken; at due if none was. The last one waits until
    /// there is somebody to tell: else nobody would ever hear of it.
    fn escalation(&self) -> Option<PlannedStep> {
        let due = self.duty.due?;
        let escalations = || {
            let rungs = self.rule.ladder.iter().copied();
            rungs.filter(|rung| rung.kind().is_escalation())
        };
        let last = escalations().rev().find_map(|rung| self.taken(rung.kind()));
        let rung = match last {
            Some(last) => escalations().find(|rung| last.kind < rung.kind())?,
            None => escalations().next()?,
        };
        let base = match last {
            // A due that has moved on since the last step is waited for.
            Some(last) if last.outcome == StepOutcome::NobodyReached => last.taken_at.max(due),
            Some(last) => plus_hours(last.taken_at, rung.after_hours()).max(due),
            None => plus_hours(due, rung.after_hours()),
        };
        let planned = self.planned(rung, plus_hours(base, self.postponed_hours()));
        let is_last = escalations().all(|other| other.kind() <= rung.kind());
        Some(planned).filter(|_| !(is_last && planned.outcome == StepOutcome::NobodyReached))
    }

    /// Somebody has seen the last step: the rulebook may give more time, once for each step.
    fn postponed_hours(&self) -> u32 {
        let last = self.duty.steps.iter().max_by_key(|step| step.taken_at);
        let told = last.filter(|step| step.outcome == StepOutcome::Told);
        let seen = told.is_some_and(|step| {
            let message = step.told_with.unwrap_or(step.id);
            let mut all = self.around.acknowledgements.iter();
            all.any(|seen| seen.step == message && seen.at <= self.now)
        });
        if seen { self.rule.acknowledgement_postpones_hours } else { 0 }
    }

    fn planned(&self, rung: Rung, base: DateTime<Utc>) -> PlannedStep {
        let tell = |at| telling(&self.duty.units, rung.role(), self.around.reach, at);
        let planned_at = match tell(base) {
            Telling::Waits(opening) => opening,
            Telling::Told(_) | Telling::Nobody => base,
        };
        let at = match tell(planned_at.max(self.now)) {
            Telling::Waits(opening) => opening,
            Telling::Told(_) | Telling::Nobody => planned_at,
        };
        let (outcome, role) = match tell(at.max(self.now)) {
            Telling::Told(role) => (StepOutcome::Told, role),
            Telling::Nobody | Telling::Waits(_) => (StepOutcome::NobodyReached, rung.role()),
        };
        PlannedStep { kind: rung.kind(), planned_at, at, outcome, role }
    }
}

fn hours_before(instant: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
    let hours = chrono::TimeDelta::hours(hours.into());
    instant.checked_sub_signed(hours).unwrap_or(instant)
}
