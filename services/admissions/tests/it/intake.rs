//! The intake on the broker.

use std::collections::BTreeSet;
use std::time::Duration;

use admissions::Admissions;
use admissions::receipts::{Receipt, Said};
use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::stream::Config;
use chassis::Program;
use contracts::commands::{ListRefused, ReplayMessage};
use contracts::{Case, CaseRef, Event};
use futures::StreamExt;
use serde_json::json;
use test_support::{SOON, eventually};

use crate::support::{PRIVATE, World, actor, document, message, senders};

pub(crate) async fn receipts(world: &World, count: u64) -> Vec<Receipt> {
    let all = world.stream("HEMGANG_RECEIPTS", count).await;
    all.iter()
        .map(|receipt| serde_json::from_slice::<Event<Receipt>>(receipt).unwrap().data)
        .collect()
}

#[tokio::test]
async fn a_document_gets_a_receipt_that_names_the_case() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    let receipt = receipts(&world, 1).await.remove(0);
    assert_eq!(receipt.outcome, Said::Accepted);
    assert_eq!(receipt.message_id, "delivery-1");
    assert_eq!(receipt.control_id.as_deref(), Some("42"));
    assert_eq!(receipt.case_ref, Some(world.the_case().await.case_ref));
}

#[tokio::test]
async fn a_document_sent_again_is_called_a_duplicate_and_names_the_same_case() {
    let (world, _service) = World::with_service().await;
    for id in ["delivery-1", "delivery-2"] {
        world.publish("falun.admission", id, document(&json!({}))).await;
    }
    let receipts = receipts(&world, 2).await;
    assert_eq!(receipts[1].outcome, Said::Duplicate);
    assert_eq!(receipts[1].case_ref, receipts[0].case_ref);
    assert_eq!(world.counts().await.cases, 1);
}

#[tokio::test]
async fn raw_hl7_comes_over_the_broker_as_well() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.adt", "delivery-1", message("a01_admitted_with_need")).await;
    assert_eq!(receipts(&world, 1).await[0].outcome, Said::Accepted);
}

#[tokio::test]
async fn a_faulty_document_is_rejected_by_field_and_without_its_values() {
    let (world, _service) = World::with_service().await;
    let faulty = document(&json!({ "visit": "", "ward": "Tolvansson" }));
    world.publish("falun.admission", "delivery-1", faulty).await;
    let receipt = receipts(&world, 1).await.remove(0);
    assert_eq!(receipt.outcome, Said::Rejected);
    let pointers: Vec<_> = receipt.reasons.iter().map(|reason| reason.pointer.clone()).collect();
    assert_eq!(pointers, [Some("/visit".to_owned()), Some("/ward".to_owned())]);
    let said = serde_json::to_string(&receipt).unwrap();
    assert!(PRIVATE.iter().all(|value| !said.contains(value)), "{said}");
}

#[tokio::test]
async fn what_comes_under_a_token_that_nobody_has_is_rejected_and_kept() {
    let (world, _service) = World::with_service().await;
    world.publish("stranger.admission", "delivery-1", document(&json!({}))).await;
    assert_eq!(receipts(&world, 1).await[0].outcome, Said::Rejected);
    assert_eq!(world.counts().await.refused, 1);
}

/// The process dies after the commit and before the receipt: what it took in is known, and the
/// delivery comes again.
#[tokio::test]
async fn a_message_delivered_again_gets_the_receipt_of_its_first_delivery() {
    let world = World::start().await;
    let dying = world.serve().await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    let first = receipts(&world, 1).await.remove(0);
    dying.stop().await;
    // The broker would drop the same id, so the delivery that is to be lost has another.
    world.publish("falun.admission", "delivery-2", document(&json!({}))).await;
    let stream = world.jetstream().await.get_stream("HEMGANG_INTAKE").await.unwrap();
    let durable: PullConsumer = stream.get_consumer("admissions").await.unwrap();
    let taken = durable.fetch().max_messages(1).messages().await.unwrap().next().await.unwrap();
    taken.unwrap().ack_with(AckKind::Nak(None)).await.unwrap();

    let _service = world.serve().await;
    let second = receipts(&world, 2).await.remove(1);
    assert_eq!((second.outcome, second.case_ref), (Said::Accepted, first.case_ref));
    assert_eq!(world.counts().await.cases, 1);
}

