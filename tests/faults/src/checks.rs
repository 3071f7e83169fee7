//! What must be so when all is quiet again, whatever was broken.

mod alerts;
mod cases;
mod duties;
mod idle;
mod left;
mod privacy;

pub(crate) use idle::Idle;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fault::Scars;
use crate::load::hospital::Sent;
use crate::load::staff::Deeds;
use crate::world::World;

/// What was done during a run and what the world was told, for the checks.
pub(crate) struct Evidence<'a> {
    pub(crate) world: &'a World,
    pub(crate) sent: &'a BTreeMap<usize, Sent>,
    pub(crate) deeds: &'a Deeds,
    pub(crate) scars: &'a Scars,
    pub(crate) blows: &'a [crate::run::Struck],
}

impl Evidence<'_> {
    /// Whether a service's database was put back to an earlier moment.
    fn forgot(&self, service: &str) -> bool {
        self.scars.restored.iter().any(|(restored, ..)| *restored == service)
    }
}

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Findings {
    /// What is counted, by what it is.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    /// What is not as it must be; not more than some of each kind.
    pub(crate) broken: Vec<String>,
    #[serde(skip)]
    kinds: BTreeMap<&'static str, usize>,
}

/// How many of a kind are told in full.
const TOLD: usize = 4;

impl Findings {
    /// Something was looked at.
    pub(crate) fn count(&mut self, what: &'static str, number: usize) {
        *self.counts.entry(what).or_default() += number;
    }

    /// An invariant is broken.
    pub(crate) fn broken(&mut self, invariant: &'static str, how: impl std::fmt::Display) {
        let times = self.kinds.entry(invariant).or_default();
        *times += 1;
        if *times <= TOLD {
            self.broken.push(format!("{invariant}: {how}"));
        }
    }

    /// Says how often each invariant is broken that is broken more often than told.
    fn sum_up(&mut self) {
        let more = self.kinds.iter().filter(|(_, times)| **times > TOLD);
        let more: Vec<String> =
            more.map(|(kind, times)| format!("{kind}: {times} times in all")).collect();
        self.broken.extend(more);
    }
}

/// Checks everything.
pub(crate) async fn all(evidence: &Evidence<'_>, idle: Vec<String>) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    cases::check(evidence, &mut findings).await?;
    duties::check(evidence, &mut findings).await?;
    alerts::check(evidence, &mut findings).await?;
    left::check(evidence, &mut findings).await?;
    privacy::check(evidence, &mut findings).await?;
    for one in idle {
        findings.broken("no connection is left in a transaction", one);
    }
    findings.sum_up();
    Ok(findings)
}
