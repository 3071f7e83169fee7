//! Starting and stopping everything: Postgres, nats-server, the sinks and the services, each service
//! a process of its own.

mod usage;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use contracts::CommandId;
use contracts::commands::{Actor, Command};
use embedded::nats::{self, Nats};
use embedded::postgres::{self, Postgres};
use embedded::sinks::{self, RunningSinks, Sinks};
use embedded::{Cache, Log, Parts, Program, Search};
use messaging::{CallError, Caller};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::process::Process;
use crate::{region, say};

/// How long anything that is started may take to be of use.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(5);

/// What runs. Everything ends with it, and its data is removed.
pub(crate) struct System {
    processes: Vec<Process>,
    replicas: usize,
    /// Where each process of `admissions` listens.
    pub(crate) mllp: Vec<SocketAddr>,
    pub(crate) sinks: RunningSinks,
    pub(crate) client: async_nats::Client,
    pub(crate) caller: Caller,
    nats: Nats,
    postgres: Postgres,
    folder: TempDir,
}

impl System {
    /// Starts the servers and provisions these services, each to run as so many processes and to know
    /// so many hospitals; `folder` is where data is forced to disk.
    pub(crate) async fn prepare(
        folder: &Path,
        services: &[&'static str],
        replicas: usize,
        hospitals: usize,
        clock: Option<&chassis::clock::Anchor>,
    ) -> anyhow::Result<Self> {
        let folder = make_folder(folder)?;
        let (postgres, nats) = {
            let path = folder.path().to_owned();
            tokio::task::spawn_blocking(move || servers(&path)).await.context("start servers")??
        };
        let keep = sinks::Settings { keep: usize::MAX, ..sinks::Settings::default() };
        let sinks = Sinks::start(keep).await.context("start mail server and gateway")?;
        std::fs::write(folder.path().join("senders.toml"), region::senders(hospitals))?;
        if let Some(clock) = clock {
            clock.write(&folder.path().join("clock.json"))?;
        }
        let settings =
            chassis::config::Nats { url: chassis::Secret::new(nats.url()), credentials: None };
        let client = messaging::connect_client(&settings, "bench").await?;
        let mut system = Self {
            processes: Vec::new(),
            replicas,
            mllp: Vec::new(),
            sinks,
            caller: Caller::new(client.clone()),
            client,
            nats,
            postgres,
            folder,
        };
        for service in services {
            system.add(service, clock.is_some()).await?;
        }
        Ok(system)
    }

    /// Makes what a service needs.
    pub(crate) async fn add(&mut self, service: &'static str, held: bool) -> anyhow::Result<()> {
        let mut admin = self.database("postgres").await?;
        admin.execute(AssertSqlSafe(format!("create database {service}"))).await?;
        for number in 1..=self.replicas {
            let first = number == 1;
            let name = if first { service.to_owned() } else { format!("{service}-{number}") };
            let (probes, edge) = (free_address()?, free_address()?);
            let program = self.program(service, held, probes, edge)?;
            let log = Log::open(self.folder.path().join(format!("{name}.log")), PATIENCE)?;
            let process = Process::new(service, name, program, probes, log);
            if first {
                process.provision().await?;
            }
            self.processes.push(process);
            if service == "admissions" {
                self.mllp.push(edge);
            }
        }
        Ok(())
    }

    /// What runs a service; `edge` is where it listens to the outside, if it does.
    fn program(
        &self,
        service: &str,
        clock: bool,
        probes: SocketAddr,
        edge: SocketAddr,
    ) -> anyhow::Result<Program> {
        let file = |name: &str| self.folder.path().join(name).into_os_string();
        let mut program = Program::new(std::env::current_exe().context("find this program")?)
            .args(["service", service])
            .env("DATABASE_URL", self.postgres.url(service))
            .env("NATS_URL", self.nats.url())
            .env("HEMGANG_PROBES__ADDR", probes.to_string());
        if clock {
            program = program
                .env("HEMGANG_CLOCK__FILE", file("clock.json"))
                .env("HEMGANG_CLOCK__DEMO", "true");
        }
        Ok(match service {
            "admissions" => program
                .env("HEMGANG_INTAKE__SENDERS", file("senders.toml"))
                .env("HEMGANG_MLLP__ADDR", edge.to_string())
                // All hospitals have one address.
                .env("HEMGANG_MLLP__MAX_CONNECTIONS", "1024")
                .env("HEMGANG_MLLP__MAX_PER_PEER", "1024")
                .env("HEMGANG_HTTP__ADDR", "127.0.0.1:0"),
            "deadlines" => program.env("HEMGANG_RULEBOOK__REGION", "dalarna"),
            "notifications" => program
                .env("SMTP_URL", self.sinks.smtp_url())
                .env("HEMGANG_SMTP__FROM", "Hemgång <hemgang@example.se>")
                .env("HEMGANG_SMS__ELKS__URL", format!("http://{}", self.sinks.sms))
                .env("HEMGANG_SMS__ELKS__USER", "u")
                .env("HEMGANG_SMS__ELKS__PASSWORD", "p")
                .env("HEMGANG_SMS__ELKS__FROM", "Hemgang")
                .env("HEMGANG_LINK__BASE_URL", format!("http://{edge}"))
                .env("HEMGANG_LINK__KEY", "0123456789abcdef0123456789abcdef")
                .env("HEMGANG_HTTP__ADDR", edge.to_string()),
            _ => program,
        })
    }

    /// Starts a service and waits until all its processes are ready; how long that took.
    pub(crate) async fn start(&mut self, service: &str) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        for process in self.of(service) {
            process.start()?;
        }
        for process in self.of(service) {
            process.ready().await?;
        }
        Ok(begun.elapsed())
    }

