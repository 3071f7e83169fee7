//! Nothing about a patient outside `admissions`: not in a stream (the intake excepted), a log
//! (Postgres' and the broker's included), a metric, a mail or an SMS.

use std::path::Path;

use contracts::commands::{JudgeNeed, ReadNotice};
use contracts::ledger::ObligationState;
use contracts::{CaseId, Party};
use uuid::Uuid;

use crate::support::System;
use crate::support::hl7::{self, Adt, Patient, TAGE, TOVA};
use crate::support::system::SERVICES;
use crate::support::units::{CARE_CENTRE, WARD};

const STREAMS: [&str; 6] = [
    "HEMGANG_ADMISSIONS",
    "HEMGANG_COORDINATION",
    "HEMGANG_SIP",
    "HEMGANG_DEADLINES",
    "HEMGANG_NOTIFICATIONS",
    "HEMGANG_RECEIPTS",
];

fn admission(patient: Patient, control_id: &'static str, visit: &'static str) -> Adt<'static> {
    Adt {
        trigger: "A01",
        control_id,
        visit,
        patient,
        at: "202606021400",
        admitted_at: if visit == "V1" { "202606021330" } else { "202606021200" },
        estimate: "20260609",
        need: "KHS~SOC",
    }
}

/// Everything that the system has said and written, by where it stands.
async fn everything(system: &System) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for stream in STREAMS {
        for message in system.stream(stream).await {
            let place = format!("{stream} {}", message.sequence);
            let text = String::from_utf8_lossy(&message.payload).into_owned();
            said.push((place, format!("{} {:?} {text}", message.subject, message.headers)));
        }
    }
    for service in SERVICES {
        said.push((format!("{service} /metrics"), system.metrics(service).await));
    }
    for message in system.sinks.sinks.messages().all() {
        said.push((format!("message {}", message.id), format!("{message:?}")));
    }
    for folder in [system.folder.path(), system.postgres.folder(), system.nats.folder()] {
        logs_in(folder, &mut said);
    }
    said
}

/// Files that look like logs; the databases' and the broker's own data are not read.
fn logs_in(folder: &Path, said: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "data" && name != "store" {
            logs_in(&path, said);
        } else if name.contains("log") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            said.push((path.display().to_string(), text));
        }
    }
}

/// The places where one of the marks stands.
fn places_of(marks: &[&str], said: &[(String, String)]) -> Vec<String> {
    let holds = |text: &str| marks.iter().any(|mark| text.contains(mark));
    said.iter().filter(|(_, text)| holds(text)).map(|(place, _)| place.clone()).collect()
}

#[tokio::test]
async fn nothing_about_a_patient_leaves_admissions() {
    let system = System::start("2026-06-02 14:00").await;
    system.send(&admission(TOVA, "1", "V1")).await;
    system.send(&admission(TOVA, "1", "V1")).await;
    system.send(&admission(TAGE, "2", "V2")).await;
    // What is refused is told to its sender without a value.
    let wrong = admission(Patient { number: "189001019803", ..TAGE }, "3", "V3").text();
    let answer = hl7::send(system.mllp, &wrong).await.unwrap();
    assert!(answer.contains("MSA|AE|3") && answer.contains("PID^1^3"), "{answer}");
    let case = system.case_admitted("2026-06-02 13:30").await.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let notice = system.act(&ReadNotice { case }, CARE_CENTRE).await;
    assert!(notice.name.is_some_and(|name| name.contains(TOVA.family)));
    assert!(system.try_act(&ReadNotice { case }, WARD).await.is_err());
    let parties = [Party::OpenCare].into();
    let unknown =
        JudgeNeed { case: CaseId(Uuid::nil()), parties, frequent_patient: false, noticed_at: None };
    assert!(system.try_act(&unknown, WARD).await.is_err());
    system.receives("vc@", 2).await;
    // A reminder, an escalation and the following SMS.
    system.set_time("2026-06-04 08:00");
    system.duty_is(case, "K06", ObligationState::Missed).await;

    let mut marks = [TOVA.marks(), TAGE.marks()].concat();
    marks.push("189001019803");
    let said = everything(&system).await;
    assert!(said.iter().any(|(place, _)| place.contains("postgres")), "Postgres' log is read");
    assert!(said.iter().any(|(place, _)| place.contains("nats")), "the broker's log is read");
    assert_eq!(places_of(&marks, &said), Vec::<String>::new());
}

#[tokio::test]
async fn the_scan_finds_what_is_planted() {
    let system = System::start("2026-06-02 14:00").await;
    let mut database = system.database("admissions").await;
    let planted = format!("do $$ begin raise log 'planted {}'; end $$", TOVA.number);
    sqlx::Executor::execute(&mut database, sqlx::AssertSqlSafe(planted)).await.unwrap();
    std::fs::write(system.folder.path().join("log").join("sip.log.1"), TAGE.family).unwrap();
    let said = everything(&system).await;
    let found = places_of(&[TOVA.number, TAGE.family], &said);
    assert_eq!(found.len(), 2, "{found:?}");
}
