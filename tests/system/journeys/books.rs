//! What a rulebook asks of a journey, and how it has ended.

use contracts::ledger::{ObligationState, StepKind, StepOutcome};
use contracts::{CaseId, Ledger};
use test_support::{SOON, eventually};

use super::common::{Stay, TEXT};
use crate::support::System;
use crate::support::replay::Recording;
use crate::support::scan::nothing_leaks;

/// A region, and what its rulebook makes of a journey.
#[derive(Clone, Copy, Debug)]
pub(super) struct Book {
    pub(super) region: &'static str,
    /// The track that the planning form speaks for, and why.
    pub(super) proposes: Option<(&'static str, &'static str)>,
    /// The duties beside those of every region: rule, owner, due, end.
    pub(super) duties: Lines,
    /// The lines that are shown, and by whom they were done.
    pub(super) shown: &'static [Lines],
    /// The steps that were taken.
    pub(super) steps: Lines,
}

/// Lines of a table, in any order.
pub(super) type Lines = &'static [&'static str];

/// What every region asks of whoever is admitted on 2 February 2027 and judged at once.
pub(super) const FROM_THE_START: Lines = &[
    "K02 ward 02-03 08:30 met",
    "K06 open_care 02-03 09:00 met",
    "K07 municipality 02-03 09:00 met",
    "K08 municipal_health_care - met",
    "K08 open_care - met",
    "K08 social_services - met",
];
/// What Dalarna shows in every process.
pub(super) const IN_DALARNA: Lines = &[
    "K01 ward",
    "K09 ward, open_care, municipal_health_care, social_services",
    "K10 ward, open_care, municipal_health_care, social_services",
    "K11 ward",
    "K13 ward, open_care, municipal_health_care, social_services",
    "K15 open_care",
    "K16 municipal_health_care, social_services",
    "K23 ward",
    "K24 ward",
    "K28 ward, open_care, municipal_health_care, social_services",
    "K29 ward, open_care, municipal_health_care, social_services",
    "K32 ward",
    "K33 open_care",
    "K37 open_care",
    "K38 open_care",
    "K39 municipal_health_care",
    "K50 ward, open_care, municipal_health_care, social_services",
];
pub(super) const IN_GREEN: Lines =
    &["K22 ward", "K26 municipal_health_care, social_services", "K40 social_services"];
pub(super) const IN_YELLOW_AND_RED: Lines = &[
    "K18 open_care",
    "K18.2 open_care",
    "K20 municipal_health_care, social_services",
    "K27 municipal_health_care, social_services",
    "K41 social_services",
];

impl Book {
    /// Waits for the track that is proposed, if one is.
    pub(super) async fn proposes(&self, stay: Stay<'_>) {
        eventually("the form is understood", SOON, async || {
            let ledger = stay.ledger().await?;
            let said = proposed(&ledger);
            if said == self.proposes { Ok(()) } else { Err(format!("{said:?}")) }
        })
        .await;
    }

    /// Waits for all the steps of a kind that the book takes.
    pub(super) async fn takes(&self, kind: StepKind, stay: Stay<'_>) {
        let steps = self.steps.iter().filter_map(|step| step.split_once(' '));
        for (rule, _) in steps.filter(|(_, step)| *step == kind.as_str()) {
            stay.system.step_is_taken(stay.case, rule, kind).await;
        }
    }

    /// The journey is over: the ledger says what the book says, and nothing is left of the patient;
    /// whatever the order of the events, it ends so.
    pub(super) async fn ends(
        &self,
        system: System,
        case: CaseId,
        others: &[CaseId],
        everywhere: &[Lines],
    ) {
        eventually("nobody owes anything", SOON, async || {
            let ledger = system.ledger(case).await.map_err(|error| error.to_string())?;
            let owed = owed(&ledger);
            if owed.is_empty() { Ok(()) } else { Err(owed.join("; ")) }
        })
        .await;
        let cases: Vec<CaseId> = others.iter().copied().chain([case]).collect();
        let recording = Recording::of(&system, &cases).await;
        let ledger = system.ledger(case).await.unwrap();
        assert!(ledger.obligations.iter().all(|duty| duty.rulebook.starts_with(self.region)));
        assert_eq!(proposed(&ledger), self.proposes);
        is_said("duties", &duties(&ledger), &[everywhere, &[self.duties]].concat());
        is_said("lines that are shown", &shown(&ledger), self.shown);
        is_said("steps", &steps(&ledger), &[self.steps]);
        nothing_leaks(&system, &[TEXT]).await;
        drop(system);
        recording.ends_the_same_in_any_order(self.region).await;
    }
}

/// The track that is proposed, and the first reason.
fn proposed(ledger: &Ledger) -> Option<(&str, &str)> {
    let proposal = ledger.proposal.as_ref()?;
    Some((proposal.track.as_str(), &proposal.reasons[0].sv))
}

/// What somebody still has to do, or never did.
fn owed(ledger: &Ledger) -> Vec<String> {
    let done = |state| matches!(state, ObligationState::Met | ObligationState::Cancelled);
    let duties = ledger.obligations.iter().filter(|duty| !done(duty.state));
    let duties = duties.map(|duty| format!("{} {:?} {:?}", duty.rule, duty.owner, duty.state));
    let shown = ledger.shown.iter().flat_map(|book| &book.lines);
    let shown = shown.filter(|line| !line.open.is_empty() || !line.past.is_empty());
    duties.chain(shown.map(|line| format!("{line:?}"))).collect()
}

/// `K06 open_care 02-03 09:00 met`, or the reason why it ended otherwise; a day that ends is 00:00 of
/// the next.
fn duties(ledger: &Ledger) -> Vec<String> {
    let said = ledger.obligations.iter().map(|duty| {
        let due = duty.due.map_or_else(
            || "-".to_owned(),
            |due| {
                due.with_timezone(&chrono_tz::Europe::Stockholm).format("%m-%d %H:%M").to_string()
            },
        );
        let end = match (&duty.ended, duty.state) {
            (Some(ended), _) => ended.reason.clone(),
            (None, ObligationState::Met) => "met".to_owned(),
            (None, state) => format!("{state:?}"),
        };
        format!("{} {} {due} {end}", duty.rule, duty.owner.as_str())
    });
    sorted(&said.collect::<Vec<_>>())
}

/// `K08 open_care, social_services`.
fn shown(ledger: &Ledger) -> Vec<String> {
    let lines = ledger.shown.iter().flat_map(|book| &book.lines);
    let said = lines.map(|line| {
        let owners: Vec<&str> = line.met.iter().map(|owner| owner.as_str()).collect();
        format!("{} {}", line.rule, owners.join(", "))
    });
    sorted(&said.collect::<Vec<_>>())
}

/// `K25 reminder_at_ready`.
fn steps(ledger: &Ledger) -> Vec<String> {
    let steps = ledger.obligations.iter().flat_map(|duty| {
        duty.steps.iter().map(|step| {
            let told = if step.outcome == StepOutcome::Told { "" } else { " not told" };
            format!("{} {}{told}", duty.rule, step.kind.as_str())
        })
    });
    sorted(&steps.collect::<Vec<_>>())
}

#[track_caller]
fn is_said(what: &str, said: &[String], expected: &[Lines]) {
    assert!(said == sorted(&expected.concat()), "{what} are\n{}", said.join("\n"));
}

fn sorted(lines: &[impl ToString]) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.sort_unstable();
    lines
}
