//! Links, and what answers at their other end: cut and silent links, commits that are lost on them, mail
//! servers and SMS gateways that fail.

use std::time::Duration;

use embedded::sinks::{self, Behaviour, Outcome};

use super::Blow;
use crate::fault::{Commit, How, Manner, Reports, To};
use crate::world::link::Trouble;

impl Blow<'_> {
    pub(super) async fn link(&mut self, how: How, to: To) -> anyhow::Result<String> {
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

    pub(super) async fn commit(&mut self, commit: Commit) -> anyhow::Result<String> {
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

    pub(super) async fn provider(&mut self, manner: Manner, to: To) -> anyhow::Result<()> {
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

    pub(super) async fn reports(&mut self, reports: Reports) -> anyhow::Result<()> {
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
}
