//! Refusals: complete, and without a value of the message.

use proptest::prelude::*;

use super::*;
use crate::hl7::{FaultCode, decode};

fn refused(name: &str) -> Vec<FieldFault> {
    reading(name).unwrap_err()
}

fn places(faults: &[FieldFault]) -> Vec<(String, u16)> {
    faults.iter().map(|f| (f.location.to_string(), f.code.table_0357().0)).collect()
}

#[test]
fn every_fault_of_a_message_is_told_at_once() {
    let faults = places(&refused("a01_everything_wrong"));
    let expected = [
        ("MSH-10", 101),
        ("PV1-3", 101),
        ("PV1-44", 101),
        ("MSH-11", 202),
        ("PID-3(2).1", 102),
        ("PV1-19", 101),
        ("ZHG-2(2).1", 103),
    ];
    assert_eq!(faults, expected.map(|(place, code)| (place.to_owned(), code)));
}

#[test]
fn a_fault_never_quotes_the_message() {
    let sentence = |fault: &FieldFault| [fault.text_sv(), fault.text_en(), format!("{fault:?}")];
    let said: Vec<_> = refused("a01_everything_wrong").iter().flat_map(sentence).collect();
    let said = said.join("\n");
    for value in ["9001012385", "HEMTJÄNST", "snart", "17/11", "Tova", "PAS1001"] {
        assert!(!said.contains(value), "{value}");
    }
    assert!(said.contains("PV1-19 (vårdtillfällets id) saknas."));
    assert!(said.contains("PV1-19 (visit number) is missing."));
}

#[test]
fn two_patients_in_one_message_are_refused() {
    let faults = refused("a08_two_patients");
    assert_eq!(places(&faults), [("PID[2]".to_owned(), 100)]);
}

#[test]
fn two_messages_in_one_frame_are_refused() {
    let mut bytes = read("messages/a02_transferred.hl7");
    bytes.extend(bytes.clone());
    let adt = parse(&bytes, received()).unwrap();
    let faults = admission_from(&adt, senders().by_token("falun").unwrap()).unwrap_err();
    assert!(places(&faults).contains(&("MSH[2]".to_owned(), 100)));
}

#[test]
fn a_message_without_its_segments_names_them() {
    let bytes = b"MSH|^~\\&|COSMIC|FALUN|||20261117081700||ADT^A03|1|P|2.5.1";
    let adt = parse(bytes, received()).unwrap();
    let faults = admission_from(&adt, senders().by_token("falun").unwrap()).unwrap_err();
    assert_eq!(faults.iter().filter(|f| f.code == FaultCode::SegmentSequence).count(), 2);
}

#[test]
fn nothing_of_a_patient_can_be_printed() {
    let adt = adt("a01_admitted_with_need");
    let printed = format!("{adt:?} {:?}", used("a01_admitted_with_need"));
    for value in
        ["Tolvansson", "Åsa", "Storgatan", "9802", "I50", "Hjärtsvikt", "V2026-1", "1740605"]
    {
        assert!(!printed.contains(value), "{value}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        through(&bytes);
    }

    #[test]
    fn no_damage_to_a_real_message_panics(
        which in 0_usize..4,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let names = ["a01_admitted_with_need", "a08_values_removed",
            "a01_without_need_latin1_crlf", "a01_no_visit_number_other_delimiters"];
        let mut bytes = read(&format!("messages/{}.hl7", names[which]));
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        through(&bytes);
    }

    #[test]
    fn no_fields_panic(fields in "[|^~&\\\\a-zåX0-9\r\n\"+.-]{0,300}", charset in "[A-Z0-9/ -]{0,12}") {
        through(format!("MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5||||||{charset}\rPID|{fields}").as_bytes());
    }
}

/// Takes bytes the whole way, and holds what must be true of any message.
fn through(bytes: &[u8]) {
    assert!(!decode(bytes).contains('\0'));
    let Ok(adt) = parse(bytes, received()) else { return };
    for sender in senders().all() {
        match admission_from(&adt, sender) {
            Ok(Reading::Used { message, .. }) => assert!(!message.message_id.is_empty()),
            Ok(Reading::NotUsed(_)) => {}
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
}

#[test]
fn of_very_many_faults_some_are_told_and_that_there_are_more() {
    let codes = vec!["HEMTJÄNST"; 70_000].join("~");
    let faults = changed("a01_admitted_with_need", &[("KHS~SOC", &codes)]).unwrap_err();
    assert_eq!(faults.len(), FieldFault::MOST);
    assert!(faults.last().unwrap().text_en().contains("more faults"));
}
