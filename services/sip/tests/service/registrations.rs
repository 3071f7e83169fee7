//! Registering the contact, and a month's list.

use contracts::Party;
use contracts::commands::{
    ExportSipRegistrations, RecordSipHeld, RegisterSipContact, SipRegistrationKey,
    WithdrawSipRegistration,
};
use contracts::sip::MeetingForm;

use crate::support::{CARE_CENTRE, CASE, STRANGER, WARD, World, staff_of};

fn register(owner: bool) -> RegisterSipContact {
    RegisterSipContact { case: CASE, staff: None, owner, visit_type: None, occurred_at: None }
}

/// Held late on the last evening of November in Sweden.
async fn held() -> World {
    let world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-30 22:30", Some(MeetingForm::Video)).await;
    world.set_time("2026-11-30 23:30");
    let held = RecordSipHeld { case: CASE, occurred_at: None };
    world.act(CARE_CENTRE, &held).await.unwrap();
    world
}

fn month(day: &str) -> ExportSipRegistrations {
    ExportSipRegistrations { month: day.parse().unwrap(), after: None }
}

#[tokio::test]
async fn the_owner_registers_the_contact_and_a_participant_their_part() {
    let world = held().await;
    assert!(world.act(CARE_CENTRE, &register(true)).await.unwrap().changed);
    assert!(!world.act(CARE_CENTRE, &register(true)).await.unwrap().changed);
    assert!(world.act(WARD, &register(false)).await.unwrap().changed);

    let rows = world.act(CARE_CENTRE, &month("2026-11-12")).await.unwrap();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let words = [&row.visit_type[..], &row.visit_form, row.cause.as_ref().unwrap()];
    assert_eq!(words, ["distanskontakt via videolänk", "Enskilt besök", "Vårdplanering"]);
    let paid = [&row.fee, &row.payment, &row.procedure].map(|one| one.clone().unwrap());
    assert_eq!(paid, ["P0", "Gena", "AU124"]);

    let rows = world.act(WARD, &month("2026-11-30")).await.unwrap();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row.visit_form, "Medverkan enstaka besök");
    assert_eq!(row.procedure, None, "AU124 is the owner's");
    assert_eq!(world.readings().await.len(), 2);
}

#[tokio::test]
async fn a_month_has_what_was_held_in_it_in_sweden_page_by_page() {
    let world = held().await;
    world.act(CARE_CENTRE, &register(true)).await.unwrap();
    assert!(world.act(CARE_CENTRE, &month("2026-12-01")).await.unwrap().is_empty());
    let mut page = month("2026-11-01");
    let [row] = &world.act(CARE_CENTRE, &page).await.unwrap()[..] else { panic!() };
    page.after = Some(SipRegistrationKey { held_on: row.held_on, registration: row.registration });
    assert!(world.act(CARE_CENTRE, &page).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_registered_by_mistake_is_in_no_list() {
    let world = held().await;
    world.act(CARE_CENTRE, &register(true)).await.unwrap();
    let registration = world.sip().await.registrations[0].stamp.id;
    let withdraw = WithdrawSipRegistration { case: CASE, registration };
    assert_eq!(world.act(WARD, &withdraw).await.unwrap_err().code, "no_such_registration");
    assert!(world.act(CARE_CENTRE, &withdraw).await.unwrap().changed);
    assert!(world.act(CARE_CENTRE, &month("2026-11-30")).await.unwrap().is_empty());
    assert!(world.act(CARE_CENTRE, &register(true)).await.unwrap().changed);
    assert_eq!(world.act(CARE_CENTRE, &month("2026-11-30")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_was_not_asked_registers_nothing() {
    let world = held().await;
    let refusal = world.act(STRANGER, &register(false)).await.unwrap_err();
    assert_eq!(refusal.code, "not_taking_part");
    let came_anyway = staff_of(STRANGER, Party::OpenCare);
    world.act(CARE_CENTRE, &came_anyway).await.unwrap();
    assert!(world.act(STRANGER, &register(false)).await.unwrap().changed);
}
