//! Two services, `alpha` that owns things and `beta` that hears of them.

use chassis::config::{Common, Nats, Secret};
use chassis::{Clock, Process, Readiness, Tasks, Trace};
use contracts::{Aggregate, Version};
use messaging::{Bus, Handle, HandleError, Incoming, Outgoing, Subscription, outbox};
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool};
use test_support::{Broker, SOON, TestDatabase, eventually};

pub(crate) const THINGS: Subscription =
    Subscription { source: "alpha", part: "things", subjects: &[] };

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub(crate) id: String,
    pub(crate) value: i64,
}

impl Aggregate for Thing {
    const SUBJECT: &'static str = "hemgang.v1.alpha.thing_changed";

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// One service: its database, its bus, its end.
pub(crate) struct Service {
    pub(crate) database: TestDatabase,
    pub(crate) bus: Bus,
    pub(crate) process: Process,
    name: &'static str,
    common: Common,
}

impl Service {
    pub(crate) async fn start(name: &'static str, broker: &Broker) -> Self {
        let database = TestDatabase::create(&[&messaging::migrator()]).await;
        sqlx::query("create table thing (id text primary key, epoch int, n bigint, value bigint)")
            .execute(&database.pool)
            .await
            .unwrap();
        let mut common = Common::default();
        common.database.url = Secret::new(&database.url);
        common.nats = Nats { url: Secret::new(broker.url()), credentials: None };
        let process = process();
        let (tasks, readiness) = (Tasks::default(), Readiness::default());
        let process = Process { tasks, readiness, ..process };
        provision(name, &common).await;
        let bus = Bus::connect(&common, name, "0.1.0", &Migrator::DEFAULT, &process).await.unwrap();
        Self { database, bus, process, name, common }
    }

    /// A second process of the same service, on the same database.
    pub(crate) async fn replica(&self) -> (Bus, Process) {
        let process = process();
        let bus = Bus::connect(&self.common, self.name, "0.1.0", &Migrator::DEFAULT, &process)
            .await
            .unwrap();
        (bus, process)
    }

    pub(crate) async fn provision(&self) {
        provision(self.name, &self.common).await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// Changes things in one transaction.
    pub(crate) async fn say(&self, things: &[Thing]) {
        let now = self.process.clock.now();
        let snapshots = things
            .iter()
            .map(|thing| Outgoing::new(thing, "thing_changed", true, Trace::start()).unwrap())
            .collect();
        let mut tx = self.pool().begin().await.unwrap();
        outbox::put(&mut tx, snapshots, now).await.unwrap();
        tx.commit().await.unwrap();
        self.bus.wake();
    }

    /// Waits until these are the things that are known here.
    pub(crate) async fn knows(&self, expected: &[Thing]) {
        eventually("the things are known", SOON, async || {
            let known = self.things().await;
            if known == expected { Ok(()) } else { Err(format!("{} are known", known.len())) }
        })
        .await;
    }

    pub(crate) async fn things(&self) -> Vec<Thing> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("select id, value from thing order by id collate \"C\"")
                .fetch_all(self.pool())
                .await
                .unwrap();
        rows.into_iter().map(|(id, value)| Thing { id, value }).collect()
    }
}

fn process() -> Process {
    Process { clock: Clock::system(), tasks: Tasks::default(), readiness: Readiness::default() }
}

async fn provision(name: &'static str, common: &Common) {
    let own = sqlx::migrate::Migrator::with_migrations(Vec::new());
    let subscriptions: &[Subscription] = if name == "beta" { &[THINGS] } else { &[] };
    Bus::provision(common, name, &own, subscriptions).await.unwrap();
}

pub(crate) fn things(count: usize) -> Vec<Thing> {
    (0..count).map(|n| Thing { id: format!("{n:04}"), value: 1 }).collect()
}

/// Keeps the newest version of each thing. A thing with a negative value cannot be handled.
pub(crate) struct Keep;

impl Handle for Keep {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        for event in events {
            let thing: Thing = event.snapshot()?;
            if thing.value < 0 {
                return Err(HandleError::Message("a negative value".to_owned()));
            }
            keep(tx, &thing, event.version).await?;
        }
        Ok(())
    }
}

async fn keep(tx: &mut PgConnection, thing: &Thing, version: Version) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into thing as t values ($1, $2, $3, $4) on conflict (id) do update
           set epoch = excluded.epoch, n = excluded.n, value = excluded.value
           where (t.epoch, t.n) < (excluded.epoch, excluded.n)",
    )
    .bind(&thing.id)
    .bind(version.epoch)
    .bind(version.n)
    .bind(thing.value)
    .execute(tx)
    .await?;
    Ok(())
}
