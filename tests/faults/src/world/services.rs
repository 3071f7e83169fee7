//! The services as processes, and a supervisor that starts what ends.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use embedded::{Log, Program, Signal, Supervised};

use super::http;

/// The order in which they are started.
pub(crate) const SERVICES: [&str; 5] =
    ["admissions", "coordination", "sip", "deadlines", "notifications"];
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a supervisor waits before it starts a process again.
const AGAIN: Duration = Duration::from_millis(300);

/// What should be so of a process.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    Up,
    Down,
}

/// One process of a service.
struct Replica {
    service: &'static str,
    program: Program,
    probes: SocketAddr,
    process: Option<Supervised>,
    wanted: Wanted,
    ended: Option<Instant>,
}

/// A process that ended without having been told to.
#[derive(Clone, Debug)]
pub(crate) struct Exit {
    pub(crate) at: DateTime<Utc>,
    pub(crate) name: String,
    pub(crate) how: String,
}

/// All processes, by name: the service, and a number from the second on.
pub(crate) struct Services {
    logs: PathBuf,
    all: BTreeMap<String, Replica>,
    pub(crate) exits: Vec<Exit>,
}

impl Services {
    pub(crate) fn new(logs: PathBuf) -> Self {
        Self { logs, all: BTreeMap::new(), exits: Vec::new() }
    }

    pub(crate) fn add(
        &mut self,
        name: String,
        service: &'static str,
        program: Program,
        probes: SocketAddr,
    ) {
        let (process, wanted, ended) = (None, Wanted::Down, None);
        self.all.insert(name, Replica { service, program, probes, process, wanted, ended });
    }

    /// The names of a service's processes.
    pub(crate) fn of(&self, service: &str) -> Vec<String> {
        let own = self.all.iter().filter(|(_, replica)| replica.service == service);
        own.map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.all.keys().cloned().collect()
    }

    fn get(&mut self, name: &str) -> anyhow::Result<&mut Replica> {
        self.all.get_mut(name).with_context(|| format!("there is no process {name}"))
    }

    fn log(&self, name: &str) -> anyhow::Result<Log> {
        Ok(Log::open(self.logs.join(format!("{name}.log")), PATIENCE)?)
    }

    /// Makes schemas, streams and durables (again), as a deployment does: each tried until it succeeds.
    pub(crate) fn provision(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut left: Vec<&str> = SERVICES.to_vec();
        while !left.is_empty() {
            let started = left.iter().map(|service| {
                let replica = self.all.get(*service).context("a service that was not added")?;
                let log = self.log(&format!("{service}-provision"))?;
                Ok((*service, Supervised::start(&replica.program.clone().arg("provision"), &log)?))
            });
            let started: Vec<(&str, Supervised)> = started.collect::<anyhow::Result<_>>()?;
            left.clear();
            for (service, mut running) in started {
                let ended = running.wait(PATIENCE)?;
                if !ended.is_some_and(|status| status.success()) {
                    left.push(service);
                }
            }
            anyhow::ensure!(
                begun.elapsed() < PATIENCE || left.is_empty(),
                "not provisioned: {left:?}"
            );
        }
        Ok(())
    }

    pub(crate) fn start(&mut self, name: &str) -> anyhow::Result<()> {
        let log = self.log(name)?;
        let replica = self.get(name)?;
        replica.process = Some(Supervised::start(&replica.program, &log)?);
        (replica.wanted, replica.ended) = (Wanted::Up, None);
        Ok(())
    }

    /// Kills by SIGKILL; it is not started again until somebody does.
    pub(crate) fn kill(&mut self, name: &str) -> anyhow::Result<()> {
        let replica = self.get(name)?;
        replica.wanted = Wanted::Down;
        replica.process.take().map_or(Ok(()), |mut process| Ok(process.kill()?))
    }

    /// Stops in good order.
    pub(crate) fn stop(&mut self, name: &str) -> anyhow::Result<()> {
        let replica = self.get(name)?;
        replica.wanted = Wanted::Down;
        replica.process.take().map_or(Ok(()), |mut process| Ok(process.stop()?))
    }

    /// Lets a process stand still, or go on.
    pub(crate) fn signal(&mut self, name: &str, signal: Signal) -> anyhow::Result<()> {
        if let Some(process) = &mut self.get(name)?.process {
            process.signal(signal);
        }
        Ok(())
    }

    /// Starts what has ended although it should run, as a supervisor does.
    pub(crate) fn tend(&mut self) -> anyhow::Result<()> {
        let mut again = Vec::new();
        for (name, replica) in &mut self.all {
            let ended = replica.process.as_mut().map(Supervised::try_wait).transpose()?.flatten();
            if let Some(status) = ended {
                let (at, name, how) = (chassis::real_now(), name.clone(), status.to_string());
                self.exits.push(Exit { at, name, how });
                (replica.process, replica.ended) = (None, Some(Instant::now()));
            }
            let rested = replica.ended.is_some_and(|ended| ended.elapsed() > AGAIN);
            if replica.wanted == Wanted::Up && rested {
                again.push(name.clone());
            }
        }
        again.into_iter().try_for_each(|name| self.start(&name))
    }

    /// Those that are not ready, and why.
    pub(crate) async fn unready(&self) -> Vec<String> {
        let mut unready = Vec::new();
        for (name, replica) in &self.all {
            match http::get(replica.probes, "/readyz").await {
                Ok((200, _)) => {}
                Ok((_, body)) => unready.push(format!("{name}: {}", body.trim())),
                Err(error) => unready.push(format!("{name}: {error}")),
            }
        }
        unready
    }

    /// What the processes show at `/metrics`.
    pub(crate) async fn metrics(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, replica) in &self.all {
            if let Ok((_, body)) = http::get(replica.probes, "/metrics").await {
                all.push((format!("{name} /metrics"), body));
            }
        }
        all
    }

    pub(crate) fn logs(&self) -> &Path {
        &self.logs
    }

    pub(crate) fn stop_all(&mut self) {
        for name in self.names() {
            // What does not stop has a supervisor that ends it after us.
            let _ = self.stop(&name);
        }
    }
}

/// An address that a process can be told to listen on; below the ports that connections are given,
/// where one could take it before the process does.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..1_000 {
        let next =
            std::process::id().wrapping_mul(31).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(12_000 + next % 20_000)?;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    anyhow::bail!("no free port")
}
