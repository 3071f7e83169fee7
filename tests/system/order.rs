//! Order does not matter, and neither does a second replica.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::HeaderMap;
use async_nats::jetstream;
use contracts::commands::any::{self, PublishedUpTo};
use contracts::commands::{AppointLeadOfficer, CallSip, GiveReady, RevokeReady};
use contracts::envelope::RawEvent;
use contracts::ledger::{ObligationState, StepKind};
use contracts::{CaseId, Ledger, Version};
use futures::StreamExt;
use serde_json::Value;
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::System;
use crate::support::hl7::{Adt, TOVA};
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, STAFF, WARD};

/// Whose events are recorded.
const SOURCES: [&str; 3] = ["admissions", "coordination", "sip"];
/// The moment at which the recorded journey ends.
const END: &str = "2026-06-05 09:00";

fn admission<'a>(control_id: &'a str, visit: &'a str) -> Adt<'a> {
    Adt {
        trigger: "A01",
        control_id,
        visit,
        patient: TOVA,
        at: "202606021400",
        admitted_at: "202606021330",
        estimate: "20260609",
        need: "KHS~SOC",
    }
}

/// An event as it stood in its stream.
#[derive(Clone)]
struct Recorded {
    subject: String,
    payload: Vec<u8>,
    aggregate: String,
    version: Version,
}

async fn recorded(system: &System) -> Vec<Recorded> {
    let mut events = Vec::new();
    for source in SOURCES {
        for message in system.stream(&contracts::subjects::stream_of(source)).await {
            let event: RawEvent = serde_json::from_slice(&message.payload).unwrap();
            let (aggregate, version) = (event.subject.clone(), event.version());
            let (subject, payload) = (message.subject.to_string(), message.payload.to_vec());
            events.push(Recorded { subject, payload, aggregate, version });
        }
    }
    events
}

fn last_of_each(events: &[Recorded]) -> Vec<Recorded> {
    let mut last: BTreeMap<(&str, &str), &Recorded> = BTreeMap::new();
    for event in events {
        let held = last.entry((&event.subject, &event.aggregate)).or_insert(event);
        if held.version < event.version {
            *held = event;
        }
    }
    last.into_values().cloned().collect()
}

/// All of them twice, in an order that has nothing to do with theirs but is always the same.
fn shuffled_and_doubled(events: &[Recorded]) -> Vec<Recorded> {
    let mut all: Vec<(Uuid, &Recorded)> = Vec::new();
    for round in 0..2 {
        for (place, event) in events.iter().enumerate() {
            let name = format!("{round} {place}");
            all.push((Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()), event));
        }
    }
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, event)| event.clone()).collect()
}

/// What counts in the end: the ledger of the case, and who was alerted of what.
#[derive(Debug, PartialEq)]
struct Outcome {
    ledger: Ledger,
    alerts: BTreeSet<(Uuid, Uuid)>,
}

async fn alerts(system: &System) -> BTreeSet<(Uuid, Uuid)> {
    let mut database = system.database("notifications").await;
    let sql = "select cause_id, contact_point_id from alert";
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).fetch_all(&mut database).await.unwrap();
    rows.into_iter().collect()
}

/// A journey with a duty missed, one met, and ready given, revoked and given again.
async fn original() -> (Vec<Recorded>, Outcome) {
    let system = System::start("2026-06-02 14:00").await;
    system.send(&admission("1", "V1")).await;
    let case = system.case_admitted("2026-06-02 13:30").await.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let staff = STAFF.parse().unwrap();
    let appoint = AppointLeadOfficer { case, staff, replaces: None, occurred_at: None };
    system.act(&appoint, HOME_HEALTH).await;
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    for (time, step) in [
        ("2026-06-03 10:00", StepKind::Reminder),
        ("2026-06-03 14:00", StepKind::Unit),
        ("2026-06-04 08:00", StepKind::Manager),
        ("2026-06-05 08:00", StepKind::Principal),
    ] {
        system.set_time(time);
        system.step_is_taken(case, "K06", step).await;
    }
    system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Cancelled).await;
    // What is no longer true when its turn comes is not told: this is, first.
    system.receives("soc@", 3).await;
    system.receives("hsv@", 3).await;
    system.set_time(END);
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.act(&CallSip { case, occurred_at: None }, CARE_CENTRE).await;
    system.duty_is(case, "K43", ObligationState::Met).await;
    let ledger = system.ledger(case).await.unwrap();
    // Two mailboxes of three units hear of everything; the last news is the second ready notice.
    system.receives("principal@", 1).await;
    system.receives("soc@", 4).await;
    system.receives("hsv@", 4).await;
    (recorded(&system).await, Outcome { ledger, alerts: alerts(&system).await })
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