    /// Stops a service in good order.
    pub(crate) fn stop(&mut self, service: &str) -> anyhow::Result<()> {
        self.of(service).try_for_each(Process::stop)
    }

    /// Stops all services.
    pub(crate) fn stop_services(&mut self) -> anyhow::Result<()> {
        self.processes.iter_mut().try_for_each(Process::stop)
    }

    fn of(&mut self, service: &str) -> impl Iterator<Item = &mut Process> {
        self.processes.iter_mut().filter(move |process| process.service == service)
    }

    /// Where the domain clock of the services stands, when they were given one.
    pub(crate) fn clock(&self) -> PathBuf {
        self.folder.path().join("clock.json")
    }

    /// Carries out a command, of a service that may have started just now.
    pub(crate) async fn act<C: Command>(&self, command: &C) -> anyhow::Result<C::Answer> {
        let actor = Actor {
            staff: region::STAFF.parse().context("use the id of a member of staff")?,
            unit: region::id(&region::ward(1))?,
        };
        let (id, begun) = (CommandId(chassis::new_id()), Instant::now());
        loop {
            match self.caller.call(command, id, &actor).await {
                Err(CallError::NoResponder { .. }) if begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(LOOK).await;
                }
                answer => return Ok(answer?),
            }
        }
    }

    /// The address of a database.
    pub(crate) fn database_url(&self, database: &str) -> String {
        self.postgres.url(database)
    }

    /// A connection to a database.
    pub(crate) async fn database(&self, database: &str) -> anyhow::Result<PgConnection> {
        let connection = PgConnection::connect(&self.postgres.url(database)).await;
        connection.with_context(|| format!("connect to the database {database}"))
    }

    /// Has the server write down what it keeps in memory, so that each measurement begins alike.
    pub(crate) async fn checkpoint(&self) -> anyhow::Result<()> {
        self.database("postgres").await?.execute("checkpoint").await?;
        Ok(())
    }
}

impl Drop for System {
    /// In good order, so that nothing is left of the data.
    fn drop(&mut self) {
        // What does not stop has a supervisor that ends it after us.
        let _ = self.stop_services();
        let _ = self.nats.stop();
        let _ = self.postgres.stop();
    }
}

/// A folder that the user whom Postgres runs as can enter.
fn make_folder(within: &Path) -> anyhow::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut made = tempfile::Builder::new();
    made.prefix("hemgang-bench-").permissions(std::fs::Permissions::from_mode(0o711));
    made.tempdir_in(within).with_context(|| format!("make a folder in {}", within.display()))
}

/// Both with data that is kept: only that is forced to disk.
fn servers(folder: &Path) -> anyhow::Result<(Postgres, Nats)> {
    let cache = Cache::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.hemgang/cache"));
    let mut progress = |progress: embedded::Progress| say(&progress.to_string());
    let parts = Parts::locate(&Search::machine(), &cache, &mut progress)?;
    let settings = postgres::Settings::kept(folder.join("postgres"));
    let postgres = postgres::start(&parts.postgres, &settings, &mut progress)?;
    let nats = nats::start(&parts.nats_server, &nats::Settings::kept(folder.join("nats")))?;
    Ok((postgres, nats))
}

/// An address that a process can be told to listen on; below the ports that connections are given,
/// where one could take it before the process does.
fn free_address() -> anyhow::Result<SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..1_000 {
        let next = std::process::id().wrapping_mul(31) + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(12_000 + next % 20_000)?;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    anyhow::bail!("no free port")
}
