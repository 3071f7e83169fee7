//! Calendars as Outlook, Google and others write them.

use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

fn read(text: &str, whole: SipPeriod) -> Result<Vec<SipPeriod>, Fault> {
    super::busy(text, whole, &mut Budget::default())
}

fn at(local: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    Stockholm.from_local_datetime(&local).unwrap().to_utc()
}

fn autumn() -> SipPeriod {
    SipPeriod { from: at("2026-10-01 00:00"), until: at("2026-12-01 00:00") }
}

fn calendar(events: &str) -> String {
    let events = events.trim().lines().map(str::trim).collect::<Vec<_>>().join("\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//SV\r\n{events}\r\nEND:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:1\n{}\nEND:VEVENT", lines.trim()))
}

fn starts(text: &str) -> Vec<DateTime<Utc>> {
    let mut busy = read(text, autumn()).unwrap();
    busy.sort();
    busy.into_iter().map(|one| one.from).collect()
}

#[test]
fn an_event_makes_its_owner_busy_from_beginning_to_end() {
    let text = event("DTSTART:20261124T080000Z\nDTEND:20261124T093000Z\nSUMMARY:Hemligt");
    let [busy] = read(&text, autumn()).unwrap()[..] else { panic!() };
    assert_eq!((busy.from, busy.until), (at("2026-11-24 09:00"), at("2026-11-24 10:30")));
}

#[test]
fn a_time_without_a_zone_is_swedish_and_one_with_outlooks_zone_too() {
    let plain = event("DTSTART:20261124T090000\nDURATION:PT1H");
    let outlook = event("DTSTART;TZID=W. Europe Standard Time:20261124T090000\nDURATION:PT1H");
    let own = event("DTSTART;TZID=Europe/Stockholm:20261124T090000\nDURATION:PT1H");
    for text in [plain, outlook, own] {
        assert_eq!(starts(&text), [at("2026-11-24 09:00")], "{text}");
    }
}

#[test]
fn a_day_is_the_whole_day_in_sweden() {
    let text = event("DTSTART;VALUE=DATE:20261025\nDTEND;VALUE=DATE:20261026");
    let [busy] = read(&text, autumn()).unwrap()[..] else { panic!() };
    assert_eq!((busy.from, busy.until), (at("2026-10-25 00:00"), at("2026-10-26 00:00")));
}

#[test]
fn a_weekly_event_stays_at_its_hour_when_the_clock_is_changed() {
    let text = event(
        "DTSTART;TZID=Europe/Stockholm:20261012T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4",
    );
    let days = ["2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02"];
    assert_eq!(starts(&text), days.map(|day| at(&format!("{day} 09:00"))));
}

#[test]
fn the_last_time_of_a_series_counts_though_its_end_is_in_utc() {
    let text = event(
        "DTSTART;TZID=Europe/Stockholm:20261109T090000\nDURATION:PT1H
         RRULE:FREQ=WEEKLY;UNTIL=20261123T080000Z",
    );
    assert_eq!(starts(&text).last(), Some(&at("2026-11-23 09:00")));
    let by_day = event(
        "DTSTART;TZID=Europe/Stockholm:20261109T090000\nDURATION:PT1H
         RRULE:FREQ=WEEKLY;UNTIL=20261123",
    );
    assert_eq!(starts(&by_day).last(), Some(&at("2026-11-23 09:00")));
}

#[test]
fn a_series_without_end_is_followed_as_far_as_is_asked() {
    let text = event("DTSTART:20150105T080000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY");
    assert_eq!(starts(&text).len(), 61);
}

#[test]
fn exceptions_are_left_out_moved_and_cancelled_whatever_their_sequence() {
    let text = calendar(
        "BEGIN:VEVENT
         UID:1
         SEQUENCE:0
         DTSTART;TZID=Europe/Stockholm:20261102T090000
         DURATION:PT1H
         RRULE:FREQ=WEEKLY;COUNT=4
         EXDATE;TZID=Europe/Stockholm:20261109T090000
         END:VEVENT
         BEGIN:VEVENT
         UID:1
         SEQUENCE:3
         RECURRENCE-ID;TZID=Europe/Stockholm:20261116T090000
         DTSTART;TZID=Europe/Stockholm:20261116T140000
         DURATION:PT1H
         END:VEVENT
         BEGIN:VEVENT
         UID:1
         SEQUENCE:4
         STATUS:CANCELLED
         RECURRENCE-ID;TZID=Europe/Stockholm:20261123T090000
         DTSTART;TZID=Europe/Stockholm:20261123T090000
         DURATION:PT1H
         END:VEVENT
         BEGIN:VEVENT
         UID:2
         DTSTART;TZID=Europe/Stockholm:20261116T090000
         RECURRENCE-ID;TZID=Europe/Stockholm:20261116T090000
         DURATION:PT5M
         END:VEVENT",
    );
    let wanted = ["2026-11-02 09:00", "2026-11-16 09:00", "2026-11-16 14:00"];
    assert_eq!(starts(&text), wanted.map(at));
}

