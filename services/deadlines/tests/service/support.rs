//! The running service, and the services that it hears, reduced to their outboxes.

use std::path::Path;

use chassis::clock::Anchor;
use chassis::config::{Common, Nats, Secret, Settings};
use chassis::{Clock, Process, Program, Readiness, Tasks, Trace};
use chrono::{DateTime, Utc};
use contracts::commands::{Refusal, ShowLedger};
use contracts::ledger::{Obligation, ObligationState};
use contracts::{Aggregate, CaseId, Ledger};
use deadlines::app::Own;
use messaging::{Answer, Bus, Call, Caller, CommandError, Outgoing, Serve, outbox};
use sqlx::migrate::Migrator;
use sqlx::{PgConnection, Postgres, Transaction};
use test_support::{Broker, SOON, TestDatabase, eventually};

pub(crate) struct World {
    broker: Broker,
    folder: tempfile::TempDir,
    database: TestDatabase,
}

/// A service that has nothing but its outbox.
pub(crate) struct Source {
    /// Kept, since it goes with its handle.
    _database: TestDatabase,
    bus: Bus,
}

impl World {
    /// The service runs; domain time is held at `now`.
    pub(crate) async fn start(now: &str) -> Self {
        let world = Self::provisioned(now).await;
        let process = Process {
            clock: Clock::file(&world.folder.path().join("clock")).unwrap(),
            tasks: Tasks::default(),
            readiness: Readiness::default(),
        };
        deadlines::Deadlines::start(world.settings(), process).await.unwrap();
        world
    }

    /// Everything is there for the service to run.
    pub(crate) async fn provisioned(now: &str) -> Self {
        let (broker, database) = (Broker::start().await, TestDatabase::create(&[]).await);
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("rulebooks")).unwrap();
        std::fs::create_dir(folder.path().join("payment")).unwrap();
        hold(&folder.path().join("clock"), now);
        let world = Self { broker, folder, database };
        world.provision().await.unwrap();
        world
    }

    pub(crate) async fn provision(&self) -> anyhow::Result<()> {
        deadlines::Deadlines::provision(self.settings()).await
    }

    fn settings(&self) -> Settings<Own> {
        let mut common = Common::default();
        common.database.url = Secret::new(&self.database.url);
        common.nats = Nats { url: Secret::new(self.broker.url()), credentials: None };
        let mut service = Own::default();
        service.rulebook.folder = Some(self.folder.path().join("rulebooks"));
        service.payment.folder = Some(self.folder.path().join("payment"));
        Settings { common, service }
    }

    /// What is stored of a case can no longer be read.
    pub(crate) async fn break_ledger(&self, case: CaseId) {
        sqlx::query("update ledger set snapshot = '{}' where case_id = $1")
            .bind(case.0)
            .execute(&self.database.pool)
            .await
            .unwrap();
    }

    /// The figures of all months have been counted up to a case, and nothing was found so far.
    pub(crate) async fn count_anew_after(&self, case: CaseId) {
        let text =
            "update statistics set counted_at = null, sums = '[]', after = $1, looked_at = 0";
        sqlx::query(text).bind(case.0).execute(&self.database.pool).await.unwrap();
    }

    pub(crate) fn write_rulebook(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join("rulebooks").join(name), text).unwrap();
    }

    pub(crate) fn write_policy(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join("payment").join(name), text).unwrap();
    }

    pub(crate) fn remove_rulebook(&self, name: &str) {
        std::fs::remove_file(self.folder.path().join("rulebooks").join(name)).unwrap();
    }

    pub(crate) fn set_time(&self, now: &str) {
        hold(&self.folder.path().join("clock"), now);
    }

    pub(crate) async fn source(&self, name: &'static str) -> Source {
        let database = TestDatabase::create(&[&messaging::migrator()]).await;
        let mut common = Common::default();
        common.database.url = Secret::new(&database.url);
        common.nats = Nats { url: Secret::new(self.broker.url()), credentials: None };
        let process = Process {
            clock: Clock::system(),
            tasks: Tasks::default(),
            readiness: Readiness::default(),
        };
        let bus = Bus::connect(&common, name, "0.1.0", &Migrator::DEFAULT, &process).await.unwrap();
        bus.start_relay();
        bus.start_commands(Nothing);
        Source { _database: database, bus }
    }

    pub(crate) async fn caller(&self) -> Caller {
        Caller::new(self.broker.client().await)
    }

    pub(crate) async fn ledger(&self, case: CaseId) -> Ledger {
        let caller = self.caller().await;
        eventually("there is a ledger", SOON, async || caller.ask(&ShowLedger { case }).await).await
    }

    /// Waits until the duty of a rule satisfies a condition.
    pub(crate) async fn duty(
        &self,
        case: CaseId,
        rule: &str,
        what: &str,
        is: impl Fn(&Obligation) -> bool,
    ) -> Obligation {
        eventually(what, SOON, async || {
            let ledger = self.ledger(case).await;
            let duty = ledger.obligations.into_iter().find(|duty| duty.rule == rule);
            let duty = duty.ok_or("there is no such duty")?;
            if is(&duty) { Ok(duty) } else { Err(format!("{:?}", duty.state)) }
        })
        .await
    }

    pub(crate) async fn duty_is(&self, case: CaseId, rule: &str, state: ObligationState) {
        self.duty(case, rule, "the duty's state", |duty| duty.state == state).await;
    }
}

impl Source {
    /// A transaction of the source.
    pub(crate) async fn begin(&self) -> Transaction<'static, Postgres> {
        self.bus.pool().begin().await.unwrap()
    }

    /// Says a snapshot at once.
    pub(crate) async fn say<A: Aggregate>(&self, snapshot: &A) {
        let mut tx = self.begin().await;
        write(&mut tx, snapshot).await;
        tx.commit().await.unwrap();
        self.bus.wake();
    }
}

/// Writes a snapshot to the outbox within a transaction.
pub(crate) async fn write<A: Aggregate>(tx: &mut PgConnection, snapshot: &A) {
    let outgoing = Outgoing::new(snapshot, "changed", true, Trace::start()).unwrap();
    outbox::put(tx, vec![outgoing], chassis::real_now()).await.unwrap();
}

struct Nothing;

impl Serve for Nothing {
    const COMMANDS: &'static [&'static str] = &[];
    const QUERIES: &'static [&'static str] = &[];

    async fn serve(&self, _: &mut PgConnection, _: &Call) -> Result<Answer, CommandError> {
        Err(Refusal::new("unknown_verb", "Okänt.", "Unknown.").into())
    }
}

pub(crate) fn at(local: &str) -> DateTime<Utc> {
    use chrono::TimeZone;
    let local = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    chrono_tz::Europe::Stockholm.from_local_datetime(&local).unwrap().to_utc()
}

fn hold(path: &Path, now: &str) {
    let anchor = Anchor { domain: at(now), real: chassis::real_now(), factor: 0.0 };
    anchor.write(path).unwrap();
}
