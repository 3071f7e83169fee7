//! The first alerts as mail server and gateway take them, and which admission each is about.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use contracts::CaseRef;
use embedded::sinks::{Channel, Message, Sinks};
use uuid::Uuid;

use super::hospital::Sent;
use super::messages;
use crate::measure::milliseconds;
use crate::system::System;

/// First alerts of each admission with a need: two mails, one SMS.
pub(crate) const EACH: usize = 3;
const LOOK: Duration = Duration::from_millis(20);
/// How long no alert may come before the run has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What was taken since it was last forgotten.
pub(crate) struct Alerts {
    sinks: Sinks,
    taken: usize,
    by_case: HashMap<CaseRef, Vec<Taken>>,
}

struct Taken {
    channel: Channel,
    to: String,
    at: DateTime<Utc>,
}

impl Alerts {
    pub(crate) fn of(system: &System) -> Self {
        Self { sinks: system.sinks.sinks.clone(), taken: 0, by_case: HashMap::new() }
    }

    /// Forgets what was taken, so that it takes no memory however many admissions there are.
    pub(crate) fn forget(&mut self) {
        self.taken = 0;
        self.by_case = HashMap::new();
    }

    /// Waits until so many messages were taken.
    pub(crate) async fn receive(&mut self, expected: usize) -> anyhow::Result<()> {
        while self.taken < expected {
            self.receive_more().await.with_context(|| format!("{expected} alerts were to come"))?;
        }
        Ok(())
    }

    /// Waits until the alerts of these cases were taken, and tells when the last one was.
    pub(crate) async fn receive_about(
        &mut self,
        cases: &[CaseRef],
    ) -> anyhow::Result<Option<DateTime<Utc>>> {
        let (mut left, mut last) = (cases, None);
        while let Some((case, rest)) = left.split_last() {
            let taken = self.by_case.get(case).filter(|taken| taken.len() >= EACH);
            if let Some(taken) = taken {
                last = last.max(taken.iter().map(|one| one.at).max());
                left = rest;
            } else {
                self.receive_more().await.with_context(|| format!("{} cases wait", left.len()))?;
            }
        }
        Ok(last)
    }

    /// Waits until messages were taken that were not there before.
    async fn receive_more(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let messages = loop {
            let messages = self.sinks.messages().take();
            if !messages.is_empty() {
                break messages;
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "only {} came", self.taken);
            tokio::time::sleep(LOOK).await;
        };
        self.taken += messages.len();
        for message in messages {
            let case = case_named(&message).context("a message names no case")?;
            let Message { channel, to, received_at: at, .. } = message;
            self.by_case.entry(case).or_default().push(Taken { channel, to, at });
        }
        Ok(())
    }

    /// From acceptance to the last first alert, in milliseconds, of each admission with a need. Fails
    /// when one has other alerts than it should.
    pub(crate) fn latencies(&self, cases: &Cases, accepted: &[Sent]) -> anyhow::Result<Vec<f64>> {
        let mut latencies = Vec::new();
        for sent in accepted {
            let id = messages::control_id(sent.number);
            let case = cases.get(&id).with_context(|| format!("{id} has no case"))?;
            let taken = self.by_case.get(case).map_or(&[][..], Vec::as_slice);
            if !messages::has_need(sent.number) {
                anyhow::ensure!(taken.is_empty(), "{id} has no need, and somebody was alerted");
                continue;
            }
            let mails = taken.iter().filter(|one| one.channel == Channel::Email).count();
            let recipients: HashSet<&str> = taken.iter().map(|one| one.to.as_str()).collect();
            anyhow::ensure!(
                taken.len() == EACH && mails == 2 && recipients.len() == EACH,
                "{id} has {} alerts, {mails} of them mails, to {} recipients",
                taken.len(),
                recipients.len()
            );
            let last = taken.iter().map(|one| one.at).max().context("an alert")?;
            latencies.push(milliseconds(last - sent.accepted_at));
        }
        Ok(latencies)
    }
}

/// The case's short name in a message.
fn case_named(message: &Message) -> Option<CaseRef> {
    let words = message.text.split(|letter: char| letter.is_whitespace() || letter == ',');
    words.filter(|word| word.len() == 9).find_map(|word| word.parse().ok())
}

/// Cases, by the sender's id of the message that opened each.
pub(crate) type Cases = HashMap<String, CaseRef>;

/// The cases that messages have opened since. Ids rise with time, whoever makes them.
pub(crate) async fn cases(system: &System, since: Uuid) -> anyhow::Result<Cases> {
    let mut database = system.database("admissions").await?;
    let sql = "select control_id, case_ref from raw_message join hospital_case using (case_id)
                where id > $1";
    let rows = sqlx::query_as(sql).bind(since).fetch_all(&mut database).await?;
    let named = rows.into_iter().map(|(id, case): (String, String)| Ok((id, case.parse()?)));
    named.collect()
}
