//! A hospital merges identities: its stays of whoever had the one have the other.

use contracts::case::Readmission;
use contracts::{Case, CaseId};
use serde_json::json;
use sqlx::Row;
use test_support::{SOON, eventually};

use crate::intake::receipts;
use crate::support::{Hospital, World, changed, code, document, event, message, senders};

const TOVA: &str = "189102279800";
const TAGE: &str = "189001019802";
const THIRD: &str = "192201029283";

/// A merge in an hour of 18 November.
fn merge(prior: &str, survivor: &str, hour: u32) -> Vec<u8> {
    merge_as("A40", &format!("{prior}^^^&1.2.752.129.2.1.3.1&ISO^PNR"), survivor, hour)
}

fn merge_as(event: &str, prior: &str, survivor: &str, hour: u32) -> Vec<u8> {
    let at = format!("20261118{hour:02}0000");
    format!(
        "MSH|^~\\&|COSMIC|FALUN|HEMGANG|DALARNA|{at}||ADT^{event}|M-{event}-{hour}|P|2.5.1\r\
         EVN||{at}\r\
         PID|1||PAS1^^^FALUN^PI~{survivor}^^^&1.2.752.129.2.1.3.1&ISO^PNR||Tolvansson^Åsa\r\
         MRG|PAS2^^^FALUN^PI~{prior}\r"
    )
    .into_bytes()
}

/// An admission over our own document, stated in an hour of 18 November.
async fn admit(world: &World, sender: &str, visit: &str, number: &str, at: &str, stated: u32) {
    let said = json!({
        "message_id": visit, "visit": visit, "occurred_at": at, "ward": "SE2321000180-2001",
        "recorded_at": format!("2026-11-18T{stated:02}:00:00+01:00"),
        "patient": {
            "identity": { "type": "personal", "value": number },
            "name": { "given": "Åsa", "family": "Tolvansson" },
            "address": { "lines": ["Storgatan 1"] },
            "municipality": "2080"
        }
    });
    world.publish(&format!("{sender}.admission"), visit, document(&said)).await;
}

/// Whose stay each is, by its beginning.
async fn numbers(world: &World) -> Vec<String> {
    let mut numbers = Vec::new();
    for case in cases(world).await {
        numbers.push(number_of(world, case.case_id).await);
    }
    numbers
}

async fn number_of(world: &World, case: CaseId) -> String {
    let row = sqlx::query("select identity_value from patient where case_id = $1").bind(case.0);
    row.fetch_one(&world.database.pool).await.unwrap().get(0)
}

async fn cases(world: &World) -> Vec<Case> {
    let mut cases = world.cases().await;
    cases.sort_by_key(|case| case.admitted.occurred_at);
    cases
}

async fn accepts(hospital: &mut Hospital, message: &[u8]) {
    let answer = hospital.send(message).await;
    assert!(answer.contains("\rMSA|AA|") && !answer.contains("\rERR|"), "{answer}");
}

#[tokio::test]
async fn every_stay_of_the_hospital_that_goes_on_or_is_over_has_the_surviving_number() {
    let (world, service) = World::with_service().await;
    for (sender, visit, number, at) in [
        ("falun", "V1", TAGE, "2026-11-01T08:00:00Z"),
        ("mora", "V2", TAGE, "2026-11-02T08:00:00Z"),
        ("falun", "V3", THIRD, "2026-11-03T08:00:00Z"),
        ("falun", "V4", TAGE, "2026-11-10T08:00:00Z"),
    ] {
        admit(&world, sender, visit, number, at, 1).await;
    }
    let home = json!({
        "message_id": "D1", "kind": "discharged", "visit": "V1", "patient": {},
        "occurred_at": "2026-11-05T08:00:00Z"
    });
    world.publish("falun.admission", "D1", document(&home)).await;
    receipts(&world, 5).await;
    let mut falun = service.mllp().await;
    accepts(&mut falun, &merge(TAGE, TOVA, 12)).await;
    assert_eq!(numbers(&world).await, [TOVA, TAGE, THIRD, TOVA]);
    let told = |case: &Case| case.reidentified.len();
    assert_eq!(cases(&world).await.iter().map(told).collect::<Vec<_>>(), [1, 0, 0, 1]);
    let entry = cases(&world).await[0].reidentified[0].clone();
    assert_eq!(entry.stamp.occurred_at.to_rfc3339(), "2026-11-18T11:00:00+00:00");
    eventually("both changes are said", SOON, async || {
        let events = world.events(1).await;
        let changes = events.iter().filter(|event| event.kind == "identity_changed").count();
        if changes == 2 { Ok(()) } else { Err(format!("{changes}")) }
    })
    .await;

    accepts(&mut falun, &merge(TAGE, TOVA, 12)).await;
    accepts(&mut falun, &merge(TAGE, TOVA, 13)).await;
    assert_eq!(cases(&world).await.iter().map(told).collect::<Vec<_>>(), [1, 0, 0, 1]);
    assert_eq!(numbers(&world).await, [TOVA, TAGE, THIRD, TOVA]);
}

