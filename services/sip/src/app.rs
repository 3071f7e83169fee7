//! Wires the service; used by its own binary, by the launcher and by tests alike.

use chassis::config::Settings;
use chassis::{Process, Program};
use messaging::{Bus, Subscription};
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;

use crate::commands::Commands;
use crate::handlers::Cases;

/// The service.
#[derive(Clone, Copy, Debug)]
pub struct SipService;

/// No settings of its own yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {}

const CASES: Subscription = Subscription { source: "admissions", part: "cases", subjects: &[] };

static SCHEMA: Migrator = sqlx::migrate!();

impl Program for SipService {
    const NAME: &'static str = "sip";
    const RELEASE: &'static str = env!("CARGO_PKG_VERSION");
    const PROBES_PORT: u16 = 9103;
    type Settings = Own;

    async fn provision(settings: Settings<Own>) -> anyhow::Result<()> {
        Bus::provision(&settings.common, Self::NAME, &SCHEMA, &[CASES]).await?;
        Ok(())
    }

    async fn start(settings: Settings<Own>, process: Process) -> anyhow::Result<()> {
        let mut bus =
            Bus::connect(&settings.common, Self::NAME, Self::RELEASE, &SCHEMA, &process).await?;
        bus.start_relay();
        bus.start_consumer(CASES, Cases { clock: process.clock });
        bus.start_commands(Commands);
        Ok(())
    }
}
