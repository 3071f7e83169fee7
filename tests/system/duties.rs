//! Duties over their whole way: from the message of the hospital to mail and SMS.

use contracts::commands::{
    Actor, AppointCareContact, AppointLeadOfficer, CallSip, CancelSip, GiveReady, ReadNotice,
    RevokeReady, ShowAssignment, ShowSip,
};
use contracts::ledger::{ObligationState, StepKind};
use contracts::{Case, CommandId};

use messaging::CallError;

use crate::support::System;
use crate::support::hl7::{Adt, TAGE, TOVA};
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, STAFF, WARD, phone};

/// Tuesday 2 June 2026, 14.00: Tage, who will need nothing, and after him Tova, who will need municipal
/// care: whoever has heard of her has heard of him.
async fn two_are_admitted() -> (System, Case, Case) {
    let system = System::start("2026-06-02 14:00").await;
    let tova = Adt {
        at: "202606021400",
        admitted_at: "202606021330",
        estimate: "20260609",
        need: "KHS~SOC",
        ..Adt::of(TOVA)
    };
    let tage = Adt {
        control_id: "2",
        visit: "V2",
        patient: TAGE,
        admitted_at: "202606021200",
        need: "",
        ..tova.clone()
    };
    system.send(&tage).await;
    system.send(&tova).await;
    let tova = system.case_admitted("2026-06-02 13:30").await;
    let tage = system.case_admitted("2026-06-02 12:00").await;
    (system, tova, tage)
}

#[tokio::test]
async fn concerned_units_are_told_and_an_admission_without_need_is_visible_to_nobody() {
    let (system, tova, tage) = two_are_admitted().await;
    for unit in ["vc@", "hsv@", "soc@"] {
        let messages = system.receives(unit, 1).await;
        assert!(messages[0].text.contains(&tova.case_ref.to_string()), "{}", messages[0].text);
    }
    let everything = format!("{:?}", system.sinks.sinks.messages().all());
    assert!(!everything.contains(&tage.case_ref.to_string()));
    let routed = system.caller.ask(&ShowAssignment { case: tage.case_id }).await.unwrap_err();
    assert!(routed.to_string().contains("no_such_case"), "{routed}");
    let read = system.try_act(&ReadNotice { case: tage.case_id }, CARE_CENTRE).await.unwrap_err();
    assert!(read.to_string().contains("refused"), "{read}");
    let ledger = system.ledger(tage.case_id).await.unwrap();
    assert!(ledger.obligations.is_empty() && ledger.news.is_empty());
}

#[tokio::test]
async fn a_missed_duty_escalates_through_all_steps_and_one_met_in_time_never_does() {
    let (system, tova, _) = two_are_admitted().await;
    let case = tova.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let staff = STAFF.parse().unwrap();
    let appoint = AppointLeadOfficer { case, staff, replaces: None, occurred_at: None };
    system.act(&appoint, HOME_HEALTH).await;
    system.duty_is(case, "K07", ObligationState::Met).await;

    // Received Tuesday 14.00, due Wednesday 14.00; the reminder comes four hours before.
    system.set_time("2026-06-03 10:00");
    system.step_is_taken(case, "K06", StepKind::Reminder).await;
    system.receives("vc@", 2).await;
    system.set_time("2026-06-03 14:00");
    system.step_is_taken(case, "K06", StepKind::Unit).await;
    system.duty_is(case, "K06", ObligationState::Missed).await;
    system.receives("vc@", 3).await;
    // Four hours later the unit is closed and has no on-call: the manager is told at opening.
    system.set_time("2026-06-04 08:00");
    system.step_is_taken(case, "K06", StepKind::Manager).await;
    let sms = system.receives(&phone("vc").replace("070-", "+4670"), 1).await;
    assert!(sms[0].text.contains(&tova.case_ref.to_string()), "{}", sms[0].text);
    system.set_time("2026-06-05 08:00");
    system.step_is_taken(case, "K06", StepKind::Principal).await;
    system.receives("vc-principal@", 1).await;

    let lead_officer = system.duty(case, "K07").await.unwrap();
    assert!(lead_officer.steps.is_empty(), "{:?}", lead_officer.steps);
    assert!(system.received("hsv-principal@").is_empty());
}

#[tokio::test]
async fn the_sip_duty_is_armed_by_ready_cancelled_by_its_revocation_armed_again_and_met() {
    let (system, tova, _) = two_are_admitted().await;
    let case = tova.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    system.set_time("2026-06-02 15:00");
    system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Cancelled).await;
    system.set_time("2026-06-03 09:00");
    system.act(&GiveReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    system.act(&CallSip { case, occurred_at: None }, CARE_CENTRE).await;
    system.duty_is(case, "K43", ObligationState::Met).await;
    let duties = system.ledger(case).await.unwrap().obligations;
    assert_eq!(duties.iter().filter(|duty| duty.rule == "K43").count(), 2);
}

fn staff_of(unit: &str) -> Actor {
    Actor { staff: STAFF.parse().unwrap(), unit: unit.parse().unwrap() }
}

#[tokio::test]
async fn of_two_who_appoint_at_once_one_wins_and_the_other_is_told_who_did() {
    let (system, tova, _) = two_are_admitted().await;
    let case = tova.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let appoint = |name: &str| AppointCareContact {
        case,
        staff: format!("SE9999990001-{name}").parse().unwrap(),
        replaces: None,
        occurred_at: None,
    };
    let (anna, berit) = (appoint("ANNA"), appoint("BERIT"));
    let outcomes =
        tokio::join!(system.try_act(&anna, CARE_CENTRE), system.try_act(&berit, CARE_CENTRE));
    let (winner, refused) = match outcomes {
        (Ok(_), Err(refused)) => ("SE9999990001-ANNA", refused),
        (Err(refused), Ok(_)) => ("SE9999990001-BERIT", refused),
        other => panic!("{other:?}"),
    };
    let CallError::Refused(refusal) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.code, "already_appointed");
    assert!(refusal.message.sv.contains(winner), "{}", refusal.message.sv);
    system.duty_is(case, "K06", ObligationState::Met).await;
}

#[tokio::test]
async fn a_command_that_is_repeated_gets_its_first_answer() {
    let (system, tova, _) = two_are_admitted().await;
    let case = tova.case_id;
    system.duty_is(case, "K06", ObligationState::Open).await;
    let (id, actor) = (CommandId(chassis::new_id()), staff_of(CARE_CENTRE));
    let call = CallSip { case, occurred_at: None };
    let first = system.caller.call(&call, id, &actor).await.unwrap();
    system.act(&CancelSip { case, occurred_at: None }, CARE_CENTRE).await;
    let again = system.caller.call(&call, id, &actor).await.unwrap();
    assert!(first.changed && again.changed);
    let sip = system.caller.ask(&ShowSip { case }).await.unwrap();
    assert_eq!(sip.calls.len(), 1, "it was carried out once");
    let other = system
        .caller
        .call(
            &CallSip { case: tova.case_id, occurred_at: Some(tova.admitted.occurred_at) },
            id,
            &actor,
        )
        .await;
    assert!(other.unwrap_err().to_string().contains("command_id_reused"));
}
