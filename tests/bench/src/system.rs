//! Starting and stopping everything: Postgres, nats-server, the sinks and the services, each service
//! a process of its own.

use std::collections::BTreeMap;
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
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::process::Process;
use crate::{measure, region, say};

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

    /// Resident memory by process, in megabytes.
    pub(crate) fn rss_mb(&self) -> Value {
        self.memory(measure::rss_mb)
    }

    /// The most that it was since each process began.
    pub(crate) fn rss_mb_peak(&self) -> Value {
        self.memory(measure::rss_mb_peak)
    }

    fn memory(&self, of: impl Fn(u32) -> Option<f64>) -> Value {
        let running = self.processes.iter().filter_map(Process::running);
        running.map(|(name, pid)| (name.to_owned(), json!(of(pid)))).collect()
    }

    /// Processor time so far by process, server and database, in seconds; `bench` is the load and the
    /// sinks.
    pub(crate) fn cpu_s(&self) -> BTreeMap<String, f64> {
        let mut used = BTreeMap::new();
        let mut add =
            |name: &str, pid| used.insert(name.to_owned(), measure::cpu_s(pid).unwrap_or_default());
        for (name, pid) in self.processes.iter().filter_map(Process::running) {
            add(name, pid);
        }
        add("bench", std::process::id());
        self.nats.pid().map(|pid| add("nats", pid));
        let postgres = self.postgres.pid().map(measure::postgres_cpu_s).unwrap_or_default();
        used.extend(postgres.into_iter().map(|(name, used)| (format!("postgres {name}"), used)));
        used
    }

    /// Processor time used since, by the same names.
    pub(crate) fn cpu_since(&self, before: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        let mut used = self.cpu_s();
        for (name, before) in before {
            *used.entry(name.clone()).or_default() -= before;
        }
        used.into_iter().map(|(name, used)| (name, measure::round(used))).collect()
    }

    /// Bytes of all databases together, and of what the broker keeps.
    pub(crate) async fn bytes(&self) -> anyhow::Result<(f64, f64)> {
        let mut database = self.database("postgres").await?;
        let sql = "select sum(pg_database_size(oid))::float8 from pg_database
                    where datname not in ('postgres', 'template0', 'template1')";
        let databases = sqlx::query_scalar(sql).fetch_one(&mut database).await?;
        let account = async_nats::jetstream::new(self.client.clone()).query_account().await;
        #[expect(clippy::cast_precision_loss, reason = "sizes of a benchmark")]
        let broker = account.context("ask the broker what it keeps")?.storage as f64;
        Ok((databases, broker))
    }

    /// Has Postgres tell which statements cost most; it is restarted for that.
    pub(crate) async fn count_statements(&mut self) -> anyhow::Result<()> {
        let mut admin = self.database("postgres").await?;
        for setting in ["shared_preload_libraries = pg_stat_statements", "compute_query_id = on"] {
            admin.execute(AssertSqlSafe(format!("alter system set {setting}"))).await?;
        }
        self.postgres.start_again()?;
        let mut admin = self.database("postgres").await?;
        admin.execute("create extension pg_stat_statements").await.context("count statements")?;
        admin.execute("alter system set pg_stat_statements.track_planning = on").await?;
        admin.execute("select pg_reload_conf()").await?;
        Ok(())
    }

    /// The costliest statements since the last call, a line each.
    pub(crate) async fn costliest_statements(&self) -> anyhow::Result<Vec<String>> {
        let mut admin = self.database("postgres").await?;
        let lines = sqlx::query_scalar(
            r"select format('%s s (%s s planning), %s calls, %s rows, %s: %s',
                      round((total_exec_time + total_plan_time)::numeric / 1000, 2),
                      round(total_plan_time::numeric / 1000, 2), calls, rows, datname,
                      left(regexp_replace(query, '\s+', ' ', 'g'), 110))
               from pg_stat_statements s join pg_database d on d.oid = s.dbid
              order by total_exec_time + total_plan_time desc limit 40",
        );
        let lines = lines.fetch_all(&mut admin).await?;
        admin.execute("select pg_stat_statements_reset()").await?;
        Ok(lines)
    }

    /// Versions and settings that figures depend on.
    pub(crate) async fn versions(&self) -> anyhow::Result<Value> {
        let mut database = self.database("postgres").await?;
        let mut setting = async |name: &str| -> anyhow::Result<String> {
            let sql = format!("select current_setting('{name}')");
            Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut database).await?)
        };
        Ok(json!({
            "postgres": setting("server_version").await?,
            "fsync": setting("fsync").await?,
            "synchronous_commit": setting("synchronous_commit").await?,
            "nats": self.client.server_info().version,
            "release_build": !cfg!(debug_assertions),
            "processors": std::thread::available_parallelism().map_or(0, usize::from),
        }))
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
