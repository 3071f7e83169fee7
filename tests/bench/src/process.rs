//! One process of a service. A replica is started like the first; only its addresses are its own.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use embedded::{Log, Program, Supervised};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a process may take to be of use.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(5);

/// A process that was made known, and runs or not.
pub(crate) struct Process {
    pub(crate) service: &'static str,
    /// The service's name, and from the second process on with its number.
    name: String,
    program: Program,
    probes: SocketAddr,
    log: Log,
    running: Option<Supervised>,
}

impl Process {
    pub(crate) fn new(
        service: &'static str,
        name: String,
        program: Program,
        probes: SocketAddr,
        log: Log,
    ) -> Self {
        Self { service, name, program, probes, log, running: None }
    }

    /// Makes what the service needs.
    pub(crate) async fn provision(&self) -> anyhow::Result<()> {
        let mut provision = Supervised::start(&self.program.clone().arg("provision"), &self.log)?;
        let ended = tokio::task::spawn_blocking(move || provision.wait(PATIENCE)).await??;
        let is_done = ended.is_some_and(|status| status.success());
        anyhow::ensure!(is_done, "{} cannot be provisioned: {}", self.name, self.tail());
        Ok(())
    }

    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        self.running = Some(Supervised::start(&self.program, &self.log)?);
        Ok(())
    }

    /// Waits until it is ready.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !is_ready(self.probes).await {
            let running = self.running.as_mut().context("a process that was not started")?;
            let is_well = running.try_wait()?.is_none() && begun.elapsed() < PATIENCE;
            anyhow::ensure!(is_well, "{} does not get ready: {}", self.name, self.tail());
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Stops it in good order.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        self.running.take().map_or(Ok(()), |mut running| Ok(running.stop()?))
    }

    /// Its name and its process id, while it runs.
    pub(crate) fn running(&self) -> Option<(&str, u32)> {
        self.running.as_ref().map(|running| (self.name.as_str(), running.pid()))
    }

    fn tail(&self) -> String {
        let text = std::fs::read_to_string(self.log.path()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

async fn is_ready(probes: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(probes).await?;
        let request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    ask.await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