#[tokio::test]
async fn a_refused_message_is_kept_and_replays_after_its_sender_was_mended() {
    let world = World::start().await;
    world.register(&senders().replace("\"MED1\" = ", "\"MED7\" = "));
    let service = world.serve().await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    assert_eq!(receipts(&world, 1).await[0].outcome, Said::Rejected);
    let refused = world.ask(&ListRefused::default()).await;
    assert!(refused[0].faults[0].contains("/ward"), "{refused:?}");
    service.stop().await;

    world.register(&senders());
    let _service = world.serve().await;
    let replay = ReplayMessage { id: refused[0].id };
    let done = world.tell(&replay, &actor("SE2321000180-2001")).await.unwrap();
    assert!(done.changed);
    assert_eq!(world.the_case().await.concerned().len(), 1);
    assert_eq!(world.counts().await.refused, 0);
    let again = receipts(&world, 2).await.remove(1);
    assert_eq!((again.outcome, again.message_id.as_str()), (Said::Accepted, "delivery-1"));
}

#[tokio::test]
async fn a_subject_whose_sender_is_no_token_holds_up_nothing() {
    let (world, _service) = World::with_service().await;
    let long: String = (0..90).map(|_| chassis::new_id().simple().to_string()).collect();
    world.publish(&format!("{long}.admission"), "delivery-1", document(&json!({}))).await;
    world.publish("falun.admission", "delivery-2", document(&json!({}))).await;
    let mut said = receipts(&world, 2).await;
    said.sort_by(|a, b| a.message_id.cmp(&b.message_id));
    assert_eq!((said[0].outcome, said[1].outcome), (Said::Rejected, Said::Accepted));
}

#[tokio::test]
async fn a_sender_hears_once_that_its_message_is_not_taken_in_and_then_that_it_is() {
    let (world, _service) = World::with_service().await;
    let rename = async |from: &str, to: &str| {
        let statement = format!("alter table {from} rename to {to}");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&world.database.pool).await.unwrap();
    };
    rename("raw_message", "gone").await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    assert_eq!(receipts(&world, 1).await[0].outcome, Said::Transient);
    rename("gone", "raw_message").await;
    let said = receipts(&world, 2).await;
    assert_eq!((said[1].outcome, said[1].message_id.as_str()), (Said::Accepted, "delivery-1"));
}

#[tokio::test]
async fn everything_that_came_is_acknowledged_to_the_broker() {
    let (world, _service) = World::with_service().await;
    for n in 0..30 {
        let body = document(&json!({ "message_id": format!("{n}"), "visit": format!("V-{n}") }));
        world.publish("falun.admission", &format!("delivery-{n}"), body).await;
    }
    assert_eq!(receipts(&world, 30).await.len(), 30);
    let stream = world.jetstream().await.get_stream("HEMGANG_INTAKE").await.unwrap();
    eventually("nothing is left in hand", SOON, async || {
        let durable: PullConsumer = stream.get_consumer("admissions").await.unwrap();
        let info = durable.cached_info();
        if info.num_pending == 0 && info.num_ack_pending == 0 {
            Ok(())
        } else {
            Err(format!("{} wait, {} in hand", info.num_pending, info.num_ack_pending))
        }
    })
    .await;
    assert_eq!(world.counts().await.cases, 30);
}

/// A stored patient that this version cannot read must not hold up all the others.
#[tokio::test]
async fn a_message_that_cannot_be_stored_holds_up_no_other() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    receipts(&world, 1).await;
    sqlx::query("update patient set identity_value = 'spoilt'")
        .execute(&world.database.pool)
        .await
        .unwrap();
    let update = json!({ "message_id": "43", "kind": "updated" });
    world.publish("falun.admission", "delivery-2", document(&update)).await;
    let other = json!({ "message_id": "44", "visit": "V-other" });
    world.publish("falun.admission", "delivery-3", document(&other)).await;
    let mut said: Vec<_> = receipts(&world, 3).await.into_iter().skip(1).collect();
    said.sort_by(|a, b| a.message_id.cmp(&b.message_id));
    assert_eq!(said[0].reasons[0].code, "internal");
    assert_eq!((said[0].outcome, said[1].outcome), (Said::Rejected, Said::Accepted));
    let counts = world.counts().await;
    assert_eq!((counts.cases, counts.refused), (2, 1));
}

