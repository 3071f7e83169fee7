//! What is kept is lost or put back: streams, durables and databases; or there is no room for it.

use std::time::Duration;

use anyhow::Context;
use async_nats::jetstream;
use contracts::commands::any;
use futures::TryStreamExt;

use super::Blow;
use crate::world::World;
use crate::world::services::SERVICES;

impl Blow<'_> {
    pub(super) async fn delete_stream(&mut self) -> anyhow::Result<String> {
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

    pub(super) async fn delete_consumers(&mut self) -> anyhow::Result<String> {
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

    /// A copy is taken while the service is down for a moment; later it takes the database's place.
    pub(super) async fn restore(&mut self, service: &'static str) -> anyhow::Result<()> {
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
    pub(super) async fn fill_the_disk(&mut self) -> anyhow::Result<String> {
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

    fn service(&mut self) -> &'static str {
        let place = self.dice.usize(..SERVICES.len());
        SERVICES.get(place).copied().unwrap_or("deadlines")
    }
}
