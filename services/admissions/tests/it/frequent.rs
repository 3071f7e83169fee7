//! Patients who come often are found at their admission.

use serde_json::json;

use crate::intake::receipts;
use crate::support::{World, document, senders};

fn admission(visit: &str, at: &str) -> Vec<u8> {
    let ward = "SE2321000180-2001";
    document(&json!({ "message_id": visit, "visit": visit, "occurred_at": at, "ward": ward }))
}

/// A world in which three stays are several, and what it says of each stay by its beginning.
async fn world() -> World {
    let world = World::start().await;
    world.register(&format!("frequent_stays = 3\n{}", senders()));
    world
}

async fn stays(world: &World) -> Vec<Option<u16>> {
    let mut cases = world.cases().await;
    cases.sort_by_key(|case| case.admitted.occurred_at);
    cases.into_iter().map(|case| case.frequent.map(|frequent| frequent.stays)).collect()
}

#[tokio::test]
async fn the_third_stay_within_three_months_is_found_whichever_hospital_it_is_at() {
    let world = world().await;
    let _service = world.serve().await;
    for (delivery, sender, at) in [
        ("V1", "falun", "2026-06-01T08:00:00Z"),
        ("V2", "falun", "2026-09-20T08:00:00Z"),
        ("V3", "mora", "2026-10-20T08:00:00Z"),
        ("V4", "falun", "2026-11-17T08:00:00Z"),
    ] {
        world.publish(&format!("{sender}.admission"), delivery, admission(delivery, at)).await;
        world.publish(&format!("{sender}.admission"), delivery, admission(delivery, at)).await;
    }
    receipts(&world, 4).await;
    assert_eq!(stays(&world).await, [None, None, None, Some(3)]);
}

#[tokio::test]
async fn stays_that_come_in_one_batch_count_for_each_other() {
    let world = world().await;
    world.publish("falun.admission", "V1", admission("V1", "2026-11-01T08:00:00Z")).await;
    world.publish("falun.admission", "V2", admission("V2", "2026-11-05T08:00:00Z")).await;
    world.publish("falun.admission", "V3", admission("V3", "2026-11-09T08:00:00Z")).await;
    let _service = world.serve().await;
    receipts(&world, 3).await;
    assert_eq!(stays(&world).await, [None, None, Some(3)]);
}

#[tokio::test]
async fn an_admission_that_never_was_does_not_count() {
    let world = world().await;
    let _service = world.serve().await;
    world.publish("falun.admission", "V1", admission("V1", "2026-11-01T08:00:00Z")).await;
    world.publish("falun.admission", "V2", admission("V2", "2026-11-05T08:00:00Z")).await;
    let cancelled = json!({
        "message_id": "C2", "kind": "admission_cancelled", "visit": "V2",
        "occurred_at": "2026-11-05T09:00:00Z"
    });
    world.publish("falun.admission", "C2", document(&cancelled)).await;
    world.publish("falun.admission", "V3", admission("V3", "2026-11-09T08:00:00Z")).await;
    receipts(&world, 4).await;
    assert_eq!(stays(&world).await, [None, None, None]);
}
