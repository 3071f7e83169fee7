//! Files and batches: each message by itself, one answer each, in an envelope like the sender's.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

const FHS: &str = "FHS|^~\\&|COSMIC|FALUN|HEMGANG|W|20261117||fil||F-1\r";
const BHS: &str = "BHS|^~\\&|COSMIC|FALUN|HEMGANG|W|20261117||bunt||B-1\r";

fn message(id: &str) -> String {
    format!("MSH|^~\\&|COSMIC|FALUN|HEMGANG|W|20261117||ADT^A01|{id}|P|2.5.1\rPID|1\r")
}

fn split(text: &str) -> Result<Batch, NoBatch> {
    Batch::split(&Bytes::copy_from_slice(text.as_bytes()))
}

fn messages(text: &str) -> Vec<String> {
    let batch = split(text).unwrap();
    batch.messages().iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect()
}

#[test]
fn the_messages_of_a_batch_come_out_one_by_one_as_they_were() {
    let (a, b) = (message("1"), message("2"));
    for text in [
        format!("{BHS}{a}{b}BTS|2\r"),
        format!("{FHS}{BHS}{a}{b}BTS|2\rFTS|1\r"),
        format!("{FHS}{BHS}{a}BTS|1\r{BHS}{b}BTS|1\rFTS|2\r"),
        format!("{FHS}{a}{b}FTS\r"),
        format!("\u{b}{BHS}{a}{b}"),
        format!("\r\n \u{feff}{BHS}{a}{b}BTS\r\u{1c}\r"),
    ] {
        assert_eq!(messages(&text), [a.clone(), b.clone()], "{text}");
    }
    let lines = format!("{BHS}{a}{b}BTS|2\r").replace('\r', "\r\n");
    assert_eq!(messages(&lines), [a.replace('\r', "\r\n"), b.replace('\r', "\r\n")]);
}

#[test]
fn what_belongs_to_no_message_of_a_batch_is_one_of_its_own() {
    let text = format!("{BHS}PID|stray\r{}BTS|1\rPV1|stray\rFTS\r", message("1"));
    assert_eq!(messages(&text), ["PID|stray\r", &message("1"), "PV1|stray\r"]);
}

#[test]
fn what_is_no_batch_or_cannot_be_taken_as_one_says_why() {
    let many = format!("{BHS}{}", "MSH|^~\\&|A\r".repeat(1001));
    for (text, why) in [
        (message("1"), NoBatch::Other),
        (String::new(), NoBatch::Other),
        ("BHSX|".to_owned(), NoBatch::Other),
        (format!("{FHS}{BHS}BTS|0\rFTS|1\r"), NoBatch::Empty),
        (many, NoBatch::TooMany),
    ] {
        assert_eq!(split(&text).map(drop), Err(why), "{}", &text[..text.len().min(40)]);
    }
}

#[test]
fn the_answers_come_back_in_an_envelope_like_the_senders() {
    let (a, b) = (message("1"), message("2"));
    let batch = split(&format!("{FHS}{BHS}{a}BTS|1\r{BHS}{b}BTS|3\rFTS|2\r")).unwrap();
    let answers = ["MSH|1\r".to_owned(), "MSH|2\r".to_owned()];
    let said = batch.answer(&answers, "H-1", now());
    let names: Vec<_> = said.split('\r').filter_map(|line| line.get(..3)).collect();
    assert_eq!(names, ["FHS", "BHS", "MSH", "BTS", "BHS", "MSH", "BTS", "FTS"]);
    assert!(said.starts_with("FHS|^~\\&|HEMGANG|W|COSMIC|FALUN|20261117081730+0100||||H-1|F-1\r"));
    assert!(said.contains("\rBTS|1|\r") && said.ends_with("\rFTS|2\r"));
    assert!(said.contains("BTS|1|BTS-1 anger ett annat antal / BTS-1 states another number\r"));
}

#[test]
fn a_batch_that_does_not_end_is_answered_with_one_that_does() {
    let batch = split(&format!("{BHS}{}", message("1"))).unwrap();
    let said = batch.answer(&["MSH|1\r".to_owned()], "H-1", now());
    assert!(said.ends_with("\rMSH|1\rBTS|1|\r"), "{said}");
}

#[test]
fn who_sends_a_batch_stands_in_its_envelope() {
    for envelope in [FHS, BHS] {
        let header = batch_sender(envelope.as_bytes()).unwrap();
        assert_eq!(header.sending_application.name(), "COSMIC");
        assert_eq!(header.sending_facility.name(), "FALUN");
    }
    assert!(batch_sender(message("1").as_bytes()).is_none());
}

proptest! {
    #[test]
    fn no_line_of_a_batch_is_lost(
        lines in prop::collection::vec("(MSH\\|\\^~|BHS\\||BTS\\|[0-9]?|FHS\\||FTS|PID\\||[a-zå |]{0,5})[|A-Z0-9]{0,9}", 0..20),
        end in "[\r\n]{1,2}",
    ) {
        let text = format!("BHS|^~\\&|A{end}{}", lines.join(&end));
        let Ok(batch) = split(&text) else { return Ok(()) };
        let kept = batch.messages().concat();
        let kept = String::from_utf8(kept).unwrap();
        for line in lines.iter().filter(|line| line.starts_with("MSH|") || line.starts_with("PID|")) {
            prop_assert!(kept.contains(line.as_str()), "{line}");
        }
        let answers = vec!["MSH|x\r".to_owned(); batch.messages().len()];
        let answered = batch.answer(&answers, "1", now());
        prop_assert_eq!(answered.matches("MSH|x\r").count(), answers.len());
    }
}
