//! Fuzz targets over every parser of the intake. Under `cargo test` each runs a second of random bytes
//! and what lies in its corpus; `.ci/fuzz` lets coverage guide it, on stable Rust.

use bytes::{Bytes, BytesMut};
use chrono::DateTime;
use tokio_util::codec::{Decoder, Encoder};

use crate::hl7::{self, Answer, Batch, Dtm, FieldFault, FieldPath, Location, Message};
use crate::json_intake;
use crate::mllp::MllpCodec;
use crate::profile::{Reading, Senders, admission_from};

fn senders() -> Senders {
    Senders::from_toml(include_str!("../tests/senders.toml")).unwrap()
}

/// Whatever the bytes are, the answers to them can be read and sent.
fn answered(header: Option<&hl7::Header>) {
    let faults = [FieldFault::missing(Location::field("PID", 3).at(2, 1))];
    let now = DateTime::UNIX_EPOCH;
    let mut all = hl7::answers(header, Answer::Refused(&faults), "01234567890123456789", now);
    all.push(hl7::acknowledge(header, Answer::Used(&[]), "1", now));
    for answer in all {
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.segments("MSA").count(), 1);
        let control_id = header.and_then(|header| header.control_id.clone());
        assert_eq!(message.field("MSA", 2).text(), control_id);
        MllpCodec::new(0, 0).encode(answer.as_bytes(), &mut BytesMut::new()).unwrap();
    }
}

#[test]
fn hl7_messages() {
    let senders = senders();
    bolero::check!().for_each(|bytes: &[u8]| {
        let Ok(adt) = hl7::parse(bytes, DateTime::UNIX_EPOCH) else { return answered(None) };
        answered(Some(&adt.header));
        for sender in senders.all() {
            match admission_from(&adt, sender) {
                Ok(Reading::Used { message, .. }) => assert!(!message.message_id.is_empty()),
                Ok(Reading::NotUsed(why)) => assert!(!why.refuses()),
                Err(faults) => assert!(faults.iter().all(FieldFault::refuses)),
            }
        }
    });
}

#[test]
fn hl7_batches() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let _ = hl7::batch_sender(bytes);
        let Ok(batch) = Batch::split(&Bytes::copy_from_slice(bytes)) else { return };
        let answers = vec!["MSH|^~\\&|x\r".to_owned(); batch.messages().len()];
        let said = batch.answer(&answers, "1", DateTime::UNIX_EPOCH);
        assert!(said.matches("|x\r").count() >= answers.len());
    });
}

#[test]
fn mllp_frames() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let mut codec = MllpCodec::new(16, 8);
        let mut buffer = BytesMut::new();
        for chunk in bytes.chunks(7) {
            buffer.extend_from_slice(chunk);
            loop {
                match codec.decode(&mut buffer) {
                    Ok(Some(frame)) => assert!(frame.len() <= 16),
                    Ok(None) => break,
                    Err(_) => return,
                }
            }
            assert!(buffer.len() <= 17);
        }
        let _ = codec.decode_eof(&mut buffer);
    });
}

#[test]
fn hl7_times_and_paths() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let (_, _) = (Dtm::parse(&text), Dtm::zone(&text));
        let _ = text.parse::<FieldPath>();
    });
}

#[test]
fn documents() {
    let senders = senders();
    bolero::check!().for_each(|bytes: &[u8]| {
        let _ = json_intake::message_id(bytes);
        for sender in senders.all() {
            match json_intake::parse(bytes, sender) {
                Ok(message) => assert!(!message.message_id.is_empty()),
                Err(faults) => assert!(!faults.is_empty()),
            }
        }
    });
}

#[test]
fn senders_files() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let _ = Senders::from_toml(&String::from_utf8_lossy(bytes));
    });
}
