//! The one `main` of every service.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;

use crate::config::{self, Common, Settings};
use crate::db::{self, DatabaseError};
use crate::{Clock, Readiness, Tasks, probes, telemetry};

/// Failure, as against wrong usage or configuration.
const FAILURE: u8 = 1;
/// Wrong usage.
const USAGE: u8 = 2;
/// A dependency is missing: the database or the broker cannot be reached, or is not provisioned.
const DEPENDENCY: u8 = 69;
/// Bad configuration.
const CONFIG: u8 = 78;

/// A service as a process.
pub trait Program {
    /// Its name: package, binary, stream and subject root.
    const NAME: &'static str;
    /// Its release.
    const RELEASE: &'static str;
    /// The port of its probes unless set.
    const PROBES_PORT: u16;
    /// Its own settings.
    type Settings: Serialize + DeserializeOwned + Default + Send;

    /// Checks what the types of the settings cannot: files that they name, values that must go
    /// together. Asks nobody over the network.
    fn check(_settings: &Settings<Self::Settings>) -> anyhow::Result<()> {
        Ok(())
    }

    /// Makes schema, streams and durables, or brings them up to date. Repeating it is harmless.
    fn provision(
        settings: Settings<Self::Settings>,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Connects and spawns the service's tasks; returns when they run.
    fn start(
        settings: Settings<Self::Settings>,
        process: Process,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What a running service is given.
#[derive(Clone, Debug)]
pub struct Process {
    /// Domain time.
    pub clock: Clock,
    /// Its tasks and its end.
    pub tasks: Tasks,
    /// What it still lacks.
    pub readiness: Readiness,
}

/// Marks an error as a missing dependency, so that the process ends with exit code 69.
#[derive(Debug, thiserror::Error)]
#[error("a dependency is missing")]
pub struct DependencyMissing;

/// Marks an error as bad configuration, so that the process ends with exit code 78.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used")]
pub struct BadConfiguration;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// A settings file (TOML).
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// A setting, such as `--set nats.url=nats://broker:4222`; may be repeated.
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    settings: Vec<String>,
}

#[derive(Subcommand, Clone, Copy)]
enum Role {
    /// Serve (the default).
    Serve,
    /// Make schema, streams and durables, or bring them up to date.
    Provision,
    /// Print the settings in force, secrets masked.
    CheckConfig,
}

/// Runs a service's process; `arguments` begin with the program's name.
pub fn main<P: Program>(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    let settings = match config::load(arguments.config.as_deref(), &arguments.settings) {
        Ok(settings) => settings,
        Err(error) => return complain::<P>(&anyhow::Error::new(error), CONFIG),
    };
    let result = match arguments.role.unwrap_or(Role::Serve) {
        Role::CheckConfig => check::<P>(&settings).map(|()| print(&settings.shown())),
        Role::Provision => check_common(&settings.common).and_then(|()| {
            block_on(async {
                telemetry::start(&settings.common.log)?;
                P::provision(settings).await
            })
        }),
        Role::Serve => check::<P>(&settings).and_then(|()| block_on(serve::<P>(settings))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain::<P>(&error, code_of(&error)),
    }
}

fn check<P: Program>(settings: &Settings<P::Settings>) -> anyhow::Result<()> {
    check_common(&settings.common)?;
    P::check(settings).context(BadConfiguration)
}

fn check_common(common: &Common) -> anyhow::Result<()> {
    let check = || {
        db::address(&common.database)?;
        telemetry::filter(&common.log)?;
        clock(common).map(drop)
    };
    check().context(BadConfiguration)
}

fn code_of(error: &anyhow::Error) -> u8 {
    let database = error.downcast_ref::<DatabaseError>();
    if error.is::<BadConfiguration>() || matches!(database, Some(DatabaseError::Address(_))) {
        CONFIG
    } else if error.is::<DependencyMissing>() || database.is_some() {
        DEPENDENCY
    } else {
        FAILURE
    }
}

fn block_on(future: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    // Two TLS providers could be linked in by accident; choosing one here cannot fail twice.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?
        .block_on(future)
}

async fn serve<P: Program>(settings: Settings<P::Settings>) -> anyhow::Result<()> {
    telemetry::start(&settings.common.log)?;
    let process = Process {
        clock: clock(&settings.common)?,
        tasks: Tasks::default(),
        readiness: Readiness::default(),
    };
    tracing::info!(service = P::NAME, release = P::RELEASE, "starting");
    let addr = settings
        .common
        .probes
        .addr
        .unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, P::PROBES_PORT)));
    let listener = listen(addr).await?;
    process.readiness.down("start", "starting");
    let (readiness, stop) = (process.readiness.clone(), process.tasks.stop_token());
    process.tasks.spawn_critical("probes", async move {
        probes::serve(listener, readiness, stop).await;
        Ok(())
    });
    // A signal that comes while it is starting is heard, too.
    let tasks = process.tasks.clone();
    let stopped = tokio::spawn(async move { tasks.run_until_stopped().await });
    tokio::select! {
        started = P::start(settings, process.clone()) => started?,
        () = process.tasks.stop_token().cancelled_owned() => {}
    }
    process.readiness.up("start");
    stopped.await.context("wait for the end")?
}

/// The domain clock that the settings ask for.
pub fn clock(common: &Common) -> anyhow::Result<Clock> {
    match &common.clock.file {
        None => Ok(Clock::system()),
        Some(path) if common.clock.demo => Ok(Clock::file(path)?),
        Some(_) => anyhow::bail!("clock.file is for the demo only: set clock.demo as well"),
    }
}

/// Binds a port, and says what to do when it is taken.
pub async fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).await.with_context(|| {
        format!("listen on {addr}: if another program uses the port, choose another one")
    })
}

#[expect(clippy::print_stdout, reason = "check-config prints")]
fn print(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "the last words of a process that may not log yet")]
fn complain<P: Program>(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("{}: {error:#}", P::NAME);
    ExitCode::from(code)
}
