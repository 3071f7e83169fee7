//! A service's place on the broker and in its database.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::{Client, ConnectOptions, ServerAddr};
use chassis::config::{Common, Nats};
use chassis::program::{BadConfiguration, DependencyMissing};
use chassis::{Clock, Process, Readiness, Tasks, db};
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use tokio::sync::{Notify, watch};

use crate::caller::Caller;
use crate::commands::{self, Serve};
use crate::consumer::{self, Handle, Subscription};
use crate::pull::{self, Pull, Take};
use crate::relay;
use crate::streams::StreamSpec;

/// So many at once are a sign of more to come.
const MUCH: usize = 16;
/// How long more is waited for then (real time).
const GATHER: Duration = Duration::from_millis(10);

/// No connection to the broker.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The credentials file could not be read.
    #[error("read the broker credentials (nats.credentials)")]
    Credentials(#[source] std::io::Error),
    /// The address is none.
    #[error("understand the broker's address (NATS_URL)")]
    Address(#[source] std::io::Error),
    /// The broker did not answer, or refused.
    #[error("connect to the broker (NATS_URL)")]
    Connect(#[source] async_nats::ConnectError),
}

async fn connect_service(settings: &Nats, service: &str) -> anyhow::Result<Client> {
    connect_client(settings, service).await.map_err(|error| {
        let is_missing = matches!(error, ConnectError::Connect(_));
        let error = anyhow::Error::new(error);
        if is_missing { error.context(DependencyMissing) } else { error.context(BadConfiguration) }
    })
}

/// Connects to the broker. A lost connection is tried again for ever.
pub async fn connect_client(settings: &Nats, name: &str) -> Result<Client, ConnectError> {
    let mut options = ConnectOptions::new()
        .name(name)
        .custom_inbox_prefix(format!("_INBOX_{name}"))
        .ping_interval(Duration::from_secs(5))
        .connection_timeout(Duration::from_secs(5))
        .request_timeout(Some(Duration::from_secs(5)))
        .max_reconnects(None)
        .reconnect_delay_callback(reconnect_delay);
    if let Some(file) = &settings.credentials {
        options = options.credentials_file(file).await.map_err(ConnectError::Credentials)?;
    }
    let servers: Vec<ServerAddr> = settings
        .url
        .expose()
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(ConnectError::Address)?;
    // The client library does not take user and password out of the address by itself.
    let known = servers.iter().find_map(|server| Some((server.username()?, server.password()?)));
    if let Some((user, password)) = known {
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    options.connect(servers).await.map_err(ConnectError::Connect)
}

/// 100 ms at first, 5 s at most.
fn reconnect_delay(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.min(6)).unwrap_or(6);
    Duration::from_millis(50 << doublings).min(Duration::from_secs(5))
}

/// What a service talks through. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    pub(crate) service: &'static str,
    pub(crate) release: &'static str,
    pub(crate) pool: PgPool,
    pub(crate) client: Client,
    pub(crate) js: jetstream::Context,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
    pub(crate) readiness: Readiness,
    commits: watch::Sender<()>,
    pub(crate) replay: Arc<Notify>,
    pub(crate) subscriptions: Vec<Subscription>,
}

impl Bus {
    /// Connects a service to its database, whose schema must be provisioned, and to the broker.
    pub async fn connect(
        common: &Common,
        service: &'static str,
        release: &'static str,
        schema: &Migrator,
        process: &Process,
    ) -> anyhow::Result<Self> {
        let pool = db::connect(&common.database, service).await?;
        db::verify(&pool, &[&crate::migrator(), schema]).await?;
        let client = connect_service(&common.nats, service).await?;
        let js = jetstream::ContextBuilder::new()
            .timeout(Duration::from_secs(5))
            .ack_timeout(Duration::from_secs(5))
            .max_ack_inflight(1_024)
            .backpressure_on_inflight(true)
            .build(client.clone());
        Ok(Self {
            service,
            release,
            pool,
            client,
            js,
            clock: process.clock.clone(),
            tasks: process.tasks.clone(),
            readiness: process.readiness.clone(),
            commits: watch::Sender::default(),
            replay: Arc::default(),
            subscriptions: Vec::new(),
        })
    }

    /// Makes what a service needs, or brings it up to date: the schema `messaging` and its own, its
    /// stream, and its durables on the streams that it consumes. Returns the two connections for
    /// what a service must make besides.
    pub async fn provision(
        common: &Common,
        service: &'static str,
        schema: &Migrator,
        subscriptions: &[Subscription],
    ) -> anyhow::Result<(PgPool, jetstream::Context)> {
        let pool = db::connect_without_bounds(&common.database, service).await?;
        db::migrate(&pool, &[&crate::migrator(), schema]).await?;
        let client = connect_service(&common.nats, service).await?;
        let js = jetstream::new(client);
        StreamSpec::events_of(service).ensure(&js).await?;
        for subscription in subscriptions {
            StreamSpec::events_of(subscription.source).ensure(&js).await?;
            subscription.durable(service).ensure(&js).await?;
        }
        Ok((pool, js))
    }

    /// Starts the relay: what the outbox holds is published, by one process at a time.
    pub fn start_relay(&self) {
        self.tasks.spawn_critical("relay", relay::run(self.clone()));
    }

    /// Starts a consumer.
    pub fn start_consumer<H: Handle>(&mut self, subscription: Subscription, handler: H) {
        self.subscriptions.push(subscription.clone());
        self.tasks
            .spawn_critical(subscription.part, consumer::run(self.clone(), subscription, handler));
    }

    /// Starts to pull messages that are no events.
    pub fn start_pull<T: Take>(&self, pull: Pull, take: T) {
        self.tasks.spawn_critical(pull.part, pull::run(self.clone(), pull, take));
    }

    /// Starts to answer commands. Call it last: the status answer names the consumers.
    pub fn start_commands<S: Serve>(&self, serve: S) {
        // Whoever is told that the process is ready may ask it at once.
        self.readiness.down("commands", "not yet offered");
        self.tasks.spawn_critical("commands", commands::run(self.clone(), serve));
    }

    /// Waits a moment after much at once, for more: the larger the batch, the less each costs. What
    /// comes now and then waits for nobody.
    pub(crate) async fn gather(&self, handled: usize) {
        if handled >= MUCH {
            self.tasks.pause(GATHER).await;
        }
    }

    /// Tells the relay, and whoever else acts on what this process commits, that something was
    /// committed. Losing the call costs a tenth of a second.
    pub fn wake(&self) {
        self.commits.send_replace(());
    }

    /// Changes whenever this process has committed something.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<()> {
        self.commits.subscribe()
    }

    /// The database.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Domain time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The process's tasks.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// What the process lacks.
    #[must_use]
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// The broker connection, for edges that speak to it themselves.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// JetStream, for edges that speak to it themselves.
    #[must_use]
    pub fn jetstream(&self) -> &jetstream::Context {
        &self.js
    }

    /// Asks other services.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller::new(self.client.clone())
    }
}
