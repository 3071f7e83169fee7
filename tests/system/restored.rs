//! A database that was put back to an earlier moment, and what becomes of what it has forgotten.

use std::collections::BTreeSet;
use std::process::Output;

use contracts::ledger::ObligationState;
use contracts::{Case, EntryId};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor};
use test_support::{SOON, eventually};

use crate::support::System;
use crate::support::hl7::{Adt, TAGE, TOVA};

const TAGES: Adt<'static> = Adt {
    at: "202606021400",
    admitted_at: "202606021200",
    estimate: "20260609",
    need: "KHS~SOC",
    ..Adt::of(TAGE)
};

/// Runs a command of the operator's.
async fn operator(system: &System, arguments: &[&str]) -> (i32, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_hemgang"));
    command.args(arguments).current_dir(system.folder.path()).env("NATS_URL", system.nats.url());
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    let said = [stdout, stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    for mark in [TAGE, TOVA].iter().flat_map(|patient| patient.marks()) {
        assert!(!said.contains(mark), "{said}");
    }
    (status.code().unwrap(), said)
}

/// Compares, and returns how the command ended with what it said.
async fn reconciled(system: &System) -> (i32, Value) {
    let (ended, said) = operator(system, &["reconcile", "--output", "json"]).await;
    (ended, serde_json::from_str(&said).expect(&said))
}

/// What was found names both cases, and whom to ask from when.
fn names(found: &Value, tage: &Case, tova: &Case) {
    for (case, what) in [(tage, "older"), (tova, "missing")] {
        let cases = found["cases"].as_array().unwrap();
        let id = case.case_id.to_string();
        let listed = cases.iter().find(|listed| listed["case"] == id.as_str()).unwrap();
        assert_eq!(listed["what"], what);
        assert_eq!(listed["case_ref"], case.case_ref.to_string());
        assert_eq!(listed["hospital"], case.hospital.as_str());
        assert_eq!(listed["known_by"].as_array().unwrap().len(), 3);
        assert_eq!(listed["to"], "2026-06-02T12:05:00Z");
    }
    let ask = &found["ask"][0];
    assert_eq!(
        (&ask["from"], &ask["to"]),
        (&"2026-06-02T12:00:00Z".into(), &"2026-06-02T12:05:00Z".into())
    );
    assert_eq!(ask["senders"].as_array().unwrap().len(), 1);
}

/// What units are told of, and whether it still holds.
async fn news(system: &System, case: &Case) -> BTreeSet<(EntryId, bool)> {
    let ledger = system.ledger(case.case_id).await.unwrap();
    ledger.news.iter().map(|news| (news.id, news.withdrawn)).collect()
}

/// Waits until everybody who hears of cases knows of a duty in it.
async fn is_known(system: &System, case: &Case) {
    system.duty_is(case.case_id, "K06", ObligationState::Open).await;
}

#[tokio::test]
async fn what_a_restored_admissions_has_forgotten_is_listed_until_it_is_sent_again() {
    let mut system = System::start("2026-06-02 14:00").await;
    system.send(&TAGES).await;
    let tage = system.case_admitted("2026-06-02 12:00").await;
    is_known(&system, &tage).await;
    system.receives("vc@", 1).await;
    let (ended, said) = operator(&system, &["reconcile"]).await;
    assert_eq!((ended, said.contains("Nothing is missing: 1 cases")), (0, true), "{said}");

    system.copy("admissions").await;
    system.set_time("2026-06-02 14:05");
    let (control_id, at) = ("2", "202606021405");
    let tovas = Adt { control_id, visit: "V2", patient: TOVA, at, admitted_at: at, ..TAGES };
    let later = Adt { trigger: "A08", control_id: "3", at, estimate: "20260611", ..TAGES };
    system.send(&tovas).await;
    system.send(&later).await;
    let tova = system.case_admitted("2026-06-02 14:05").await;
    is_known(&system, &tova).await;
    let told = system.receives("vc@", 3).await.len();
    let news = news(&system, &tova).await;

    system.restore("admissions").await;
    assert_eq!(system.cases().await.len(), 1);
    eventually("everybody has heard of both", SOON, async || {
        let (ended, found) = reconciled(&system).await;
        let counts = (ended, found["missing"].clone(), found["older"].clone());
        if counts == (1, 1.into(), 1.into()) { Ok(found) } else { Err(found.to_string()) }
    })
    .await;
    let (ended, found) = reconciled(&system).await;
    assert_eq!((ended, &found["compared"]), (1, &2.into()));
    names(&found, &tage, &tova);

    // Ending the restore lists the same, for the others forget the newer version by it.
    let (ended, said) = operator(&system, &["resync", "admissions", "--restored"]).await;
    let both = [&tage, &tova].iter().all(|case| said.contains(&case.case_ref.to_string()));
    assert_eq!((ended, both, said.contains("published again")), (1, true, true), "{said}");
    let (ended, said) = operator(&system, &["reconcile"]).await;
    assert_eq!((ended, said.contains(&tova.case_ref.to_string())), (1, true), "{said}");

    // The hospital sends again.
    system.set_time("2026-06-02 14:10");
    system.send(&tovas).await;
    system.send(&later).await;
    let again = system.case_admitted("2026-06-02 14:05").await;
    assert_eq!((again.case_id, again.case_ref), (tova.case_id, tova.case_ref));
    eventually("nothing is missing", SOON, async || {
        let (ended, found) = reconciled(&system).await;
        if ended == 0 { Ok(()) } else { Err(found.to_string()) }
    })
    .await;

    // Nobody is told twice of what is the same.
    eventually("what units are told of is what they were told of", SOON, async || {
        let again = self::news(&system, &tova).await;
        if again == news { Ok(()) } else { Err(format!("{again:?}")) }
    })
    .await;
    system.send(&Adt { control_id: "4", visit: "V3", ..TAGES }).await;
    system.receives("vc@", told + 1).await;
}

#[tokio::test]
async fn what_was_forgotten_is_listed_though_admissions_has_counted_on_since() {
    let mut system = System::start("2026-06-02 14:00").await;
    system.send(&TAGES).await;
    let tage = system.case_admitted("2026-06-02 12:00").await;
    is_known(&system, &tage).await;
    system.copy("admissions").await;
    system.set_time("2026-06-02 14:05");
    let at = "202606021405";
    system.send(&Adt { trigger: "A08", control_id: "2", at, estimate: "20260611", ..TAGES }).await;
    eventually("coordination has heard of the later estimate", SOON, async || {
        let mut database = system.database("coordination").await;
        let estimates = "select json_array_length(snapshot -> 'estimates') from known_case";
        match sqlx::query_scalar(estimates).fetch_one(&mut database).await.unwrap() {
            2 => Ok(()),
            number => Err::<(), i32>(number),
        }
    })
    .await;
    system.restore("admissions").await;
    system.set_time("2026-06-02 14:10");
    let at = "202606021408";
    system.send(&Adt { trigger: "A08", control_id: "3", at, estimate: "20260612", ..TAGES }).await;
    // As many as before.
    assert_eq!(system.cases().await[0].estimates.len(), 2);
    let (ended, found) = reconciled(&system).await;
    let listed = (&found["cases"][0]["case"], &found["cases"][0]["what"]);
    assert_eq!(
        (ended, listed),
        (1, (&tage.case_id.to_string().into(), &"older".into())),
        "{found}"
    );
}

#[tokio::test]
async fn thousands_of_forgotten_cases_are_compared_page_by_page_and_counted_once() {
    let system = System::start("2026-06-02 14:00").await;
    let ids = "('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid";
    for (service, table, columns, from, to) in [
        ("coordination", "known_case (case_id, epoch, n, snapshot)", "1, 1, '{}'", 1, 2_300),
        ("sip", "known_case (case_id, epoch, n, ended)", "1, 2, false", 1_500, 3_000),
    ] {
        let statement = format!(
            "insert into {table} select {ids}, {columns} from generate_series({from}, {to}) as i"
        );
        let mut database = system.database(service).await;
        database.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let (ended, said) = operator(&system, &["reconcile", "--limit", "5"]).await;
    assert_eq!((ended, said.contains("2995 more")), (1, true), "{said}");
    let (ended, found) = reconciled(&system).await;
    assert_eq!((ended, &found["compared"], &found["missing"]), (1, &3_000.into(), &3_000.into()));
    assert_eq!(found["cases"].as_array().unwrap().len(), 1_000);
}
