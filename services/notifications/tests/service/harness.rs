//! The service in this process, on a real Postgres and a real broker, with stand-ins for the mail
//! server and the SMS gateways, and with this test in the place of `deadlines` and `sip`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

use async_nats::HeaderMap;
use chassis::clock::Anchor;
use chassis::config::{Common, Nats, Settings};
use chassis::db::Database;
use chassis::{Clock, Process, Program, Readiness, Secret, Tasks, new_id, real_now};
use contracts::alert::AlertState;
use contracts::commands::{Actor, Command, CountAlerts, ImportContactPoints, ListAlerts, any};
use contracts::{Aggregate, Alert, CaseId, CommandId, Event, EventId, Ledger, Sip};
use embedded::sinks::{Message, Provider, RunningSinks, Sinks};
use messaging::{CallError, Caller};
use notifications::Notifications;
use notifications::config::{Carrier, Http, Link, Own, Sms, Smtp};
use notifications::sms::Account;
use serde::Serialize;
use test_support::{Broker, SOON, TestDatabase, eventually};

/// Seals links and report addresses in these tests.
pub(crate) const KEY: &str = "a key of thirty-two bytes or more";

/// The service and its surroundings.
pub(crate) struct Service {
    pub(crate) database: TestDatabase,
    pub(crate) sinks: RunningSinks,
    pub(crate) caller: Caller,
    pub(crate) base_url: String,
    pub(crate) js: async_nats::jetstream::Context,
    settings: Settings<Own>,
    version: AtomicI64,
    replicas: Vec<Tasks>,
    /// Where the clock is that is held, if it is.
    held: Option<tempfile::TempDir>,
    _broker: Broker,
}

/// Which SMS providers are set up.
pub(crate) const BOTH: &[Carrier] = &[Carrier::Elks, Carrier::Kannel];

impl Service {
    /// Provisions and starts it.
    pub(crate) async fn start(carriers: &[Carrier]) -> Self {
        Self::start_with(carriers, None).await
    }

    /// Provisions and starts it with domain time held.
    pub(crate) async fn start_at(carriers: &[Carrier], at: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        hold(&folder, at);
        Self::start_with(carriers, Some(folder)).await
    }

    async fn start_with(carriers: &[Carrier], held: Option<tempfile::TempDir>) -> Self {
        let (database, broker, sinks) = tokio::join!(
            TestDatabase::create(&[]),
            Broker::start(),
            Sinks::start(embedded::sinks::Settings::default())
        );
        let sinks = sinks.expect("the stand-ins start");
        let settings = settings(&database, &broker, &sinks, carriers);
        Notifications::provision(settings.clone()).await.expect("the service is provisioned");
        let client = broker.client().await;
        let mut service = Self {
            caller: Caller::new(client.clone()),
            js: async_nats::jetstream::new(client),
            base_url: settings.service.link.base_url.to_string(),
            settings,
            database,
            sinks,
            version: AtomicI64::new(0),
            replicas: Vec::new(),
            held,
            _broker: broker,
        };
        service.start_replica().await;
        service
    }

    /// Starts one process more, or the first; ready when it returns.
    pub(crate) async fn start_replica(&mut self) {
        let mut settings = self.settings.clone();
        if !self.replicas.is_empty() {
            settings.service.http.addr.set_port(0);
        }
        let held = self.held.as_ref().map(|folder| Clock::file(&folder.path().join("clock")));
        let process = Process {
            clock: held.transpose().unwrap().unwrap_or_else(Clock::system),
            tasks: Tasks::default(),
            readiness: Readiness::default(),
        };
        Notifications::start(settings, process.clone()).await.expect("the service starts");
        self.replicas.push(process.tasks);
        eventually("the service answers", SOON, async || self.caller.ask(&CountAlerts {}).await)
            .await;
    }

    /// Sets domain time, which is held.
    pub(crate) fn set_clock(&self, at: &str) {
        hold(self.held.as_ref().expect("a clock that is held"), at);
    }

    /// Imports contact points, given as JSON.
    pub(crate) async fn import(&self, units: serde_json::Value) -> contracts::commands::Imported {
        let import = serde_json::from_value(serde_json::json!({ "units": units })).unwrap();
        self.call::<ImportContactPoints>(&import).await.expect("the import is accepted")
    }

    /// Gives a command on behalf of somebody.
    pub(crate) async fn call<C: Command>(&self, command: &C) -> Result<C::Answer, CallError> {
        let actor = Actor {
            staff: "SE2321000180-9A2B".parse().unwrap(),
            unit: "SE2321000180-VC01".parse().unwrap(),
        };
        self.caller.call(command, CommandId(new_id()), &actor).await
    }

    /// Tells a ledger as the version after the last one told.
    pub(crate) async fn tell(&self, ledger: &Ledger) {
        let version = self.version.fetch_add(1, Ordering::Relaxed) + 1;
        self.tell_version(ledger, version).await;
    }

    /// Tells a ledger as a certain version.
    pub(crate) async fn tell_version(&self, ledger: &Ledger, version: i64) {
        self.publish("deadlines", "ledger_changed", ledger, version).await;
    }

    /// Tells a plan as the version after the last one told.
    pub(crate) async fn tell_plan(&self, sip: &Sip) {
        let version = self.version.fetch_add(1, Ordering::Relaxed) + 1;
        self.tell_plan_version(sip, version).await;
    }

    /// Tells a plan as a certain version.
    pub(crate) async fn tell_plan_version(&self, sip: &Sip, version: i64) {
        self.publish("sip", "meeting_set", sip, version).await;
    }

