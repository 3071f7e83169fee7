//! Batches over every channel: each message by itself, one answer each.

use admissions::receipts::Said;

use crate::http::{post, world};
use crate::intake::receipts;
use crate::support::{World, changed};

const BHS: &[u8] = b"BHS|^~\\&|COSMIC|FALUN|HEMGANG|DALARNA|20261117||bunt||B-1\r";

/// An admission, one without a visit number, and another admission.
fn batch() -> Vec<u8> {
    let one = |id: &str, visit: &str| {
        changed("a01_admitted_with_need", &[("FALUN-000001", id), ("|V2026-1|", visit)])
    };
    let messages = [one("B1", "|V-1|"), one("B2", "||"), one("B3", "|V-3|")].concat();
    [BHS, &messages, b"BTS|3\r"].concat()
}

/// MSA-1 and MSA-2 of every acknowledgement of a batch.
fn told(answer: &str) -> Vec<(String, String)> {
    let msa = answer.split('\r').filter(|line| line.starts_with("MSA|"));
    let fields = msa.map(|line| line.split('|').map(str::to_owned).collect::<Vec<_>>());
    fields.map(|fields| (fields[1].clone(), fields[2].clone())).collect()
}

fn expected() -> Vec<(String, String)> {
    [("CA", "B1"), ("CE", "B2"), ("CA", "B3")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
}

#[tokio::test]
async fn a_batch_over_mllp_is_answered_by_one_of_as_many_acknowledgements() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let answer = hospital.send(&batch()).await;
    assert_eq!(told(&answer), expected());
    assert!(answer.starts_with("BHS|^~\\&|HEMGANG|DALARNA|COSMIC|FALUN|"), "{answer}");
    assert!(answer.contains("|PV1^1^19^1|101^") && answer.ends_with("\rBTS|3|\r"), "{answer}");
    let counts = world.counts().await;
    assert_eq!((counts.cases, counts.refused), (2, 1));
    assert_eq!(told(&hospital.send(&batch()).await), expected());
    assert_eq!(world.counts().await.cases, 2);
}

#[tokio::test]
async fn a_batch_over_http_is_answered_by_one_of_as_many_acknowledgements() {
    let (world, service) = world().await;
    let (status, _, answer) = post(&service, "hl7/falun", "a-token", batch()).await;
    assert_eq!((status, told(&answer)), (200, expected()));
    assert_eq!(world.counts().await.cases, 2);
}

#[tokio::test]
async fn every_message_of_a_batch_over_the_broker_has_a_receipt_of_its_own() {
    let (world, _service) = World::with_service().await;
    world.publish("falun.adt", "delivery-1", batch()).await;
    let said = receipts(&world, 3).await;
    let told: Vec<_> =
        said.iter().map(|said| (said.outcome, said.control_id.as_deref().unwrap())).collect();
    assert_eq!(told, [(Said::Accepted, "B1"), (Said::Rejected, "B2"), (Said::Accepted, "B3")]);
    assert!(said.iter().all(|said| said.message_id == "delivery-1"));
}

#[tokio::test]
async fn a_batch_without_messages_is_refused_and_kept_under_its_sender() {
    let (world, service) = World::with_service().await;
    let answer = service.mllp().await.send(&[BHS, b"BTS|0\r"].concat()).await;
    assert!(answer.contains("MSA|AR|") && answer.contains("ERR||BHS^1|100^"), "{answer}");
    let sender: Option<String> = sqlx::query_scalar("select sender from raw_message")
        .fetch_one(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(sender.as_deref(), Some("falun"));
}
