//! Wires the service; used by its own binary, by the launcher and by tests alike.

use std::sync::Arc;

use anyhow::Context;
use chassis::config::Settings;
use chassis::program::{self, BadConfiguration};
use chassis::{Process, Program};
use contracts::subjects;
use messaging::{Bus, Subscription};
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;
use tokio::sync::Notify;

use crate::commands::Commands;
use crate::handlers::{Alerts, Facts};
use crate::payment::{self, PaymentSettings};
use crate::rulebooks::{Agreement, RulebookSettings};
use crate::store::Source;
use crate::sweep::Sweep;

/// The service.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines;

/// Its own settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Own {
    /// Which rulebook holds.
    pub rulebook: RulebookSettings,
    /// Which payment policies there are besides those that are part of the program.
    pub payment: PaymentSettings,
}

const CASES: Subscription = Subscription { source: "admissions", part: "cases", subjects: &[] };
const ASSIGNMENTS: Subscription = Subscription {
    source: "coordination",
    part: "assignments",
    subjects: &[subjects::ASSIGNMENT_CHANGED],
};
const PLANS: Subscription = Subscription { source: "sip", part: "plans", subjects: &[] };
const ALERTS: Subscription =
    Subscription { source: "notifications", part: "alerts", subjects: &[] };

/// Where proofs and what stops a ladder come from.
pub(crate) const SOURCES: [Subscription; 4] = [CASES, ASSIGNMENTS, PLANS, ALERTS];

static SCHEMA: Migrator = sqlx::migrate!();

impl Program for Deadlines {
    const NAME: &'static str = "deadlines";
    const RELEASE: &'static str = env!("CARGO_PKG_VERSION");
    const PROBES_PORT: u16 = 9104;
    type Settings = Own;

    fn check(settings: &Settings<Own>) -> anyhow::Result<()> {
        Agreement::load(&settings.service.rulebook)?;
        payment::load(&settings.service.payment).map(drop)
    }

    async fn provision(settings: Settings<Own>) -> anyhow::Result<()> {
        Self::check(&settings).context(BadConfiguration)?;
        let clock = program::clock(&settings.common)?;
        let own = settings.service;
        let (pool, _) = Bus::provision(&settings.common, Self::NAME, &SCHEMA, &SOURCES).await?;
        Agreement::keep(&pool, &own.rulebook, clock.now()).await?;
        payment::keep(&pool, &own.payment, clock.now()).await?;
        Ok(())
    }

    async fn start(settings: Settings<Own>, process: Process) -> anyhow::Result<()> {
        let mut bus =
            Bus::connect(&settings.common, Self::NAME, Self::RELEASE, &SCHEMA, &process).await?;
        let agreement =
            Agreement::keep(bus.pool(), &settings.service.rulebook, process.clock.now()).await?;
        let policies =
            payment::keep(bus.pool(), &settings.service.payment, process.clock.now()).await?;
        let due = Arc::new(Notify::new());
        let facts = |source| Facts {
            source,
            agreement: agreement.clone(),
            clock: process.clock.clone(),
            due: Arc::clone(&due),
        };
        bus.start_relay();
        bus.start_consumer(CASES, facts(Source::Case));
        bus.start_consumer(ASSIGNMENTS, facts(Source::Assignment));
        bus.start_consumer(PLANS, facts(Source::Sip));
        bus.start_consumer(ALERTS, Alerts { facts: facts(Source::Case) });
        Sweep { bus: bus.clone(), agreement: agreement.clone(), due }.start();
        bus.start_commands(Commands { agreement, policies });
        Ok(())
    }
}
