//! Messages that come before the stay that they are about, or are handled once more.

use admissions::receipts::Said;
use contracts::commands::{DismissMessage, ListRefused, ReplayMessage};
use serde_json::{Value, json};
use test_support::{SOON, eventually};

use crate::intake::receipts;
use crate::support::{World, actor, code, document, message, senders};

fn discharged(id: &str) -> Vec<u8> {
    let occurred_at = "2026-11-20T14:00:00+01:00";
    document(&json!({ "message_id": id, "kind": "discharged", "occurred_at": occurred_at }))
}

fn discharge_cancelled(id: &str) -> Vec<u8> {
    let occurred_at = "2026-11-20T15:00:00+01:00";
    let kind = "discharge_cancelled";
    document(&json!({ "message_id": id, "kind": kind, "occurred_at": occurred_at }))
}

#[tokio::test]
async fn what_comes_before_its_admission_is_taken_in_with_it_and_its_sender_hears_so() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.admission", "delivery-1", discharge_cancelled("3")).await;
    world.publish("falun.admission", "delivery-2", discharged("2")).await;
    let refused = receipts(&world, 2).await;
    assert!(refused.iter().all(|said| said.reasons[0].pointer.as_deref() == Some("/visit")));
    world.publish("falun.admission", "delivery-3", document(&json!({}))).await;
    let opened = world.events(1).await.remove(0);
    assert_eq!(opened.kind, "case_opened");
    assert_eq!((opened.data.discharges.len(), opened.data.discharge()), (1, None));
    assert_eq!(world.counts().await.refused, 0);
    let mut said = receipts(&world, 5).await.split_off(2);
    said.sort_by(|a, b| a.message_id.cmp(&b.message_id));
    for (said, id) in said.iter().zip(["delivery-1", "delivery-2", "delivery-3"]) {
        assert_eq!((said.outcome, said.message_id.as_str()), (Said::Accepted, id));
        assert_eq!(said.case_ref, Some(opened.data.case_ref));
    }
}

#[tokio::test]
async fn what_comes_before_its_admission_in_one_batch_is_accepted_at_once() {
    let world = World::start().await;
    world.publish("falun.admission", "delivery-1", discharged("2")).await;
    world.publish("falun.admission", "delivery-2", document(&json!({}))).await;
    let _service = world.serve().await;
    let said = receipts(&world, 2).await;
    assert!(said.iter().all(|said| said.outcome == Said::Accepted), "{said:?}");
    assert!(world.the_case().await.discharge().is_some());
}

#[tokio::test]
async fn what_another_process_did_not_see_in_time_is_joined_a_little_later() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let refused = hospital.send(&message("a03_discharged")).await;
    assert!(refused.contains("|PV1^1^19^1|204^"), "{refused}");
    // The admission is committed by a process that does not see the discharge yet.
    let hide = "update raw_message set outcome = 'not_used'";
    sqlx::query(hide).execute(&world.database.pool).await.unwrap();
    assert_eq!(code(&hospital.send(&message("a01_admitted_with_need")).await), "CA");
    assert!(world.the_case().await.discharge().is_none());
    let show = "update raw_message set outcome = 'refused' where case_key is not null";
    sqlx::query(show).execute(&world.database.pool).await.unwrap();
    // Events of one case that wait together are one, so it is the case that tells.
    eventually("the discharge is joined", SOON, async || {
        if world.the_case().await.discharge().is_some() { Ok(()) } else { Err("not yet") }
    })
    .await;
    assert_eq!(world.counts().await.refused, 0);
}

#[tokio::test]
async fn a_message_with_a_ward_that_nobody_had_mapped_is_listed_and_replayed_once_it_is() {
    let world = World::start().await;
    world.register(&senders().replace("\"MED1\" = ", "\"MED7\" = "));
    let service = world.serve().await;
    service.mllp().await.send(&message("a01_admitted_with_need")).await;
    assert_eq!(world.the_case().await.ward, None);
    assert!(world.ask(&ListRefused::default()).await.is_empty());
    let with_warnings = ListRefused { with_warnings: true, limit: None };
    let listed = world.ask(&with_warnings).await;
    assert!(listed[0].faults[0].contains("PV1-3"), "{listed:?}");
    service.stop().await;

    world.register(&senders());
    let _service = world.serve().await;
    let replay = ReplayMessage { id: listed[0].id };
    world.tell(&replay, &actor("SE2321000180-2001")).await.unwrap();
    let case = world.the_case().await;
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2001");
    assert_eq!((case.places.len(), case.needs.len()), (1, 1));
    assert!(world.ask(&with_warnings).await.is_empty());
}

#[tokio::test]
async fn a_replayed_message_does_not_undo_what_is_newer() {
    let world = World::start().await;
    world.register(&senders().replace("\"MED1\" = ", "\"MED7\" = "));
    let service = world.serve().await;
    let mut hospital = service.mllp().await;
    hospital.send(&message("a01_admitted_with_need")).await;
    hospital.send(&message("a02_transferred")).await;
    let with_warnings = ListRefused { with_warnings: true, limit: None };
    let listed = world.ask(&with_warnings).await;
    service.stop().await;
    world.register(&senders());
    let _service = world.serve().await;
    let replay = ReplayMessage { id: listed[0].id };
    world.tell(&replay, &actor("SE2321000180-2001")).await.unwrap();
    assert_eq!(world.the_case().await.ward.unwrap().as_str(), "SE2321000180-2002");
}

