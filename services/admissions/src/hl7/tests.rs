//! Answers, read back by the parser that reads everybody else's messages, and odd structures.

use chrono::{DateTime, Utc};

use super::*;

mod batches;
mod modes;

const ENHANCED: &str =
    "MSH|^~\\&|COSMIC^1.2.3^ISO|FALUN|HEMGANG|W|20261117081700||ADT^A01|C-1|P|2.5.1|||";

fn now() -> DateTime<Utc> {
    "2026-11-17T07:17:30Z".parse().unwrap()
}

fn header(text: &str) -> Header {
    parse(text.as_bytes(), now()).unwrap().header
}

fn answer_to(request: &str, answer: Answer<'_>) -> String {
    acknowledge(Some(&header(request)), answer, "H-1", now())
}

fn field(answer: &str, segment: &str, number: u16) -> String {
    let message = Message::parse(answer).unwrap();
    let part = message.field(segment, number);
    part.component(1).text().unwrap_or_default()
}

fn plain() -> String {
    format!("{ENHANCED}||||UNICODE UTF-8\rEVN||20261117081600\r")
}

#[test]
fn an_answer_goes_back_to_its_sender() {
    let answer = answer_to(&plain(), Answer::Used(&[]));
    let back = header(&answer);
    assert_eq!(back.receiving_application, header(&plain()).sending_application);
    assert_eq!(back.sending_application.name(), "HEMGANG");
    assert_eq!(back.control_id.as_deref(), Some("H-1"));
    assert_eq!(back.message_at, Some(now()));
    assert_eq!(back.version.as_deref(), Some("2.5.1"));
    assert!(answer.contains("|20261117081730+0100||ACK^A01^ACK|H-1|P|2.5.1||||||UNICODE UTF-8\r"));
    assert!(answer.ends_with("MSA|AA|C-1|\r"));
}

#[test]
fn a_refusal_names_field_and_reason_in_both_languages() {
    let faults = [
        FieldFault::missing(Location::field("PV1", 19)),
        FieldFault::unknown_code(Location::field("ZHG", 2).at(2, 1)),
    ];
    let answer = answer_to(&plain(), Answer::Refused(&faults));
    assert_eq!(field(&answer, "MSA", 1), "AE");
    let message = Message::parse(&answer).unwrap();
    let errors: Vec<_> = message.segments("ERR").collect();
    let said = errors[0].field(8).text().unwrap();
    assert_eq!(said, "PV1-19 (vårdtillfällets id) saknas. / PV1-19 (visit number) is missing.");
    assert!(answer.contains("ERR||PV1^1^19^1|101^Required field missing^HL70357|E||||PV1-19"));
    assert!(answer.contains("ERR||ZHG^1^2^2^1|103^Table value not found^HL70357|E||||"));
}

#[test]
fn what_is_no_fault_of_the_content_is_rejected() {
    let internal = [FieldFault::internal()];
    let answer = answer_to(&plain(), Answer::Refused(&internal));
    assert_eq!(field(&answer, "MSA", 1), "AR");
    assert!(answer.contains("ERR||MSH^1|207^Application internal error^HL70357|E"));
}

#[test]
fn a_warning_does_not_refuse() {
    let warnings = [FieldFault::unknown_key(Location::field("PV1", 3)).as_warning()];
    let answer = answer_to(&plain(), Answer::Used(&warnings));
    assert_eq!(field(&answer, "MSA", 1), "AA");
    assert_eq!(field(&answer, "ERR", 4), "W");
}

#[test]
fn an_unused_message_is_acknowledged_as_such() {
    let answer = answer_to(&plain(), Answer::NotUsed(&[]));
    assert_eq!(field(&answer, "MSA", 1), "AA");
    assert_eq!(field(&answer, "MSA", 3), "Mottaget, används inte / Received, not used");
}

#[test]
fn a_message_whose_header_cannot_be_read_is_rejected_without_a_name() {
    let place = Location::segment("MSH");
    let faults = [FieldFault::new(place, FaultCode::SegmentSequence, "saknas", "is missing")];
    let answer = acknowledge(None, Answer::Refused(&faults), "H-1", now());
    assert!(answer.contains("\rMSA|AR||"));
    assert!(answer.contains("||ACK|H-1|P|2.5.1|"));
}

#[test]
fn an_old_sender_finds_the_fault_where_it_looks_for_it() {
    let request = plain().replace("2.5.1", "2.3");
    let faults = [FieldFault::missing(Location::field("PV1", 19))];
    let answer = answer_to(&request, Answer::Refused(&faults));
    assert!(answer.contains("ERR|PV1^1^19^101&Required field missing&HL70357|PV1^1^19^1|101^"));
}

