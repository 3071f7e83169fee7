//! Each case with a judged need has its duties; every step of every missed one happened exactly once,
//! none early, none after a proof.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use contracts::ledger::{
    Ledger, NewsKind, Obligation, ObligationState, Step, StepKind, StepOutcome,
};
use contracts::{Assignment, CaseId, ObligationId};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Evidence, Findings};
use crate::run::Struck;
use crate::{calendar, region};

/// The duties of a case that concerns everybody, K08 one per party.
const RULES: [&str; 7] = ["K02", "K06", "K07", "K08", "K08", "K08", "LAW-2-5"];
/// Those with a clock.
const CLOCKED: [&str; 3] = ["K02", "K06", "K07"];
const LADDER: [StepKind; 4] =
    [StepKind::Reminder, StepKind::Unit, StepKind::Manager, StepKind::Principal];

pub(super) async fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    let mut database = evidence.world.servers.database("admissions").await?;
    let needing: Vec<Uuid> =
        sqlx::query_scalar("select case_id from hospital_case where with_need")
            .fetch_all(&mut database)
            .await?;
    let mut database = evidence.world.servers.database("coordination").await?;
    let assignments: Vec<Json<Assignment>> =
        sqlx::query_scalar("select snapshot from assignment").fetch_all(&mut database).await?;
    let assignments: BTreeMap<CaseId, Assignment> =
        assignments.into_iter().map(|Json(one)| (one.case_id, one)).collect();
    let mut database = evidence.world.servers.database("deadlines").await?;
    let ledgers: Vec<Json<Ledger>> =
        sqlx::query_scalar("select snapshot from ledger where snapshot is not null")
            .fetch_all(&mut database)
            .await?;
    let ledgers: BTreeMap<CaseId, Ledger> =
        ledgers.into_iter().map(|Json(ledger)| (ledger.case_id, ledger)).collect();
    let history: Vec<(Uuid, DateTime<Utc>, Json<Ledger>)> =
        sqlx::query_as("select case_id, at, snapshot from witness.ledger order by seq")
            .fetch_all(&mut database)
            .await?;

    findings.count("cases with a need", needing.len());
    for case in needing.into_iter().map(CaseId) {
        match (assignments.get(&case), ledgers.get(&case)) {
            (Some(assignment), Some(ledger)) => {
                Case { evidence, assignment, ledger }.check(findings);
            }
            _ => findings.broken("every need has its routes and duties", case),
        }
    }
    check_history(evidence, history, findings);
    Ok(())
}

/// A case with a need.
struct Case<'a> {
    evidence: &'a Evidence<'a>,
    assignment: &'a Assignment,
    ledger: &'a Ledger,
}

