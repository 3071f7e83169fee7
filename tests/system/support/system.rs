//! Starting, steering and looking at the system.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chassis::clock::Anchor;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use contracts::commands::{
    Actor, Command, FindCase, ImportContactPoints, ImportUnits, ListCases, ShowLedger,
};
use contracts::ledger::{Obligation, ObligationState, StepKind};
use contracts::{Case, CaseId, CommandId, Ledger};
use embedded::nats::{self, Nats};
use embedded::postgres::{self, Postgres};
use embedded::{Cache, Log, Parts, Program, Search, Supervised};
use messaging::{CallError, Caller};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use test_support::sinks::{self, Message, RunningSinks};
use test_support::{SOON, eventually, free_address};

use super::hl7::{self, Adt};
use super::units::{self, STAFF};

pub(crate) const SERVICES: [&str; 5] =
    ["admissions", "coordination", "sip", "deadlines", "notifications"];

/// The system under test. Everything ends with it.
pub(crate) struct System {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    pub(crate) sinks: RunningSinks,
    pub(crate) caller: Caller,
    pub(crate) mllp: SocketAddr,
    /// By name, replicas included.
    pub(crate) probes: BTreeMap<String, SocketAddr>,
    programs: BTreeMap<String, Program>,
    running: BTreeMap<String, Supervised>,
    pub(crate) folder: TempDir,
}

impl System {
    /// Starts everything, with the region's units and contact points imported, at a local time.
    pub(crate) async fn start(local: &str) -> Self {
        Self::start_only(local, &SERVICES, async |_: &Self| {}).await
    }

