//! Which answers go back to a sender, by what it asks for in MSH-15 and MSH-16.

use super::*;

/// MSA-1 of every answer to a message that asks so.
fn codes(accept: &str, application: &str, answer: Answer<'_>) -> String {
    let request = format!("{ENHANCED}{accept}|{application}\r");
    let all = answers(Some(&header(&request)), answer, "H-12345", now());
    all.iter().map(|answer| field(answer, "MSA", 1)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_sender_gets_the_answers_that_it_asks_for_and_no_other() {
    let error = [FieldFault::missing(Location::field("PV1", 19))];
    let reject = [FieldFault::internal()];
    // MSH-15, MSH-16; the answers to what is used, in error, rejected.
    let cases = [
        ("", "", "AA", "AE", "AR"),
        ("AL", "NE", "CA", "CE", "CR"),
        ("AL", "", "CA", "CE", "CR"),
        ("NE", "AL", "AA", "AE", "AR"),
        ("", "AL", "AA", "AE", "AR"),
        ("AL", "AL", "CA AA", "CA AE", "CR"),
        ("NE", "NE", "", "", ""),
        ("ER", "NE", "", "CE", "CR"),
        ("SU", "NE", "CA", "", ""),
        ("NE", "ER", "", "AE", "AR"),
        ("NE", "SU", "AA", "", ""),
        ("ER", "AL", "AA", "AE", "CR"),
        ("SU", "AL", "CA AA", "CA AE", "AR"),
        ("AL", "ER", "CA", "CA AE", "CR"),
        ("AL", "SU", "CA AA", "CA", "CR"),
        ("ER", "ER", "", "AE", "CR"),
        ("SU", "ER", "CA", "CA AE", "AR"),
        ("SU", "SU", "CA AA", "CA", ""),
        ("ER", "SU", "AA", "", "CR"),
        // Only what is not wanted is said: it still waits for an answer.
        ("NE", "", "AA", "AE", "AR"),
        ("", "NE", "CA", "CE", "CR"),
    ];
    for (accept, application, used, in_error, rejected) in cases {
        let asked = format!("{accept}|{application}");
        assert_eq!(codes(accept, application, Answer::Used(&[])), used, "{asked}");
        assert_eq!(codes(accept, application, Answer::NotUsed(&[])), used, "{asked}");
        assert_eq!(codes(accept, application, Answer::Refused(&error)), in_error, "{asked}");
        assert_eq!(codes(accept, application, Answer::Refused(&reject)), rejected, "{asked}");
    }
}

#[test]
fn what_is_expected_is_what_comes() {
    let error = [FieldFault::missing(Location::field("PV1", 19))];
    let reject = [FieldFault::internal()];
    for accept in ["", "AL", "NE", "ER", "SU", "x"] {
        for application in ["", "AL", "NE", "ER", "SU", "x"] {
            let request = format!("{ENHANCED}{accept}|{application}\r");
            let (most, is_certain) = Mode::of(&header(&request)).expects();
            for answer in [Answer::Used(&[]), Answer::Refused(&error), Answer::Refused(&reject)] {
                let came = codes(accept, application, answer).split_whitespace().count();
                let fits = came <= most && (came > 0 || !is_certain);
                assert!(fits, "{accept}|{application}: {came} of {most}");
            }
        }
    }
}

#[test]
fn where_only_one_answer_can_be_given_it_is_of_the_kind_that_is_wanted() {
    for (accept, application, code) in [
        ("", "", "AA"),
        ("AL", "AL", "CA"),
        ("AL", "NE", "CA"),
        ("NE", "AL", "AA"),
        ("NE", "NE", "CA"),
        ("", "ER", "AA"),
    ] {
        let request = format!("{ENHANCED}{accept}|{application}\r");
        assert_eq!(field(&answer_to(&request, Answer::Used(&[])), "MSA", 1), code, "{request}");
    }
}

#[test]
fn of_two_answers_the_second_tells_the_faults_and_each_has_an_id_of_its_own() {
    let faults = [FieldFault::missing(Location::field("PV1", 19))];
    let request = format!("{ENHANCED}AL|AL\r");
    let all = answers(Some(&header(&request)), Answer::Refused(&faults), "H-12345", now());
    assert!(!all[0].contains("ERR|") && all[1].contains("\rERR|"));
    let ids: Vec<_> = all.iter().map(|answer| field(answer, "MSH", 10)).collect();
    assert_eq!(ids, ["C-12345", "H-12345"]);
    assert!(all.iter().all(|answer| field(answer, "MSA", 2) == "C-1"));
}

#[test]
fn an_acknowledgement_is_never_acknowledged() {
    let request = format!("{ENHANCED}AL|AL\rMSA|AA|1\r").replace("ADT^A01", "ACK^A01");
    assert!(answers(Some(&header(&request)), Answer::NotUsed(&[]), "H-1", now()).is_empty());
}

#[test]
fn what_has_no_header_is_rejected_whatever_it_may_have_wanted() {
    let faults = [FieldFault::unreadable()];
    let all = answers(None, Answer::Refused(&faults), "H-1", now());
    assert_eq!((all.len(), field(&all[0], "MSA", 1).as_str()), (1, "AR"));
}