#[test]
fn what_a_sender_writes_in_its_header_cannot_break_the_answer() {
    let request = "MSH|^~\\&|A\\F\\B\\X0D\\C|FAL|||||ADT^A01|C\\X0D\\MSA\\F\\AA|P|2.5.1\r";
    let answer = answer_to(request, Answer::Refused(&[FieldFault::internal()]));
    let message = Message::parse(&answer).unwrap();
    assert_eq!(message.segments("MSA").count(), 1);
    assert_eq!(message.field("MSA", 2).text().unwrap(), "C\rMSA|AA");
    assert_eq!(message.field("MSH", 5).text().unwrap(), "A|B\rC");
}

#[test]
fn all_line_ends_end_a_segment_and_empty_lines_are_passed_over() {
    for end in ["\r", "\n", "\r\n", "\r\r\n", "\n\n"] {
        let text = format!("\u{b}\n MSH|^~\\&|A{end}EVN{end}PID|1{end}ZPI|x{end}");
        let message = Message::parse(&text).unwrap();
        assert_eq!(message.field("PID", 1).text().as_deref(), Some("1"), "{end:?}");
        assert_eq!(message.segments("EVN").count(), 1, "{end:?}");
        assert_eq!(message.z_segments().count(), 1, "{end:?}");
    }
}

#[test]
fn short_and_long_delimiter_fields_are_understood() {
    for declared in ["^", "^~", "^~\\", "^~\\&", "^~\\&#"] {
        let message = Message::parse(&format!("MSH|{declared}|APP|FAC\r")).unwrap();
        assert_eq!(message.field("MSH", 3).text().as_deref(), Some("APP"), "{declared}");
        let truncation = declared.strip_prefix("^~\\&").and_then(|more| more.chars().next());
        let expected = Delimiters { truncation, ..Delimiters::STANDARD };
        assert_eq!(message.delimiters(), expected);
    }
}

#[test]
fn what_stands_around_a_message_is_no_part_of_it() {
    for (before, after) in [
        ("\u{b}", "\u{1c}\r"),
        ("\u{feff}", ""),
        ("\r\n\u{feff}", "\u{1c}"),
        (" \u{b}", "\n\u{1c}\r\n"),
    ] {
        let text = format!("{before}MSH|^~\\&|A\rPV1||I{after}");
        let message = Message::parse(&text).unwrap();
        assert_eq!(message.field("PV1", 2).text().as_deref(), Some("I"), "{text:?}");
    }
}

#[test]
fn what_is_no_message_says_why() {
    for (text, why) in [
        ("", Unreadable::Empty),
        (" \r\n", Unreadable::Empty),
        ("PID|1\rMSH|^~\\&|", Unreadable::NoHeader),
        ("{\"kind\":1}", Unreadable::NoHeader),
        ("MSH", Unreadable::BadDelimiters),
        ("MSH||A", Unreadable::BadDelimiters),
        ("MSH|^^\\&|A", Unreadable::BadDelimiters),
        ("MSHA^~\\&A", Unreadable::BadDelimiters),
    ] {
        assert_eq!(Message::parse(text).unwrap_err(), why, "{text}");
    }
}

#[test]
fn nothing_and_removed_are_two_things() {
    use crate::stated::Stated;
    let message = Message::parse("MSH|^~\\&|A\rPV2|\"\"|  ||a~b^c&d\r").unwrap();
    assert_eq!(message.field("PV2", 1).stated(), Stated::Removed);
    assert_eq!(message.field("PV2", 2).stated(), Stated::Absent);
    assert_eq!(message.field("PV2", 99).stated(), Stated::Absent);
    assert_eq!(message.field("PV9", 1).stated(), Stated::Absent);
    let second = message.field("PV2", 4).repetitions().nth(1).unwrap();
    assert_eq!(second.component(2).subcomponent(2).text().as_deref(), Some("d"));
}

#[test]
fn more_repetitions_and_segments_than_can_be_numbered_are_read_all_the_same() {
    let repeated = |what: &str| vec![what; 70_000].join("~");
    let (numbers, addresses) = (repeated("1^^^A"), repeated("Gatan"));
    let zhg = "ZHG|1|A\r".repeat(70_000);
    let text = format!("{}PID|||{numbers}||||||||{addresses}\r{zhg}", plain());
    let adt = parse(text.as_bytes(), now()).unwrap();
    assert_eq!(adt.patient.identifiers.len(), 70_000);
    assert_eq!(adt.patient.identifiers.last().unwrap().repetition, u16::MAX);
    let path = "ZHG-2".parse().unwrap();
    assert_eq!(adt.message.at(&path).last().unwrap().0.sequence, u16::MAX);
}
