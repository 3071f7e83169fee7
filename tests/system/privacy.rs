//! Nothing about a patient outside `admissions`: not in a stream (the intake excepted), a log
//! (Postgres' and the broker's included), a metric, a mail or an SMS, another service's database.

use contracts::commands::{CallSip, DischargePatient, GiveReady, JudgeNeed, ReadNotice};
use contracts::ledger::{ObligationState, StepKind};
use contracts::{CaseId, Party};
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::System;
use crate::support::hl7::{self, Adt, Patient, TAGE, TOVA};
use crate::support::scan::{everything, marks, nothing_leaks, places_of};
use crate::support::units::{CARE_CENTRE, WARD, phone};

fn admission(patient: Patient, control_id: &'static str, visit: &'static str) -> Adt<'static> {
    Adt {
        control_id,
        visit,
        at: "202606021400",
        admitted_at: if visit == "V1" { "202606021330" } else { "202606021200" },
        estimate: "20260609",
        need: "KHS~SOC",
        ..Adt::of(patient)
    }
}

/// A document of the same patient, over the broker.
fn document(message_id: &str, identity: &str) -> Vec<u8> {
    serde_json::json!({
        "message_id": message_id,
        "kind": "admitted",
        "visit": message_id,
        "occurred_at": "2026-06-02T13:00:00+02:00",
        "ward": "AVD1",
        "patient": {
            "identity": { "type": "personal", "value": identity },
            "name": { "given": TAGE.given, "family": TAGE.family },
            "address": { "lines": [TAGE.street], "postal_code": "79171", "city": "FALUN" },
            "municipality": "2080",
            "listed_care_centre": "SE9999990001-VC1"
        },
        "estimated_discharge": { "at": "2026-06-09" },
        "diagnoses": [{ "code": "I50.0", "text": TAGE.diagnosis }],
        "need": { "parties": ["social_services"] }
    })
    .to_string()
    .into_bytes()
}

/// Publishes to the intake, and waits for the receipt.
async fn publish(system: &System, form: &str, id: &str, body: Vec<u8>) -> String {
    let js = async_nats::jetstream::new(system.client().await);
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Nats-Msg-Id", id);
    let subject = format!("hemgang.v1.intake.lasarettet.{form}");
    js.publish_with_headers(subject, headers, body.into()).await.unwrap().await.unwrap();
    eventually("there is a receipt", SOON, async || {
        let receipts = system.stream("HEMGANG_RECEIPTS").await;
        let receipts = receipts.iter().map(|r| String::from_utf8_lossy(&r.payload).into_owned());
        receipts.into_iter().find(|receipt| receipt.contains(id)).ok_or("none")
    })
    .await
}

