//! Bringing ledgers up to date with the facts: compute what a ledger should be, write the difference.

use std::collections::BTreeSet;

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::{CaseId, HsaId, Ledger};
use messaging::{HandleError, Outgoing, outbox};
use sqlx::PgConnection;

use crate::domain::derive::{self, Derived, StepsTaken};
use crate::domain::facts::{Acknowledgement, Facts, Reach};
use crate::domain::ladder::{self, Around};
use crate::rulebooks::Agreement;
use crate::store::{self, Locked, Row};

/// Why ledgers are derived, and by what.
pub(crate) struct Change<'a> {
    pub(crate) agreement: &'a Agreement,
    pub(crate) now: DateTime<Utc>,
    pub(crate) trace: &'a (dyn Fn(CaseId) -> Trace + Sync),
}

/// Derives the ledgers of locked cases anew, saves and publishes those that differ. Takes no step and
/// lets nothing be missed: that is the sweep's, which first makes sure that no proof is on its way.
pub(crate) async fn derive(
    tx: &mut PgConnection,
    locked: Vec<Locked>,
    change: &Change<'_>,
) -> Result<(), HandleError> {
    if locked.is_empty() {
        return Ok(());
    }
    let Change { agreement, now, trace } = *change;
    let cases: Vec<CaseId> = locked.iter().map(|ledger| ledger.case_id).collect();
    let facts = store::load_facts(tx, &cases).await?;
    let mut derived = Vec::with_capacity(locked.len());
    for before in locked {
        let steps = before.ledger.as_ref().map(StepsTaken::of).unwrap_or_default();
        let Some(facts) = facts.get(&before.case_id) else { continue };
        let (rulebooks, region) = (&agreement.rulebooks, &agreement.region);
        note_unknown_track(facts, agreement, now);
        // Only the sweep lets time pass: a proof may be on its way, and it makes sure of that first.
        // A step tells of it, too, in a ledger of a release that did not note it.
        let passed = before.passed_at.or_else(|| last_step(before.ledger.as_ref()));
        let passed = passed.unwrap_or(DateTime::<Utc>::MIN_UTC);
        if let Some(mut after) = derive::derive(facts, &steps, rulebooks, region, passed) {
            after.plan.named = ladder::named(before.ledger.as_ref(), &before.plan, &after.ledger);
            derived.push((before, after));
        }
    }
    let beside = Beside::load(tx, &cases, derived.iter().map(|(_, after)| &after.ledger)).await?;
    let (mut rows, mut snapshots, mut only_next) = (Vec::new(), Vec::new(), Vec::new());
    for (before, Derived { ledger, plan }) in &derived {
        let next_at = ladder::next_instant(ledger, &beside.around(agreement, plan), now);
        let same = before.ledger.as_ref() == Some(ledger);
        if same && before.plan == *plan {
            if before.next_at != next_at {
                only_next.push((ledger.case_id, next_at));
            }
            continue;
        }
        // Where nothing was ever owed or told there is nothing to hear of.
        let is_news = before.ledger.is_some()
            || !(ledger.obligations.is_empty()
                && ledger.news.is_empty()
                && ledger.shown.is_empty());
        let row = Row::new(ledger, Some(plan), before.passed_at, next_at)?;
        if !same && is_news {
            let kind = if before.ledger.is_none() { "ledger_opened" } else { "ledger_updated" };
            let live = ledger.is_live();
            let trace = trace(ledger.case_id);
            snapshots.push(Outgoing::written(ledger, row.snapshot(), kind, live, trace));
        }
        rows.push(row);
    }
    store::save(tx, &rows).await?;
    store::save_next(tx, &only_next).await?;
    outbox::put(tx, snapshots, now).await?;
    Ok(())
}

/// A track is set by its name, and only a rulebook knows which there are.
fn note_unknown_track(facts: &Facts, agreement: &Agreement, now: DateTime<Utc>) {
    let book = agreement.rulebooks.in_force(&agreement.region, now);
    let Some((case, book)) = facts.case.as_ref().zip(book) else { return };
    if let Some(track) = book.unknown_track(case) {
        metrics::counter!("hemgang_deadlines_unknown_tracks_total").increment(1);
        let (case, rulebook) = (case.case_id, book.name());
        tracing::warn!(%case, %track, rulebook, "a case has a track that the rulebook does not have");
    }
}

fn last_step(ledger: Option<&Ledger>) -> Option<DateTime<Utc>> {
    let duties = ledger.iter().flat_map(|ledger| &ledger.obligations);
    duties.flat_map(|duty| &duty.steps).map(|step| step.taken_at).max()
}

/// What ladders are read against besides the ledgers themselves.
pub(crate) struct Beside {
    reach: Reach,
    acknowledgements: Vec<Acknowledgement>,
}

impl Beside {
    pub(crate) async fn load(
        tx: &mut PgConnection,
        cases: &[CaseId],
        ledgers: impl Iterator<Item = &Ledger>,
    ) -> Result<Self, sqlx::Error> {
        let duties = ledgers.flat_map(|ledger| &ledger.obligations);
        let units: BTreeSet<HsaId> =
            duties.filter(|d| d.state.is_open()).flat_map(|d| d.units.iter().cloned()).collect();
        Ok(Self {
            reach: store::load_reach(tx, &units).await?,
            acknowledgements: store::load_acknowledgements(tx, cases).await?,
        })
    }

    pub(crate) fn around<'a>(
        &'a self,
        agreement: &'a Agreement,
        plan: &'a derive::Plan,
    ) -> Around<'a> {
        Around {
            rulebooks: &agreement.rulebooks,
            plan,
            reach: &self.reach,
            acknowledgements: &self.acknowledgements,
        }
    }
}
