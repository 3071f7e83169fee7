//! Wires the service; used by its own binary, by the launcher and by tests alike.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chassis::config::Settings;
use chassis::{Process, Program, program};
use messaging::{Bus, Subscription};
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;

use crate::batcher::Batcher;
use crate::commands::Commands;
use crate::handlers::Assignments;
use crate::ingest::Intake;
use crate::profile::Senders;
use crate::retention::Days;
use crate::{http, intake_again, intake_mllp, intake_nats, retention};

/// The service.
#[derive(Clone, Copy, Debug)]
pub struct Admissions;

/// The service's own settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Own {
    /// Hospital systems and how to take them in.
    pub intake: IntakeSettings,
    /// The MLLP listener.
    pub mllp: intake_mllp::Settings,
    /// The HTTP listener.
    pub http: http::Settings,
}

/// Hospital systems and how to take them in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntakeSettings {
    /// The file of registered senders (TOML); without one every message is refused, and kept.
    pub senders: Option<PathBuf>,
    /// Most messages in one transaction.
    pub batch: usize,
    /// For how many days a message is kept that was acted on.
    pub keep_accepted_days: u16,
    /// For how many days one is kept that was not for us, or whose refusal is closed.
    pub keep_not_used_days: u16,
}

impl Default for IntakeSettings {
    fn default() -> Self {
        Self { senders: None, batch: 200, keep_accepted_days: 90, keep_not_used_days: 30 }
    }
}

impl IntakeSettings {
    fn senders(&self) -> anyhow::Result<Senders> {
        let Some(path) = &self.senders else {
            tracing::warn!("no senders are registered (intake.senders)");
            return Ok(Senders::default());
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read the senders' file {}", path.display()))?;
        Senders::from_toml(&text)
            .with_context(|| format!("understand the senders' file {}", path.display()))
    }
}

const ASSIGNMENTS: Subscription = Subscription {
    source: "coordination",
    part: "assignments",
    subjects: &[contracts::subjects::ASSIGNMENT_CHANGED],
};

static SCHEMA: Migrator = sqlx::migrate!();

impl Program for Admissions {
    const NAME: &'static str = "admissions";
    const RELEASE: &'static str = env!("CARGO_PKG_VERSION");
    const PROBES_PORT: u16 = 9101;
    type Settings = Own;

    fn check(settings: &Settings<Own>) -> anyhow::Result<()> {
        settings.service.intake.senders().map(drop)
    }

    async fn provision(settings: Settings<Own>) -> anyhow::Result<()> {
        let (_, js) = Bus::provision(&settings.common, Self::NAME, &SCHEMA, &[ASSIGNMENTS]).await?;
        intake_nats::provision(&js).await?;
        Ok(())
    }

    async fn start(settings: Settings<Own>, process: Process) -> anyhow::Result<()> {
        start(settings, process).await.map(drop)
    }
}

/// Where a running service listens: port 0 in the settings takes free ports.
#[derive(Clone, Copy, Debug)]
pub struct Listening {
    /// MLLP.
    pub mllp: SocketAddr,
    /// HTTP.
    pub http: SocketAddr,
}

/// Starts the service's tasks.
pub async fn start(settings: Settings<Own>, process: Process) -> anyhow::Result<Listening> {
    let own = settings.service;
    let senders = Arc::new(own.intake.senders()?);
    let mllp = program::listen(own.mllp.addr).await?;
    let http = program::listen(own.http.addr).await?;
    let listening = Listening { mllp: mllp.local_addr()?, http: http.local_addr()? };
    let (name, release) = (Admissions::NAME, Admissions::RELEASE);
    let mut bus = Bus::connect(&settings.common, name, release, &SCHEMA, &process).await?;
    bus.start_relay();
    bus.start_consumer(ASSIGNMENTS, Assignments);
    bus.start_commands(Commands { senders: Arc::clone(&senders) });
    let intake = Intake::new(bus.clone(), Arc::clone(&senders));
    let largest = own.intake.batch.max(1);
    let batcher = Batcher::start(intake.clone(), &process.tasks, largest);
    intake_mllp::start(mllp, &own.mllp, batcher.clone(), &process.tasks);
    http::start(http, &own.http, batcher, senders, &process.tasks);
    intake_nats::start(&bus, intake.clone(), largest);
    intake_again::start(&bus, intake, largest);
    let (accepted, not_used) = (own.intake.keep_accepted_days, own.intake.keep_not_used_days);
    retention::start(bus.pool().clone(), Days { accepted, not_used }, &process.tasks);
    tracing::info!(mllp = %listening.mllp, http = %listening.http, "listening");
    Ok(listening)
}
