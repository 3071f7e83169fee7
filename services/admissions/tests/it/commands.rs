//! What people decide about a case, beside what hospitals say.

use contracts::Party;
use contracts::commands::{
    DischargePatient, GiveReady, JudgeNeed, ListCases, RecordDeath, Refusal, RevokeDeath,
    RevokeReady, SetEstimate, WithdrawNeed,
};
use messaging::CallError;
use serde_json::json;
use test_support::{SOON, eventually};

use crate::support::{World, actor, document};

fn refusal<T: std::fmt::Debug>(result: Result<T, CallError>) -> Refusal {
    match result.unwrap_err() {
        CallError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn need_ready_and_discharge_are_entered_published_and_refused_twice() {
    let (world, _service) = World::with_service().await;
    let ward = actor("SE2321000180-2001");
    let body = document(&json!({ "need": null }));
    world.publish("falun.admission", "delivery-1", body).await;
    let case = world.events(1).await.remove(0).data.case_id;
    let need = JudgeNeed {
        case,
        parties: [Party::OpenCare].into(),
        frequent_patient: false,
        noticed_at: None,
    };
    assert!(world.tell(&need, &ward).await.unwrap().changed);
    assert!(!world.tell(&need, &ward).await.unwrap().changed);
    let ready = GiveReady { case, occurred_at: None };
    world.tell(&ready, &ward).await.unwrap();
    assert_eq!(refusal(world.tell(&ready, &ward).await).code, "already_ready");
    world.tell(&RevokeReady { case, occurred_at: None }, &ward).await.unwrap();
    world.tell(&DischargePatient { case, occurred_at: None }, &ward).await.unwrap();
    let again = world.tell(&DischargePatient { case, occurred_at: None }, &ward).await;
    assert_eq!(refusal(again).code, "already_discharged");
    assert!(world.tell(&WithdrawNeed { case }, &ward).await.unwrap().changed);
    let case = world.the_case().await;
    assert_eq!(case.needs[0].stamp.occurred_at, case.admitted.occurred_at);
    assert_eq!(case.needs[0].stamp.by, Some(ward.staff));
    assert!(case.need().is_none() && case.ready_in_force().is_none());
    assert!(case.discharge().is_some());
    eventually("the last event says the same", SOON, async || {
        let last = world.events(1).await.pop().unwrap().data;
        if last == case { Ok(()) } else { Err(format!("{last:?}")) }
    })
    .await;
}

#[tokio::test]
async fn what_a_person_decided_stands_when_a_hospital_repeats_itself() {
    let (world, _service) = World::with_service().await;
    let ward = actor("SE2321000180-2001");
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    let case = world.events(1).await.remove(0).data.case_id;
    world.tell(&WithdrawNeed { case }, &ward).await.unwrap();
    let again = json!({ "message_id": "43", "kind": "updated",
        "recorded_at": "2026-11-24T20:00:00Z" });
    world.publish("falun.admission", "delivery-2", document(&again)).await;
    world.stream("HEMGANG_RECEIPTS", 2).await;
    assert!(world.the_case().await.need().is_none());
}

#[tokio::test]
async fn a_death_recorded_by_mistake_can_be_taken_back() {
    let (world, _service) = World::with_service().await;
    let ward = actor("SE2321000180-2001");
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    let case = world.events(1).await.remove(0).data.case_id;
    world.tell(&RecordDeath { case, occurred_at: None }, &ward).await.unwrap();
    world.tell(&RevokeDeath { case, occurred_at: None }, &ward).await.unwrap();
    assert!(!world.the_case().await.ended());
}

#[tokio::test]
async fn cases_are_listed_as_far_as_an_answer_holds_them_and_then_from_there() {
    let (world, _service) = World::with_service().await;
    for n in 0..3 {
        let need =
            if n == 2 { json!({ "parties": [] }) } else { json!({ "parties": ["open_care"] }) };
        let body = document(
            &json!({ "message_id": format!("{n}"), "visit": format!("V-{n}"), "need": need }),
        );
        world.publish("falun.admission", &format!("delivery-{n}"), body).await;
    }
    world.stream("HEMGANG_RECEIPTS", 3).await;
    assert_eq!(world.counts().await.with_need, 2);
    let long = "update hospital_case
        set snapshot = jsonb_set(snapshot::jsonb, '{long}', to_jsonb($1::text))::json";
    sqlx::query(long).bind("x".repeat(300_000)).execute(&world.database.pool).await.unwrap();
    let first = world.ask(&ListCases::default()).await;
    assert_eq!(first.len(), 2);
    let before = first.last().map(|case| case.case_id);
    let rest = world.ask(&ListCases { before, ..ListCases::default() }).await;
    assert_eq!(rest.len(), 1);
}

#[tokio::test]
async fn a_hospitals_older_word_does_not_undo_what_a_person_decided() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    let case = world.events(1).await.remove(0).data.case_id;
    let at = "2026-11-30T11:00:00Z".parse().unwrap();
    world
        .tell(&SetEstimate { case, at, certainty: None }, &actor("SE2321000180-2001"))
        .await
        .unwrap();
    let older = json!({ "message_id": "43", "kind": "updated", "recorded_at": "2026-11-23T08:00:00Z",
        "estimated_discharge": { "at": "2026-11-25" } });
    world.publish("falun.admission", "delivery-2", document(&older)).await;
    world.stream("HEMGANG_RECEIPTS", 2).await;
    assert_eq!(world.the_case().await.estimate(), Some(at));
}
