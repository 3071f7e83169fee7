//! What in a ledger is told to somebody, and whether it still holds.

use contracts::ledger::{
    Ledger, News, NewsKind, Obligation, ObligationState, Step, StepKind, StepOutcome,
};
use contracts::reach::Role;
use contracts::{EntryId, HsaId, ObligationId};

/// Something in a ledger that is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cause<'a> {
    /// News for one unit.
    News(&'a News),
    /// A step of a duty's ladder, which may name other duties of the ledger too.
    Step(&'a Ledger, &'a Obligation, &'a Step),
}

impl<'a> Cause<'a> {
    pub(crate) fn id(self) -> EntryId {
        match self {
            Self::News(news) => news.id,
            Self::Step(_, _, step) => step.id,
        }
    }

    pub(crate) fn obligation(self) -> Option<ObligationId> {
        match self {
            Self::News(_) => None,
            Self::Step(_, obligation, _) => Some(obligation.id),
        }
    }

    /// The units that are told.
    pub(crate) fn units(self) -> &'a [HsaId] {
        match self {
            Self::News(news) => std::slice::from_ref(&news.unit),
            Self::Step(_, _, step) => &step.units,
        }
    }

    /// In which role a unit is told.
    pub(crate) fn role(self, unit: &HsaId) -> Role {
        match self {
            Self::News(_) => Role::Unit,
            Self::Step(_, _, step) if step.on_call.contains(unit) => Role::OnCall,
            Self::Step(_, _, step) => step.role,
        }
    }

    /// Whether it may wait for a digest, where a unit has chosen one. No step may, nor what clocks start
    /// or stop by (ready, discharged, or neither after all), nor the day of going home once it is near or
    /// the ward has set it, nor another track, which waits for an answer or for the ward, nor what nobody
    /// has received. An admission notice may, although its 24 hours run: its reminder does not.
    pub(crate) fn may_wait(self) -> bool {
        let Self::News(news) = self else { return false };
        match news.kind {
            NewsKind::ReadyGiven
            | NewsKind::ReadyRevoked
            | NewsKind::EstimateDrifts
            | NewsKind::DischargeNotice
            | NewsKind::Discharged
            | NewsKind::DischargeRevoked
            | NewsKind::TrackProposed
            | NewsKind::TrackApproved
            | NewsKind::TrackRefused
            | NewsKind::CouldNotBeRouted
            | NewsKind::Unknown => false,
            NewsKind::NoticeCame
            | NewsKind::EstimateChanged
            | NewsKind::NoLongerConcerned
            | NewsKind::FrequentPatient
            | NewsKind::MessageCame
            | NewsKind::TrackChanged
            | NewsKind::PlanToConfirm => true,
        }
    }

    /// Whether it is still worth telling a unit: a step as long as it has a duty to name.
    pub(crate) fn holds(self, unit: &HsaId) -> bool {
        match self {
            Self::News(news) => !news.withdrawn,
            Self::Step(ledger, obligation, step) => {
                named(ledger, obligation, step).any(|duty| is_told(duty, step.kind, unit))
            }
        }
    }
}

/// The duties that the message of a step names to a unit: its own, and those of steps that are told with
/// it.
pub(crate) fn names<'a>(
    ledger: &'a Ledger,
    obligation: &'a Obligation,
    step: &'a Step,
    unit: &HsaId,
) -> impl Iterator<Item = &'a Obligation> {
    named(ledger, obligation, step).filter(move |duty| is_told(duty, step.kind, unit))
}

fn named<'a>(
    ledger: &'a Ledger,
    obligation: &'a Obligation,
    step: &'a Step,
) -> impl Iterator<Item = &'a Obligation> {
    let may = matches!(step.kind, StepKind::ReminderAtReady | StepKind::ReminderAtEstimate);
    let others = ledger.obligations.iter().filter(move |_| may);
    let with = others.filter(|duty| duty.steps.iter().any(|one| one.told_with == Some(step.id)));
    std::iter::once(obligation).chain(with)
}

/// A reminder is not told once the time has run out: the step that says so is on its way. No step is
/// when the duty is now another unit's.
fn is_told(duty: &Obligation, kind: StepKind, unit: &HsaId) -> bool {
    let stands = match kind {
        StepKind::Reminder | StepKind::ReminderAtReady | StepKind::ReminderAtEstimate => {
            duty.state == ObligationState::Open
        }
        _ => duty.state.is_open(),
    };
    stands && duty.units.contains(unit)
}

/// All that a ledger has told or tells, whether it still holds or not: who hears of a cause late
/// makes the same alerts as who heard of it at once.
pub(crate) fn all(ledger: &Ledger) -> impl Iterator<Item = Cause<'_>> {
    let steps = ledger.obligations.iter().flat_map(move |obligation| {
        obligation
            .steps
            .iter()
            .filter(|step| step.outcome == StepOutcome::Told && step.told_with.is_none())
            .map(move |step| Cause::Step(ledger, obligation, step))
    });
    ledger.news.iter().map(Cause::News).chain(steps)
}

/// One cause.
pub(crate) fn find(ledger: &Ledger, id: EntryId) -> Option<Cause<'_>> {
    all(ledger).find(|cause| cause.id() == id)
}

/// Whether a cause is there and still worth telling a unit.
pub(crate) fn holds(ledger: &Ledger, id: EntryId, unit: &HsaId) -> bool {
    find(ledger, id).is_some_and(|cause| cause.holds(unit))
}