#[tokio::test]
async fn provision_gives_the_intake_of_an_earlier_release_its_bounds() {
    let world = World::start().await;
    let js = world.jetstream().await;
    let stream = js.get_stream("HEMGANG_INTAKE").await.unwrap();
    let longer = stream.cached_info().config.clone();
    assert!(longer.max_bytes > 0);
    let shorter = Config { max_age: Duration::from_hours(24), max_bytes: -1, ..longer.clone() };
    js.update_stream(shorter).await.unwrap();
    Admissions::provision(world.settings()).await.unwrap();
    let stream = js.get_stream("HEMGANG_INTAKE").await.unwrap();
    assert_eq!(stream.cached_info().config, longer);
}

#[tokio::test]
async fn a_case_whose_short_name_chance_has_given_to_another_gets_the_next() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    let first = receipts(&world, 1).await[0].case_ref;
    // From now on it is the name of another stay.
    for statement in [
        "delete from raw_message",
        "update hospital_case set case_id = gen_random_uuid(), case_key = 'other'",
    ] {
        sqlx::query(statement).execute(&world.database.pool).await.unwrap();
    }
    world.publish("falun.admission", "delivery-2", document(&json!({}))).await;
    let second = receipts(&world, 2).await[1].clone();
    assert_eq!(second.outcome, Said::Accepted);
    assert!(second.case_ref.is_some() && second.case_ref != first);
}

/// The database as it was when it held one case only; the broker believes the others taken in.
async fn restore(world: &World, kept: CaseRef) {
    let kept = kept.compact();
    let others = format!("select case_id from hospital_case where case_ref <> '{kept}'");
    for statement in [
        format!("delete from patient where case_id in ({others})"),
        "delete from raw_message where control_id <> '0'".to_owned(),
        format!("delete from hospital_case where case_ref <> '{kept}'"),
        "delete from messaging.outbox where aggregate not in \
           (select case_id::text from hospital_case)"
            .to_owned(),
        "update intake_seen set sequence = 1".to_owned(),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&world.database.pool).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_restored_database_has_forgotten_of_the_intake_is_read_again_as_the_same_cases() {
    let (world, service) = World::with_service().await;
    let admit = async |n: u32| {
        let body = document(&json!({ "message_id": format!("{n}"), "visit": format!("V-{n}") }));
        world.publish("falun.admission", &format!("delivery-{n}"), body).await;
    };
    admit(0).await;
    assert_eq!(receipts(&world, 1).await.len(), 1);
    // It is noted how far the database is when a process begins.
    service.stop().await;
    let service = world.serve().await;
    eventually("it is noted how far the intake is", SOON, async || {
        let seen: i64 = sqlx::query_scalar("select sequence from intake_seen")
            .fetch_one(&world.database.pool)
            .await
            .unwrap();
        if seen == 1 { Ok(()) } else { Err(seen) }
    })
    .await;
    for n in 1..5 {
        admit(n).await;
    }
    let said = receipts(&world, 5).await;
    let before = world.cases().await;
    assert_eq!(before.len(), 5);
    service.stop().await;
    restore(&world, said[0].case_ref.unwrap()).await;
    let _service = world.serve().await;
    eventually("everything is there again", SOON, async || {
        let cases = world.cases().await;
        if cases.len() == 5 { Ok(()) } else { Err(cases.len()) }
    })
    .await;
    let names = |cases: &[Case]| {
        let names = cases
            .iter()
            .map(|case| (case.case_id, case.case_ref, case.admitted.id, case.needs[0].stamp.id));
        names.collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&world.cases().await), names(&before));
    // Only what had been forgotten is answered once more.
    let said = receipts(&world, 9).await;
    assert_eq!(said.len(), 9);
    assert!(said[5..].iter().all(|said| said.outcome == Said::Accepted));
}
