//! Postgres and nats-server: started, killed, stopped with all their children, and their files.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use embedded::nats::{self, Nats};
use embedded::postgres::{self, Postgres};
use embedded::{Cache, Parts, Search};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// How long a server may take to come back; what is left of the old one must go first.
const PATIENCE: Duration = Duration::from_secs(30);

/// Both servers. They end with it.
pub(crate) struct Servers {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    /// A copy of the broker's store, taken earlier.
    copy: Option<PathBuf>,
}

impl Servers {
    /// Starts both, with data in a folder. Postgres' is kept: what is thrown away is not written before
    /// a commit is answered, so that killing it would lose what was committed.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let cache = Cache::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.hemgang/cache"));
        let mut quiet = |_| {};
        let parts = Parts::locate(&Search::machine(), &cache, &mut quiet)?;
        let of_postgres = postgres::Settings::kept(folder.join("postgres"));
        let of_nats = nats::Settings::kept(folder.join("nats"));
        let postgres = postgres::start(&parts.postgres, &of_postgres, &mut quiet)?;
        let nats = nats::start(&parts.nats_server, &of_nats)?;
        Ok(Self { postgres, nats, copy: None })
    }

    /// A connection to a database that goes through no link.
    pub(crate) async fn database(&self, database: &str) -> anyhow::Result<PgConnection> {
        let connection = PgConnection::connect(&self.postgres.url(database)).await;
        connection.with_context(|| format!("connect to the database {database}"))
    }

    /// Carries out statements in the database `postgres`, one after the other.
    pub(crate) async fn administer(&self, statements: &[String]) -> anyhow::Result<()> {
        let mut admin = self.database("postgres").await?;
        for statement in statements {
            admin.execute(AssertSqlSafe(statement.as_str())).await.context(statement.clone())?;
        }
        Ok(())
    }

    /// Starts Postgres again after it was killed, or whatever is left of it.
    pub(crate) fn restart_postgres(&mut self) -> anyhow::Result<()> {
        again(|| self.postgres.start_again())
    }

    /// Starts nats-server again after it was killed.
    pub(crate) fn restart_nats(&mut self) -> anyhow::Result<()> {
        again(|| self.nats.start_again())
    }

    /// Lets Postgres stand still, or go on: the server and all its children.
    pub(crate) fn signal_postgres(&self, signal: Signal) -> anyhow::Result<()> {
        let server = self.postgres.pid().context("Postgres runs")?;
        send(server, signal);
        // Only then: a server that goes on makes children.
        for child in children(server) {
            send(child, signal);
        }
        Ok(())
    }

    /// Kills Postgres with all its children, wherever they stand.
    pub(crate) fn kill_postgres_and_children(&self) -> anyhow::Result<()> {
        let server = self.postgres.pid().context("Postgres runs")?;
        let children = children(server);
        send(server, Signal::KILL);
        for child in children {
            send(child, Signal::KILL);
        }
        Ok(())
    }

    pub(crate) fn signal_nats(&mut self, signal: embedded::Signal) {
        self.nats.signal(signal);
    }

    /// Copies the broker's store while the broker stands still.
    pub(crate) fn copy_store(&mut self, to: &Path) -> anyhow::Result<()> {
        self.signal_nats(embedded::Signal::Stop);
        let copied = copy(&self.nats.store(), to);
        self.signal_nats(embedded::Signal::Cont);
        copied?;
        self.copy = Some(to.to_owned());
        Ok(())
    }

    /// Kills the broker and puts the copy in the place of its store.
    pub(crate) fn put_store_back(&mut self) -> anyhow::Result<()> {
        let copied = self.copy.take().context("a copy of the store")?;
        self.nats.kill()?;
        self.nats.delete_store()?;
        std::fs::rename(copied, self.nats.store()).context("put the store back")?;
        self.restart_nats()
    }
}

fn again(mut start: impl FnMut() -> Result<(), embedded::Error>) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        match start() {
            Err(_) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(200)),
            started => return Ok(started?),
        }
    }
}

fn send(pid: u32, signal: Signal) {
    // Who has ended meanwhile needs no signal.
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let _ = pid.map(|pid| kill_process(pid, signal));
}

/// The children of a process, as Linux tells them.
fn children(of: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children"));
    let list = list.unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    anyhow::ensure!(copied.is_ok_and(|status| status.success()), "copy {}", from.display());
    Ok(())
}
