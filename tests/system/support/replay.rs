//! Events as they were recorded, delivered in another way to services that know nothing but the steps
//! that were taken.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::HeaderMap;
use async_nats::jetstream;
use chrono::{DateTime, Utc};
use contracts::commands::any::{self, PublishedUpTo};
use contracts::envelope::RawEvent;
use contracts::{CaseId, Ledger, Version};
use futures::StreamExt;
use serde_json::Value;
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::System;

/// Whose events `deadlines` hears, and `notifications` in part.
const SOURCES: [&str; 3] = ["admissions", "coordination", "sip"];

/// An event as it stood in its stream.
#[derive(Clone)]
pub(crate) struct Recorded {
    subject: String,
    payload: Vec<u8>,
    aggregate: String,
    version: Version,
}

/// What counts in the end: the ledgers of the cases, and who was alerted of what.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    ledgers: BTreeMap<CaseId, Ledger>,
    alerts: BTreeSet<(Uuid, Uuid)>,
}

/// A journey that has been made: its events, by whose rulebook it went, when it ended and how.
pub(crate) struct Recording {
    pub(crate) events: Vec<Recorded>,
    /// Of what `notifications` hears: plans and ledgers.
    told: Vec<Recorded>,
    region: &'static str,
    ended_at: DateTime<Utc>,
    outcome: Outcome,
    /// What `coordination` and `sip` know of cases.
    cases: [Vec<KnownCase>; 2],
}

/// A case as a service knows it: id, version, and what it keeps.
type KnownCase = (Uuid, i32, i64, String);

/// Who hears of cases and keeps what it needs of them.
const HEARERS: [(&str, &str); 2] = [
    ("coordination", "select case_id, epoch, n, snapshot::text from known_case order by case_id"),
    ("sip", "select case_id, epoch, n, (ended, consents)::text from known_case order by case_id"),
];

impl Recording {
    /// Of these cases, once nothing moves any more.
    pub(crate) async fn of(system: &System, cases: &[CaseId]) -> Self {
        system.is_quiet().await;
        let mut ledgers = BTreeMap::new();
        for case in cases {
            ledgers.insert(*case, system.ledger(*case).await.unwrap());
        }
        let alerts = alerts(system).await;
        Self {
            events: events(system, &SOURCES).await,
            told: events(system, &["sip", "deadlines"]).await,
            region: system.region,
            ended_at: system.time(),
            outcome: Outcome { ledgers, alerts },
            cases: known_cases(system).await,
        }
    }

    pub(crate) fn last_of_each(&self) -> Vec<Recorded> {
        let mut last: BTreeMap<(&str, &str), &Recorded> = BTreeMap::new();
        for event in &self.events {
            let held = last.entry((&event.subject, &event.aggregate)).or_insert(event);
            if held.version < event.version {
                *held = event;
            }
        }
        last.into_values().cloned().collect()
    }

    /// The events in this order, with domain time held at the end, end in the same ledgers and alerts.
    pub(crate) async fn ends_the_same_by(&self, events: &[Recorded]) {
        let services = ["deadlines", "notifications"];
        let system =
            System::start_only(self.region, self.ended_at, &services, async |system: &System| {
                self.give_steps(system).await;
            })
            .await;
        let js = jetstream::new(system.client().await);
        publish(&js, events).await;
        for source in SOURCES {
            let answer = all_is_published(&js, source).await;
            tokio::spawn(say_so(system.client().await, source, answer));
        }
        for (case, before) in &self.outcome.ledgers {
            eventually("the ledger is the same", SOON, async || {
                let ledger = system.ledger(*case).await.map_err(|error| error.to_string())?;
                if ledger == *before { Ok(()) } else { Err(format!("{ledger:#?}")) }
            })
            .await;
        }
        self.alerts_the_same(&system).await;
        for (case, before) in &self.outcome.ledgers {
            assert_eq!(system.ledger(*case).await.unwrap(), *before, "the ledger stays so");
        }
    }

    /// All events twice and in any order end in the same: those of the sources for `deadlines`, and
    /// plans and ledgers, as they were published, for `notifications`.
    pub(crate) async fn ends_the_same_in_any_order(&self, seed: &str) {
        self.ends_the_same_by(&shuffled_and_doubled(&self.events, seed)).await;
        let services = ["notifications"];
        let nothing = async |_: &System| {};
        let system = System::start_only(self.region, self.ended_at, &services, nothing).await;
        let js = jetstream::new(system.client().await);
        publish(&js, &shuffled_and_doubled(&self.told, seed)).await;
        self.alerts_the_same(&system).await;
        drop(system);
        self.cases_are_known_the_same(seed).await;
    }

