//! Which event has which effect, and which are stated not to be used: the table of the README.

use super::*;
use crate::hl7::FaultCode;

/// The admission of `tests/messages` as another event.
fn event(code: &str) -> Result<Reading, Vec<FieldFault>> {
    changed("a01_admitted_with_need", &[("ADT^A01^ADT_A01", code), ("EVN|A01|", "EVN||")])
}

#[test]
fn every_event_that_is_used_says_what_happened() {
    for (code, kind) in [
        ("ADT^A01", Kind::Admit),
        ("ADT^A02", Kind::Transfer),
        ("ADT^A03", Kind::Discharge),
        ("ADT^A06", Kind::BecomeInpatient),
        ("ADT^A07", Kind::Discharge),
        ("ADT^A08", Kind::Update),
        ("ADT^A11", Kind::CancelAdmit),
        ("ADT^A12", Kind::Transfer),
        ("ADT^A13", Kind::CancelDischarge),
        ("ADT^A16", Kind::Update),
        ("ADT^A23", Kind::CancelAdmit),
        ("ADT^A21", Kind::StartLeave),
        ("ADT^A22", Kind::EndLeave),
        ("ADT^A25", Kind::Update),
        ("ADT^A52", Kind::CancelLeave),
        ("ADT^A53", Kind::CancelReturn),
    ] {
        let Ok(Reading::Used { message, .. }) = event(code) else { panic!("{code}") };
        assert_eq!(message.kind, kind, "{code}");
    }
}

#[test]
fn every_other_event_is_stated_not_to_be_used_and_is_no_fault() {
    let merges = [18, 34, 36, 40, 47];
    let numbered = (1..=62).filter(|n| !merges.contains(n)).map(|n| format!("ADT^A{n:02}"));
    let mut not_used = Vec::new();
    for code in numbered.chain(["ADT^Z01".into(), "ORU^R01".into(), "ACK^A01".into()]) {
        match event(&code) {
            Ok(Reading::Used { .. }) => {}
            Ok(Reading::NotUsed(why)) => {
                assert!(!why.refuses() && why.code == FaultCode::NotUsed, "{code}");
                assert!(
                    why.text_sv().contains("använ") && why.text_en().contains("used"),
                    "{code}"
                );
                not_used.push(code);
            }
            Err(faults) => panic!("{code}: {faults:?}"),
        }
    }
    for code in ["A04", "A05", "A14", "A27", "A30", "A41", "A44"] {
        assert!(not_used.contains(&format!("ADT^{code}")), "{code}");
    }
    assert_eq!(not_used.len(), 62 - 5 - 16 + 3);
}

#[test]
fn why_an_event_is_not_used_is_told_by_what_it_is_about() {
    for (code, place, why) in [
        ("ADT^A04", "MSH-9.2", "registers an outpatient visit"),
        ("ADT^A05", "MSH-9.2", "is about a planned admission"),
        ("ADT^A14", "MSH-9.2", "is about a planned admission"),
        ("ADT^A27", "MSH-9.2", "takes back a planned admission"),
        ("ADT^A31", "MSH-9.2", "is about records of the patient"),
        ("ADT^A30", "MSH-9.2", "merges or changes identities and is NOT used"),
        ("ADT^A44", "MSH-9.2", "merges or changes identities and is NOT used"),
        ("ADT^A50", "MSH-9.2", "changes the number of the visit and is NOT used"),
        ("ADT^Z01", "MSH-9.2", "is no event that is used here"),
        ("ORU^R01", "MSH-9.1", "is no message type that is used here"),
    ] {
        let Ok(Reading::NotUsed(fault)) = event(code) else { panic!("{code}") };
        assert_eq!(fault.location.to_string(), place, "{code}");
        assert!(fault.text_en().contains(why), "{code}: {}", fault.text_en());
    }
}

#[test]
fn a_message_that_does_not_say_what_it_is_or_misspells_it_is_refused_at_msh_9() {
    for (code, place, number) in [
        ("", "MSH-9.1", 101),
        ("ADT", "MSH-9.2", 101),
        ("ADT^", "MSH-9.2", 101),
        ("ADT^a01", "MSH-9.2", 201),
        ("ADT^A1", "MSH-9.2", 201),
        ("ADT^ADT_A01", "MSH-9.2", 201),
        ("ADT_A01", "MSH-9.1", 200),
        ("adt^A01", "MSH-9.1", 200),
        ("A01", "MSH-9.1", 200),
    ] {
        let faults = event(code).unwrap_err();
        let first = faults.first().unwrap();
        assert_eq!(first.location.to_string(), place, "{code}");
        assert_eq!(first.code.table_0357().0, number, "{code}");
    }
}

#[test]
fn the_event_of_an_old_sender_stands_in_evn_1() {
    let old = changed("a01_admitted_with_need", &[("ADT^A01^ADT_A01", "ADT")]);
    let Ok(Reading::Used { message, warnings }) = old else { panic!("{old:?}") };
    assert_eq!((message.kind, warnings), (Kind::Admit, vec![]));
}

#[test]
fn msh_9_decides_where_evn_1_says_something_else_and_the_sender_is_told() {
    for (written, kind) in [("A03", Kind::Admit), ("A08", Kind::Admit), ("x", Kind::Admit)] {
        let evn = format!("EVN|{written}|");
        let (message, warnings) = used_after("a01_admitted_with_need", &[("EVN|A01|", &evn)]);
        assert_eq!((message.kind, warnings), (kind, vec!["EVN-1".to_owned()]), "{written}");
    }
}

#[test]
fn a_message_without_evn_counts_by_the_time_of_its_header() {
    let evn = "EVN|A01|20261117081600||||20261117081000\r";
    let text = String::from_utf8(read("messages/a01_admitted_with_need.hl7")).unwrap();
    let without = text.replace(evn, "").replace("EVN|A01|20261117081600||||20261117081000\n", "");
    assert!(!without.contains("EVN|"));
    let adt = parse(without.as_bytes(), received()).unwrap();
    let sender = senders();
    let reading = admission_from(&adt, sender.by_header(&adt.header).unwrap());
    let Ok(Reading::Used { message, warnings }) = reading else { panic!("{reading:?}") };
    assert_eq!(message.stated_at, time("2026-11-17T07:17:00Z"));
    assert_eq!(message.admitted_at, Some(time("2026-11-17T07:10:00Z")));
    assert!(warnings.is_empty());
}

#[test]
fn what_becomes_an_outpatient_leaves_the_stay_when_it_is_said_and_enters_no_other_ward() {
    let told =
        changed("a02_transferred", &[("ADT^A02", "ADT^A07"), ("PV1|1|I|KIR2", "PV1|1|O|MOTT7")]);
    let Ok(Reading::Used { message, warnings }) = told else { panic!("{told:?}") };
    assert_eq!(message.discharged_at, Stated::Value(time("2026-11-18T09:15:00Z")));
    assert_eq!((message.inpatient, message.ward), (Some(true), Stated::Absent));
    assert!(warnings.is_empty());
}

#[test]
fn a_planned_discharge_is_an_estimate_and_no_discharge() {
    let told = changed("a03_discharged", &[("ADT^A03", "ADT^A16")]);
    let Ok(Reading::Used { message, .. }) = told else { panic!("{told:?}") };
    assert_eq!((message.kind, message.discharged_at), (Kind::Update, Stated::Absent));
}
