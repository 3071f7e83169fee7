//! Times that cannot be: the same in HL7 and in our documents. It is the morning of 24 November 2026.

use serde_json::{Value, json};
use test_support::{SOON, eventually};

use crate::http::{post, world};
use crate::support::{Service, World, changed, code, document};

/// The message of an admission with other times.
fn admitted(occurred: &str, admitted: &str) -> Vec<u8> {
    let evn = format!("EVN|A01|20261117081600||||{occurred}\r");
    changed(
        "a01_admitted_with_need",
        &[
            ("EVN|A01|20261117081600||||20261117081000\r", &evn),
            ("|||20261117081000\rPV2", &format!("|||{admitted}\rPV2")),
            ("|20261117080500|", "||"),
        ],
    )
}

async fn posted(service: &Service, differs: &Value) -> (u16, Value) {
    let body = document(differs);
    let (status, _, said) = post(service, "admissions/falun", "a-token", body).await;
    (status, serde_json::from_str(&said).unwrap())
}

async fn outcomes(world: &World) -> Vec<String> {
    sqlx::query_scalar("select outcome from raw_message order by id")
        .fetch_all(&world.database.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_admission_in_1900_or_the_day_after_tomorrow_is_refused_at_its_time() {
    let (world, service) = world().await;
    let mut hospital = service.mllp().await;
    for (local, utc, why) in [
        ("19000101000000", "1900-01-01T00:00:00+01:00", "lies more than twenty years back"),
        ("20261126120000", "2026-11-26T12:00:00+01:00", "lies more than a day in the future"),
    ] {
        let answer = hospital.send(&admitted(local, local)).await;
        assert_eq!(code(&answer), "CE", "{answer}");
        assert!(answer.contains("|EVN^1^6^1|102^") && answer.contains(why), "{answer}");
        let answer = hospital.send(&admitted("20261117081000", local)).await;
        assert!(answer.contains("|PV1^1^44^1|102^") && answer.contains(why), "{answer}");
        let (status, problem) = posted(&service, &json!({ "occurred_at": utc })).await;
        assert_eq!((status, &problem["reasons"][0]["pointer"]), (422, &"/occurred_at".into()));
        assert!(problem["reasons"][0]["en"].as_str().unwrap().contains(why), "{problem}");
    }
    assert_eq!(outcomes(&world).await, ["refused"; 6]);
    assert_eq!(world.counts().await.cases, 0);
}

#[tokio::test]
async fn a_clock_that_is_an_hour_ahead_is_held_to_ours_and_its_owner_told() {
    let (world, service) = world().await;
    let answer = service.mllp().await.send(&admitted("20261124100000", "20261124100000")).await;
    assert_eq!(code(&answer), "CA");
    assert!(answer.contains("|EVN^1^6^1|102^Data type error^HL70357|W|"), "{answer}");
    assert!(answer.contains("counts as now"), "{answer}");
    let case = world.the_case().await;
    assert_eq!(case.admitted.occurred_at, case.admitted.recorded_at);
    let ahead = json!({ "visit": "V-2", "occurred_at": "2026-11-24T10:00:00+01:00" });
    let (status, receipt) = posted(&service, &ahead).await;
    assert_eq!((status, &receipt["outcome"]), (200, &"accepted".into()));
    let reason = &receipt["reasons"][0];
    assert_eq!((&reason["pointer"], &reason["warning"]), (&"/occurred_at".into(), &true.into()));
    assert_eq!(outcomes(&world).await, ["accepted"; 2]);
}

#[tokio::test]
async fn a_clock_that_is_a_minute_ahead_is_not_worth_a_word() {
    let (_world, service) = world().await;
    let answer = service.mllp().await.send(&admitted("20261124090100", "20261124090100")).await;
    assert!(!answer.contains("\rERR|"), "{answer}");
    assert_eq!(code(&answer), "CA");
}

#[tokio::test]
async fn what_is_beside_the_matter_is_left_out_and_the_sender_told() {
    let (world, service) = world().await;
    let answer = service
        .mllp()
        .await
        .send(&changed(
            "a01_admitted_with_need",
            &[("|20261120\r", "|19000101\r"), ("|20261117080500|", "|19000101000000|")],
        ))
        .await;
    assert_eq!(code(&answer), "CA");
    assert!(answer.contains("|PV2^1^9^1|102^Data type error^HL70357|W|"), "{answer}");
    assert!(answer.contains("|ZHG^1^4^1^1|102^Data type error^HL70357|W|"), "{answer}");
    let case = world.the_case().await;
    assert!(case.estimate().is_none());
    assert_eq!(case.needs[0].stamp.occurred_at, case.admitted.occurred_at);
    let odd = json!({
        "visit": "V-2",
        "estimated_discharge": { "at": "1900-01-01" },
        "need": { "parties": ["social_services"], "noticed_at": "1900-01-01T00:00:00Z" },
    });
    let (status, receipt) = posted(&service, &odd).await;
    let reasons = receipt["reasons"].as_array().unwrap();
    let pointers: Vec<_> =
        reasons.iter().map(|reason| reason["pointer"].as_str().unwrap()).collect();
    assert_eq!((status, pointers), (200, vec!["/estimated_discharge/at", "/need/noticed_at"]));
    eventually("both are kept with their warnings", SOON, async || {
        let list = contracts::commands::ListRefused { with_warnings: true, limit: None };
        let warned = world.ask(&list).await.len();
        if warned == 2 { Ok(()) } else { Err(warned) }
    })
    .await;
}
