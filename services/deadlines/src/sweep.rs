//! The sweep: takes the steps that are due.
//!
//! It sleeps until the next instant in the ledgers. Before it takes a step, which says that a proof
//! is *absent*, it makes sure that everything its sources had committed has arrived. Then one
//! transaction takes the steps of many cases and writes the events. It changes no fact, and trusts
//! the ledger that it finds under the lock. Any number of replicas may sweep: each takes the cases
//! that no other holds.

use std::sync::Arc;
use std::time::Duration;

use chassis::{Pulse, Trace};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::CaseId;
use messaging::{Bus, HandleError, Outgoing, outbox};
use sqlx::PgConnection;
use tokio::sync::Notify;

use crate::app::SOURCES;
use crate::domain::ladder;
use crate::ledgers::Beside;
use crate::rulebooks::Agreement;
use crate::store::{self, Locked, Row};

/// Cases swept in one transaction.
const BATCH: i64 = 500;
/// How often the ledgers are looked at unasked (real time).
const POLL: Duration = Duration::from_millis(250);
/// How long a silent source of proofs is waited for (real time).
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a wait for proofs shows that it is one (real time).
const BEAT: Duration = Duration::from_secs(10);
/// When a ledger that could not be swept is tried again (domain time).
const UNSWEPT: TimeDelta = TimeDelta::minutes(10);
/// When a ledger that follows an unknown rulebook is looked at again (domain time).
const UNKNOWN: TimeDelta = TimeDelta::minutes(1);
/// How long the sweep may stand still before the process counts as hung (real time).
const HUNG: Duration = Duration::from_mins(3);

/// The sweep of one process.
#[derive(Clone)]
pub(crate) struct Sweep {
    pub(crate) bus: Bus,
    pub(crate) agreement: Agreement,
    /// Rung when an instant may have come nearer.
    pub(crate) due: Arc<Notify>,
}

impl Sweep {
    /// Runs until the process stops. Trouble is logged and tried again.
    pub(crate) fn start(self) {
        let pulse = self.bus.tasks().pulse("sweep", HUNG);
        self.bus.tasks().clone().spawn_critical("sweep", async move {
            while !self.bus.tasks().is_stopping() {
                pulse.beat();
                match self.round(&pulse).await {
                    Ok(()) => self.bus.readiness().up("sweep"),
                    Err(error) => {
                        let reason = error.reason();
                        self.bus.readiness().down("sweep", reason);
                        self.bus.tasks().pause(Duration::from_millis(500)).await;
                    }
                }
            }
            Ok(())
        });
    }

    async fn round(&self, pulse: &Pulse) -> Result<(), HandleError> {
        let next = store::next_instant(self.bus.pool()).await?;
        let now = self.bus.clock().now();
        if next.is_none_or(|next| now < next) {
            self.sleep(next).await;
            return Ok(());
        }
        // What is due at `now` is missed unless a proof was committed before now.
        let caught_up = self.caught_up(pulse).await;
        if self.bus.tasks().is_stopping() {
            return Ok(());
        }
        if !caught_up {
            metrics::counter!("hemgang_deadlines_input_late_total").increment(1);
            tracing::warn!("a source of proofs is silent: steps are marked as taken without it");
        }
        // Two at a time: while the database writes one batch down, the next is worked out. Neither is
        // dropped when the other fails: it may be in the middle of a transaction.
        let (one, other) = tokio::join!(
            self.batches(now, !caught_up, pulse),
            self.batches(now, !caught_up, pulse)
        );
        one.and(other)
    }

    async fn batches(
        &self,
        until: DateTime<Utc>,
        input_late: bool,
        pulse: &Pulse,
    ) -> Result<(), HandleError> {
        let full = usize::try_from(BATCH).unwrap_or(usize::MAX);
        while self.batch(until, input_late).await? == full {
            pulse.beat();
            if self.bus.tasks().is_stopping() {
                break;
            }
        }
        Ok(())
    }

    /// That may take as long as a backlog does.
    async fn caught_up(&self, pulse: &Pulse) -> bool {
        let caught_up = self.bus.caught_up(&SOURCES, PATIENCE);
        tokio::pin!(caught_up);
        loop {
            tokio::select! {
                caught_up = &mut caught_up => return caught_up,
                () = tokio::time::sleep(BEAT) => pulse.beat(),
            }
        }
    }

