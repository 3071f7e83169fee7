//! Read by another library than the one that writes.

use contracts::EntryId;
use contracts::sip::MeetingForm;
use icalendar::parser::{Property, read_calendar, unfold};
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

/// A calendar's own properties, and those of its only event.
struct Read {
    calendar: Vec<(String, String)>,
    event: Vec<(String, String)>,
}

fn read(text: &str) -> Read {
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded).expect("a calendar");
    assert_eq!(calendar.components.len(), 1, "{text}");
    let event = &calendar.components[0];
    assert_eq!((event.name.as_str(), event.components.len()), ("VEVENT", 0));
    Read { calendar: pairs(&calendar.properties), event: pairs(&event.properties) }
}

fn pairs(properties: &[Property<'_>]) -> Vec<(String, String)> {
    let pairs = properties.iter().map(|one| (one.name.to_string(), one.val.to_string()));
    pairs.collect()
}

fn value<'a>(properties: &'a [(String, String)], name: &str) -> &'a str {
    let mut found = properties.iter().filter(|(other, _)| other == name);
    let (_, value) = found.next().expect(name);
    assert!(found.next().is_none(), "{name} is said once");
    value
}

#[test]
fn another_library_reads_what_an_invitation_says() {
    let read = read(&written(&invitation(Method::Request), "vc01@example.se"));
    assert_eq!(value(&read.calendar, "METHOD"), "REQUEST");
    assert_eq!(value(&read.calendar, "VERSION"), "2.0");
    for (name, expected) in [
        ("UID", "00000000-0000-0000-0000-000000000007"),
        ("SEQUENCE", "2"),
        ("DTSTAMP", "20261124T080000Z"),
        ("DTSTART", "20261126T120000Z"),
        ("DTEND", "20261126T133000Z"),
        ("STATUS", "CONFIRMED"),
        ("SUMMARY", "SIP-möte / SIP meeting, K7M2-9QXD"),
        ("DESCRIPTION", "videomöte / by video"),
        ("ORGANIZER", "mailto:hemgang@example.se"),
        ("ATTENDEE", "mailto:vc01@example.se"),
    ] {
        assert_eq!(value(&read.event, name), expected);
    }
}

#[test]
fn a_cancellation_says_so_twice() {
    let read = read(&written(&invitation(Method::Cancel), "vc01@example.se"));
    assert_eq!(value(&read.calendar, "METHOD"), "CANCEL");
    assert_eq!(value(&read.event, "STATUS"), "CANCELLED");
}

#[test]
fn nothing_but_these_properties_is_said() {
    let read = read(&written(&invitation(Method::Request), "vc01@example.se"));
    let mut names: Vec<&str> = read.event.iter().map(|(name, _)| name.as_str()).collect();
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
    let read = read(&text);
    let attendee = value(&read.event, "ATTENDEE");
    assert_eq!(attendee, format!("mailto:{long}"));
}

#[test]
fn what_would_end_an_address_early_is_escaped() {
    let read = read(&written(&invitation(Method::Request), "vc?x=1&y%@example.se"));
    let attendee = value(&read.event, "ATTENDEE");
    assert_eq!(attendee, "mailto:vc%3Fx%3D1%26y%25@example.se");
}

#[test]
fn without_a_reference_the_rest_is_said() {
    let bare = Invitation { case: None, form: None, ..invitation(Method::Request) };
    let read = read(&written(&bare, "vc01@example.se"));
    assert_eq!(value(&read.event, "SUMMARY"), "SIP-möte / SIP meeting");
}
