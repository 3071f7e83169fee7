//! `backlog`: an outage. Admissions are accepted while nobody hears of them; then all other services
//! are started, and catch up while new admissions keep coming.

use std::time::{Duration, Instant};

use anyhow::Context;
use contracts::CaseRef;
use serde_json::json;

use crate::load::alerts::Cases;
use crate::load::hospital::{Sent, Turns};
use crate::load::{Region, SERVICES, Setup, alerts, messages};
use crate::system::System;
use crate::{Figures, measure, say};

/// What stays up.
const INTAKE: &str = "admissions";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Admissions that are accepted during the outage.
    #[arg(long, default_value_t = 100_000)]
    admissions: usize,
    /// New admissions a second while the others catch up.
    #[arg(long, default_value_t = 50)]
    pace: u32,
    #[command(flatten)]
    setup: Setup,
    /// One line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Figures> {
    let mut system = arguments.setup.prepare().await?;
    let mut region = arguments.setup.start(&mut system).await?;
    for service in SERVICES.into_iter().filter(|service| *service != INTAKE) {
        system.stop(service)?;
    }
    let (since, count) = (chassis::new_id(), arguments.admissions);
    say(&format!("{count} admissions, and nobody hears of them"));
    let begun = Instant::now();
    let backlog = region.hospitals.send(&Turns::new(0..count, None)).await?;
    let accepted_s = begun.elapsed().as_secs_f64();
    say(&format!("accepted after {accepted_s:.1} s; the other services start"));

    let pace = Duration::from_secs(1) / arguments.pace.max(1);
    let awaited = with_need(&alerts::cases(&system, since).await?, &backlog)?;
    system.checkpoint().await?;
    let drain =
        drain(&mut system, &mut region, &awaited, Turns::new(count..usize::MAX, Some(pace)));
    let Drain { drained_s, new, cpu_s } = drain.await?;
    let (memory, peak) = (system.rss_mb(), system.rss_mb_peak());

    let cases = alerts::cases(&system, since).await?;
    region.alerts.latencies(&cases, &backlog)?;
    let mut latencies = region.alerts.latencies(&cases, &new)?;
    let figures = json!({
        "backlog": count,
        "accepted_per_s": measure::per_second(count, accepted_s),
        "drain_per_s": measure::per_second(count, drained_s),
        "new_during_drain": new.len(),
        "new_p50_ms": measure::percentile(&mut latencies, 0.5),
        "new_p99_ms": measure::percentile(&mut latencies, 0.99),
        "rss_mb": region.idle,
        "rss_mb_after": memory,
        "rss_mb_peak": peak,
        "cpu_s": cpu_s,
        "on": system.versions().await?,
    });
    figures.as_object().cloned().context("figures by key")
}

/// What came of catching up.
struct Drain {
    /// From the start of the services to the last first alert of the backlog.
    drained_s: f64,
    /// What was accepted meanwhile.
    new: Vec<Sent>,
    cpu_s: std::collections::BTreeMap<String, f64>,
}

/// Starts the other services and sends new admissions until the alerts of the backlog were taken, and
/// then waits for those of the new ones.
async fn drain(
    system: &mut System,
    region: &mut Region,
    backlog: &[CaseRef],
    turns: Turns,
) -> anyhow::Result<Drain> {
    let (before, begun) = (system.cpu_s(), chassis::real_now());
    let Region { hospitals, alerts, .. } = region;
    let catching_up = async {
        for service in SERVICES.into_iter().filter(|service| *service != INTAKE) {
            system.start(service).await?;
        }
        let last = alerts.receive_about(backlog).await.context("the backlog")?;
        turns.end();
        anyhow::Ok(last.context("a backlog has somebody with a need")?)
    };
    let (last, new) = tokio::try_join!(catching_up, hospitals.send(&turns))?;
    let drained_s = measure::milliseconds(last - begun) / 1_000.0;
    say(&format!("caught up after {drained_s:.1} s, with {} new admissions", new.len()));
    let with_need = messages::with_need(new.iter().map(|sent| sent.number));
    let expected = (backlog.len() + with_need) * alerts::EACH;
    alerts.receive(expected).await.context("the new admissions")?;
    Ok(Drain { drained_s, new, cpu_s: system.cpu_since(&before) })
}

/// The cases of those admissions that have a need.
fn with_need(cases: &Cases, accepted: &[Sent]) -> anyhow::Result<Vec<CaseRef>> {
    let needy = accepted.iter().filter(|sent| messages::has_need(sent.number));
    let named = needy.map(|sent| cases.get(&messages::control_id(sent.number)).copied());
    named.collect::<Option<_>>().context("an admission has no case")
}