    async fn publish<A: Aggregate + Serialize>(
        &self,
        service: &str,
        kind: &str,
        snapshot: &A,
        version: i64,
    ) {
        let id = EventId(new_id());
        let event = Event {
            specversion: "1.0".to_owned(),
            id,
            source: format!("/hemgang/{service}"),
            kind: kind.to_owned(),
            subject: snapshot.key(),
            time: real_now(),
            datacontenttype: "application/json".to_owned(),
            epoch: 1,
            version,
            traceparent: None,
            data: snapshot,
        };
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", id.to_string());
        let payload = serde_json::to_vec(&event).unwrap();
        let sent = self.js.publish_with_headers(A::SUBJECT, headers, payload.into()).await;
        sent.expect("the broker is there").await.expect("the broker keeps it");
    }

    /// Waits until everything that was told has been handled.
    pub(crate) async fn has_heard(&self) {
        eventually("all events are handled", SOON, async || {
            let status: any::Status =
                self.caller.ask_any("notifications", any::STATUS, &()).await.map_err(show)?;
            let quiet = status.consumers.iter().all(|one| one.pending == 0 && one.in_hand == 0);
            if quiet && status.dead_letters == 0 { Ok(()) } else { Err(show(status)) }
        })
        .await;
    }

    /// The alerts of a case.
    pub(crate) async fn alerts(&self, case: CaseId) -> Vec<Alert> {
        self.caller
            .ask(&ListAlerts { case: Some(case), state: None })
            .await
            .expect("the service answers")
    }

    /// Waits until the alerts of a case stand like this, in any order.
    pub(crate) async fn stands(&self, case: CaseId, wanted: &[AlertState]) -> Vec<Alert> {
        eventually("the alerts stand as they should", SOON, async || {
            let alerts = self.alerts(case).await;
            let mut states: Vec<String> = alerts.iter().map(|one| show(one.state)).collect();
            let mut wanted: Vec<String> = wanted.iter().map(show).collect();
            states.sort();
            wanted.sort();
            if states == wanted { Ok(alerts) } else { Err(states.join(", ")) }
        })
        .await
    }

    /// How many deliveries are in each state.
    pub(crate) async fn deliveries(&self) -> HashMap<String, i64> {
        let sql = "select state, count(*) from delivery group by state";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(sql).fetch_all(&self.database.pool).await.unwrap();
        rows.into_iter().collect()
    }

    /// Waits until deliveries are in these states.
    pub(crate) async fn delivered(&self, wanted: &[(&str, i64)]) {
        let wanted: HashMap<String, i64> =
            wanted.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect();
        eventually("the deliveries stand as they should", SOON, async || {
            let found = self.deliveries().await;
            if found == wanted { Ok(()) } else { Err(show(found)) }
        })
        .await;
    }

    /// Waits until so many mails were refused for now, once each, and nothing is under way.
    pub(crate) async fn refused(&self, mails: u64) {
        eventually("the mails were refused once", SOON, async || {
            let attempts = self.sinks.sinks.attempts(Provider::Smtp);
            if attempts >= mails { Ok(()) } else { Err(attempts) }
        })
        .await;
        self.delivered(&[("queued", i64::try_from(mails).unwrap())]).await;
    }

    /// Ends the wait before the next attempts.
    pub(crate) async fn hasten(&self) {
        let sql = "update delivery set next_attempt_at = now() where state = 'queued'";
        sqlx::query(sql).execute(&self.database.pool).await.unwrap();
    }

    /// As if the processes that hold leases had been killed.
    pub(crate) async fn lose_leases(&self) {
        let sql = "update delivery set lease_until = now() - interval '1 second'
                    where state = 'attempting'";
        sqlx::query(sql).execute(&self.database.pool).await.unwrap();
    }

    /// Waits until a recipient has this many messages, without any wait between attempts.
    pub(crate) async fn inbox(&self, to: &str, count: usize) -> Vec<Message> {
        eventually("the messages are there", SOON, async || {
            self.hasten().await;
            let found = self.sinks.sinks.messages().to(to);
            if found.len() == count { Ok(found) } else { Err(found.len()) }
        })
        .await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        for tasks in &self.replicas {
            tasks.stop();
        }
    }
}

fn hold(folder: &tempfile::TempDir, at: &str) {
    let anchor = Anchor { domain: at.parse().unwrap(), real: real_now(), factor: 0.0 };
    anchor.write(&folder.path().join("clock")).unwrap();
}

pub(crate) fn show(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

fn settings(
    database: &TestDatabase,
    broker: &Broker,
    sinks: &RunningSinks,
    carriers: &[Carrier],
) -> Settings<Own> {
    let addr = test_support::free_address();
    let account = |carrier| {
        carriers.contains(&carrier).then(|| Account {
            url: Some(format!("http://{}", sinks.sms).try_into().expect("an address")),
            user: "hemgang".to_owned(),
            password: Secret::new("secret"),
            from: "Hemgang".to_owned().try_into().expect("a sender"),
        })
    };
    let base_url = format!("http://{addr}").try_into().expect("an address");
    let key = Secret::new(KEY);
    Settings {
        common: Common {
            database: Database { url: Secret::new(&database.url), max_connections: 8 },
            nats: Nats { url: Secret::new(broker.url()), credentials: None },
            ..Common::default()
        },
        service: Own {
            smtp: Smtp {
                url: Secret::new(sinks.smtp_url()),
                from: "Hemgång <hemgang@example.se>".to_owned(),
                reply_to: None,
                ca_file: None,
            },
            sms: Sms {
                order: carriers.to_vec(),
                elks: account(Carrier::Elks),
                kannel: account(Carrier::Kannel),
            },
            link: Link { base_url, key, valid_hours: 72 },
            http: Http { addr },
        },
    }
}
