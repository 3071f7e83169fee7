//! One run: a world under load, faults one after the other, and what must hold in the end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::calendar;
use crate::checks::{self, Evidence, Findings, Idle};
use crate::fault::{
    Blow, Fault, Ground, Manner as Outside, Process, Reports, Scars, To, What, strike,
};
use crate::load::hospital::{Hospital, Pace, Sent};
use crate::load::staff::Staff;
use crate::quiet;
use crate::say;
use crate::world::disk::Disk;
use crate::world::{Setup, World};

/// Domain seconds to the second while there is load: a day passes in twelve seconds.
const FAST: f64 = 7_200.0;
/// And while the last ladders come to their end.
const FASTER: f64 = 28_800.0;
/// How long there is load before the first fault and after the last one.
const AROUND: Duration = Duration::from_secs(2);

/// How runs are made.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// The program that is executed as the services.
    pub(crate) program: PathBuf,
    /// What the services are given beside their settings.
    pub(crate) env: Vec<(String, String)>,
    /// How long a fault lasts.
    pub(crate) lasts: Duration,
    /// Whether waits that follow real time are waited for.
    pub(crate) patient: bool,
    /// Between two admissions.
    pub(crate) every: Duration,
}

/// A fault that was played.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Struck {
    pub(crate) fault: &'static str,
    /// What exactly.
    pub(crate) detail: String,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) recovered_s: Option<f64>,
    #[serde(skip)]
    pub(crate) what: What,
}

impl Struck {
    /// Whether an attempt to send may have been interrupted by it.
    pub(crate) fn may_interrupt_a_sending(&self) -> bool {
        match self.what {
            What::Kill(process) | What::Stop(process) | What::Freeze(process) => {
                matches!(process, Process::Postgres | Process::Service("notifications"))
            }
            What::Link(_, to) => to != To::Nats,
            What::Clock(minutes) => minutes < 0,
            What::Reports(_) => self.reports_falsely(),
            What::Provider(manner, _) => matches!(manner, Outside::Hangs | Outside::Cuts),
            What::Commit(_) | What::Replicas | What::Restore("notifications") | What::DiskFull => {
                true
            }
            _ => false,
        }
    }
}

impl Struck {
    /// Whether a message that arrived was reported as failed.
    pub(crate) fn reports_falsely(&self) -> bool {
        self.what == What::Reports(Reports::False)
    }
}

/// What became of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) faults: Vec<&'static str>,
    pub(crate) struck: Vec<Struck>,
    pub(crate) findings: Findings,
    /// Processes that ended by themselves: when, which, how.
    pub(crate) exits: Vec<String>,
    /// What stood in the way of a fault.
    pub(crate) skipped: Vec<String>,
    pub(crate) seconds: f64,
    /// Where the logs lie, when something is broken.
    pub(crate) logs: Option<PathBuf>,
}

impl Report {
    pub(crate) fn is_sound(&self) -> bool {
        self.findings.broken.is_empty()
    }
}

/// When a world on some ground begins: always weeks away from the next holiday.
fn begins(ground: Ground) -> Option<DateTime<Utc>> {
    let (year, month, day) = match ground {
        Ground::Autumn => (2026, 10, 22),
        Ground::Spring => (2026, 3, 26),
        _ => (2026, 9, 7),
    };
    calendar::local(NaiveDate::from_ymd_opt(year, month, day)?, 6, 0)
}

