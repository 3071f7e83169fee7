//! Admissions through the intakes up to the last first alert of each, and everything that runs for it:
//! what `year` and `backlog` share.

pub(crate) mod alerts;
pub(crate) mod hospital;
pub(crate) mod messages;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use contracts::commands::{ImportContactPoints, ImportUnits};
use serde_json::Value;

use self::alerts::Alerts;
use self::hospital::{Hospitals, Sent, Turns};
use crate::system::System;
use crate::{region, say};

/// All services, in the order of the way of an admission.
pub(crate) const SERVICES: [&str; 5] =
    ["admissions", "coordination", "sip", "deadlines", "notifications"];
/// How long a process that has just started is left alone before its memory counts as idle.
const SETTLES: Duration = Duration::from_secs(2);

/// What runs.
#[derive(clap::Args)]
pub(crate) struct Setup {
    /// Processes of every service.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    replicas: u8,
    /// Hospitals, each with a system of its own; they share the ways in and the load.
    #[arg(long, default_value_t = 1)]
    senders: usize,
    /// Connections over which the hospitals speak HL7; on each they wait for one answer at a time.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// JSON messages on the broker whose receipts the hospitals wait for at a time.
    #[arg(long, default_value_t = 96)]
    in_flight: usize,
    /// Where the data lies, which is removed afterwards; must be a disk for the figures to mean much.
    #[arg(long, default_value = "/var/tmp")]
    dir: PathBuf,
}

impl Setup {
    /// Starts the servers and makes what the services need.
    pub(crate) async fn prepare(&self) -> anyhow::Result<System> {
        say("starting Postgres, nats-server and the services");
        System::prepare(&self.dir, &SERVICES, self.replicas.into(), self.senders, None).await
    }

    /// Starts the services and tells them of the region.
    pub(crate) async fn start(&self, system: &mut System) -> anyhow::Result<Region> {
        for service in SERVICES {
            system.start(service).await?;
        }
        system.act(&ImportUnits { units: region::units(self.senders)? }).await?;
        system.act(&ImportContactPoints { units: region::contacts()? }).await?;
        tokio::time::sleep(SETTLES).await;
        let idle = system.rss_mb();
        let Self { senders, connections, in_flight, .. } = *self;
        let hospitals = Hospitals::open(system, senders, connections, in_flight).await?;
        Ok(Region { hospitals, alerts: Alerts::of(system), idle })
    }
}

/// Who sends and who is told.
pub(crate) struct Region {
    pub(crate) hospitals: Hospitals,
    pub(crate) alerts: Alerts,
    /// Memory of the services before anything was sent.
    pub(crate) idle: Value,
}

/// What became of a load.
pub(crate) struct Phase {
    pub(crate) accepted: Vec<Sent>,
    pub(crate) accepted_s: f64,
    pub(crate) alerted_s: f64,
    /// From acceptance to the last first alert of each admission with a need, in milliseconds.
    pub(crate) latencies: Vec<f64>,
    pub(crate) cpu_s: BTreeMap<String, f64>,
}

impl Region {
    /// Sends admissions and waits until all their first alerts are taken.
    pub(crate) async fn phase(
        &mut self,
        system: &System,
        numbers: Range<usize>,
        pace: Option<Duration>,
    ) -> anyhow::Result<Phase> {
        let expected = messages::with_need(numbers.clone()) * alerts::EACH;
        self.alerts.forget();
        let (since, before, begun) = (chassis::new_id(), system.cpu_s(), Instant::now());
        let sending = async {
            let accepted = self.hospitals.send(&Turns::new(numbers, pace)).await?;
            anyhow::Ok((accepted, begun.elapsed().as_secs_f64()))
        };
        let receiving = self.alerts.receive(expected);
        let sent = tokio::try_join!(sending, receiving).context("admissions and alerts")?;
        let ((accepted, accepted_s), ()) = sent;
        let (alerted_s, cpu_s) = (begun.elapsed().as_secs_f64(), system.cpu_since(&before));
        say(&format!("accepted after {accepted_s:.1} s, all alerts taken after {alerted_s:.1} s"));
        let cases = alerts::cases(system, since).await?;
        let latencies = self.alerts.latencies(&cases, &accepted)?;
        Ok(Phase { accepted, accepted_s, alerted_s, latencies, cpu_s })
    }
}
