//! Finding a time over people's calendars.

use contracts::commands::{
    AgainstReason, ExplainSipTime, ProposeSipTimes, SipHours, SipPeriod, SipTimeParticipant,
    SipTimeQuestion,
};

use crate::support::{CARE_CENTRE, World, at, hsa};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//SV\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Tolvan Tolvansson\r\n\
    DTSTART;TZID=W. Europe Standard Time:20261124T080000\r\nDURATION:PT4H\r\n\
    RRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// The care centre has a calendar, the patient lies on the ward, and she is ready on Tuesday.
fn question() -> SipTimeQuestion {
    let staff = SipTimeParticipant {
        unit: Some(hsa(CARE_CENTRE)),
        calendars: vec![CALENDAR.to_owned()],
        busy: vec![SipPeriod { from: at("2026-11-24 13:00"), until: at("2026-11-24 15:00") }],
        ..SipTimeParticipant::default()
    };
    let patient = SipTimeParticipant { hours: SipHours::Always, ..SipTimeParticipant::default() };
    SipTimeQuestion {
        minutes: 90,
        participants: vec![staff, patient],
        earliest: None,
        discharge_at: None,
        ready_at: Some(at("2026-11-24 08:00")),
        latest: None,
        days_off: vec!["2026-11-26".parse().unwrap()],
    }
}

#[tokio::test]
async fn the_earliest_times_are_proposed_over_calendars_and_what_is_typed_in() {
    let world = World::start("2026-11-24 07:00").await;
    let propose = ProposeSipTimes { question: question(), count: Some(2), every_minutes: None };
    let proposed = world.act(CARE_CENTRE, &propose).await.unwrap();
    let starts: Vec<_> = proposed.times.iter().map(|time| time.from).collect();
    assert_eq!(starts, ["2026-11-24 11:00", "2026-11-24 11:15"].map(at));
    assert_eq!(proposed.looked_until, at("2026-11-27 23:00"), "the third day's end in Sweden");
    assert!(!world.everything_said().await.contains("Tolvan"), "calendars are forgotten");
}

#[tokio::test]
async fn of_a_time_that_is_not_possible_it_is_said_why() {
    let world = World::start("2026-11-24 07:00").await;
    let why = async |starts_at: &str| {
        let explain = ExplainSipTime { question: question(), starts_at: at(starts_at) };
        let explained = world.act(CARE_CENTRE, &explain).await.unwrap();
        let reasons: Vec<_> = explained.against.iter().map(|one| one.reason).collect();
        assert_eq!(explained.possible, reasons.is_empty());
        (reasons, explained.against.into_iter().map(|one| one.words.sv).collect::<String>())
    };
    let (reasons, words) = why("2026-11-25 09:00").await;
    assert_eq!(reasons, [AgainstReason::Busy]);
    assert!(words.contains(hsa(CARE_CENTRE).as_str()) && words.contains("08.00–12.00"), "{words}");
    assert!(!words.contains("Tolvan"), "{words}");
    assert_eq!(why("2026-11-26 09:00").await.0, [AgainstReason::DayOff]);
    let (reasons, _) = why("2026-11-30 09:00").await;
    assert_eq!(reasons, [AgainstReason::AfterThreeDays]);
    assert!(why("2026-11-27 09:00").await.0.is_empty());
}

#[tokio::test]
async fn a_calendar_that_cannot_be_followed_is_named_with_its_line() {
    let world = World::start("2026-11-24 07:00").await;
    let mut question = question();
    question.participants[0].calendars.push(CALENDAR.replace("FREQ=DAILY", "FREQ=SOMETIMES"));
    let propose = ProposeSipTimes { question, count: None, every_minutes: None };
    let refusal = world.act(CARE_CENTRE, &propose).await.unwrap_err();
    assert_eq!(refusal.code, "rule");
    assert_eq!(refusal.field.as_deref(), Some("/question/participants/0/calendars/1"));
    assert!(refusal.message.en.starts_with("Line 9: "), "{}", refusal.message.en);
}