/// The same events, delivered in another way to services that know nothing but the steps that were
/// taken, with domain time held at the end.
async fn replayed(events: &[Recorded], original: &Outcome) -> Outcome {
    let system =
        System::start_only(END, &["deadlines", "notifications"], async |system: &System| {
            let mut database = system.database("deadlines").await;
            let only_steps = serde_json::to_value(&original.ledger).unwrap();
            sqlx::query("insert into ledger (case_id, snapshot) values ($1, $2)")
                .bind(original.ledger.case_id.0)
                .bind(forget_all_but_steps(only_steps))
                .execute(&mut database)
                .await
                .unwrap();
        })
        .await;
    let js = jetstream::new(system.client().await);
    for event in events {
        let (subject, payload) = (event.subject.clone(), event.payload.clone());
        let sent = js.publish_with_headers(subject, HeaderMap::new(), payload.into()).await;
        sent.unwrap().await.unwrap();
    }
    for source in SOURCES {
        let answer = all_is_published(&js, source).await;
        tokio::spawn(say_so(system.client().await, source, answer));
    }
    let case: CaseId = original.ledger.case_id;
    let ledger = eventually("the ledger is the same", SOON, async || {
        let ledger = system.ledger(case).await.map_err(|error| error.to_string())?;
        if ledger == original.ledger { Ok(ledger) } else { Err(format!("{ledger:#?}")) }
    })
    .await;
    let alerts = eventually("the alerts are the same", SOON, async || {
        let alerts = alerts(&system).await;
        if alerts == original.alerts { Ok(alerts) } else { Err(format!("{}", alerts.len())) }
    })
    .await;
    Outcome { ledger, alerts }
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

#[tokio::test]
async fn the_last_versions_alone_and_all_shuffled_and_doubled_end_in_the_same_ledger_and_alerts() {
    let (events, original) = original().await;
    let last = last_of_each(&events);
    assert!(last.len() < events.len(), "some events were overtaken");
    assert_eq!(replayed(&last, &original).await, original);
    assert_eq!(replayed(&shuffled_and_doubled(&events), &original).await, original);
}

#[tokio::test]
async fn two_replicas_of_deadlines_take_every_step_once() {
    let mut system = System::start("2026-06-02 14:00").await;
    system.add_replica("deadlines").await;
    let visits: Vec<String> = (0..12).map(|number| format!("V{number}")).collect();
    for visit in &visits {
        system.send(&admission(visit, visit)).await;
    }
    let cases = system.cases().await;
    assert_eq!(cases.len(), visits.len());
    for case in &cases {
        system.duty_is(case.case_id, "K06", ObligationState::Open).await;
    }
    let steps = [
        ("2026-06-03 10:00", StepKind::Reminder),
        ("2026-06-03 14:00", StepKind::Unit),
        ("2026-06-04 08:00", StepKind::Manager),
        ("2026-06-05 08:00", StepKind::Principal),
    ];
    for (time, step) in steps {
        system.set_time(time);
        for case in &cases {
            // Facts go on changing while both replicas sweep.
            let case = case.case_id;
            let ready = GiveReady { case, occurred_at: None };
            if system.try_act(&ready, WARD).await.is_err() {
                system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
            }
        }
        for case in &cases {
            system.step_is_taken(case.case_id, "K06", step).await;
        }
    }
    for case in &cases {
        let duty = system.duty(case.case_id, "K06").await.unwrap();
        let kinds: Vec<StepKind> = duty.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, steps.map(|(_, step)| step));
    }
    system.receives("vc-principal@", cases.len()).await;
    for replica in ["deadlines", "deadlines-2"] {
        let metrics = system.metrics(replica).await;
        assert!(metrics.contains("hemgang_events_consumed_total"), "{replica} has done nothing");
    }
}