/// Plays faults in a fresh world, which all must be of one ground.
pub(crate) async fn play(
    ground: Ground,
    faults: &[Fault],
    seed: u64,
    manner: &Manner,
) -> anyhow::Result<Report> {
    let begun = Instant::now();
    let setup = Setup {
        program: manner.program.clone(),
        env: manner.env.clone(),
        starts: begins(ground).unwrap_or_else(chassis::real_now),
        replicas: if let Ground::Replicas(number) = ground { number } else { 1 },
        small_disk: ground == Ground::SmallDisk,
    };
    let mut report = Report {
        seed,
        faults: faults.iter().map(|fault| fault.name).collect(),
        struck: Vec::new(),
        findings: Findings::default(),
        exits: Vec::new(),
        skipped: Vec::new(),
        seconds: 0.0,
        logs: None,
    };
    if setup.small_disk
        && let Err(why) = Disk::try_mount()
    {
        report.skipped = vec![format!("{}: {why:#}", names(faults))];
        return Ok(report);
    }
    let mut world = World::start(&setup).await?;
    let mut run = Run { world: &mut world, manner, seed, scars: Scars::default() };
    if let Err(error) = run.go(faults, &mut report).await {
        report.findings.broken.push(format!("the system gets on by itself: {error:#}"));
    }
    let exits = world.services.exits.iter();
    report.exits =
        exits.map(|exit| format!("{} {}: {}", exit.at.format("%T"), exit.name, exit.how)).collect();
    if !report.is_sound() {
        report.logs = Some(world.keep_logs()?);
    }
    report.seconds = begun.elapsed().as_secs_f64();
    Ok(report)
}

fn names(faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.name).collect::<Vec<_>>().join(", ")
}

struct Run<'a> {
    world: &'a mut World,
    manner: &'a Manner,
    seed: u64,
    scars: Scars,
}

impl Run<'_> {
    async fn go(&mut self, faults: &[Fault], report: &mut Report) -> anyhow::Result<()> {
        let idle = Idle::watch(self.world.servers.postgres.url("postgres"));
        let staff = Staff::at_work(self.world.caller.clone(), self.world.clock.clone(), self.seed);
        let sent = self.under_load(faults, report).await?;
        self.world.clock.run(FASTER)?;
        say(&format!("{} admissions; the last ladders", sent.len()));
        quiet::wound_down(self.world).await?;
        let deeds = staff.go_home().await?;
        quiet::settled(self.world, self.manner.patient).await?;
        say("all is quiet: checking");
        let evidence = Evidence {
            world: self.world,
            sent: &sent,
            deeds: &deeds,
            scars: &self.scars,
            blows: &report.struck,
        };
        report.findings = checks::all(&evidence, idle.seen()).await?;
        Ok(())
    }

    /// Plays the faults while the hospital admits.
    async fn under_load(
        &mut self,
        faults: &[Fault],
        report: &mut Report,
    ) -> anyhow::Result<BTreeMap<usize, Sent>> {
        let world = &mut *self.world;
        world.clock.run(FAST)?;
        let pace = Pace { every: self.manner.every, with_need: 34, seed: self.seed };
        let (intakes, client) = (world.intakes.clone(), world.client.clone());
        let hospital = Hospital::open(intakes, client, world.clock.clone(), pace);
        world.wait(AROUND).await?;
        let mut dice = fastrand::Rng::with_seed(self.seed);
        for fault in faults {
            let from = chassis::real_now();
            let (lasts, scars) = (self.manner.lasts, &mut self.scars);
            let blow = Blow { world: &mut *self.world, dice: &mut dice, lasts, scars };
            let struck = strike(*fault, blow).await;
            let (fault, what, to) = (fault.name, fault.what, chassis::real_now());
            let (said, failed) = match struck {
                Ok(said) => (said, None),
                Err(error) => (format!("{error:#}"), Some(error)),
            };
            report.struck.push(Struck { fault, detail: said, from, to, recovered_s: None, what });
            if let Some(error) = failed {
                return Err(error.context(format!("play {fault}")));
            }
            let recovered = quiet::recovered(self.world, &hospital, what).await;
            let recovered = recovered.map_err(|error| error.context(format!("after {fault}")))?;
            if let Some(last) = report.struck.last_mut() {
                last.recovered_s = Some(recovered.as_secs_f64());
                say(&format!("{fault} {}: gets on after {recovered:.1?}", last.detail));
            }
        }
        self.world.wait(AROUND).await?;
        hospital.close().await
    }
}
