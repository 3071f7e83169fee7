//! From nothing to everything ready.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::Context;
use embedded::Cache;
use embedded::nats::Nats;
use embedded::postgres::Postgres;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use super::child::Child;
use super::clock::DemoClock;
use super::console::Console;
use super::folder::Folder;
use super::keeper::{self, Keeper, Note, Order};
use super::ports::Ports;
use super::settings::{self, Given};
use super::{databases, parts, probe, screen};
use crate::service;

/// How long services may take to get ready.
const READY: Duration = Duration::from_mins(1);
/// A service that ends so often before it is ready will not get ready.
const DEATHS: usize = 3;

/// What runs, and how to talk to it.
pub(super) struct Running {
    pub(super) orders: Sender<Order>,
    pub(super) notes: UnboundedReceiver<Note>,
    pub(super) keeper: JoinHandle<()>,
    pub(super) nats_url: String,
    pub(super) logs: BTreeMap<&'static str, PathBuf>,
}

/// Starts broker, database and services.
pub(super) async fn start(
    folder: &Arc<Folder>,
    ports: &mut Ports,
    clock: Option<&DemoClock>,
    console: &Console,
) -> anyhow::Result<Running> {
    console.say("Söker nats-server och Postgres", "Looking for nats-server and Postgres");
    ports.release("nats");
    let (postgres, nats) = servers(folder, ports.number("nats"), console).await?;
    console.say("Förbereder databaser och strömmar", "Preparing databases and streams");
    databases::make(&postgres.url("postgres"), folder).await?;
    settings::leave_senders(folder)?;
    let binary = std::env::current_exe().context("find our own binary")?;
    let given = Given { binary: &binary, folder, ports, postgres: &postgres, nats: &nats, clock };
    let child = |service: &service::Service| -> anyhow::Result<Child> {
        let program = given.program(service)?;
        Ok(Child::new(service.name, program, folder.log_of(service.name))?)
    };
    let children = service::ALL.iter().map(child).collect::<anyhow::Result<Vec<_>>>()?;
    let logs = service::ALL.iter().map(|it| (it.name, folder.log_of(it.name))).collect();
    let mut children = provisioned(children).await?;
    console.say("Startar tjänsterna", "Starting the services");
    ports.release_all();
    for child in &mut children {
        child.start()?;
    }
    let nats_url = nats.url();
    let (orders, taken) = std::sync::mpsc::channel();
    let (sender, notes) = tokio::sync::mpsc::unbounded_channel();
    let keeper = Keeper { postgres, nats, children, notes: sender };
    let keeper = spawn_blocking(move || keeper.run(&taken));
    Ok(Running { orders, notes, keeper, nats_url, logs })
}

async fn servers(
    folder: &Arc<Folder>,
    port: u16,
    console: &Console,
) -> anyhow::Result<(Postgres, Nats)> {
    let (folder, console) = (Arc::clone(folder), console.clone());
    let cache = Cache::new(super::run::project().join(".hemgang/cache"));
    spawn_blocking(move || parts::start(&folder, &cache, port, &console)).await?
}

async fn provisioned(children: Vec<Child>) -> anyhow::Result<Vec<Child>> {
    let (children, done) = spawn_blocking(move || {
        let done = keeper::provision(&children);
        (children, done)
    })
    .await?;
    done.map_err(|(name, log)| {
        anyhow::anyhow!("{name} kunde inte förberedas / could not be provisioned; {log}")
    })?;
    Ok(children)
}

/// Waits until every service is ready; the error says what is lacking, with the end of its log.
pub(super) async fn all_ready(
    running: &mut Running,
    ports: &Ports,
    console: &Console,
) -> anyhow::Result<()> {
    let until = Instant::now() + READY;
    let mut deaths: BTreeMap<&str, usize> = BTreeMap::new();
    for service in &service::ALL {
        while let Some(lacking) = probe::lacking(ports.probes_of(service.name)).await {
            while let Ok(note) = running.notes.try_recv() {
                if let Note::Ended { name, .. } = &note {
                    *deaths.entry(name).or_default() += 1;
                }
                screen::tell(console, &note);
            }
            let dying = deaths.iter().find(|(_, deaths)| **deaths >= DEATHS).map(|(name, _)| *name);
            if dying.is_some() || Instant::now() > until {
                let name = dying.unwrap_or(service.name);
                let log = running.logs.get(name).map(|log| super::child::last_lines(log));
                let log = log.unwrap_or_default();
                anyhow::bail!("{name} blev inte redo / did not get ready: {lacking}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
    Ok(())
}
