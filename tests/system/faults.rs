//! Processes die and the broker loses its store, under a light load: nothing is lost, nothing is
//! doubled.

use std::collections::BTreeSet;
use std::time::Duration;

use contracts::Case;
use contracts::commands::ShowAssignment;
use test_support::{SOON, eventually};

use crate::support::System;
use crate::support::hl7::{self, Adt, TAGE, TOVA};
use crate::support::system::SERVICES;

/// Every third admission has a judged need.
fn admission(number: usize) -> (String, bool) {
    let (control_id, visit) = (format!("C{number}"), format!("V{number}"));
    let needs = number.is_multiple_of(3);
    let message = Adt {
        trigger: "A01",
        control_id: &control_id,
        visit: &visit,
        patient: if needs { TOVA } else { TAGE },
        at: "202606021400",
        admitted_at: "202606021330",
        estimate: "20260609",
        need: if needs { "KHS~SOC" } else { "" },
    };
    (message.text(), needs)
}

/// Sends admissions as a hospital does: what was not acknowledged is sent again, as it was.
async fn admit(mllp: std::net::SocketAddr, numbers: std::ops::Range<usize>) -> usize {
    let mut needing = 0;
    for number in numbers {
        let (text, needs) = admission(number);
        eventually("the admission is acknowledged", SOON * 2, async || match tokio::time::timeout(
            Duration::from_secs(5),
            hl7::send(mllp, &text),
        )
        .await
        {
            Ok(Ok(answer)) if answer.contains("MSA|AA|") => Ok(()),
            Ok(Ok(answer)) => Err(answer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer".to_owned()),
        })
        .await;
        needing += usize::from(needs);
    }
    needing
}

/// Every accepted admission has its case; each with a judged need its receptions, duties and one
/// alert per unit; nothing twice.
async fn nothing_is_lost_or_doubled(system: &System, accepted: usize, needing: usize) {
    let cases = eventually("all cases are there", SOON, async || {
        let cases = system.cases().await;
        if cases.len() == accepted { Ok(cases) } else { Err(format!("{}", cases.len())) }
    })
    .await;
    let needed: Vec<_> = cases.iter().filter(|case| case.need().is_some()).collect();
    assert_eq!(needed.len(), needing);
    for case in &needed {
        let assignment = eventually("the case is routed", SOON * 2, async || {
            system.caller.ask(&ShowAssignment { case: case.case_id }).await
        })
        .await;
        assert_eq!(assignment.routes.len(), 3);
        let ledger = eventually("the case has its duties", SOON * 2, async || {
            let ledger = system.ledger(case.case_id).await.map_err(|error| error.to_string())?;
            if ledger.news.len() == 3 { Ok(ledger) } else { Err(format!("{:?}", ledger.news)) }
        })
        .await;
        let rules: BTreeSet<&str> = ledger.obligations.iter().map(|o| o.rule.as_str()).collect();
        assert!(["K02", "K06", "K07", "K08"].iter().all(|rule| rules.contains(rule)), "{rules:?}");
    }
    for unit in ["vc@example.se", "hsv@example.se", "soc@example.se"] {
        eventually(&format!("{unit} is told of every notice"), SOON * 6, async || {
            let messages = system.received(unit);
            let is_told = |case: &&&Case| {
                let case_ref = case.case_ref.to_string();
                messages.iter().any(|message| message.text.contains(&case_ref))
            };
            let told = needed.iter().filter(is_told).count();
            if told == needing { Ok(()) } else { Err(format!("{told} told")) }
        })
        .await;
    }
    let alerts = distinct_alerts(system).await;
    assert_eq!(alerts, needing * 3);
}

/// Logical alerts, one per cause and recipient.
async fn distinct_alerts(system: &System) -> usize {
    let mut database = system.database("notifications").await;
    let count: i64 =
        sqlx::query_scalar("select count(*) from alert").fetch_one(&mut database).await.unwrap();
    usize::try_from(count).unwrap()
}

/// Waits until the load is under way.
async fn cases_are(system: &System, count: usize) {
    eventually("some are admitted", SOON, async || {
        let cases = system.cases().await.len();
        if cases >= count { Ok(()) } else { Err(format!("{cases}")) }
    })
    .await;
}

#[tokio::test]
async fn killing_each_service_loses_nothing_and_doubles_nothing() {
    let mut system = System::start("2026-06-02 14:00").await;
    let (mut accepted, mut needing) = (0, 0);
    for service in SERVICES {
        let load = admit(system.mllp, accepted..accepted + 15);
        let kill = async {
            cases_are(&system, accepted + 3).await;
            system.kill(service);
            system.start_service(service);
        };
        let (admitted, ()) = tokio::join!(load, kill);
        needing += admitted;
        accepted += 15;
    }
    system.is_ready().await;
    nothing_is_lost_or_doubled(&system, accepted, needing).await;
}

#[tokio::test]
async fn deleting_the_brokers_store_while_running_loses_nothing_and_doubles_nothing() {
    let mut system = System::start("2026-06-02 14:00").await;
    let load = admit(system.mllp, 0..45);
    let loss = async {
        cases_are(&system, 10).await;
        system.lose_the_brokers_store();
        system.provision();
    };
    let (needing, ()) = tokio::join!(load, loss);
    nothing_is_lost_or_doubled(&system, 45, needing).await;
}
