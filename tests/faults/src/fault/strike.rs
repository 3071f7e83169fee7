//! Breaking things, and healing them.

mod links;
mod processes;
mod stores;

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Fault, What};
use crate::world::World;

/// What faults leave behind that the checks have to know of.
#[derive(Debug, Default)]
pub(crate) struct Scars {
    /// To when domain time went back at the earliest: from there on two processes may disagree.
    pub(crate) went_back_to: Option<DateTime<Utc>>,
    /// Databases that were put back: the service, from when, and when (real time).
    pub(crate) restored: Vec<(&'static str, DateTime<Utc>, DateTime<Utc>)>,
}

/// Whom a fault strikes, and for how long.
pub(crate) struct Blow<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) dice: &'a mut fastrand::Rng,
    pub(crate) lasts: Duration,
    pub(crate) scars: &'a mut Scars,
}

/// Strikes, waits and heals; says what exactly was struck.
pub(crate) async fn strike(fault: Fault, mut blow: Blow<'_>) -> anyhow::Result<String> {
    let lasts = blow.lasts;
    match fault.what {
        What::Nothing => blow.world.wait(lasts).await?,
        What::Kill(process) => return blow.kill(process).await,
        What::Stop(process) => return blow.stop(process).await,
        What::Freeze(process) => blow.freeze(process).await?,
        What::StoreDeleted => {
            blow.world.block(|world| {
                world.servers.nats.kill()?;
                world.servers.nats.delete_store()?;
                world.servers.restart_nats()
            })?;
            blow.world.provision()?;
        }
        What::StorePutBack => {
            let copy = blow.world.folder.path().join("store");
            blow.world.block(|world| world.servers.copy_store(&copy))?;
            blow.world.wait(lasts).await?;
            blow.world.block(|world| world.servers.put_store_back())?;
            blow.world.provision()?;
        }
        What::StreamDeleted => return blow.delete_stream().await,
        What::ConsumersDeleted => return blow.delete_consumers().await,
        What::Link(how, to) => return blow.link(how, to).await,
        What::Commit(commit) => return blow.commit(commit).await,
        What::Provider(manner, to) => blow.provider(manner, to).await?,
        What::Reports(reports) => blow.reports(reports).await?,
        What::Clock(minutes) => return blow.clock(TimeDelta::minutes(minutes)).await,
        What::Night => blow.night().await?,
        What::Replicas => return blow.replicas().await,
        What::Restore(service) => blow.restore(service).await?,
        What::DiskFull => return blow.fill_the_disk().await,
    }
    Ok(String::new())
}

impl Blow<'_> {
    /// A short time, at random.
    fn moment(&mut self) -> Duration {
        Duration::from_millis(self.dice.u64(0..800))
    }

    fn one_of(&mut self, of: &[String]) -> anyhow::Result<String> {
        self.dice.choice(of).cloned().context("somebody to strike")
    }

    async fn clock(&mut self, by: TimeDelta) -> anyhow::Result<String> {
        self.world.clock.step(by)?;
        if by >= TimeDelta::zero() {
            self.world.wait(self.lasts).await?;
            return Ok(String::new());
        }
        let to = self.world.clock.now();
        self.scars.went_back_to =
            Some(self.scars.went_back_to.map_or(to, |earlier| earlier.min(to)));
        // A process that starts now has not read the later time.
        let name = self.one_of(&self.world.services.names())?;
        self.world.block(|world| world.services.kill(&name))?;
        self.world.block(|world| world.services.start(&name))?;
        self.world.wait(self.lasts).await?;
        Ok(format!("{name} started then"))
    }

    /// From the eve, over the change at night, to the next morning.
    async fn night(&mut self) -> anyhow::Result<()> {
        let now = self.world.clock.now();
        let eve = crate::calendar::eve_of_a_change(now).context("a night of a change")?;
        self.world.clock.step(eve - now)?;
        while self.world.clock.now() < eve + TimeDelta::hours(14) {
            self.world.wait(Duration::from_millis(200)).await?;
        }
        Ok(())
    }
}