/// A journey that takes every way in and out: HL7 and JSON, good and faulty; a notice that is read, a
/// duty that is missed, mail and SMS; a plan that is called, and a discharge.
async fn journey(system: &System) {
    system.send(&admission(TOVA, "1", "V1")).await;
    system.send(&admission(TOVA, "1", "V1")).await;
    system.send(&admission(TAGE, "2", "V2")).await;
    // What is refused is told to its sender without a value.
    let wrong = admission(Patient { number: "189001019803", ..TAGE }, "3", "V3").text();
    let answer = hl7::send(system.mllp, &wrong).await.unwrap();
    assert!(answer.contains("MSA|AE|3") && answer.contains("PID^1^3"), "{answer}");
    let receipt = publish(system, "adt", "delivery-3", wrong.into_bytes()).await;
    assert!(receipt.contains("rejected"), "{receipt}");
    let receipt = publish(system, "admission", "delivery-4", document("4", TAGE.number)).await;
    assert!(receipt.contains("accepted"), "{receipt}");
    let receipt = publish(system, "admission", "delivery-5", document("5", "189001019803")).await;
    assert!(receipt.contains("rejected"), "{receipt}");

    let case = system.case_admitted("2026-06-02 13:30").await.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let notice = system.act(&ReadNotice { case }, CARE_CENTRE).await;
    assert!(notice.name.is_some_and(|name| name.contains(TOVA.family)));
    assert!(system.try_act(&ReadNotice { case }, WARD).await.is_err());
    let parties = [Party::OpenCare].into();
    let unknown =
        JudgeNeed { case: CaseId(Uuid::nil()), parties, frequent_patient: false, noticed_at: None };
    assert!(system.try_act(&unknown, WARD).await.is_err());

    for (time, step) in [
        ("2026-06-03 10:00", StepKind::Reminder),
        ("2026-06-03 14:00", StepKind::Unit),
        ("2026-06-04 08:00", StepKind::Manager),
    ] {
        system.set_time(time);
        system.step_is_taken(case, "K06", step).await;
    }
    let number = phone("vc").replace("070-", "+4670");
    eventually("the manager has an SMS", SOON, async || {
        if system.received(&number).is_empty() { Err("none") } else { Ok(()) }
    })
    .await;
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.act(&CallSip { case, occurred_at: None }, CARE_CENTRE).await;
    system.duty_is(case, "K43", ObligationState::Met).await;
    system.act(&DischargePatient { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K06", ObligationState::StillMissed).await;
}

#[tokio::test]
async fn nothing_about_a_patient_leaves_admissions() {
    let system = System::start("2026-06-02 14:00").await;
    journey(&system).await;
    let said = nothing_leaks(&system, &[]).await;
    for place in ["HEMGANG_RECEIPTS", "Sms"] {
        assert!(said.iter().any(|(at, _)| at.contains(place)), "{place} is read");
    }
}

#[tokio::test]
async fn the_scan_finds_what_is_planted() {
    let system = System::start("2026-06-02 14:00").await;
    let mut database = system.database("admissions").await;
    let planted = format!("do $$ begin raise log 'planted {}'; end $$", TOVA.number);
    sqlx::Executor::execute(&mut database, sqlx::AssertSqlSafe(planted)).await.unwrap();
    let mut database = system.database("sip").await;
    let kept = format!("create table planted as select '{}'::text as word", TOVA.street);
    sqlx::Executor::execute(&mut database, sqlx::AssertSqlSafe(kept)).await.unwrap();
    let answered = format!(
        "insert into messaging.command (id, verb, digest, refused, answer)
         values (gen_random_uuid(), 'show_sip', '', false, '{}')",
        TAGE.street
    );
    sqlx::Executor::execute(&mut database, sqlx::AssertSqlSafe(answered)).await.unwrap();
    std::fs::write(system.folder.path().join("log").join("sip.log.1"), TAGE.family).unwrap();
    let js = async_nats::jetstream::new(system.client().await);
    let event = "910227-9800".into();
    js.publish("hemgang.v1.sip.sip_changed", event).await.unwrap().await.unwrap();
    mail(&system, TOVA.family).await;
    let said = everything(&system).await;
    let found = places_of(&marks(), &said);
    for place in [
        "postgres",
        "sip table public.planted",
        "sip table messaging.command",
        "sip.log.1",
        "HEMGANG_SIP",
        "message",
    ] {
        assert!(found.iter().any(|at| at.contains(place)), "{place} is found: {found:?}");
    }
}

/// A mail about somebody, as no service would write it.
async fn mail(system: &System, about: &str) {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let stream = tokio::net::TcpStream::connect(system.sinks.smtp).await.unwrap();
    let (answers, mut commands) = stream.into_split();
    let mut answers = BufReader::new(answers).lines();
    answers.next_line().await.unwrap();
    for command in [
        "HELO test",
        "MAIL FROM:<a@example.se>",
        "RCPT TO:<b@example.se>",
        "DATA",
        &format!("Subject: x\r\n\r\n{about}\r\n."),
    ] {
        commands.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        answers.next_line().await.unwrap();
    }
}
