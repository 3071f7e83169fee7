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
    pub(super) duties: &'static [&'static str],
    /// The lines that are shown, and by whom they were done.
    pub(super) shown: &'static [&'static str],
    /// The steps that were taken.
    pub(super) steps: &'static [&'static str],
}

impl Book {
    /// Waits for the track that is proposed, if one is.
    pub(super) async fn proposes(&self, stay: Stay<'_>) {
        eventually("the form is understood", SOON, async || {
            let proposal = stay.ledger().await?.proposal;
            let said = proposal.map(|one| (one.track.to_string(), one.reasons[0].sv.clone()));
            let expected = self.proposes.map(|(track, why)| (track.to_owned(), why.to_owned()));
            if said == expected { Ok(()) } else { Err(format!("{said:?}")) }
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
        everywhere: &[&str],
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
        let expected: Vec<&str> = everywhere.iter().chain(self.duties).copied().collect();
        assert!(ledger.obligations.iter().all(|duty| duty.rulebook.starts_with(self.region)));
        is_said("duties", &duties(&ledger), &expected);
        is_said("lines that are shown", &shown(&ledger), self.shown);
        is_said("steps", &steps(&ledger), self.steps);
        nothing_leaks(&system, &[TEXT]).await;
        drop(system);
        let shuffled = recording.shuffled_and_doubled(self.region);
        recording.ends_the_same_by(&shuffled).await;
    }
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
fn is_said(what: &str, said: &[String], expected: &[&str]) {
    assert!(said == sorted(expected), "{what} are\n{}", said.join("\n"));
}

fn sorted(lines: &[impl ToString]) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.sort_unstable();
    lines
}
