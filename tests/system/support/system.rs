//! Starting, steering and looking at the system.

#[path = "system/processes.rs"]
mod processes;
#[path = "system/quiet.rs"]
mod quiet;
#[path = "system/view.rs"]
mod view;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use chassis::clock::Anchor;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use contracts::CommandId;
use contracts::commands::{Actor, Command, ImportContactPoints, ImportUnits};
use embedded::nats::{self, Nats};
use embedded::postgres::{self, Postgres};
use embedded::{Cache, Parts, Program, Search, Supervised};
use messaging::{CallError, Caller};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use test_support::sinks::{self, RunningSinks};
use test_support::{SOON, eventually, free_address};

use super::hl7::{self, Adt};
use super::units::{self, STAFF};

pub(crate) const SERVICES: [&str; 5] =
    ["admissions", "coordination", "sip", "deadlines", "notifications"];

/// The file of domain time.
const CLOCK: &str = "clock.json";

/// The system under test. Everything ends with it.
pub(crate) struct System {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    pub(crate) sinks: RunningSinks,
    pub(crate) caller: Caller,
    pub(crate) mllp: SocketAddr,
    /// By name, replicas included.
    pub(crate) probes: BTreeMap<String, SocketAddr>,
    /// Whose rulebook holds.
    pub(crate) region: &'static str,
    programs: BTreeMap<String, Program>,
    running: BTreeMap<String, Supervised>,
    pub(crate) folder: TempDir,
}

impl System {
    /// Starts everything, with the region's units and contact points imported, at a local time.
    pub(crate) async fn start(local: &str) -> Self {
        Self::start_in("dalarna", local).await
    }

    /// The same by the rulebook of a region.
    pub(crate) async fn start_in(region: &'static str, local: &str) -> Self {
        Self::start_only(region, utc(local), &SERVICES, async |_: &Self| {}).await
    }

    /// Starts some of the services, after `prepare` has seen their empty databases.
    pub(crate) async fn start_only(
        region: &'static str,
        at: DateTime<Utc>,
        services: &[&'static str],
        prepare: impl AsyncFnOnce(&Self),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("senders.toml"), units::SENDERS).unwrap();
        held(at).write(&folder.path().join(CLOCK)).unwrap();
        let sinks = sinks::Sinks::start(sinks::Settings::default()).await.unwrap();
        sinks.sinks.set_reports(sinks::Provider::Elks, Some(sinks::Reports::default()));
        let (postgres, nats) = tokio::task::spawn_blocking(servers).await.unwrap();
        make_databases(&postgres).await;
        let settings = messaging_settings(&nats);
        let client = messaging::connect_client(&settings, "test").await.unwrap();
        let probes =
            services.iter().map(|service| ((*service).to_owned(), free_address())).collect();
        let mut system = Self {
            postgres,
            nats,
            sinks,
            caller: Caller::new(client),
            mllp: free_address(),
            probes,
            region,
            programs: BTreeMap::new(),
            running: BTreeMap::new(),
            folder,
        };
        for service in services {
            system.programs.insert((*service).to_owned(), system.program(service));
        }
        system.provision();
        prepare(&system).await;
        for service in services {
            system.start_service(service);
        }
        system.is_ready().await;
        system.import().await;
        system
    }

    /// The services that run, each once.
    fn services(&self) -> impl Iterator<Item = &'static str> {
        SERVICES.into_iter().filter(|service| self.probes.contains_key(*service))
    }

    async fn import(&self) {
        if self.probes.contains_key("coordination") {
            self.act(&ImportUnits { units: units::units() }, units::CARE_CENTRE).await;
        }
        if self.probes.contains_key("notifications") {
            self.act(&ImportContactPoints { units: units::contacts() }, units::CARE_CENTRE).await;
        }
    }

    /// Sets domain time.
    pub(crate) fn set_time(&self, local: &str) {
        held(utc(local)).write(&self.folder.path().join(CLOCK)).unwrap();
    }

    /// Domain time.
    pub(crate) fn time(&self) -> DateTime<Utc> {
        Anchor::read(&self.folder.path().join(CLOCK)).unwrap().domain
    }

    /// Sends a message over MLLP; it must be taken.
    pub(crate) async fn send(&self, message: &Adt<'_>) {
        let answer = hl7::send(self.mllp, &message.text()).await.unwrap();
        assert!(answer.contains("MSA|AA|"), "{answer}");
    }

    /// Carries out a command on behalf of a unit; it must not be refused.
    pub(crate) async fn act<C: Command>(&self, command: &C, unit: &str) -> C::Answer {
        let id = CommandId(chassis::new_id());
        let actor = Actor { staff: STAFF.parse().unwrap(), unit: units::id(unit) };
        eventually("the command is carried out", SOON, async || {
            self.caller.call(command, id, &actor).await
        })
        .await
    }

    /// Carries out a command once; refusals are told.
    pub(crate) async fn try_act<C: Command>(
        &self,
        command: &C,
        unit: &str,
    ) -> Result<C::Answer, CallError> {
        let actor = Actor { staff: STAFF.parse().unwrap(), unit: units::id(unit) };
        self.caller.call(command, CommandId(chassis::new_id()), &actor).await
    }
}

fn servers() -> (Postgres, Nats) {
    let cache = Cache::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.hemgang/cache"));
    let mut quiet = |_| {};
    let parts = Parts::locate(&Search::machine(), &cache, &mut quiet).unwrap();
    let postgres =
        postgres::start(&parts.postgres, &postgres::Settings::throwaway(), &mut quiet).unwrap();
    let nats = nats::start(&parts.nats_server, &nats::Settings::throwaway()).unwrap();
    (postgres, nats)
}

async fn make_databases(postgres: &Postgres) {
    let mut admin = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    for service in SERVICES {
        admin.execute(AssertSqlSafe(format!("create database {service}"))).await.unwrap();
    }
}

fn messaging_settings(nats: &Nats) -> chassis::config::Nats {
    chassis::config::Nats { url: chassis::Secret::new(nats.url()), credentials: None }
}

fn held(domain: DateTime<Utc>) -> Anchor {
    Anchor { domain, real: chassis::real_now(), factor: 0.0 }
}

/// A local time such as `2026-06-02 14:00`; the tests keep away from the nights of a clock change.
pub(crate) fn utc(local: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    chrono_tz::Europe::Stockholm.from_local_datetime(&local).unwrap().to_utc()
}

async fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await??;
    Ok(answer)
}