impl Case<'_> {
    fn check(&self, findings: &mut Findings) {
        let case = self.ledger.case_id;
        if self.assignment.current_routes().count() != 3 {
            findings
                .broken("every need has its routes and duties", format!("{case} is not routed"));
        }
        let mut rules: Vec<&str> =
            self.ledger.obligations.iter().map(|o| o.rule.as_str()).collect();
        rules.sort_unstable();
        if rules != RULES {
            findings.broken("every need has its routes and duties", format!("{case}: {rules:?}"));
        }
        let notices = self.ledger.news.iter().filter(|news| news.kind == NewsKind::NoticeCame);
        let told: BTreeSet<_> = notices.map(|news| &news.unit).collect();
        // Where processes disagree about the time, an estimate may seem to be newer than its notice.
        let odd =
            |kind| kind == NewsKind::EstimateChanged && self.evidence.scars.went_back_to.is_some();
        let mut all = self.ledger.news.iter();
        let expected = all.all(|news| news.kind == NewsKind::NoticeCame || odd(news.kind));
        if told.len() != 3 || !expected {
            findings.broken("every need has its notice", format!("{case}: {:?}", self.ledger.news));
        }
        for duty in &self.ledger.obligations {
            findings.count("duties", 1);
            findings.count("steps", duty.steps.len());
            self.check_sources(duty, findings);
            if CLOCKED.contains(&duty.rule.as_str()) {
                self.check_clock(duty, findings);
                self.check_ladder(duty, findings);
            }
            self.check_proof(duty, findings);
        }
    }

    /// A step is taken without having heard all sources only when one was silent for a minute.
    fn check_sources(&self, duty: &Obligation, findings: &mut Findings) {
        let late = duty.steps.iter().filter(|step| step.input_late).count();
        findings.count("steps marked as input late", late);
        let long = |blow: &Struck| blow.to - blow.from > TimeDelta::seconds(40);
        if late > 0 && !self.evidence.blows.iter().any(long) {
            findings.broken("sources are waited for for a minute", self.name(duty));
        }
    }

    fn name(&self, duty: &Obligation) -> String {
        format!("{} of {}", duty.rule, self.ledger.case_id)
    }

    /// It is due when our own calendar says so.
    fn check_clock(&self, duty: &Obligation, findings: &mut Findings) {
        let due = match duty.rule.as_str() {
            "K02" => Some(duty.started_at + TimeDelta::hours(24)),
            _ => calendar::due_within_a_day(duty.started_at),
        };
        let received = self.assignment.routes.iter().map(|route| route.stamp.recorded_at);
        let began = duty.rule == "K02" || received.into_iter().any(|at| at == duty.started_at);
        if duty.due != due || !began {
            let (started, actual) = (duty.started_at, duty.due);
            findings.broken(
                "a duty is due when it must be",
                format!("{}: begun {started}, due {actual:?} instead of {due:?}", self.name(duty)),
            );
        }
    }

    fn check_ladder(&self, duty: &Obligation, findings: &mut Findings) {
        let kinds: Vec<StepKind> = duty.steps.iter().map(|step| step.kind).collect();
        if !LADDER.starts_with(&kinds) {
            findings
                .broken("every step once and in order", format!("{}: {kinds:?}", self.name(duty)));
        }
        if duty.state.is_open() && kinds != LADDER {
            findings.broken(
                "every step of a missed duty happens",
                format!("{} is {:?} after {kinds:?}", self.name(duty), duty.state),
            );
        }
        for (step, before) in
            duty.steps.iter().zip(std::iter::once(None).chain(duty.steps.iter().map(Some)))
        {
            if step.outcome == StepOutcome::NobodyReached {
                findings.broken("a step reaches somebody", self.name(duty));
            }
            let always = duty.units.iter().any(region::is_always_open);
            let earliest = earliest(duty, step, before);
            let sound = earliest.is_some_and(|earliest| {
                if always { step.planned_at == earliest } else { step.planned_at >= earliest }
            });
            if !sound || step.taken_at < step.planned_at {
                let Step { kind, planned_at, taken_at, .. } = step;
                findings.broken(
                    "no step is early",
                    format!(
                        "{}: {kind:?} planned {planned_at}, taken {taken_at}, not before {earliest:?}",
                        self.name(duty)
                    ),
                );
            }
        }
    }

    /// A step that was taken when all sources had been heard knows every proof that was recorded before.
    fn check_proof(&self, duty: &Obligation, findings: &mut Findings) {
        let appointments = match duty.rule.as_str() {
            "K06" | "LAW-2-5" => &self.assignment.care_contacts,
            "K07" => &self.assignment.lead_officers,
            _ => return,
        };
        let Some(proof) = appointments.iter().map(|one| one.stamp.recorded_at).min() else {
            return;
        };
        if duty.state.is_open() {
            findings.broken("a proof fulfils", format!("{} is {:?}", self.name(duty), duty.state));
        }
        let back = self.evidence.scars.went_back_to;
        // What was appointed in time may have been forgotten, and appointed again.
        let forgot = self.evidence.forgot("coordination");
        for step in duty.steps.iter().filter(|step| !step.input_late) {
            let comparable = back.is_none_or(|back| step.taken_at < back);
            if proof < step.taken_at && comparable && !forgot {
                findings.broken(
                    "no step after a proof",
                    format!(
                        "{}: {:?} taken {}, proof recorded {proof}",
                        self.name(duty),
                        step.kind,
                        step.taken_at
                    ),
                );
            }
        }
    }
}

/// Before when a step must not be taken.
fn earliest(duty: &Obligation, step: &Step, before: Option<&Step>) -> Option<DateTime<Utc>> {
    let due = duty.due?;
    Some(match step.kind {
        StepKind::Reminder => (due - TimeDelta::hours(4)).max(duty.started_at),
        StepKind::Unit => due,
        StepKind::Manager => before?.taken_at + TimeDelta::hours(4),
        StepKind::Principal => before?.taken_at + TimeDelta::hours(24),
        _ => return None,
    })
}

/// What was true for a moment: steps are never taken back or changed, none is taken of a duty that was
/// not open, what is done stays done, and nobody acts by a time that has not come.
fn check_history(
    evidence: &Evidence<'_>,
    history: Vec<(Uuid, DateTime<Utc>, Json<Ledger>)>,
    findings: &mut Findings,
) {
    findings.count("states of ledgers", history.len());
    let mut known: BTreeMap<(Uuid, ObligationId), Obligation> = BTreeMap::new();
    for (case, at, Json(ledger)) in history {
        for duty in ledger.obligations {
            let before = known.get(&(case, duty.id));
            let name = || format!("{} of {case}", duty.rule);
            let steps_before = before.map(|before| before.steps.as_slice()).unwrap_or_default();
            if !duty.steps.starts_with(steps_before) {
                findings.broken("steps that were taken stay as they are", name());
            }
            let new = duty.steps.get(steps_before.len()..).unwrap_or_default();
            if before.is_some_and(|before| !before.state.is_open()) && !new.is_empty() {
                findings.broken("no step after the end of a duty", name());
            }
            let done = |state| matches!(state, ObligationState::Met | ObligationState::MetLate);
            let forgot =
                evidence.scars.restored.iter().any(|(service, ..)| *service == "coordination");
            if before.is_some_and(|before| done(before.state)) && !done(duty.state) && !forgot {
                findings.broken("what is done stays done", name());
            }
            let latest = evidence.world.clock.latest_at(at);
            if let Some(step) = new.iter().find(|step| step.taken_at > latest) {
                findings.broken(
                    "nobody acts by a time that has not come",
                    format!(
                        "{}: {:?} taken {} when it was {latest}",
                        name(),
                        step.kind,
                        step.taken_at
                    ),
                );
            }
            known.insert((case, duty.id), duty);
        }
    }
}
