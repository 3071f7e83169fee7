//! Read by another library than the one that writes.

use contracts::EntryId;
use contracts::sip::MeetingForm;
use ical::IcalParser;
use ical::parser::ical::component::{IcalCalendar, IcalEvent};
use ical::property::Property;
use uuid::Uuid;

use super::*;

fn invitation(method: Method) -> Invitation {
    let at = |text: &str| text.parse().unwrap();
    Invitation {
        case: Some("K7M2-9QXD".parse().unwrap()),
        method,
        uid: EntryId(Uuid::from_u128(7)),
        sequence: 2,
        since: at("2026-11-24T08:00:00Z"),
        starts_at: at("2026-11-26T12:00:00Z"),
        ends_at: at("2026-11-26T13:30:00Z"),
        form: Some(MeetingForm::Video),
        changes: true,
    }
}

fn written(invitation: &Invitation, to: &str) -> String {
    let organizer = "Hemgång <hemgang@example.se>".parse().unwrap();
    event(invitation, &organizer, &to.parse().unwrap()).text
}

fn read(text: &str) -> IcalCalendar {
    let mut calendars: Vec<_> = IcalParser::new(text.as_bytes()).collect();
    assert_eq!(calendars.len(), 1, "{text}");
    calendars.remove(0).expect("a calendar")
}

fn value<'a>(properties: &'a [Property], name: &str) -> &'a str {
    let mut found = properties.iter().filter(|one| one.name == name);
    let value = found.next().and_then(|one| one.value.as_deref());
    assert!(found.next().is_none(), "{name} is said once");
    value.unwrap_or_else(|| panic!("{name} is missing"))
}

fn only_event(calendar: &IcalCalendar) -> &IcalEvent {
    assert_eq!(calendar.events.len(), 1);
    &calendar.events[0]
}

#[test]
fn another_library_reads_what_an_invitation_says() {
    let calendar = read(&written(&invitation(Method::Request), "vc01@example.se"));
    assert_eq!(value(&calendar.properties, "METHOD"), "REQUEST");
    assert_eq!(value(&calendar.properties, "VERSION"), "2.0");
    let event = only_event(&calendar);
    for (name, expected) in [
        ("UID", "00000000-0000-0000-0000-000000000007"),
        ("SEQUENCE", "2"),
        ("DTSTAMP", "20261124T080000Z"),
        ("DTSTART", "20261126T120000Z"),
        ("DTEND", "20261126T133000Z"),
        ("STATUS", "CONFIRMED"),
        ("SUMMARY", "SIP-möte / SIP meeting\\, K7M2-9QXD"),
        ("DESCRIPTION", "videomöte / by video"),
        ("ORGANIZER", "mailto:hemgang@example.se"),
        ("ATTENDEE", "mailto:vc01@example.se"),
    ] {
        assert_eq!(value(&event.properties, name), expected);
    }
}

#[test]
fn a_cancellation_says_so_twice() {
    let calendar = read(&written(&invitation(Method::Cancel), "vc01@example.se"));
    assert_eq!(value(&calendar.properties, "METHOD"), "CANCEL");
    assert_eq!(value(&only_event(&calendar).properties, "STATUS"), "CANCELLED");
}

#[test]
fn nothing_but_these_properties_is_said() {
    let calendar = read(&written(&invitation(Method::Request), "vc01@example.se"));
    let mut names: Vec<&str> =
        only_event(&calendar).properties.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "ATTENDEE",
        "DESCRIPTION",
        "DTEND",
        "DTSTAMP",
        "DTSTART",
        "ORGANIZER",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "UID",
    ];
    assert_eq!(names, expected);
}

#[test]
fn lines_are_folded_and_end_as_the_standard_says() {
    let long = format!("{}@{}.example.se", "a".repeat(60), "b".repeat(60));
    let text = written(&invitation(Method::Request), &long);
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let calendar = read(&text);
    let attendee = value(&only_event(&calendar).properties, "ATTENDEE");
    assert_eq!(attendee, format!("mailto:{long}"));
}

#[test]
fn what_would_end_an_address_early_is_escaped() {
    let calendar = read(&written(&invitation(Method::Request), "vc?x=1&y%@example.se"));
    let attendee = value(&only_event(&calendar).properties, "ATTENDEE");
    assert_eq!(attendee, "mailto:vc%3Fx%3D1%26y%25@example.se");
}

#[test]
fn without_a_reference_the_rest_is_said() {
    let bare = Invitation { case: None, form: None, ..invitation(Method::Request) };
    let calendar = read(&written(&bare, "vc01@example.se"));
    assert_eq!(value(&only_event(&calendar).properties, "SUMMARY"), "SIP-möte / SIP meeting");
}
