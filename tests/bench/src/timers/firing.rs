//! Duties that are due: one after the other, and many at once.

use std::time::{Duration, Instant};

use anyhow::Context;
use chassis::clock::Anchor;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::CountObligations;
use contracts::ledger::StepKind;
use contracts::{Event, Ledger, subjects};
use futures::StreamExt;
use serde_json::json;
use sqlx::PgConnection;

use super::{Sizes, cases};
use crate::system::System;
use crate::{Figures, measure, say};

/// How long nothing may happen before the run has failed.
const PATIENCE: Duration = Duration::from_mins(5);
const LOOK: Duration = Duration::from_millis(10);
/// From the setting of the clock to the first duty that is due.
const LEAD: TimeDelta = TimeDelta::seconds(3);

/// Lets time run past duties that are due one after the other. Late is what lies between the planned
/// instant of a step and the arrival of its event here: commit, relay and broker are in it.
pub(super) async fn one_by_one(
    system: &System,
    sizes: &Sizes,
    first: DateTime<Utc>,
) -> anyhow::Result<Figures> {
    say(&format!("{} cases due one after the other", sizes.paced));
    let mut events = system.client.subscribe(subjects::LEDGER_CHANGED).await?;
    system.client.flush().await?;
    let anchor = Anchor { domain: first - LEAD, real: chassis::real_now(), factor: 1.0 };
    anchor.write(&system.clock())?;
    let (mut late, steps) = (Vec::new(), sizes.paced * cases::DUE);
    while late.len() < steps {
        let message = tokio::time::timeout(PATIENCE, events.next()).await;
        let message = message.context("no step was taken")?.context("the events have ended")?;
        let now = anchor.at(chassis::real_now());
        let event: Event<Ledger> = serde_json::from_slice(&message.payload)?;
        let steps = event.data.obligations.iter().flat_map(|duty| &duty.steps);
        let reminders = steps.filter(|step| step.kind == StepKind::Reminder);
        late.extend(reminders.map(|step| measure::milliseconds(now - step.planned_at)));
    }
    let figures = json!({
        "lateness_p50_ms": measure::percentile(&mut late, 0.5),
        "lateness_p99_ms": measure::percentile(&mut late, 0.99),
    });
    figures.as_object().cloned().context("figures by key")
}

/// Sets time forward to an instant at which many duties are due. Fired is what is committed, with its
/// row in the outbox.
pub(super) async fn at_once(
    system: &System,
    sizes: &Sizes,
    at: DateTime<Utc>,
) -> anyhow::Result<Figures> {
    system.checkpoint().await?;
    let mut database = system.database("deadlines").await?;
    let steps = sizes.at_once * cases::DUE;
    say(&format!("{steps} obligations of {} cases due at once", sizes.at_once));
    let (begun, before) = (Instant::now(), system.cpu_s());
    Anchor { domain: at, real: chassis::real_now(), factor: 1.0 }.write(&system.clock())?;
    let due = "select exists (select from ledger where next_at <= $1)";
    until_none(&mut database, due, Some(at)).await.context("fire")?;
    let fired_s = begun.elapsed().as_secs_f64();
    say(&format!("fired after {fired_s:.1} s"));
    let waiting = "select exists (select from messaging.queue)";
    until_none(&mut database, waiting, None).await.context("relay")?;
    let relayed_s = begun.elapsed().as_secs_f64();
    let counts = system.caller.ask(&CountObligations {}).await?;
    let expected = (sizes.paced + sizes.at_once) * cases::DUE;
    anyhow::ensure!(counts.reminders == i64::try_from(expected)?, "not all fired: {counts:?}");
    let figures = json!({
        "fired": steps,
        "fire_per_s": measure::per_second(steps, fired_s),
        "fire_cases_per_s": measure::per_second(sizes.at_once, fired_s),
        "relay_cases_per_s": measure::per_second(sizes.at_once, relayed_s),
        "fire_cpu_s": system.cpu_since(&before),
    });
    figures.as_object().cloned().context("figures by key")
}

/// Waits until nothing is left of something.
async fn until_none(
    database: &mut PgConnection,
    sql: &'static str,
    at: Option<DateTime<Utc>>,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let query = sqlx::query_scalar::<_, bool>(sql);
        let query = if let Some(at) = at { query.bind(at) } else { query };
        if !query.fetch_one(&mut *database).await? {
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < PATIENCE, "some are still left");
        tokio::time::sleep(LOOK).await;
    }
}
