//! Order does not matter, and neither does a second replica.

use contracts::commands::{AppointLeadOfficer, CallSip, GiveReady, RevokeReady};
use contracts::ledger::{ObligationState, StepKind};

use crate::support::System;
use crate::support::hl7::{Adt, TOVA};
use crate::support::replay::Recording;
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, STAFF, WARD};

fn admission<'a>(control_id: &'a str, visit: &'a str) -> Adt<'a> {
    Adt {
        control_id,
        visit,
        at: "202606021400",
        admitted_at: "202606021330",
        estimate: "20260609",
        need: "KHS~SOC",
        ..Adt::of(TOVA)
    }
}

/// A journey with a duty missed, one met, and ready given, revoked and given again.
async fn original() -> Recording {
    let system = System::start("2026-06-02 14:00").await;
    system.send(&admission("1", "V1")).await;
    let case = system.case_admitted("2026-06-02 13:30").await.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let staff = STAFF.parse().unwrap();
    let appoint = AppointLeadOfficer { case, staff, replaces: None, occurred_at: None };
    system.act(&appoint, HOME_HEALTH).await;
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    for (time, step) in [
        ("2026-06-03 10:00", StepKind::Reminder),
        ("2026-06-03 14:00", StepKind::Unit),
        ("2026-06-04 08:00", StepKind::Manager),
        ("2026-06-05 08:00", StepKind::Principal),
    ] {
        system.set_time(time);
        system.step_is_taken(case, "K06", step).await;
    }
    system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Cancelled).await;
    // What is no longer true when its turn comes is not told: this is, first.
    system.receives("soc@", 3).await;
    system.receives("hsv@", 3).await;
    system.set_time("2026-06-05 09:00");
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.act(&CallSip { case, occurred_at: None }, CARE_CENTRE).await;
    system.duty_is(case, "K43", ObligationState::Met).await;
    // Two mailboxes of three units hear of everything; the last news is the second ready notice.
    system.receives("principal@", 1).await;
    system.receives("soc@", 4).await;
    system.receives("hsv@", 4).await;
    Recording::of(&system, &[case]).await
}

#[tokio::test]
async fn the_last_versions_alone_and_all_shuffled_and_doubled_end_in_the_same_ledger_and_alerts() {
    let original = original().await;
    let last = original.last_of_each();
    assert!(last.len() < original.events.len(), "some events were overtaken");
    original.ends_the_same_by(&last).await;
    original.ends_the_same_in_any_order("order").await;
}

#[tokio::test]
async fn two_replicas_of_deadlines_take_every_step_once() {
    let mut system = System::start("2026-06-02 14:00").await;
    system.add_replica("deadlines").await;
    let visits: Vec<String> = (0..12).map(|number| format!("V{number}")).collect();
    for visit in &visits {
        system.send(&admission(visit, visit)).await;
    }
    let cases = system.cases().await;
    assert_eq!(cases.len(), visits.len());
    for case in &cases {
        system.duty_is(case.case_id, "K06", ObligationState::Open).await;
    }
    let steps = [
        ("2026-06-03 10:00", StepKind::Reminder),
        ("2026-06-03 14:00", StepKind::Unit),
        ("2026-06-04 08:00", StepKind::Manager),
        ("2026-06-05 08:00", StepKind::Principal),
    ];
    for (time, step) in steps {
        system.set_time(time);
        for case in &cases {
            // Facts go on changing while both replicas sweep.
            let case = case.case_id;
            let ready = GiveReady { case, occurred_at: None };
            if system.try_act(&ready, WARD).await.is_err() {
                system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
            }
        }
        for case in &cases {
            system.step_is_taken(case.case_id, "K06", step).await;
        }
    }
    for case in &cases {
        let duty = system.duty(case.case_id, "K06").await.unwrap();
        let kinds: Vec<StepKind> = duty.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, steps.map(|(_, step)| step));
    }
    system.receives("vc-principal@", cases.len()).await;
    for replica in ["deadlines", "deadlines-2"] {
        let metrics = system.metrics(replica).await;
        assert!(metrics.contains("hemgang_events_consumed_total"), "{replica} has done nothing");
    }
}