    /// Starts some of the services, after `prepare` has seen their empty databases.
    pub(crate) async fn start_only(
        local: &str,
        services: &[&'static str],
        prepare: impl AsyncFnOnce(&Self),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("senders.toml"), units::SENDERS).unwrap();
        held(local).write(&folder.path().join("clock.json")).unwrap();
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

    /// Starts a second process of a service, on ports of its own, and waits until it is ready.
    pub(crate) async fn add_replica(&mut self, service: &str) {
        let (name, probes) = (format!("{service}-2"), free_address());
        let program = self.program(service).env("HEMGANG_PROBES__ADDR", probes.to_string());
        self.programs.insert(name.clone(), program);
        self.probes.insert(name.clone(), probes);
        self.start_service(&name);
        self.is_ready().await;
    }

    fn program(&self, service: &str) -> Program {
        let file = |name: &str| self.folder.path().join(name).into_os_string();
        let program = Program::new(env!("CARGO_BIN_EXE_hemgang"))
            .args(["service", service])
            .env("DATABASE_URL", self.postgres.url(service))
            .env("NATS_URL", self.nats.url())
            .env("RUST_LOG", "debug,hyper=info,async_nats=info")
            .env("HEMGANG_CLOCK__FILE", file("clock.json"))
            .env("HEMGANG_CLOCK__DEMO", "true")
            .env("HEMGANG_PROBES__ADDR", self.probes[service].to_string());
        match service {
            "admissions" => program
                .env("HEMGANG_INTAKE__SENDERS", file("senders.toml"))
                .env("HEMGANG_MLLP__ADDR", self.mllp.to_string())
                .env("HEMGANG_HTTP__ADDR", "127.0.0.1:0"),
            "deadlines" => program.env("HEMGANG_RULEBOOK__REGION", "dalarna"),
            "notifications" => {
                let http = free_address();
                program
                    .env("SMTP_URL", self.sinks.smtp_url())
                    .env("HEMGANG_SMTP__FROM", "Hemgång <hemgang@example.se>")
                    .env("HEMGANG_SMS__ELKS__URL", format!("http://{}", self.sinks.sms))
                    .env("HEMGANG_SMS__ELKS__USER", "u")
                    .env("HEMGANG_SMS__ELKS__PASSWORD", "p")
                    .env("HEMGANG_SMS__ELKS__FROM", "Hemgang")
                    .env("HEMGANG_LINK__BASE_URL", format!("http://{http}"))
                    .env("HEMGANG_LINK__KEY", "0123456789abcdef0123456789abcdef")
                    .env("HEMGANG_HTTP__ADDR", http.to_string())
            }
            _ => program,
        }
    }

    /// Makes schemas, streams and durables (again), as a deployment does.
    pub(crate) fn provision(&self) {
        let provision = |service: &String| {
            let program = self.programs[service].clone().arg("provision");
            let log = self.open_log(&format!("{service}-provision"));
            (service.clone(), Supervised::start(&program, &log).unwrap())
        };
        let provisions: Vec<_> = self.probes.keys().map(provision).collect();
        for (service, mut provision) in provisions {
            let status = provision.wait(SOON * 2).unwrap();
            assert!(status.is_some_and(|status| status.success()), "{service} is provisioned");
        }
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join("log").join(format!("{name}.log"))
    }

    fn open_log(&self, name: &str) -> Log {
        Log::open(self.log(name), SOON).unwrap()
    }

    pub(crate) fn start_service(&mut self, name: &str) {
        let process = Supervised::start(&self.programs[name], &self.open_log(name)).unwrap();
        self.running.insert(name.to_owned(), process);
    }

    fn stop_service(&mut self, name: &str) {
        self.running.remove(name).unwrap().stop().unwrap();
    }

    /// Keeps a copy of a service's database as it is now.
    pub(crate) async fn copy(&mut self, service: &str) {
        self.stop_service(service);
        self.administer(&[format!("create database {service}_copy template {service}")]).await;
        self.start_service(service);
        self.is_ready().await;
    }

    /// Puts a service's database back to when it was copied.
    pub(crate) async fn restore(&mut self, service: &str) {
        self.stop_service(service);
        self.administer(&[
            format!("drop database {service} with (force)"),
            format!("alter database {service}_copy rename to {service}"),
        ])
        .await;
        self.start_service(service);
        self.is_ready().await;
    }

    async fn administer(&self, statements: &[String]) {
        let mut admin = PgConnection::connect(&self.postgres.url("postgres")).await.unwrap();
        for statement in statements {
            admin.execute(AssertSqlSafe(statement.clone())).await.unwrap();
        }
    }

    pub(crate) async fn is_ready(&self) {
        for (service, probes) in &self.probes {
            eventually(&format!("{service} is ready"), SOON * 2, async || {
                let answer = get(*probes, "/readyz").await.map_err(|error| error.to_string())?;
                if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer) }
            })
            .await;
        }
    }

    async fn import(&self) {
        if self.probes.contains_key("coordination") {
            self.act(&ImportUnits { units: units::units() }, units::CARE_CENTRE).await;
        }
        self.act(&ImportContactPoints { units: units::contacts() }, units::CARE_CENTRE).await;
    }

    /// Sets domain time.
    pub(crate) fn set_time(&self, local: &str) {
        held(local).write(&self.folder.path().join("clock.json")).unwrap();
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

    /// The cases there are, newest first.
    pub(crate) async fn cases(&self) -> Vec<Case> {
        let list = ListCases { limit: Some(1_000), ..ListCases::default() };
        self.caller.ask(&list).await.unwrap()
    }

    /// The one case whose stay began at a local time.
    pub(crate) async fn case_admitted(&self, local: &str) -> Case {
        let at = utc(local);
        let mut cases = self.cases().await;
        cases.retain(|case| case.admitted.occurred_at == at);
        assert_eq!(cases.len(), 1);
        let found = FindCase { case_ref: cases[0].case_ref };
        self.caller.ask(&found).await.unwrap().case
    }

    pub(crate) async fn ledger(&self, case: CaseId) -> Result<Ledger, CallError> {
        self.caller.ask(&ShowLedger { case }).await
    }

    /// Waits until the latest duty of a rule stands so.
    pub(crate) async fn duty_is(&self, case: CaseId, rule: &str, state: ObligationState) {
        eventually(&format!("{rule} is {state:?}"), SOON, async || {
            let duty = self.duty(case, rule).await?;
            if duty.state == state { Ok(()) } else { Err(format!("{:?}", duty.state)) }
        })
        .await;
    }

    /// Waits until a step of the latest duty of a rule was taken.
    pub(crate) async fn step_is_taken(&self, case: CaseId, rule: &str, kind: StepKind) {
        eventually(&format!("{rule}: step {kind:?}"), SOON, async || {
            let duty = self.duty(case, rule).await?;
            let taken = duty.steps.iter().any(|step| step.kind == kind);
            if taken { Ok(()) } else { Err(format!("{:?}", duty.steps)) }
        })
        .await;
    }

    /// The latest duty of a rule.
    pub(crate) async fn duty(&self, case: CaseId, rule: &str) -> Result<Obligation, String> {
        let ledger = self.ledger(case).await.map_err(|error| error.to_string())?;
        let mut duties: Vec<Obligation> =
            ledger.obligations.into_iter().filter(|duty| duty.rule == rule).collect();
        duties.sort_by_key(|duty| duty.started_at);
        duties.pop().ok_or_else(|| format!("no {rule}"))
    }

    /// Messages that came to an address or a telephone number.
    pub(crate) fn received(&self, by: &str) -> Vec<Message> {
        let messages = self.sinks.sinks.messages().all();
        messages.into_iter().filter(|message| message.to.contains(by)).collect()
    }

    /// Waits until so many messages have come to an address or a telephone number.
    pub(crate) async fn receives(&self, by: &str, count: usize) -> Vec<Message> {
        eventually(&format!("{by} has {count} messages"), SOON, async || {
            let messages = self.received(by);
            if messages.len() == count { Ok(messages) } else { Err(subjects(&messages)) }
        })
        .await
    }

    /// A connection to the broker.
    pub(crate) async fn client(&self) -> async_nats::Client {
        messaging::connect_client(&messaging_settings(&self.nats), "test").await.unwrap()
    }

    /// What is in a stream of the broker.
    pub(crate) async fn stream(
        &self,
        name: &str,
    ) -> Vec<async_nats::jetstream::message::StreamMessage> {
        let js = async_nats::jetstream::new(self.client().await);
        let stream = js.get_stream(name).await.unwrap();
        let state = stream.cached_info().state.clone();
        let mut messages = Vec::new();
        for sequence in state.first_sequence.max(1)..=state.last_sequence {
            messages.push(stream.get_raw_message(sequence).await.unwrap());
        }
        messages
    }

    /// A connection to the database of a service.
    pub(crate) async fn database(&self, service: &str) -> PgConnection {
        PgConnection::connect(&self.postgres.url(service)).await.unwrap()
    }

    /// What a service shows at `/metrics`.
    pub(crate) async fn metrics(&self, service: &str) -> String {
        get(self.probes[service], "/metrics").await.unwrap()
    }
}

fn subjects(messages: &[Message]) -> String {
    let subjects: Vec<_> =
        messages.iter().map(|message| format!("{:?}", message.subject)).collect();
    subjects.join(", ")
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

fn held(local: &str) -> Anchor {
    Anchor { domain: utc(local), real: chassis::real_now(), factor: 0.0 }
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
