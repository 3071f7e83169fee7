//! What is broken and healed: servers, services as processes, the links between them, the world
//! outside and domain time.

pub(crate) mod clock;
pub(crate) mod disk;
pub(crate) mod http;
pub(crate) mod link;
pub(crate) mod servers;
pub(crate) mod services;
mod settings;
mod witness;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use contracts::CommandId;
use contracts::commands::{Actor, Command, ImportContactPoints, ImportUnits};
use embedded::sinks::{self, RunningSinks, Sinks};
use messaging::Caller;
use tempfile::TempDir;

use self::clock::DomainClock;
use self::disk::Disk;
use self::link::Link;
use self::servers::Servers;
use self::services::{SERVICES, Services, free_address};
use crate::region;

/// How long anything that is started may take to be of use.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(50);

/// How a world is made.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The program that is executed as the services.
    pub(crate) program: PathBuf,
    /// What the services are given beside their settings.
    pub(crate) env: Vec<(String, String)>,
    /// Domain time in the beginning.
    pub(crate) starts: DateTime<Utc>,
    /// Processes of each service.
    pub(crate) replicas: usize,
    /// Whether the servers keep their data on a disk that can be filled.
    pub(crate) small_disk: bool,
}

/// The whole system and its surroundings. Everything ends with it.
pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) links: Links,
    pub(crate) sinks: RunningSinks,
    pub(crate) clock: DomainClock,
    pub(crate) client: async_nats::Client,
    pub(crate) caller: Caller,
    /// Where hospitals reach the processes of `admissions`: MLLP and HTTP.
    pub(crate) intakes: Vec<(SocketAddr, SocketAddr)>,
    pub(crate) servers: Servers,
    pub(crate) disk: Option<Disk>,
    pub(crate) folder: TempDir,
}

/// The links, by who uses them and what they lead to.
pub(crate) struct Links {
    all: BTreeMap<(String, &'static str), Link>,
}

impl Links {
    /// The link of a process to `nats`, `postgres`, `smtp` or `sms`.
    pub(crate) fn get(&self, process: &str, to: &'static str) -> anyhow::Result<&Link> {
        let link = self.all.get(&(process.to_owned(), to));
        link.with_context(|| format!("{process} has no link to {to}"))
    }

    async fn add(
        &mut self,
        process: &str,
        to: &'static str,
        server: SocketAddr,
    ) -> anyhow::Result<SocketAddr> {
        let link = Link::to(server).await.context("make a link")?;
        let address = link.address;
        self.all.insert((process.to_owned(), to), link);
        Ok(address)
    }
}

impl World {
    /// Starts everything; the region's units and contact points are known then.
    pub(crate) async fn start(setup: &Setup) -> anyhow::Result<Self> {
        let folder = make_folder()?;
        std::fs::write(folder.path().join("senders.toml"), region::senders())?;
        let clock = DomainClock::new(folder.path().join("clock.json"), setup.starts)?;
        let keep = sinks::Settings { keep: usize::MAX, ..sinks::Settings::default() };
        let sinks = Sinks::start(keep).await.context("start mail server and gateway")?;
        let small = setup.small_disk.then(|| Disk::mount(&folder.path().join("disk")));
        let disk = small.transpose()?;
        let data = folder.path().join(if disk.is_some() { "disk" } else { "" });
        let servers = tokio::task::spawn_blocking(move || Servers::start(&data)).await??;
        let settings = chassis::config::Nats {
            url: chassis::Secret::new(servers.nats.url()),
            credentials: None,
        };
        let client = messaging::connect_client(&settings, "faults").await?;
        let mut world = Self {
            services: Services::new(folder.path().join("log")),
            links: Links { all: BTreeMap::new() },
            sinks,
            clock,
            caller: Caller::new(client.clone()),
            client,
            intakes: Vec::new(),
            servers,
            disk,
            folder,
        };
        for service in SERVICES {
            world.servers.administer(&[format!("create database {service}")]).await?;
            for number in 1..=setup.replicas {
                world.add(setup, service, number).await?;
            }
        }
        world.provision()?;
        for service in SERVICES {
            witness::place(service, &mut world.servers.database(service).await?).await?;
        }
        for name in world.services.names() {
            world.services.start(&name)?;
        }
        world.until_ready(PATIENCE).await?;
        world.act(&ImportUnits { units: region::units()? }).await?;
        world.act(&ImportContactPoints { units: region::contacts()? }).await?;
        Ok(world)
    }

    async fn add(
        &mut self,
        setup: &Setup,
        service: &'static str,
        number: usize,
    ) -> anyhow::Result<()> {
        let name = if number == 1 { service.to_owned() } else { format!("{service}-{number}") };
        let probes = free_address()?;
        let program = self.program(setup, &name, service, probes).await?;
        self.services.add(name, service, program, probes);
        Ok(())
    }

    /// Copies the logs to where they outlive the run.
    pub(crate) fn keep_logs(&self) -> anyhow::Result<PathBuf> {
        let kept = tempfile::Builder::new().prefix("hemgang-faults-logs-").tempdir()?.keep();
        for folder in
            [self.services.logs(), self.servers.nats.folder(), self.servers.postgres.folder()]
        {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "log") {
                    std::fs::copy(&path, kept.join(path.file_name().unwrap_or_default()))?;
                }
            }
        }
        Ok(kept)
    }

    /// Makes schemas, streams and durables (again), as a deployment does.
    pub(crate) fn provision(&self) -> anyhow::Result<()> {
        tokio::task::block_in_place(|| self.services.provision())
    }

    /// Does something that blocks.
    pub(crate) fn block<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        tokio::task::block_in_place(|| act(self))
    }

    /// Lets time pass, and starts what ends by itself.
    pub(crate) async fn wait(&mut self, time: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            tokio::time::sleep(LOOK.min(time)).await;
            self.tend()?;
        }
        Ok(())
    }

    pub(crate) fn tend(&mut self) -> anyhow::Result<()> {
        self.block(|world| world.services.tend())
    }

    /// Waits until all processes say that they are ready.
    pub(crate) async fn until_ready(&mut self, patience: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let unready = self.services.unready().await;
            if unready.is_empty() {
                return Ok(());
            }
            anyhow::ensure!(begun.elapsed() < patience, "not ready: {}", unready.join("; "));
            self.wait(LOOK).await?;
        }
    }

    /// Carries out a command on behalf of the ward.
    pub(crate) async fn act<C: Command>(&self, command: &C) -> anyhow::Result<C::Answer> {
        let actor = Actor { staff: region::STAFF.parse()?, unit: region::id(region::WARD)? };
        let (id, begun) = (CommandId(chassis::new_id()), Instant::now());
        loop {
            match self.caller.call(command, id, &actor).await {
                Err(_) if begun.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
                answer => return Ok(answer?),
            }
        }
    }
}

/// A folder that the user whom Postgres runs as can enter.
fn make_folder() -> anyhow::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut made = tempfile::Builder::new();
    made.prefix("hemgang-faults-").permissions(std::fs::Permissions::from_mode(0o711));
    Ok(made.tempdir()?)
}

impl Drop for World {
    /// In good order, so that nothing is left of the data.
    fn drop(&mut self) {
        let stop = || {
            self.services.stop_all();
            let _ = self.servers.nats.stop();
            let _ = self.servers.postgres.stop();
            self.disk = None;
        };
        tokio::task::block_in_place(stop);
    }
}
