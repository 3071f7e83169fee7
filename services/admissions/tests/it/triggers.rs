//! What each event does to the state of a case.

use contracts::Case;

use crate::support::{World, changed, event, message};

/// The case after its admission and these messages.
async fn case_after(messages: &[Vec<u8>]) -> Case {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.send(&message("a01_admitted_with_need")).await;
    for message in messages {
        let answer = hospital.send(message).await;
        assert!(answer.contains("\rMSA|AA|") || answer.contains("\rMSA|CA|"), "{answer}");
    }
    let case = world.the_case().await;
    service.stop().await;
    case
}

#[tokio::test]
async fn whoever_becomes_an_outpatient_is_discharged_and_back_when_an_inpatient_again() {
    let out = event("a02_transferred", "A07", "T1", "20261118101600");
    let case = case_after(std::slice::from_ref(&out)).await;
    let ended = case.discharge().unwrap().stamp.occurred_at;
    assert_eq!(ended.to_rfc3339(), "2026-11-18T09:15:00+00:00");
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2001");
    let back = event("a02_transferred", "A06", "T2", "20261119101600");
    let case = case_after(&[out, back]).await;
    assert!(case.discharge().is_none() && case.discharges.len() == 1);
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2002");
}

#[tokio::test]
async fn an_outpatient_who_becomes_an_inpatient_opens_a_case() {
    let (world, service) = World::with_service().await;
    let admitted = changed("a01_admitted_with_need", &[("ADT^A01^ADT_A01", "ADT^A06")]);
    service.mllp().await.send(&admitted).await;
    let case = world.the_case().await;
    assert!(!case.joined_late && case.concerned().len() == 3);
}

#[tokio::test]
async fn a_transfer_that_is_cancelled_puts_the_patient_back() {
    let back = event("a02_transferred", "A12", "T2", "20261118111600");
    let back = String::from_utf8(back).unwrap().replace("|I|KIR2^", "|I|MED1^").into_bytes();
    let case = case_after(&[message("a02_transferred"), back]).await;
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2001");
}

#[tokio::test]
async fn a_planned_discharge_sets_the_estimate_and_discharges_nobody() {
    let pending = event("a03_discharged", "A16", "T1", "20261118101600");
    let pending = [pending, b"PV2|||||||||20261122\r".to_vec()].concat();
    let case = case_after(std::slice::from_ref(&pending)).await;
    assert!(case.discharge().is_none());
    assert_eq!(case.estimate().unwrap().to_rfc3339(), "2026-11-22T11:00:00+00:00");
    let off = event("a03_discharged", "A25", "T2", "20261119101600");
    let off = [off, b"PV2|||||||||\"\"\r".to_vec()].concat();
    let case = case_after(&[pending, off]).await;
    assert!(case.estimate().is_none() && case.discharge().is_none());
}

#[tokio::test]
async fn a_leave_leaves_the_stay_and_its_ward_as_they_are_and_ends_with_the_return() {
    let away = event("a02_transferred", "A21", "T1", "20261118101600");
    let case = case_after(std::slice::from_ref(&away)).await;
    assert!(case.leave().is_some() && case.live());
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2001");
    let back = event("a02_transferred", "A22", "T2", "20261119101600");
    let case = case_after(&[away, back]).await;
    assert!(case.leave().is_none());
    assert_eq!(case.leaves.len(), 1);
}

#[tokio::test]
async fn what_is_said_late_of_a_leave_does_not_undo_the_return() {
    let away = event("a02_transferred", "A21", "T1", "20261118101600");
    let back = event("a02_transferred", "A22", "T2", "20261119101600");
    let case = case_after(&[back, away]).await;
    assert!(case.leave().is_none());
}

#[tokio::test]
async fn a_return_that_is_taken_back_and_a_leave_that_never_was() {
    let sent = |code, id, at| event("a02_transferred", code, id, at);
    let away = sent("A21", "T1", "20261118101600");
    let never = sent("A52", "T2", "20261118111600");
    let case = case_after(&[away.clone(), never]).await;
    let leave = &case.leaves[0];
    assert_eq!(leave.ended.as_ref().unwrap().occurred_at, leave.stamp.occurred_at);
    let back = sent("A22", "T3", "20261119101600");
    let not_back = sent("A53", "T4", "20261119111600");
    let case = case_after(&[away.clone(), back, not_back]).await;
    assert!(case.leave().is_some() && case.leaves.len() == 1);
    let home = sent("A03", "T5", "20261120101600");
    assert!(case_after(&[away, home]).await.leave().is_none());
}

#[tokio::test]
async fn a_visit_that_is_deleted_is_a_cancelled_admission() {
    let deleted = event("a11_admission_cancelled", "A23", "T1", "20261117091600");
    assert!(case_after(&[deleted]).await.ended());
}

#[tokio::test]
async fn events_that_are_not_used_are_answered_with_why_and_leave_the_case_alone() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.send(&message("a01_admitted_with_need")).await;
    let before = world.the_case().await;
    let codes = ["A04", "A05", "A14", "A27", "A30", "A41", "A44", "A50", "A31", "Z01"];
    for code in codes {
        let answer = hospital.send(&event("a03_discharged", code, code, "20261120141600")).await;
        assert!(answer.contains("\rMSA|AA|"), "{code}: {answer}");
        // Who merges or changes an identity has to say it in another way.
        let severity = if ["A30", "A41", "A44", "A50"].contains(&code) { "W" } else { "I" };
        let told = format!("|MSH^1^9^1^2|0^Message accepted^HL70357|{severity}|");
        assert!(answer.contains(&told), "{answer}");
        assert!(answer.contains("används inte / Received, not used"), "{answer}");
    }
    assert_eq!(world.the_case().await, before);
    let kept: i64 =
        sqlx::query_scalar("select count(*) from raw_message where outcome = 'not_used'")
            .fetch_one(&world.database.pool)
            .await
            .unwrap();
    assert_eq!(usize::try_from(kept).unwrap(), codes.len());
}
