//! `year`: admissions at full speed and at a steady pace, up to the last first alert of each.

mod alerts;
mod hospital;
mod messages;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use contracts::commands::{ImportContactPoints, ImportUnits};
use serde_json::{Value, json};

use self::alerts::Alerts;
use self::hospital::{Channel, Hospital, Sent};
use crate::system::System;
use crate::{Figures, floor, measure, region, say};

const SERVICES: [&str; 5] = ["admissions", "coordination", "sip", "deadlines", "notifications"];
/// How long a process that has just started is left alone before its memory counts as idle.
const SETTLES: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Admissions at full speed.
    #[arg(long, default_value_t = 20_000)]
    admissions: usize,
    /// Connections over which the hospital speaks HL7; on each it waits for one answer at a time.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// JSON messages on the broker whose receipts the hospital waits for at a time.
    #[arg(long, default_value_t = 96)]
    in_flight: usize,
    /// Admissions a second at a steady pace.
    #[arg(long, default_value_t = 50)]
    pace: u32,
    /// How long the steady pace is held.
    #[arg(long, default_value_t = 30)]
    pace_seconds: u32,
    /// How long Postgres alone is measured.
    #[arg(long, default_value_t = 10)]
    floor_seconds: u64,
    /// Where the data lies, which is removed afterwards; must be a disk for the figures to mean much.
    #[arg(long, default_value = "/var/tmp")]
    dir: PathBuf,
    /// Also tell which statements cost Postgres most; counting them costs a little.
    #[arg(long)]
    statements: bool,
    /// One line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Figures> {
    say("starting Postgres, nats-server and the services");
    let mut system = System::prepare(&arguments.dir, &SERVICES, None).await?;
    if arguments.statements {
        system.count_statements().await?;
    }
    for service in SERVICES {
        system.start(service).await?;
    }
    system.act(&ImportUnits { units: region::units()? }).await?;
    system.act(&ImportContactPoints { units: region::contacts()? }).await?;
    tokio::time::sleep(SETTLES).await;
    let idle = system.rss_mb();
    let hospital = Hospital::open(&system, arguments.connections, arguments.in_flight).await?;
    let mut alerts = Alerts::of(&system);
    let mut figures = Figures::new();

    let count = arguments.admissions;
    say(&format!("{count} admissions at full speed"));
    system.checkpoint().await?;
    let full = phase(&system, &hospital, &mut alerts, Load { first: 0, count, pace: None }).await?;
    figures.extend(full.figures(count)?);
    if arguments.statements {
        system.costliest_statements().await?.iter().for_each(|line| say(line));
    }

    let pace = Some(Duration::from_secs(1) / arguments.pace.max(1));
    let steady = usize::try_from(arguments.pace * arguments.pace_seconds)?;
    say(&format!("{steady} admissions at {} a second", arguments.pace));
    let load = Load { first: count, count: steady, pace };
    let mut steady = phase(&system, &hospital, &mut alerts, load).await?;
    figures
        .insert("p50_ms_at_50".to_owned(), json!(measure::percentile(&mut steady.latencies, 0.5)));
    figures
        .insert("p99_ms_at_50".to_owned(), json!(measure::percentile(&mut steady.latencies, 0.99)));
    figures.insert("rss_mb".to_owned(), idle);
    figures.insert("rss_mb_after".to_owned(), system.rss_mb());

    system.stop_services()?;
    say("Postgres alone");
    let floor = floor::measure(&system, Duration::from_secs(arguments.floor_seconds)).await?;
    let admissions = figures.get("admissions_per_s").and_then(Value::as_f64);
    let ratio = admissions.map(|admissions| measure::round(admissions / floor));
    figures.insert("floor_per_s".to_owned(), json!(floor));
    figures.insert("ratio".to_owned(), json!(ratio));
    figures.insert("hl7_bytes".to_owned(), json!(messages::hl7(0).len()));
    figures.insert("json_bytes".to_owned(), json!(messages::document(0).to_string().len()));
    figures.insert("on".to_owned(), system.versions().await?);
    Ok(figures)
}

/// Which admissions are sent, and how far apart when they are not sent as fast as they are accepted.
#[derive(Clone, Copy)]
struct Load {
    first: usize,
    count: usize,
    pace: Option<Duration>,
}

/// What became of a load.
struct Phase {
    accepted: Vec<Sent>,
    accepted_s: f64,
    alerted_s: f64,
    latencies: Vec<f64>,
    cpu_s: Value,
}

async fn phase(
    system: &System,
    hospital: &Hospital,
    alerts: &mut Alerts,
    load: Load,
) -> anyhow::Result<Phase> {
    let numbers = load.first..load.first + load.count;
    let expected = numbers.filter(|number| messages::has_need(*number)).count() * alerts::EACH;
    let (before, begun) = (system.cpu_s(), Instant::now());
    let sending = async {
        let accepted = hospital.send(load.first, load.count, load.pace).await?;
        let accepted_s = begun.elapsed().as_secs_f64();
        say(&format!("all accepted after {accepted_s:.1} s"));
        anyhow::Ok((accepted, accepted_s))
    };
    let ((accepted, accepted_s), ()) =
        tokio::try_join!(sending, alerts.receive(expected)).context("admissions and alerts")?;
    let alerted_s = begun.elapsed().as_secs_f64();
    say(&format!("all alerts taken after {alerted_s:.1} s"));
    let after = system.cpu_s();
    let used = after.into_iter().map(|(name, after)| {
        let used = after - before.get(&name).copied().unwrap_or_default();
        (name, measure::round(used))
    });
    let cpu_s = used.collect();
    let latencies = alerts.latencies(system, &accepted).await?;
    Ok(Phase { accepted, accepted_s, alerted_s, latencies, cpu_s })
}

impl Phase {
    fn figures(mut self, count: usize) -> anyhow::Result<Figures> {
        let hl7 = self.accepted.iter().filter(|sent| sent.channel == Channel::Mllp).count();
        let figures = json!({
            "admissions": count,
            "admissions_hl7": hl7,
            "admissions_json": count - hl7,
            "alerts": self.latencies.len() * alerts::EACH,
            "admissions_per_s": measure::per_second(count, self.alerted_s),
            "accepted_per_s": measure::per_second(count, self.accepted_s),
            "p50_ms": measure::percentile(&mut self.latencies, 0.5),
            "p99_ms": measure::percentile(&mut self.latencies, 0.99),
            "cpu_s": self.cpu_s,
        });
        figures.as_object().cloned().context("figures by key")
    }
}