#[tokio::test]
async fn a_sender_is_heard_from_its_own_addresses_only() {
    for (peer, expected) in [("192.0.2.7", "CE"), ("127.0.0.1", "CA")] {
        let world = World::start().await;
        let named = "facility = \"FALUN\"";
        let peers = format!("{named}, peers = [\"{peer}\"]");
        world.register(&senders().replace(named, &peers));
        let service = world.serve().await;
        let answer = service.mllp().await.send(&message("a01_admitted_with_need")).await;
        assert_eq!(code(&answer), expected, "{peer}");
    }
}

#[tokio::test]
async fn of_what_an_unregistered_sender_sends_the_beginning_is_kept() {
    let (world, service) = World::with_service().await;
    let mut long = String::from_utf8(message("a01_admitted_with_need")).unwrap();
    long = long.replace("|COSMIC|", "|OTHER|");
    long.push_str(&"ZZZ|1\r".repeat(20_000));
    let mut hospital = service.mllp().await;
    for _ in 0..2 {
        assert_eq!(code(&hospital.send(long.as_bytes()).await), "CE");
    }
    let kept: Vec<i32> = sqlx::query_scalar("select octet_length(body) from raw_message")
        .fetch_all(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(kept, [64 * 1024]);
}

#[tokio::test]
async fn very_many_faults_and_repetitions_are_answered_over_mllp_and_the_broker() {
    let (world, service) = World::with_service().await;
    let text = String::from_utf8(message("a01_admitted_with_need")).unwrap();
    let codes = text.replace("KHS~SOC", &vec!["X"; 70_000].join("~"));
    let answer = service.mllp().await.send(codes.as_bytes()).await;
    assert_eq!(code(&answer), "CE");
    assert_eq!(answer.matches("\rERR|").count(), 50);
    let segments = text.clone() + &"ZHG|1|KHS\r".repeat(70_000);
    assert_eq!(code(&service.mllp().await.send(segments.as_bytes()).await), "CA");
    world.publish("falun.adt", "delivery-1", codes.replace("000001", "000002")).await;
    assert_eq!(receipts(&world, 1).await[0].outcome, Said::Rejected);
}

#[tokio::test]
async fn an_answer_that_is_given_again_says_again_that_the_id_was_reused() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.send(&message("a01_admitted_with_need")).await;
    let text = String::from_utf8(message("a01_admitted_with_need")).unwrap();
    let other = text.replace("V2026-1|", "V2026-2|").into_bytes();
    for id in ["delivery-1", "delivery-2"] {
        world.publish("falun.adt", id, other.clone()).await;
    }
    let said: Vec<Value> =
        receipts(&world, 2).await.iter().map(|said| json!(said.id_reused)).collect();
    assert_eq!(said, [json!(true), json!(true)]);
}

#[tokio::test]
async fn a_refusal_is_closed_by_whoever_has_seen_to_it_and_by_no_foreign_message() {
    let (world, service) = World::with_service().await;
    let ward = actor("SE2321000180-2001");
    let mut hospital = service.mllp().await;
    let text = String::from_utf8(message("a01_admitted_with_need")).unwrap();
    hospital.send(text.replace("18900101-9802", "18900101-9803").as_bytes()).await;
    hospital.send(text.replace("|COSMIC|", "|OTHER|").as_bytes()).await;
    hospital.send(text.replace("000001", "000002").as_bytes()).await;
    let accepted: uuid::Uuid =
        sqlx::query_scalar("select id from raw_message where outcome = 'accepted'")
            .fetch_one(&world.database.pool)
            .await
            .unwrap();
    let refused = world.ask(&ListRefused::default()).await;
    let dismiss = |n: usize| DismissMessage { id: refused[n].id, corrected_by: Some(accepted) };
    let foreign = world.tell(&dismiss(0), &ward).await.unwrap_err();
    assert!(foreign.to_string().contains("not_a_correction"), "{foreign}");
    assert!(world.tell(&dismiss(1), &ward).await.unwrap().changed);
    let plain = DismissMessage { id: refused[0].id, corrected_by: None };
    assert!(world.tell(&plain, &ward).await.unwrap().changed);
    assert!(world.tell(&plain, &ward).await.is_err());
    assert_eq!(world.counts().await.refused, 0);
}

#[tokio::test]
async fn what_is_old_is_deleted_but_for_refusals() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    for name in ["a01_admitted_with_need", "a04_registered_outpatient", "a01_everything_wrong"] {
        hospital.send(&message(name)).await;
    }
    service.stop().await;
    let pool = &world.database.pool;
    let age = "update raw_message set received_at = received_at - make_interval(days => $1)";
    let left = async || -> Vec<String> {
        sqlx::query_scalar("select outcome from raw_message order by outcome")
            .fetch_all(pool)
            .await
            .unwrap()
    };
    let only = |expected: &'static [&'static str]| {
        eventually("only these are left", SOON, async move || {
            let left = left().await;
            if left == expected { Ok(()) } else { Err(left.join(" ")) }
        })
    };
    sqlx::query(age).bind(31).execute(pool).await.unwrap();
    let service = world.serve().await;
    only(&["accepted", "refused"]).await;
    service.stop().await;
    sqlx::query(age).bind(60).execute(pool).await.unwrap();
    let _service = world.serve().await;
    only(&["refused"]).await;
    assert!(world.the_case().await.need().is_some());
}
