//! Who is back within thirty days of going home is found at the admission.

use contracts::case::Readmission::{self, No, NotStated, Planned, Unplanned};
use contracts::commands::DischargePatient;
use serde_json::{Value, json};

use crate::intake::receipts;
use crate::support::{World, actor, changed, document, message};

/// Admissions and discharges, each with what differs.
struct Hospital<'w> {
    world: &'w World,
    sent: u64,
}

impl Hospital<'_> {
    async fn says(&mut self, sender: &str, kind: &str, visit: &str, at: &str, differs: Value) {
        let id = format!("M{}", self.sent);
        let ward = "SE2321000180-2001";
        let mut said = json!({
            "message_id": id, "kind": kind, "visit": visit, "occurred_at": at, "ward": ward
        });
        for (member, value) in differs.as_object().unwrap() {
            said[member] = value.clone();
        }
        self.sent += 1;
        self.world.publish(&format!("{sender}.admission"), &id, document(&said)).await;
        receipts(self.world, self.sent).await;
    }

    async fn admits(&mut self, sender: &str, visit: &str, at: &str, differs: Value) {
        self.says(sender, "admitted", visit, at, differs).await;
    }

    async fn discharges(&mut self, sender: &str, visit: &str, at: &str) {
        self.says(sender, "discharged", visit, at, json!({})).await;
    }
}

/// What was found of each stay, by its beginning.
async fn found(world: &World) -> Vec<Option<Readmission>> {
    let mut cases = world.cases().await;
    cases.sort_by_key(|case| case.admitted.occurred_at);
    cases.into_iter().map(|case| case.readmission).collect()
}

#[tokio::test]
async fn who_is_back_within_thirty_days_at_whichever_hospital_is_readmitted_planned_or_not() {
    let (world, _service) = World::with_service().await;
    let mut hospital = Hospital { world: &world, sent: 0 };
    hospital.admits("falun", "V1", "2026-07-01T08:00:00Z", json!({})).await;
    hospital.discharges("falun", "V1", "2026-07-10T08:00:00Z").await;
    let planned = json!({ "planned": true });
    hospital.admits("mora", "V2", "2026-08-09T08:00:00Z", planned).await;
    hospital.discharges("mora", "V2", "2026-08-10T08:00:00Z").await;
    let unplanned = json!({ "planned": false });
    hospital.admits("falun", "V3", "2026-08-20T08:00:00Z", unplanned.clone()).await;
    hospital.discharges("falun", "V3", "2026-08-21T08:00:00Z").await;
    hospital.admits("falun", "V4", "2026-08-30T08:00:00Z", json!({})).await;
    hospital.discharges("falun", "V4", "2026-08-31T08:00:00Z").await;
    hospital.admits("falun", "V5", "2026-10-01T08:00:00Z", unplanned).await;
    let expected = [No, Planned, Unplanned, NotStated, No].map(Some);
    assert_eq!(found(&world).await, expected);
}

#[tokio::test]
async fn who_is_moved_to_another_hospital_is_not_readmitted_there() {
    let (world, _service) = World::with_service().await;
    let mut hospital = Hospital { world: &world, sent: 0 };
    hospital.admits("falun", "V1", "2026-11-01T08:00:00Z", json!({})).await;
    hospital.admits("mora", "V2", "2026-11-03T08:00:00Z", json!({})).await;
    hospital.discharges("falun", "V1", "2026-11-03T09:00:00Z").await;
    hospital.discharges("mora", "V2", "2026-11-05T09:00:00Z").await;
    hospital.admits("falun", "V3", "2026-11-05T18:00:00Z", json!({})).await;
    assert_eq!(found(&world).await, [Some(No); 3]);
}

#[tokio::test]
async fn a_stay_that_turns_out_to_be_somebody_elses_is_looked_at_again() {
    let (world, _service) = World::with_service().await;
    let mut hospital = Hospital { world: &world, sent: 0 };
    hospital.admits("falun", "V1", "2026-11-01T08:00:00Z", json!({})).await;
    let case = world.the_case().await.case_id;
    let discharge =
        DischargePatient { case, occurred_at: Some("2026-11-05T09:00:00Z".parse().unwrap()) };
    world.tell(&discharge, &actor("SE2321000180-2001")).await.unwrap();
    let nobody = json!({ "patient": {}, "planned": false });
    hospital.admits("falun", "V2", "2026-11-10T08:00:00Z", nobody).await;
    assert_eq!(found(&world).await, [Some(No), None], "whoever it is");
    hospital.says("falun", "updated", "V2", "2026-11-10T10:00:00Z", json!({})).await;
    assert_eq!(found(&world).await, [Some(No), Some(Unplanned)]);
    let planned = json!({ "planned": true });
    hospital.says("falun", "updated", "V2", "2026-11-10T11:00:00Z", planned).await;
    assert_eq!(found(&world).await, [Some(No), Some(Planned)]);
    let other = json!({ "type": "personal", "value": "189102279800" });
    let other = json!({ "patient": { "identity": other } });
    hospital.says("falun", "updated", "V2", "2026-11-10T12:00:00Z", other).await;
    assert_eq!(found(&world).await, [Some(No), Some(No)]);
}

#[tokio::test]
async fn hl7_says_it_by_the_admission_type_that_the_profile_names() {
    let (world, service) = World::with_service().await;
    let mut falun = service.mllp().await;
    falun.send(&message("a01_admitted_with_need")).await;
    falun.send(&message("a03_discharged")).await;
    let again = [
        ("V2026-1|", "V2026-2|"),
        ("FALUN-000001", "FALUN-H2"),
        ("|MED1^12^2^FALUN||", "|MED1|E|"),
        ("20261117", "20261122"),
    ];
    falun.send(&changed("a01_admitted_with_need", &again)).await;
    assert_eq!(found(&world).await, [Some(No), Some(Unplanned)]);
}