#[tokio::test]
async fn what_was_stated_before_the_merge_follows_it_whenever_it_comes() {
    let (world, service) = World::with_service().await;
    let mut falun = service.mllp().await;
    accepts(&mut falun, &merge(TOVA, THIRD, 14)).await;
    accepts(&mut falun, &merge(TAGE, TOVA, 12)).await;
    admit(&world, "falun", "V1", TAGE, "2026-11-01T08:00:00Z", 11).await;
    admit(&world, "falun", "V2", TOVA, "2026-11-02T08:00:00Z", 13).await;
    admit(&world, "falun", "V3", TAGE, "2026-11-03T08:00:00Z", 13).await;
    admit(&world, "mora", "V4", TAGE, "2026-11-04T08:00:00Z", 11).await;
    receipts(&world, 4).await;
    assert_eq!(numbers(&world).await, [THIRD, THIRD, TAGE, TAGE], "the third is a newer word");
    let told = cases(&world).await.iter().map(|case| case.reidentified.len()).sum::<usize>();
    assert_eq!(told, 0, "nobody has read another number");
}

#[tokio::test]
async fn an_older_update_does_not_bring_the_number_back_and_a_newer_one_puts_a_stay_right() {
    let (world, service) = World::with_service().await;
    let mut falun = service.mllp().await;
    falun.send(&message("a01_admitted_with_need")).await;
    accepts(&mut falun, &merge(TAGE, TOVA, 12)).await;
    let case = world.the_case().await.case_id;
    assert_eq!(number_of(&world, case).await, TOVA);
    let update = |id, at| event("a03_discharged", "A08", id, at);
    falun.send(&update("U1", "20261118110000")).await;
    assert_eq!(number_of(&world, case).await, TOVA);
    assert_eq!(world.the_case().await.reidentified.len(), 1);
    falun.send(&update("U2", "20261118130000")).await;
    assert_eq!(number_of(&world, case).await, TAGE);
    accepts(&mut falun, &merge(TAGE, TOVA, 14)).await;
    assert_eq!(number_of(&world, case).await, TOVA);
}

#[tokio::test]
async fn a_stay_and_its_merge_in_one_batch_and_in_either_order() {
    let world = World::start().await;
    world.publish("falun.adt", "M1", merge(TAGE, TOVA, 12)).await;
    admit(&world, "falun", "V1", TAGE, "2026-11-01T08:00:00Z", 11).await;
    admit(&world, "falun", "V2", TOVA, "2026-11-02T08:00:00Z", 11).await;
    world.publish("falun.adt", "M2", merge(TOVA, THIRD, 15)).await;
    let _service = world.serve().await;
    receipts(&world, 4).await;
    assert_eq!(numbers(&world).await, [THIRD, THIRD]);
}

#[tokio::test]
async fn who_comes_often_and_who_is_back_are_found_anew_by_a_merge() {
    let world = World::start().await;
    world.register(&format!("frequent_stays = 2\n{}", senders()));
    let service = world.serve().await;
    admit(&world, "falun", "V1", TAGE, "2026-11-01T08:00:00Z", 1).await;
    let home = json!({
        "message_id": "D1", "kind": "discharged", "visit": "V1", "patient": {},
        "occurred_at": "2026-11-05T08:00:00Z"
    });
    world.publish("falun.admission", "D1", document(&home)).await;
    admit(&world, "mora", "V2", TOVA, "2026-11-10T08:00:00Z", 1).await;
    receipts(&world, 3).await;
    let found = async || {
        let back = cases(&world).await.remove(1);
        (back.readmission, back.frequent.map(|frequent| frequent.stays))
    };
    assert_eq!(found().await, (Some(Readmission::No), None));
    let mut falun = service.mllp().await;
    accepts(&mut falun, &merge(TAGE, TOVA, 12)).await;
    assert_eq!(found().await, (Some(Readmission::NotStated), Some(2)), "at another hospital");
    accepts(&mut falun, &merge(TOVA, THIRD, 13)).await;
    assert_eq!(found().await, (Some(Readmission::No), None), "and that was somebody else");
}

