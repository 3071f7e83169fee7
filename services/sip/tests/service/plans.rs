//! The plan: several write it, each party confirms what it has read.

use contracts::case::ConsentAnswer;
use contracts::commands::{
    ConfirmSipPlan, MakeSipPlan, ReadSipMeeting, ReadSipPlan, RecordSipFollowUp, SipIntervention,
    SipPlanContent,
};
use contracts::sip::{MeetingForm, Principal};
use contracts::{CommandId, Party};
use messaging::CallError;
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::{CARE_CENTRE, CASE, HOME_CARE, STRANGER, WARD, World, hsa};

fn plan(based_on: u32, what: &str) -> MakeSipPlan {
    let line = |what: &str, party| SipIntervention {
        what: what.parse().unwrap(),
        party,
        staff: hsa("ANNA").as_str().parse().unwrap(),
    };
    let plan = SipPlanContent {
        overall: Principal::Region,
        follow_up_on: "2027-01-15".parse().unwrap(),
        goals: vec!["Gå till brevlådan".parse().unwrap()],
        interventions: vec![
            line(what, Party::OpenCare),
            line("Hjälp med dusch", Party::MunicipalHealthCare),
        ],
    };
    MakeSipPlan { case: CASE, based_on, plan, occurred_at: None }
}

fn confirm(version: u32, party: Party) -> ConfirmSipPlan {
    ConfirmSipPlan { case: CASE, version, party, occurred_at: None }
}

async fn called() -> World {
    let world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-25 09:00", Some(MeetingForm::Ward)).await;
    world
}

#[tokio::test]
async fn a_plan_is_written_read_confirmed_by_each_party_and_followed_up() {
    let world = called().await;
    assert_eq!(world.act(CARE_CENTRE, &plan(0, "Såromläggning")).await.unwrap().version, 1);
    let read = ReadSipPlan { case: CASE, version: None };
    let text = world.act(HOME_CARE, &read).await.unwrap();
    assert_eq!(text.content, plan(0, "Såromläggning").plan);
    for (unit, party) in [(CARE_CENTRE, Party::OpenCare), (HOME_CARE, Party::MunicipalHealthCare)] {
        assert!(world.act(unit, &confirm(1, party)).await.unwrap().changed);
    }
    assert!(world.sip().await.plan().unwrap().is_confirmed());

    world.set_time("2027-01-15 09:00");
    let follow_up = RecordSipFollowUp {
        case: CASE,
        parties: vec![Party::OpenCare],
        next_on: Some("2027-04-15".parse().unwrap()),
        occurred_at: None,
    };
    world.act(CARE_CENTRE, &follow_up).await.unwrap();
    assert_eq!(world.sip().await.follow_up_on(), follow_up.next_on);
}

#[tokio::test]
async fn of_two_who_write_at_once_one_is_told_who_wrote() {
    let world = called().await;
    world.act(CARE_CENTRE, &plan(0, "Första")).await.unwrap();
    let (ward, home_care) = (plan(1, "Avdelningens"), plan(1, "Hemsjukvårdens"));
    let (one, other) = tokio::join!(world.act(WARD, &ward), world.act(HOME_CARE, &home_care));
    let refusals: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    let [refusal] = &refusals[..] else { panic!("{refusals:?}") };
    assert_eq!(refusal.code, "written_since");
    assert!(refusal.message.en.contains(hsa("ANNA").as_str()), "{}", refusal.message.en);

    let first = ReadSipPlan { case: CASE, version: Some(1) };
    let text = world.act(WARD, &first).await.unwrap();
    assert_eq!(text.content.interventions[0].what.as_str(), "Första", "nothing is lost");
}

#[tokio::test]
async fn a_plan_that_is_sent_twice_under_one_id_is_one_version() {
    let world = called().await;
    let id = CommandId(Uuid::from_u128(9));
    for _ in 0..2 {
        let made = world.act_as(CARE_CENTRE, id, &plan(0, "Såromläggning")).await.unwrap();
        assert_eq!(made.version, 1);
    }
    assert_eq!(world.sip().await.plans.len(), 1);
}

#[tokio::test]
async fn nobody_reads_without_saying_who() {
    let world = called().await;
    world.act(CARE_CENTRE, &plan(0, "Såromläggning")).await.unwrap();
    let nameless = world.caller.ask(&ReadSipPlan { case: CASE, version: None }).await;
    let Err(CallError::Refused(refusal)) = nameless else { panic!("{nameless:?}") };
    assert_eq!(refusal.code, "no_actor");
    assert!(world.readings().await.is_empty());
}

#[tokio::test]
async fn a_version_that_was_replaced_is_not_confirmed() {
    let world = called().await;
    world.act(CARE_CENTRE, &plan(0, "Första")).await.unwrap();
    world.act(WARD, &plan(1, "Andra")).await.unwrap();
    let refusal = world.act(CARE_CENTRE, &confirm(1, Party::OpenCare)).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("replaced", Some("/version")));
    let refusal = world.act(HOME_CARE, &confirm(2, Party::OpenCare)).await.unwrap_err();
    assert_eq!(refusal.code, "another_party");
}

#[tokio::test]
async fn a_plan_is_read_by_who_takes_part_and_each_reading_is_noted() {
    let world = called().await;
    world.act(CARE_CENTRE, &plan(0, "Såromläggning")).await.unwrap();
    let read = ReadSipPlan { case: CASE, version: None };
    assert_eq!(world.act(STRANGER, &read).await.unwrap_err().code, "not_taking_part");
    assert_eq!(world.act(STRANGER, &plan(1, "Annat")).await.unwrap_err().code, "not_taking_part");
    for _ in 0..2 {
        world.act(HOME_CARE, &read).await.unwrap();
    }
    assert_eq!(world.readings().await.len(), 2);
    let said = world.everything_said().await;
    assert!(said.contains("follow_up_on"), "{said}");
    for text in ["Såromläggning", "brevlådan", "dusch"] {
        assert!(!said.contains(text), "{said}");
    }
}

#[tokio::test]
async fn a_consent_that_is_taken_back_ends_the_reading_of_what_others_wrote() {
    let mut world = called().await;
    world.act(CARE_CENTRE, &plan(0, "Såromläggning")).await.unwrap();
    let read = ReadSipPlan { case: CASE, version: None };
    world.act(HOME_CARE, &read).await.unwrap();

    world.patient_says(ConsentAnswer::Withdrawn).await;
    let refusal = eventually("the consent is heard to be withdrawn", SOON, async || {
        world.act(HOME_CARE, &read).await.err().ok_or("still read")
    })
    .await;
    assert_eq!(refusal.code, "no_consent");
    let meeting = ReadSipMeeting { case: CASE };
    assert_eq!(world.act(HOME_CARE, &meeting).await.unwrap_err().code, "no_consent");
    world.act(CARE_CENTRE, &read).await.expect("what the unit wrote itself stays readable");
}
