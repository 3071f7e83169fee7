//! Meetings, and what people write about them.

use contracts::CommandId;
use contracts::assignment::NotNeededReason;
use contracts::commands::{
    CallSip, CancelSip, NoteSipNeed, ReadSipMeeting, RecordPreMeeting, RecordSipAttendance,
    RecordSipHeld, SetSipTime, SipNotNeeded, TickSipPoint, WithdrawSipParticipant,
};
use contracts::sip::{MeetingForm, MeetingPoint, NoticedBy, ParticipantRole};
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::{
    CARE_CENTRE, CASE, HOME_CARE, STRANGER, WARD, World, at, hsa, meeting, staff_of,
};

#[tokio::test]
async fn a_meeting_from_the_need_to_who_came() {
    let world = World::start("2026-11-24 08:00").await;
    let need = NoteSipNeed { case: CASE, noticed_by: Some(NoticedBy::Relative), occurred_at: None };
    assert!(world.act(WARD, &need).await.unwrap().changed);
    let points = vec![MeetingPoint::Treatment];
    let before = RecordPreMeeting { case: CASE, points, occurred_at: None };
    world.act(CARE_CENTRE, &before).await.unwrap();
    world.meeting_at("2026-11-25 09:00", Some(MeetingForm::Ward)).await;
    world.set_time("2026-11-25 10:00");
    world.act(CARE_CENTRE, &RecordSipHeld { case: CASE, occurred_at: None }).await.unwrap();
    let tick = TickSipPoint { case: CASE, point: MeetingPoint::Supplies, occurred_at: None };
    world.act(CARE_CENTRE, &tick).await.unwrap();

    let sip = world.sip().await;
    let participants = sip.meeting().unwrap().participants.clone();
    for (one, came) in participants.iter().zip([true, false, true, true]) {
        let participant = one.stamp.id;
        let said = RecordSipAttendance { case: CASE, participant, came, occurred_at: None };
        world.act(CARE_CENTRE, &said).await.unwrap();
    }
    let sip = world.sip().await;
    let held = sip.held_meeting().unwrap();
    let came = |one: &contracts::sip::Participant| one.attendance.as_ref().unwrap().came;
    assert_eq!(held.participants.iter().filter(|one| came(one)).count(), 3);
    assert_eq!(held.points.len(), 1);
    assert_eq!(sip.call().unwrap().need, Some(sip.needs[0].stamp.id));
    assert_eq!(sip.needs[0].unit, Some(hsa(WARD)));
}

#[tokio::test]
async fn what_people_write_about_a_meeting_is_read_by_who_takes_part_and_never_said() {
    let world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-25 09:00", Some(MeetingForm::Ward)).await;
    let move_it = SetSipTime { case: CASE, starts_at: at("2026-11-25 13:00") };
    world.act(CARE_CENTRE, &move_it).await.unwrap();

    let read = ReadSipMeeting { case: CASE };
    let texts = world.act(HOME_CARE, &read).await.unwrap();
    assert_eq!(texts.place.unwrap().as_str(), "Samtalsrum 3");
    assert_eq!(texts.people[0].who.as_str(), "Tolvan, dotter");
    assert_eq!(world.act(STRANGER, &read).await.unwrap_err().code, "not_taking_part");
    let reading = ("read_meeting".to_owned(), hsa(HOME_CARE).as_str().to_owned());
    assert_eq!(world.readings().await, [reading]);

    let said = world.everything_said().await;
    assert!(said.contains("patients_own"), "the snapshot knows the role");
    assert!(!said.contains("Tolvan") && !said.contains("Samtalsrum"), "{said}");
}

#[tokio::test]
async fn a_moved_meeting_keeps_its_people_and_what_it_was_moved_from() {
    let world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-25 09:00", Some(MeetingForm::Video)).await;
    let moved = meeting("2026-11-26 09:00", Some(MeetingForm::Video));
    assert!(world.act(WARD, &moved).await.unwrap().changed);
    assert!(!world.act(WARD, &moved).await.unwrap().changed, "it is so already");
    let sip = world.sip().await;
    let [first, second] = &sip.meetings[..] else { panic!("{sip:?}") };
    assert_eq!(second.moved_from, Some(first.stamp.id));
    assert_eq!(second.participants.len(), 4);
    assert!(first.cancelled.is_some());
}

#[tokio::test]
async fn only_who_takes_part_asks_others_and_takes_them_back() {
    let world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-25 09:00", None).await;
    let participant = world.sip().await.meeting().unwrap().participants[0].stamp.id;
    let withdraw = WithdrawSipParticipant { case: CASE, participant, occurred_at: None };
    let refusal = world.act(STRANGER, &withdraw).await.unwrap_err();
    assert_eq!(refusal.code, "not_taking_part");
    let invites_itself = staff_of(STRANGER, contracts::Party::OpenCare);
    let refusal = world.act(STRANGER, &invites_itself).await.unwrap_err();
    assert_eq!(refusal.code, "not_taking_part");
    assert!(!refusal.message.sv.is_empty() && !refusal.message.en.is_empty());
}

#[tokio::test]
async fn once_called_only_who_takes_part_ends_a_plan() {
    let world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-25 09:00", None).await;
    let reason = NotNeededReason::NoFurtherNeed;
    let not_needed = SipNotNeeded { case: CASE, reason, occurred_at: None };
    let refusal = world.act(STRANGER, &not_needed).await.unwrap_err();
    assert_eq!(refusal.code, "not_taking_part");
    let cancel = CancelSip { case: CASE, occurred_at: None };
    assert_eq!(world.act(STRANGER, &cancel).await.unwrap_err().code, "not_taking_part");
    assert!(world.act(WARD, &not_needed).await.unwrap().changed);
    assert!(world.sip().await.meeting().is_none(), "nobody meets any more");
}

#[tokio::test]
async fn nobody_meets_about_a_patient_who_has_died() {
    let mut world = World::start("2026-11-24 08:00").await;
    world.meeting_at("2026-11-25 09:00", None).await;
    world.patient_dies().await;
    eventually("the meeting is called off", SOON, async || {
        let sip = world.sip().await;
        sip.meeting().is_none().then_some(()).ok_or("planned")
    })
    .await;
    let said = world.everything_said().await;
    assert!(said.contains("\"cancelled\""), "{said}");
}

#[tokio::test]
async fn a_command_that_comes_again_asks_nobody_twice() {
    let world = World::start("2026-11-24 08:00").await;
    world.act(CARE_CENTRE, &CallSip { case: CASE, occurred_at: None }).await.unwrap();
    world.act(CARE_CENTRE, &meeting("2026-11-25 09:00", None)).await.unwrap();
    let mut relative = staff_of(WARD, contracts::Party::Ward);
    (relative.role, relative.party, relative.unit) = (ParticipantRole::PatientsOwn, None, None);
    let id = CommandId(Uuid::from_u128(9));
    for _ in 0..2 {
        assert!(world.act_as(CARE_CENTRE, id, &relative).await.unwrap().changed);
    }
    assert_eq!(world.sip().await.meeting().unwrap().participants.len(), 1);
}
