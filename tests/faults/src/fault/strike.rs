//! Breaking things, and healing them.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use async_nats::jetstream;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::any;
use embedded::Signal;
use embedded::sinks::{self, Behaviour, Outcome};
use futures::TryStreamExt;

use super::{Commit, Fault, How, Manner, Process, Reports, To, What};
use crate::world::World;
use crate::world::link::Trouble;
use crate::world::services::SERVICES;

/// How long an attempt's lease is brought forward in the database instead of being waited for.
const LEASE_OVER: &str = "update delivery set lease_until = now() where state = 'attempting'";

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

    async fn kill(&mut self, process: Process) -> anyhow::Result<String> {
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

    async fn stop(&mut self, process: Process) -> anyhow::Result<String> {
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

    async fn freeze(&mut self, process: Process) -> anyhow::Result<()> {
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

    async fn delete_stream(&mut self) -> anyhow::Result<String> {
        let (service, js) = (self.service(), jetstream::new(self.world.client.clone()));
        let name = contracts::subjects::stream_of(service);
        let stream = js.get_stream(&name).await?;
        anyhow::ensure!(stream.purge().await.is_err(), "{name} could be purged");
        js.delete_stream(&name).await?;
        let before = self.moment();
        self.world.wait(before).await?;
        self.world.provision()?;
        Ok(name)
    }

    async fn delete_consumers(&mut self) -> anyhow::Result<String> {
        let (service, js) = (self.service(), jetstream::new(self.world.client.clone()));
        let name = contracts::subjects::stream_of(service);
        let stream = js.get_stream(&name).await?;
        let durables: Vec<String> = stream.consumer_names().try_collect().await?;
        for durable in &durables {
            stream.delete_consumer(durable).await?;
        }
        let before = self.moment();
        self.world.wait(before).await?;
        self.world.provision()?;
        Ok(format!("{} of {name}", durables.join(", ")))
    }

    fn service(&mut self) -> &'static str {
        let place = self.dice.usize(..SERVICES.len());
        SERVICES.get(place).copied().unwrap_or("deadlines")
    }

    async fn link(&mut self, how: How, to: To) -> anyhow::Result<String> {
        let process = match to {
            To::Nats | To::Postgres => self.one_of(&self.world.services.names())?,
            To::Smtp | To::Sms => self.one_of(&self.world.services.of("notifications"))?,
        };
        let trouble = match how {
            How::Cut => Trouble::Cut,
            How::OneWay if self.dice.bool() => Trouble::Silent { up: true, down: false },
            How::OneWay => Trouble::Silent { up: false, down: true },
            How::Silent => Trouble::Silent { up: true, down: true },
            How::Slow => Trouble::Slow(Duration::from_millis(self.dice.u64(20..1_000))),
            How::Reset => Trouble::ResetMidFrame,
        };
        self.world.links.get(&process, to.name())?.set(trouble);
        self.world.wait(self.lasts).await?;
        self.world.links.get(&process, to.name())?.set(Trouble::None);
        Ok(format!("{process} to {}: {trouble:?} for {:?}", to.name(), self.lasts))
    }

    async fn commit(&mut self, commit: Commit) -> anyhow::Result<String> {
        let names = self.world.services.names();
        let trouble = match commit {
            Commit::Lost => Trouble::CommitLost,
            Commit::Unanswered => Trouble::CommitUnanswered,
            Commit::Killed => return self.kill_at_commit(&names).await,
        };
        for name in &names {
            self.world.links.get(name, "postgres")?.set(trouble);
        }
        self.world.wait(self.lasts).await?;
        for name in &names {
            self.world.links.get(name, "postgres")?.set(Trouble::None);
        }
        Ok(format!("for {:?}", self.lasts))
    }

    async fn kill_at_commit(&mut self, names: &[String]) -> anyhow::Result<String> {
        let name = self.one_of(names)?;
        let link = self.world.links.get(&name, "postgres")?.clone();
        link.set(Trouble::CommitWatched);
        let seen = tokio::time::timeout(Duration::from_secs(5), link.commit()).await;
        link.set(Trouble::None);
        self.world.block(|world| world.servers.postgres.kill())?;
        self.world.block(|world| world.servers.restart_postgres())?;
        Ok(format!("{name}{}", if seen.is_ok() { "" } else { " (which committed nothing)" }))
    }

    async fn provider(&mut self, manner: Manner, to: To) -> anyhow::Result<()> {
        let (provider, code) = match to {
            To::Sms => (sinks::Provider::Elks, 503),
            _ => (sinks::Provider::Smtp, 451),
        };
        let behaviour = match manner {
            Manner::Refuses => Behaviour::Refuse(code),
            Manner::Hangs => Behaviour::Hang,
            Manner::Slow => Behaviour::Slow(Duration::from_secs(3)),
            Manner::Loses => Behaviour::Lose,
            Manner::Cuts => Behaviour::Cut,
        };
        let sinks = self.world.sinks.sinks.clone();
        sinks.set_behaviour(provider, behaviour);
        self.world.wait(self.lasts).await?;
        sinks.set_behaviour(provider, Behaviour::Accept);
        Ok(())
    }

    async fn reports(&mut self, reports: Reports) -> anyhow::Result<()> {
        let usual = sinks::Reports::default();
        let sinks = self.world.sinks.sinks.clone();
        sinks.set_reports(
            sinks::Provider::Elks,
            match reports {
                Reports::Late => Some(sinks::Reports { after: Duration::from_secs(4), ..usual }),
                Reports::Twice => Some(sinks::Reports { times: 2, ..usual }),
                Reports::False => Some(sinks::Reports { outcome: Outcome::Failed, ..usual }),
                Reports::Missing => None,
            },
        );
        self.world.wait(self.lasts).await?;
        sinks.set_reports(sinks::Provider::Elks, Some(usual));
        Ok(())
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

    async fn replicas(&mut self) -> anyhow::Result<String> {
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

    /// A copy is taken while the service is down for a moment; later it takes the database's place.
    async fn restore(&mut self, service: &'static str) -> anyhow::Result<()> {
        let names = self.world.services.of(service);
        let all = |world: &mut World, start: bool| {
            names.iter().try_for_each(|name| {
                if start { world.services.start(name) } else { world.services.stop(name) }
            })
        };
        self.world.block(|world| all(world, false))?;
        let copy = format!("create database {service}_copy template {service}");
        self.world.servers.administer(&[copy]).await?;
        let copied_at = chassis::real_now();
        self.world.block(|world| all(world, true))?;
        self.world.wait(self.lasts).await?;
        self.world.block(|world| all(world, false))?;
        let restored_at = chassis::real_now();
        let put_back = [
            format!("drop database {service} with (force)"),
            format!("alter database {service}_copy rename to {service}"),
        ];
        self.world.servers.administer(&put_back).await?;
        self.world.block(|world| all(world, true))?;
        self.scars.restored.push((service, copied_at, restored_at));
        self.world.until_ready(Duration::from_mins(1)).await?;
        let restored = any::Resync { restored: true };
        let _: any::Resynced =
            self.world.caller.ask_any(service, any::RESYNC, &restored).await.context("resync")?;
        Ok(())
    }

    /// What could not be written is missing, and a server may have given up: a supervisor starts it again.
    async fn fill_the_disk(&mut self) -> anyhow::Result<String> {
        let disk = self.world.disk.as_ref().context("a small disk")?;
        tokio::task::block_in_place(|| disk.fill())?;
        self.world.wait(self.lasts).await?;
        self.world.disk.as_ref().context("a small disk")?.free()?;
        self.world.wait(Duration::from_secs(1)).await?;
        let mut gone = Vec::new();
        if !self.world.servers.postgres.is_running()? {
            gone.push("Postgres had ended");
            self.world.block(|world| world.servers.restart_postgres())?;
        }
        if !self.world.servers.nats.is_running()? {
            gone.push("nats-server had ended");
            self.world.block(|world| world.servers.restart_nats())?;
        }
        Ok(format!("for {:?} {}", self.lasts, gone.join(", ")))
    }
}
