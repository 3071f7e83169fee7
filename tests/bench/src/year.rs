//! `year`: admissions at full speed and at a steady pace, up to the last first alert of each.

use std::ops::Range;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use crate::load::hospital::Channel;
use crate::load::{Phase, Region, Setup, alerts, messages};
use crate::system::System;
use crate::{Figures, floor, measure, say};

/// How many admissions of those before are on their way at a time, so that what is kept about them
/// does not grow.
const PART: usize = 10_000;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Admissions at full speed.
    #[arg(long, default_value_t = 20_000)]
    admissions: usize,
    /// Admissions that went through before, unmeasured.
    #[arg(long, default_value_t = 0)]
    before: usize,
    /// Admissions a second at a steady pace.
    #[arg(long, default_value_t = 50)]
    pace: u32,
    /// How long the steady pace is held.
    #[arg(long, default_value_t = 30)]
    pace_seconds: u32,
    /// How long Postgres alone is measured.
    #[arg(long, default_value_t = 10)]
    floor_seconds: u64,
    /// Also tell which statements cost Postgres most; counting them costs a little.
    #[arg(long)]
    statements: bool,
    #[command(flatten)]
    setup: Setup,
    /// One line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Figures> {
    let mut system = arguments.setup.prepare().await?;
    if arguments.statements {
        system.count_statements().await?;
    }
    let mut region = arguments.setup.start(&mut system).await?;
    let mut figures = Figures::new();
    figures.insert("rss_mb".to_owned(), region.idle.clone());

    let (before, count) = (arguments.before, arguments.admissions);
    for first in (0..before).step_by(PART) {
        say(&format!("{first} of {before} admissions went before"));
        region.phase(&system, first..before.min(first + PART), None).await?;
    }
    if arguments.statements && before > 0 {
        system.costliest_statements().await?;
    }
    let all = before + count;
    figures.extend(full_speed(&system, &mut region, before..all).await?);
    if arguments.statements {
        system.costliest_statements().await?.iter().for_each(|line| say(line));
    }

    let pace = Duration::from_secs(1) / arguments.pace.max(1);
    let steady = usize::try_from(arguments.pace * arguments.pace_seconds)?;
    say(&format!("{steady} admissions at {} a second", arguments.pace));
    let mut steady = region.phase(&system, all..all + steady, Some(pace)).await?;
    for (key, share) in [("p50_ms_at_50", 0.5), ("p99_ms_at_50", 0.99)] {
        let percentile = measure::percentile(&mut steady.latencies, share);
        figures.insert(key.to_owned(), json!(percentile));
    }
    figures.insert("rss_mb_after".to_owned(), system.rss_mb());

    system.stop_services()?;
    say("Postgres alone");
    let floor = floor::measure(&system, Duration::from_secs(arguments.floor_seconds)).await?;
    let admissions = figures.get("admissions_per_s").and_then(Value::as_f64);
    let ratio = admissions.map(|admissions| measure::round(admissions / floor));
    figures.insert("floor_per_s".to_owned(), json!(floor));
    figures.insert("ratio".to_owned(), json!(ratio));
    figures.insert("hl7_bytes".to_owned(), json!(messages::hl7(0, 1).len()));
    figures.insert("json_bytes".to_owned(), json!(messages::document(0, 1).to_string().len()));
    figures.insert("on".to_owned(), system.versions().await?);
    Ok(figures)
}

async fn full_speed(
    system: &System,
    region: &mut Region,
    numbers: Range<usize>,
) -> anyhow::Result<Figures> {
    let (before, after) = (numbers.start, numbers.end);
    say(&format!("{} admissions at full speed", numbers.len()));
    system.checkpoint().await?;
    let (databases, broker) = system.bytes().await?;
    let mut figures = speeds(region.phase(system, numbers, None).await?)?;
    let (databases_after, broker_after) = system.bytes().await?;
    let sizes = json!({
        "bytes_per_case": {
            "before": measure::each(databases, before),
            "after": measure::each(databases_after, after),
        },
        "nats_bytes_per_case": {
            "before": measure::each(broker, before),
            "after": measure::each(broker_after, after),
        },
    });
    figures.insert("before".to_owned(), json!(before));
    figures.extend(sizes.as_object().cloned().context("figures by key")?);
    Ok(figures)
}

fn speeds(mut phase: Phase) -> anyhow::Result<Figures> {
    let count = phase.accepted.len();
    let hl7 = phase.accepted.iter().filter(|sent| sent.channel == Channel::Mllp).count();
    // The hospital, the mail server and the gateway are not ours.
    let ours = phase.cpu_s.iter().filter(|(name, _)| *name != "bench");
    let cpu_s: f64 = ours.map(|(_, used)| used).sum();
    let figures = json!({
        "admissions": count,
        "admissions_hl7": hl7,
        "admissions_json": count - hl7,
        "alerts": phase.latencies.len() * alerts::EACH,
        "admissions_per_s": measure::per_second(count, phase.alerted_s),
        "accepted_per_s": measure::per_second(count, phase.accepted_s),
        "p50_ms": measure::percentile(&mut phase.latencies, 0.5),
        "p99_ms": measure::percentile(&mut phase.latencies, 0.99),
        "cpu_ms_per_admission": measure::each(cpu_s * 1_000.0, count),
        "cpu_s": phase.cpu_s,
    });
    figures.as_object().cloned().context("figures by key")
}