#[cfg(test)]
mod tests {
    use contracts::ledger::Words;
    use contracts::{CaseId, CaseRef, Owner};
    use uuid::Uuid;

    use super::*;

    fn entry(n: u128) -> EntryId {
        EntryId(Uuid::from_u128(n))
    }

    fn unit() -> HsaId {
        "SE2321000180-VC01".parse().unwrap()
    }

    fn step(kind: StepKind, outcome: StepOutcome) -> Step {
        Step {
            units: vec![unit()],
            id: entry(kind as u128),
            kind,
            planned_at: chrono::DateTime::UNIX_EPOCH,
            taken_at: chrono::DateTime::UNIX_EPOCH,
            outcome,
            role: Role::Unit,
            on_call: Vec::new(),
            told_with: None,
            input_late: false,
        }
    }

    fn ledger(state: ObligationState, steps: Vec<Step>) -> Ledger {
        Ledger {
            case_id: CaseId(Uuid::nil()),
            case_ref: CaseRef::from_random(7),
            obligations: vec![Obligation {
                id: ObligationId(Uuid::from_u128(9)),
                rule: "K06".to_owned(),
                rulebook: "se 2026.1".to_owned(),
                title: Words::default(),
                owner: Owner::OpenCare,
                units: vec![unit()],
                trigger: entry(1),
                started_at: chrono::DateTime::UNIX_EPOCH,
                target: None,
                due: None,
                state,
                proof: None,
                ended: None,
                missing: Vec::new(),
                steps,
            }],
            news: Vec::new(),
            shown: Vec::new(),
            proposal: None,
        }
    }

    #[test]
    fn only_steps_that_are_told_to_somebody_are_causes() {
        let steps = vec![
            step(StepKind::Reminder, StepOutcome::Overtaken),
            step(StepKind::Unit, StepOutcome::Told),
            step(StepKind::Manager, StepOutcome::NobodyReached),
        ];
        let ledger = ledger(ObligationState::Missed, steps);
        let causes: Vec<EntryId> = all(&ledger).map(Cause::id).collect();
        assert_eq!(causes, [entry(StepKind::Unit as u128)]);
    }

    #[test]
    fn a_reminder_holds_until_the_time_runs_out_and_a_miss_until_it_is_done() {
        let steps = vec![
            step(StepKind::Reminder, StepOutcome::Told),
            step(StepKind::Unit, StepOutcome::Told),
        ];
        let holding = |state| {
            let ledger = ledger(state, steps.clone());
            all(&ledger).filter(|cause| cause.holds(&unit())).count()
        };
        assert_eq!(holding(ObligationState::Open), 2);
        assert_eq!(holding(ObligationState::Missed), 1);
        assert_eq!(holding(ObligationState::MetLate), 0);
        assert_eq!(holding(ObligationState::Cancelled), 0);
    }

    #[test]
    fn a_closed_unit_is_told_through_its_on_call_and_an_open_one_is_not() {
        let closed: HsaId = "SE2321000180-VC02".parse().unwrap();
        let mut told = step(StepKind::Unit, StepOutcome::Told);
        told.units.push(closed.clone());
        told.on_call.push(closed.clone());
        let ledger = ledger(ObligationState::Missed, vec![told]);
        let cause = all(&ledger).next().unwrap();
        assert_eq!((cause.role(&unit()), cause.role(&closed)), (Role::Unit, Role::OnCall));
    }

    #[test]
    fn a_step_that_is_told_with_another_is_no_cause_and_keeps_the_other_alive() {
        let reminder = StepKind::ReminderAtReady;
        let mut ledger = ledger(ObligationState::Open, vec![step(reminder, StepOutcome::Told)]);
        let first = entry(reminder as u128);
        let mut other = ledger.obligations[0].clone();
        other.id = ObligationId(Uuid::from_u128(10));
        other.steps[0].id = entry(99);
        other.steps[0].told_with = Some(first);
        ledger.obligations.push(other);
        assert_eq!(all(&ledger).map(Cause::id).collect::<Vec<_>>(), [first]);
        ledger.obligations[0].state = ObligationState::Met;
        assert!(holds(&ledger, first, &unit()), "the other is still to be done");
        ledger.obligations[1].state = ObligationState::Met;
        assert!(!holds(&ledger, first, &unit()));
    }

    #[test]
    fn withdrawn_news_are_a_cause_that_does_not_hold() {
        let mut ledger = ledger(ObligationState::Open, Vec::new());
        ledger.news.push(News {
            id: entry(5),
            kind: contracts::ledger::NewsKind::NoticeCame,
            unit: unit(),
            at: chrono::DateTime::UNIX_EPOCH,
            withdrawn: true,
        });
        assert!(find(&ledger, entry(5)).is_some());
        assert!(!holds(&ledger, entry(5), &unit()));
    }

    #[test]
    fn a_step_does_not_hold_for_a_unit_that_owes_the_duty_no_more() {
        let mut ledger =
            ledger(ObligationState::Missed, vec![step(StepKind::Unit, StepOutcome::Told)]);
        let cause = entry(StepKind::Unit as u128);
        assert!(holds(&ledger, cause, &unit()));
        ledger.obligations[0].units = vec!["SE2321000180-VC02".parse().unwrap()];
        assert!(!holds(&ledger, cause, &unit()));
    }
}
