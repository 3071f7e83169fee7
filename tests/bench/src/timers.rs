//! `timers`: obligations armed from facts, fired when they are due, and found again after a restart.

mod cases;
mod firing;
mod owners;
mod peer;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use chassis::clock::Anchor;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::{CountObligations, ImportContactPoints};
use serde_json::json;

use self::owners::Publisher;
use crate::system::System;
use crate::{Figures, measure, region, say};

/// Whose facts `deadlines` derives from; none of them runs.
const SOURCES: [&str; 4] = ["admissions", "coordination", "sip", "notifications"];
/// A Tuesday at 14.00 in Sweden: the day after is a weekday, too.
const NOW: &str = "2026-06-02T12:00:00Z";
/// How long alerts are drained at the most.
const DRAIN: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Obligations to be done, four in each case.
    #[arg(long, default_value_t = 1_000_000)]
    armed: usize,
    /// Obligations that are due at once; half of those armed at the most.
    #[arg(long, default_value_t = 100_000)]
    due: usize,
    /// Obligations that are due each second while lateness is measured.
    #[arg(long, default_value_t = 100)]
    pace: u32,
    /// How long lateness is measured.
    #[arg(long, default_value_t = 30)]
    pace_seconds: u32,
    /// Compare with no other job queue.
    #[arg(long)]
    no_peer: bool,
    /// Where the data lies, which is removed afterwards; must be a disk for the figures to mean much.
    #[arg(long, default_value = "/var/tmp")]
    dir: PathBuf,
    /// One line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How many cases there are of each kind.
struct Sizes {
    cases: usize,
    /// Due one after the other, this far apart.
    paced: usize,
    apart: TimeDelta,
    /// Due all at once.
    at_once: usize,
}

impl Sizes {
    fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        let cases = arguments.armed.div_ceil(cases::OPEN);
        let a_second = arguments.pace.div_ceil(u32::try_from(cases::DUE)?).max(1);
        let paced = usize::try_from(a_second * arguments.pace_seconds)?.min(cases / 4);
        let apart = TimeDelta::microseconds(1_000_000 / i64::from(a_second));
        Ok(Self { cases, paced, apart, at_once: (arguments.due / cases::DUE).min(cases / 2) })
    }

    /// When a case was received: those that are due one after the other first, then those that are
    /// due at once, and after an hour the others, spread over half an hour.
    fn received_at(&self, number: usize, now: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
        if number < self.paced {
            return Ok(now - TimeDelta::hours(4) + self.apart * i32::try_from(number)?);
        }
        if number < self.paced + self.at_once {
            return Ok(now - TimeDelta::hours(2));
        }
        Ok(now - TimeDelta::milliseconds(i64::try_from(number)? % 1_800_000))
    }
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Figures> {
    let (sizes, now) = (Sizes::of(&arguments)?, NOW.parse::<DateTime<Utc>>()?);
    let held = Anchor { domain: now, real: chassis::real_now(), factor: 0.0 };
    say("starting Postgres, nats-server and deadlines");
    let mut system = System::prepare(&arguments.dir, &["deadlines"], 1, 1, Some(&held)).await?;
    let mut answers = Vec::new();
    for source in SOURCES {
        answers.push(owners::answer_for(system.client.clone(), source).await?);
    }
    system.start("deadlines").await?;
    let idle = system.rss_mb();
    let mut figures = arm(&system, &sizes, now).await?;
    system.stop("deadlines")?;
    let startup = system.start("deadlines").await?;
    say(&format!("ready again after {startup:?}"));
    figures.insert("startup_s".to_owned(), json!(measure::round(startup.as_secs_f64())));
    figures.insert("rss_mb".to_owned(), idle);

    let first = now - TimeDelta::hours(4) + cases::AFTER;
    figures.extend(firing::one_by_one(&system, &sizes, first).await?);
    let at = now - TimeDelta::hours(2) + cases::AFTER;
    figures.extend(firing::at_once(&system, &sizes, at).await?);
    figures.insert("rss_mb_after".to_owned(), system.rss_mb());
    for answer in answers {
        answer.abort();
    }
    figures.extend(drain(&mut system).await?);
    system.stop_services()?;

    let fired = sizes.at_once * cases::DUE;
    let peer = if arguments.no_peer { None } else { peer::measure(&system, fired).await? };
    figures.insert("peer_fire_per_s".to_owned(), json!(peer));
    figures.insert("on".to_owned(), system.versions().await?);
    Ok(figures)
}

/// Publishes the facts of all cases and waits until their duties are known.
async fn arm(system: &System, sizes: &Sizes, now: DateTime<Utc>) -> anyhow::Result<Figures> {
    let mut publisher = Publisher::new(system.client.clone());
    for reach in cases::reaches()? {
        publisher.publish("notifications", "unit_reach_changed", &reach).await?;
    }
    say(&format!("arming the obligations of {} cases", sizes.cases));
    let (begun, before) = (Instant::now(), system.cpu_s());
    for number in 0..sizes.cases {
        let facts = cases::received(number, sizes.received_at(number, now)?)?;
        publisher.publish("admissions", "need_judged", &facts.case).await?;
        publisher.publish("coordination", "case_routed", &facts.assignment).await?;
    }
    publisher.finish().await?;
    say(&format!("facts published after {:.1} s", begun.elapsed().as_secs_f64()));
    owners::handled(&system.client, "deadlines", &SOURCES).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let counts = system.caller.ask(&CountObligations {}).await?;
    let armed = usize::try_from(counts.open)?;
    anyhow::ensure!(armed == sizes.cases * cases::OPEN, "duties are not as expected: {counts:?}");
    say(&format!("{armed} obligations armed after {seconds:.1} s"));
    let figures = json!({
        "armed": armed,
        "cases": counts.cases,
        "arm_per_s": measure::per_second(armed, seconds),
        "arm_cpu_s": system.cpu_since(&before),
    });
    figures.as_object().cloned().context("figures by key")
}

/// Starts `notifications` on all that was said so far, and looks how fast alerts go out.
async fn drain(system: &mut System) -> anyhow::Result<Figures> {
    system.add("notifications", true).await?;
    system.start("notifications").await?;
    system.act(&ImportContactPoints { units: region::contacts()? }).await?;
    say("alerts follow");
    let (begun, messages) = (Instant::now(), system.sinks.sinks.clone());
    let mut database = system.database("notifications").await?;
    let sql = "select exists (select from known_ledger)
                 and not exists (select from delivery where state in ('queued', 'attempting'))";
    while begun.elapsed() < DRAIN {
        let idle: bool = sqlx::query_scalar(sql).fetch_one(&mut database).await?;
        if idle {
            owners::handled(&system.client, "notifications", &["deadlines"]).await?;
            break;
        }
        messages.messages().clear();
        tokio::time::sleep(LOOK).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let ledgers: i64 =
        sqlx::query_scalar("select count(*) from known_ledger").fetch_one(&mut database).await?;
    let alerts = usize::try_from(messages.messages().total())?;
    let figures = json!({
        "alerts_per_s": measure::per_second(alerts, seconds),
        "ledgers_heard_per_s": measure::per_second(usize::try_from(ledgers)?, seconds),
    });
    figures.as_object().cloned().context("figures by key")
}
