//! Patients who come often are found at their admission.

use serde_json::json;

use crate::intake::receipts;
use crate::support::{World, changed, document, senders};

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
async fn a_stay_that_is_told_of_late_or_cancelled_later_is_counted_so() {
    let world = world().await;
    let _service = world.serve().await;
    world.publish("falun.admission", "V3", admission("V3", "2026-11-09T08:00:00Z")).await;
    world.publish("falun.admission", "V1", admission("V1", "2026-11-01T08:00:00Z")).await;
    receipts(&world, 2).await;
    assert_eq!(stays(&world).await, [None, None]);
    world.publish("mora.admission", "V2", admission("V2", "2026-11-05T08:00:00Z")).await;
    receipts(&world, 3).await;
    assert_eq!(stays(&world).await, [None, None, Some(3)]);
    let cancelled = json!({
        "message_id": "C1", "kind": "admission_cancelled", "visit": "V1",
        "occurred_at": "2026-11-09T09:00:00Z"
    });
    world.publish("falun.admission", "C1", document(&cancelled)).await;
    receipts(&world, 4).await;
    assert_eq!(stays(&world).await, [None, None, None]);
}

#[tokio::test]
async fn processes_that_open_stays_of_a_patient_at_the_same_moment_see_each_others() {
    let world = World::start().await;
    world.register(&format!("frequent_stays = 2\n{}", senders()));
    let (one, other) = (world.serve().await, world.serve().await);
    let (mut one, mut other) = (one.mllp().await, other.mllp().await);
    for round in 1..=15 {
        let admission = |visit: &str, hour: u32| {
            // Another patient in each round: nobody has come before.
            let identity = format!("RES{round:05}^^^&1.2.752.999999.1&ISO");
            let changes = [
                ("FALUN-000001", format!("{round}-{visit}")),
                ("|V2026-1|", format!("|{round}-{visit}|")),
                ("18900101-9802^^^&1.2.752.129.2.1.3.1&ISO^PNR", identity),
                ("20261117081000", format!("20261117{hour:02}1000")),
                ("20261117081600", "20261117201600".to_owned()),
            ];
            let changes: Vec<_> = changes.iter().map(|(a, b)| (*a, b.as_str())).collect();
            changed("a01_admitted_with_need", &changes)
        };
        let (early, late) = (admission("V1", 8), admission("V2", 9));
        let (first, second) = tokio::join!(one.send(&early), other.send(&late));
        assert!(first.contains("|CA|") || first.contains("|AA|"), "{first}");
        assert!(second.contains("|CA|") || second.contains("|AA|"), "{second}");
    }
    let found = stays(&world).await;
    let twice = found.iter().filter(|stays| **stays == Some(2)).count();
    assert_eq!((found.len(), twice), (30, 15));
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
