//! The first alerts as mail server and gateway take them, and which admission each is about.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use contracts::CaseRef;
use embedded::sinks::{Channel, Message, Sinks};

use super::hospital::Sent;
use super::messages;
use crate::measure::milliseconds;
use crate::system::System;

/// First alerts of each admission with a need: two mails, one SMS.
pub(super) const EACH: usize = 3;
const LOOK: Duration = Duration::from_millis(20);
/// How long no alert may come before the run has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What was taken so far.
pub(super) struct Alerts {
    sinks: Sinks,
    by_case: HashMap<CaseRef, Vec<Taken>>,
}

struct Taken {
    channel: Channel,
    to: String,
    at: DateTime<Utc>,
}

impl Alerts {
    pub(super) fn of(system: &System) -> Self {
        Self { sinks: system.sinks.sinks.clone(), by_case: HashMap::new() }
    }

    /// Waits until so many more messages were taken.
    pub(super) async fn receive(&mut self, expected: usize) -> anyhow::Result<()> {
        let (mut taken, mut progress) = (0, Instant::now());
        while taken < expected {
            let messages = self.sinks.messages().take();
            if messages.is_empty() {
                let waited = progress.elapsed();
                anyhow::ensure!(waited < PATIENCE, "{taken} of {expected} alerts came");
                tokio::time::sleep(LOOK).await;
                continue;
            }
            progress = Instant::now();
            taken += messages.len();
            for message in messages {
                let case = case_named(&message).context("a message names no case")?;
                let Message { channel, to, received_at: at, .. } = message;
                self.by_case.entry(case).or_default().push(Taken { channel, to, at });
            }
        }
        Ok(())
    }

    /// From acceptance to the last first alert, in milliseconds, of each admission with a need. Fails
    /// when one has other alerts than it should.
    pub(super) async fn latencies(
        &self,
        system: &System,
        accepted: &[Sent],
    ) -> anyhow::Result<Vec<f64>> {
        let cases = cases(system).await?;
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

/// The case that each message opened, by the sender's id of the message.
async fn cases(system: &System) -> anyhow::Result<HashMap<String, CaseRef>> {
    let mut database = system.database("admissions").await?;
    let sql = "select control_id, case_ref from raw_message join hospital_case using (case_id)";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&mut database).await?;
    let named = rows.into_iter().map(|(id, case)| Ok((id, case.parse()?)));
    named.collect()
}