#[test]
fn what_leaves_its_owner_free_is_no_hindrance() {
    for free in ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"] {
        let text = event(&format!("DTSTART:20261124T080000Z\nDTEND:20261124T093000Z\n{free}"));
        assert!(starts(&text).is_empty(), "{free}");
    }
    assert!(starts(&event("DTSTART:20261124T080000Z")).is_empty(), "it has no length");
}

#[test]
fn free_and_busy_times_without_events_are_read() {
    let text = calendar(
        "BEGIN:VFREEBUSY
         DTSTART:20261101T000000Z
         DTEND:20261201T000000Z
         FREEBUSY;FBTYPE=BUSY:20261124T080000Z/20261124T090000Z,20261125T080000Z/PT1H
         FREEBUSY;FBTYPE=FREE:20261126T080000Z/PT1H
         END:VFREEBUSY",
    );
    assert_eq!(starts(&text), [at("2026-11-24 09:00"), at("2026-11-25 09:00")]);
}

#[test]
fn what_cannot_be_understood_is_refused_with_its_line() {
    let fault = |text: &str| read(text, autumn()).unwrap_err();
    let begins = "DTSTART:20261124T080000Z\nDURATION:PT1H";
    let rule = event(&format!("{begins}\nRRULE:FREQ=SOMETIMES"));
    assert_eq!(fault(&rule), Fault { kind: FaultKind::Rule, line: Some(8) });
    let zone = event("DTSTART;TZID=Mars/Olympus:20261124T080000\nDURATION:PT1H");
    assert_eq!(fault(&zone), Fault { kind: FaultKind::Zone, line: Some(6) });
    assert_eq!(fault(&event("SUMMARY:x")), Fault { kind: FaultKind::Event, line: Some(4) });
    let flood = event("DTSTART:20200101T080000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY");
    assert_eq!(fault(&flood), Fault { kind: FaultKind::TooMany, line: Some(4) });
    let stated = calendar("BEGIN:VFREEBUSY\nFREEBUSY:20261124T080000Z/soon\nEND:VFREEBUSY");
    assert_eq!(fault(&stated), Fault { kind: FaultKind::Event, line: Some(5) });
    for text in ["", "hej", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"] {
        assert_eq!(fault(text).kind, FaultKind::NoCalendar, "{text}");
    }
}

#[test]
fn the_calendars_of_a_question_have_a_common_bound() {
    let text = event("DTSTART:20261001T080000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=40");
    let mut left = Budget { times: 100, rules: 3 };
    assert_eq!(super::busy(&text, autumn(), &mut left).unwrap().len(), 40);
    assert!(super::busy(&text, autumn(), &mut left).is_ok());
    let fault = super::busy(&text, autumn(), &mut left).unwrap_err();
    assert_eq!(fault.kind, FaultKind::TooMany);
}

#[test]
fn series_that_have_ended_cost_nothing_and_others_are_counted() {
    let series = |until: &str| {
        event(&format!(
            "DTSTART:20200106T080000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY;UNTIL={until}T080000Z"
        ))
    };
    let mut left = Budget { times: 100, rules: 1 };
    for _ in 0..5 {
        assert_eq!(super::busy(&series("20220106"), autumn(), &mut left), Ok(vec![]));
    }
    left.times = 5_000;
    assert_eq!(super::busy(&series("20261004"), autumn(), &mut left).unwrap().len(), 4);
    let fault = super::busy(&series("20261004"), autumn(), &mut left).unwrap_err();
    assert_eq!(fault, Fault { kind: FaultKind::TooMany, line: Some(4) });
}

#[test]
fn a_rule_that_never_comes_true_ends() {
    let never =
        "DTSTART:20260101T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
    assert!(read(&event(never), autumn()).is_ok());
}

fn lines() -> impl Strategy<Value = String> {
    let values = "[A-Z0-9=;:,/+TZ-]{0,24}";
    let names = proptest::sample::select(vec![
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE:FREQ=DAILY;",
        "RRULE:FREQ=MONTHLY;BYDAY=",
        "EXDATE",
        "RECURRENCE-ID",
        "RDATE",
        "UID",
        "BEGIN",
        "END",
        "TZID",
        "DTSTART;TZID=",
        "DTSTART:20261124T080000Z\nDURATION:P",
        "RRULE:FREQ=YEARLY;BYWEEKNO=",
    ]);
    proptest::collection::vec((names, values), 0..8).prop_map(|lines| {
        let lines: Vec<_> = lines.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        lines.join(
            "
",
        )
    })
}

proptest! {
    #[test]
    fn whatever_is_sent_is_answered(lines in lines(), any in ".{0,80}") {
        let _ = read(&event(&lines), autumn());
        let _ = read(&event(&format!("DTSTART:20261124T080000Z\nDURATION:PT1H\n{lines}")), autumn());
        let _ = read(&any, autumn());
    }
}
