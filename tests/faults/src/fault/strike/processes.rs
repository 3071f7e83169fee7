//! Processes that are killed or stand still.

use std::collections::BTreeSet;

use embedded::Signal;

use super::Blow;
use crate::fault::Process;
use crate::world::services::SERVICES;

/// How long an attempt's lease is brought forward in the database instead of being waited for.
const LEASE_OVER: &str = "update delivery set lease_until = now() where state = 'attempting'";

impl Blow<'_> {
    pub(super) async fn kill(&mut self, process: Process) -> anyhow::Result<String> {
        let before = self.moment();
        self.world.wait(before).await?;
        let down = self.moment();
        match process {
            Process::Service(service) => {
                let name = self.one_of(&self.world.services.of(service))?;
                self.world.block(|world| world.services.kill(&name))?;
                self.world.wait(down).await?;
                self.world.block(|world| world.services.start(&name))?;
                return Ok(name);
            }
            Process::Broker => {
                self.world.block(|world| world.servers.nats.kill())?;
                self.world.wait(down).await?;
                self.world.block(|world| world.servers.restart_nats())?;
            }
            Process::Postgres => {
                self.world.block(|world| world.servers.postgres.kill())?;
                self.world.wait(down).await?;
                self.world.block(|world| world.servers.restart_postgres())?;
            }
        }
        Ok(format!("down for {down:?}"))
    }

    pub(super) async fn stop(&mut self, process: Process) -> anyhow::Result<String> {
        let (before, lasts) = (self.moment(), self.lasts);
        self.world.wait(before).await?;
        match process {
            Process::Service(service) => {
                let name = self.one_of(&self.world.services.of(service))?;
                self.stop_one(&name).await?;
                return Ok(format!("{name} for {lasts:?}"));
            }
            Process::Broker => {
                self.world.servers.signal_nats(Signal::Stop);
                self.world.wait(lasts).await?;
                self.world.servers.signal_nats(Signal::Cont);
            }
            Process::Postgres => {
                self.world.servers.signal_postgres(rustix::process::Signal::STOP)?;
                self.world.wait(lasts).await?;
                self.world.servers.signal_postgres(rustix::process::Signal::CONT)?;
            }
        }
        Ok(format!("for {lasts:?}"))
    }

    pub(super) async fn freeze(&mut self, process: Process) -> anyhow::Result<()> {
        match process {
            Process::Service(service) => self.world.services.signal(service, Signal::Stop)?,
            Process::Broker => self.world.servers.signal_nats(Signal::Stop),
            Process::Postgres => {
                self.world.servers.signal_postgres(rustix::process::Signal::STOP)?;
            }
        }
        self.world.wait(self.lasts).await?;
        if process == Process::Postgres {
            // Children that stand still would not see that their server is gone.
            self.world.servers.kill_postgres_and_children()?;
        }
        self.kill(process).await.map(drop)
    }

    /// Where another replica may take over what the stopped one had in hand, its leases end meanwhile.
    async fn stop_one(&mut self, name: &str) -> anyhow::Result<()> {
        self.world.services.signal(name, Signal::Stop)?;
        self.world.wait(self.lasts / 2).await?;
        if name.starts_with("notifications") && self.world.services.of("notifications").len() > 1 {
            let mut database = self.world.servers.database("notifications").await?;
            sqlx::query(LEASE_OVER).execute(&mut database).await?;
        }
        self.world.wait(self.lasts / 2).await?;
        self.world.services.signal(name, Signal::Cont)
    }

    pub(super) async fn replicas(&mut self) -> anyhow::Result<String> {
        let mut struck = BTreeSet::new();
        for service in SERVICES {
            let name = self.one_of(&self.world.services.of(service))?;
            if self.dice.bool() {
                self.world.block(|world| world.services.kill(&name))?;
                let down = self.moment();
                self.world.wait(down).await?;
                self.world.block(|world| world.services.start(&name))?;
                struck.insert(format!("{name} killed"));
            } else {
                self.stop_one(&name).await?;
                struck.insert(format!("{name} stopped"));
            }
        }
        Ok(Vec::from_iter(struck).join(", "))
    }
}