    /// Sleeps until the next instant, a ring, or the next look, whichever comes first.
    async fn sleep(&self, next: Option<DateTime<Utc>>) {
        let clock = self.bus.clock();
        let instant = async {
            match next {
                Some(next) => clock.sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        let rung = async {
            tokio::select! {
                () = self.due.notified() => {}
                () = instant => {}
            }
        };
        let _ = tokio::time::timeout(POLL, rung).await;
    }

    /// One batch; a ledger that cannot be swept is found by sweeping them one by one, and must not stop
    /// the others' ladders.
    async fn batch(&self, until: DateTime<Utc>, input_late: bool) -> Result<usize, HandleError> {
        match self.sweep(until, input_late, None).await {
            Err(error) if error.is_about_the_message() => {}
            taken => return taken,
        }
        let cases = store::list_due(self.bus.pool(), until, BATCH).await?;
        for case in &cases {
            match self.sweep(until, input_late, Some(*case)).await {
                Err(error) if error.is_about_the_message() => {
                    let reason = error.reason();
                    tracing::error!(case.id = %case, reason, "a ledger cannot be swept: later again");
                    metrics::counter!("hemgang_deadlines_ledgers_unswept_total").increment(1);
                    store::postpone(self.bus.pool(), *case, until + UNSWEPT).await?;
                }
                taken => drop(taken?),
            }
        }
        Ok(cases.len())
    }

    /// Takes the steps of a batch of cases, or of one, that were due at `until`; how many cases it took.
    async fn sweep(
        &self,
        until: DateTime<Utc>,
        input_late: bool,
        only: Option<CaseId>,
    ) -> Result<usize, HandleError> {
        let started = std::time::Instant::now();
        let mut tx = self.bus.pool().begin().await?;
        let locked = match only {
            Some(case) => store::claim_one(&mut tx, until, case).await?,
            None => store::claim_due(&mut tx, until, BATCH).await?,
        };
        let cases = locked.len();
        if cases > 0 {
            self.advance(&mut tx, locked, until, input_late).await?;
            tx.commit().await?;
            self.bus.wake();
            metrics::histogram!("hemgang_deadlines_sweep_seconds").record(started.elapsed());
        }
        Ok(cases)
    }

    async fn advance(
        &self,
        tx: &mut PgConnection,
        mut locked: Vec<Locked>,
        now: DateTime<Utc>,
        input_late: bool,
    ) -> Result<(), HandleError> {
        let cases: Vec<CaseId> = locked.iter().map(|ledger| ledger.case_id).collect();
        let ledgers = locked.iter().filter_map(|locked| locked.ledger.as_ref());
        let beside = Beside::load(tx, &cases, ledgers).await?;
        let (mut rows, mut snapshots) = (Vec::new(), Vec::new());
        for Locked { ledger, plan, .. } in &mut locked {
            let Some(ledger) = ledger else { continue };
            let before = ledger.clone();
            let around = beside.around(&self.agreement, plan);
            let taken = ladder::advance(ledger, &around, now, input_late);
            for (_, step) in &taken {
                record(step, now);
            }
            if ladder::waits_for_somebody(ledger, &around, now) {
                tracing::warn!(case.id = %ledger.case_id, "a missed duty can be told to nobody");
                metrics::counter!("hemgang_deadlines_nobody_to_tell_total").increment(1);
            }
            let next_at = if ladder::is_known(ledger, &around) {
                // A ladder that stands still must not keep the sweep awake.
                let soonest = now + TimeDelta::milliseconds(1);
                ladder::next_instant(ledger, &around, now).map(|next| next.max(soonest))
            } else {
                // A newer replica has made it, by a rulebook that this one has not read.
                Some(now + UNKNOWN)
            };
            let row = Row::new(ledger, None, Some(now), next_at)?;
            if before != *ledger {
                let kind = if taken.is_empty() { "time_passed" } else { "step_taken" };
                let live = ledger.is_live();
                let snapshot = row.snapshot();
                snapshots.push(Outgoing::written(ledger, snapshot, kind, live, Trace::start()));
            }
            rows.push(row);
        }
        store::save(tx, &rows).await?;
        outbox::put(tx, snapshots, now).await?;
        Ok(())
    }
}

fn record(step: &contracts::ledger::Step, now: DateTime<Utc>) {
    let outcome = match step.outcome {
        contracts::ledger::StepOutcome::Told => "told",
        contracts::ledger::StepOutcome::Overtaken => "overtaken",
        contracts::ledger::StepOutcome::NobodyReached => "nobody_reached",
        contracts::ledger::StepOutcome::Unknown => "unknown",
    };
    metrics::counter!(
        "hemgang_deadlines_steps_total", "step" => step.kind.as_str(), "outcome" => outcome
    )
    .increment(1);
    let late = (now - step.planned_at).to_std().unwrap_or_default();
    metrics::histogram!("hemgang_deadlines_lateness_seconds").record(late);
}
