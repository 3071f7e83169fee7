//! Wires the service; used by its own binary, by the launcher and by tests alike.

use std::sync::Arc;

use anyhow::Context;
use chassis::config::Settings;
use chassis::{Clock, Process, Program, program};
use messaging::{Bus, Subscription};
use sqlx::migrate::Migrator;

use crate::commands::Commands;
use crate::config::Own;
use crate::deliver::Lane;
use crate::domain::delivery::Channel;
use crate::handlers::{Ledgers, Meetings};
use crate::http::{self, Web};
use crate::reports::Reports;
use crate::sender::Sender;
use crate::upkeep;

/// The service.
#[derive(Clone, Copy, Debug)]
pub struct Notifications;

const LEDGERS: Subscription = Subscription { source: "deadlines", part: "ledgers", subjects: &[] };
const PLANS: Subscription = Subscription { source: "sip", part: "plans", subjects: &[] };

static SCHEMA: Migrator = sqlx::migrate!();

impl Program for Notifications {
    const NAME: &'static str = "notifications";
    const RELEASE: &'static str = env!("CARGO_PKG_VERSION");
    const PROBES_PORT: u16 = 9105;
    type Settings = Own;

    fn check(settings: &Settings<Own>) -> anyhow::Result<()> {
        Sender::new(settings, Clock::system()).map(drop)
    }

    async fn provision(settings: Settings<Own>) -> anyhow::Result<()> {
        Bus::provision(&settings.common, Self::NAME, &SCHEMA, &[LEDGERS, PLANS]).await?;
        Ok(())
    }

    async fn start(settings: Settings<Own>, process: Process) -> anyhow::Result<()> {
        let sender = Arc::new(Sender::new(&settings, process.clock.clone())?);
        let listener = program::listen(settings.service.http.addr)
            .await
            .context("offer the page behind links (http.addr)")?;
        let mut bus =
            Bus::connect(&settings.common, Self::NAME, Self::RELEASE, &SCHEMA, &process).await?;
        bus.start_relay();
        let providers = sender.providers().clone();
        let (clock, for_ledgers) = (process.clock.clone(), providers.clone());
        bus.start_consumer(LEDGERS, Ledgers { clock, providers: for_ledgers });
        bus.start_consumer(PLANS, Meetings { clock: process.clock, providers: providers.clone() });
        bus.start_commands(Commands { providers });
        for channel in [Channel::Email, Channel::Sms] {
            let (bus, sender) = (bus.clone(), Arc::clone(&sender));
            let lane = Lane { bus, sender, channel };
            process.tasks.spawn_critical(channel.as_str(), lane.run());
        }
        process.tasks.spawn_critical("upkeep", upkeep::run(bus.clone()));
        let reports = Reports::start(&bus, sender.providers().clone());
        let web = Web { bus, sender, reports };
        process.tasks.spawn_critical("http", http::serve(web, listener));
        Ok(())
    }
}