#[tokio::test]
async fn a_merge_that_cannot_be_followed_is_answered_with_why() {
    let (world, service) = World::with_service().await;
    let mut falun = service.mllp().await;
    falun.send(&message("a01_admitted_with_need")).await;
    let known = format!("{TAGE}^^^&1.2.752.129.2.1.3.1&ISO^PNR");
    let without = |from: &str, to: &str, hour| {
        let text = String::from_utf8(merge_as("A40", &known, TOVA, hour)).unwrap();
        assert!(text.contains(from));
        text.replace(from, to).into_bytes()
    };
    let no_segment = without("MRG|PAS2^^^FALUN^PI~", "ZZZ|", 1);
    let empty = without(&format!("PAS2^^^FALUN^PI~{known}"), "", 2);
    let wrong = without(&format!("~{TAGE}"), "~189001019803", 3);
    let nobody = without(&format!("~{TOVA}^^^&1.2.752.129.2.1.3.1&ISO^PNR"), "", 4);
    let two = without("MRG|PAS2", "PID|2||X\rMRG|PAS3\rMRG|PAS2", 5);
    for (message, place) in [
        (no_segment, "MRG^1|100^"),
        (empty, "MRG^1^1^1|101^"),
        (wrong, "MRG^1^1^2^1|102^"),
        (nobody, "PID^1^3^1|204^"),
        (two, "PID^2|100^"),
    ] {
        let answer = falun.send(&message).await;
        assert_eq!(code(&answer), "AE", "{answer}");
        assert!(answer.contains(&format!("ERR||{place}")), "{place}: {answer}");
        assert!(!answer.contains(TAGE) && !answer.contains("189001019803"), "{answer}");
    }
    let own_only = without(&format!("~{known}"), "", 6);
    let answer = falun.send(&own_only).await;
    assert!(answer.contains("\rMSA|AA|") && answer.contains("|MRG^1^1^1|0^"), "{answer}");
    let mora = changed_sender(&merge(TAGE, TOVA, 7));
    let answer = service.mllp().await.send(&mora).await;
    assert!(
        answer.contains("\rMSA|AA|") && answer.contains("cancel under the old one"),
        "{answer}"
    );
    let case = world.the_case().await;
    assert_eq!(number_of(&world, case.case_id).await, TAGE);
}

/// The same from the hospital without visit numbers.
fn changed_sender(message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    text.replace("|COSMIC|FALUN|", "|TAKECARE||").into_bytes()
}

#[tokio::test]
async fn a_reserve_number_becomes_the_patients_own_and_older_events_mean_the_same() {
    let reserve = "19900101A12B";
    for event in ["A18", "A34", "A36", "A47"] {
        let (world, service) = World::with_service().await;
        let mut falun = service.mllp().await;
        let number = [(
            "18900101-9802^^^&1.2.752.129.2.1.3.1&ISO^PNR",
            "19900101A12B^^^&1.2.752.999999.1&ISO",
        )];
        falun.send(&changed("a01_admitted_with_need", &number)).await;
        let case = world.the_case().await.case_id;
        assert_eq!(number_of(&world, case).await, reserve);
        let prior = format!("{reserve}^^^&1.2.752.999999.1&ISO");
        accepts(&mut falun, &merge_as(event, &prior, TOVA, 12)).await;
        assert_eq!(number_of(&world, case).await, TOVA, "{event}");
    }
}

#[tokio::test]
async fn a_merge_and_a_stay_that_two_processes_take_in_at_the_same_moment_find_each_other() {
    let (world, service) = World::with_service().await;
    let other = world.serve().await;
    let (mut one, mut two) = (service.mllp().await, other.mllp().await);
    for round in 0..15 {
        let [prior, survivor] = ["A", "B"].map(|of| format!("RES{round:05}{of}"));
        let cx = |number: &str| format!("{number}^^^&1.2.752.999999.1&ISO");
        let at = "20261118120000";
        let merge = format!(
            "MSH|^~\\&|COSMIC|FALUN|HEMGANG|DALARNA|{at}||ADT^A40|M{round}|P|2.5.1\rEVN||{at}\r\
             PID|1||{}\rMRG|{}\r",
            cx(&survivor),
            cx(&prior)
        );
        let (id, visit) = (format!("A{round}"), format!("|V-{round}|"));
        let changes = [
            ("FALUN-000001", id.as_str()),
            ("|V2026-1|", visit.as_str()),
            ("18900101-9802^^^&1.2.752.129.2.1.3.1&ISO^PNR", &cx(&prior)),
        ];
        let admission = changed("a01_admitted_with_need", &changes);
        let (merged, _) = tokio::join!(one.send(merge.as_bytes()), two.send(&admission));
        assert_eq!(code(&merged), "AA", "{merged}");
    }
    let numbers = numbers(&world).await;
    assert_eq!(numbers.len(), 15);
    assert!(numbers.iter().all(|number| number.ends_with('B')), "{numbers:?}");
}