    /// Whatever the order, the services that keep what they hear of cases end with the newest.
    async fn cases_are_known_the_same(&self, seed: &str) {
        let services = HEARERS.map(|(service, _)| service);
        let nothing = async |_: &System| {};
        let system = System::start_only(self.region, self.ended_at, &services, nothing).await;
        let js = jetstream::new(system.client().await);
        let of_cases: Vec<Recorded> = self
            .events
            .iter()
            .filter(|event| event.subject == contracts::subjects::CASE_CHANGED)
            .cloned()
            .collect();
        publish(&js, &shuffled_and_doubled(&of_cases, seed)).await;
        system.is_quiet().await;
        assert_eq!(known_cases(&system).await, self.cases);
    }

    async fn alerts_the_same(&self, system: &System) {
        eventually("the alerts are the same", SOON, async || {
            let alerts = alerts(system).await;
            let [more, fewer] = [(&alerts, &self.outcome.alerts), (&self.outcome.alerts, &alerts)]
                .map(|(some, others)| some.difference(others).count());
            if more + fewer == 0 { Ok(()) } else { Err(format!("{more} more, {fewer} fewer")) }
        })
        .await;
        system.is_quiet().await;
        assert_eq!(alerts(system).await, self.outcome.alerts, "the alerts stay so");
    }

    /// The steps that were taken are all that `deadlines` still knows.
    async fn give_steps(&self, system: &System) {
        let mut database = system.database("deadlines").await;
        for (case, ledger) in &self.outcome.ledgers {
            sqlx::query("insert into ledger (case_id, snapshot) values ($1, $2)")
                .bind(case.0)
                .bind(forget_all_but_steps(serde_json::to_value(ledger).unwrap()))
                .execute(&mut database)
                .await
                .unwrap();
        }
    }
}

async fn publish(js: &jetstream::Context, events: &[Recorded]) {
    for event in events {
        let (subject, payload) = (event.subject.clone(), event.payload.clone());
        let sent = js.publish_with_headers(subject, HeaderMap::new(), payload.into()).await;
        sent.unwrap().await.unwrap();
    }
}

/// All of them twice, in an order that has nothing to do with theirs but is always the same.
fn shuffled_and_doubled(events: &[Recorded], seed: &str) -> Vec<Recorded> {
    let mut all: Vec<(Uuid, &Recorded)> = Vec::new();
    for round in 0..2 {
        for (place, event) in events.iter().enumerate() {
            let name = format!("{seed} {round} {place}");
            all.push((Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()), event));
        }
    }
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, event)| event.clone()).collect()
}

async fn events(system: &System, sources: &[&str]) -> Vec<Recorded> {
    let mut events = Vec::new();
    for source in sources {
        for message in system.stream(&contracts::subjects::stream_of(source)).await {
            let event: RawEvent = serde_json::from_slice(&message.payload).unwrap();
            let (aggregate, version) = (event.subject.clone(), event.version());
            let (subject, payload) = (message.subject.to_string(), message.payload.to_vec());
            events.push(Recorded { subject, payload, aggregate, version });
        }
    }
    events
}

async fn known_cases(system: &System) -> [Vec<KnownCase>; 2] {
    let mut known = [vec![], vec![]];
    for (known, (service, sql)) in known.iter_mut().zip(HEARERS) {
        let mut database = system.database(service).await;
        *known = sqlx::query_as(sql).fetch_all(&mut database).await.unwrap();
    }
    known
}

async fn alerts(system: &System) -> BTreeSet<(Uuid, Uuid)> {
    let mut database = system.database("notifications").await;
    let sql = "select cause_id, contact_point_id from alert";
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).fetch_all(&mut database).await.unwrap();
    rows.into_iter().collect()
}

/// What a source that has nothing left to say answers when it is asked up to where it has published.
async fn all_is_published(js: &jetstream::Context, source: &str) -> PublishedUpTo {
    let stream = contracts::subjects::stream_of(source);
    let found = messaging::streams::Found::named(js, &stream).await.unwrap();
    let sequence = found.info.state.last_sequence;
    PublishedUpTo { incarnation: found.incarnation, sequence, complete: true }
}

/// Answers for a source that does not run: all that it ever said was recorded.
async fn say_so(client: async_nats::Client, source: &str, answer: PublishedUpTo) {
    let subject = contracts::subjects::command(source, any::PUBLISHED_UP_TO);
    let mut asked = client.subscribe(subject).await.unwrap();
    while let Some(question) = asked.next().await {
        let answer = serde_json::to_vec(&answer).unwrap();
        client.publish(question.reply.unwrap(), answer.into()).await.unwrap();
    }
}

/// The ledger as a file of steps: nothing else in it is right.
fn forget_all_but_steps(mut ledger: Value) -> Value {
    ledger["news"] = Value::Array(vec![]);
    for duty in ledger["obligations"].as_array_mut().unwrap() {
        duty["state"] = "cancelled".into();
        duty["proof"] = Value::Null;
        duty["ended"] = Value::Null;
    }
    ledger
}
