//! Texts: who reads them, what is noted of it, and that they stay here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::assignment::{AnnexKind, EntryKind};
use contracts::commands::{
    AddAnnex, AnswerTrackProposal, MessageContent, ProposeTrack, ReadAnnex, ReadEntries,
    ReadMessages, SendMessage, WriteEntry,
};

use crate::support::{CASE, CENTRE, SOCIAL, STRANGER, WARD, World};

const SECRET: &str = "Bor med sin dotter på Tolvgatan.";

fn message() -> SendMessage {
    let content = MessageContent::General { text: SECRET.into() };
    SendMessage { case: CASE, to: [].into(), answers: None, corrects: None, content }
}

fn annex(content: &[u8]) -> AddAnnex {
    AddAnnex {
        case: CASE,
        kind: AnnexKind::EmergencyPlan,
        name: "handlingsplan.pdf".into(),
        media_type: "application/pdf".into(),
        content: STANDARD.encode(content),
    }
}

#[tokio::test]
async fn what_others_wrote_is_shown_once_the_patient_consents_and_one_s_own_always() {
    let world = World::start().await;
    let (kind, text) = (EntryKind::ReceptionPlan, SECRET.to_owned());
    let entry = WriteEntry { case: CASE, kind, text, corrects: None };
    world.act(SOCIAL, &entry).await.unwrap();
    let read = async |unit| {
        let entries = world.act(unit, &ReadEntries { case: CASE }).await.unwrap();
        entries.into_iter().map(|one| one.content.map(|content| content.text)).collect::<Vec<_>>()
    };
    assert_eq!(read(SOCIAL).await, [Some(SECRET.to_owned())]);
    assert_eq!(read(CENTRE).await, [None]);
    world.consents().await;
    assert_eq!(read(CENTRE).await, [Some(SECRET.to_owned())]);
}

#[tokio::test]
async fn a_message_is_acknowledged_by_its_first_reader_of_each_unit_once_it_was_shown() {
    let world = World::start().await;
    world.act(WARD, &message()).await.unwrap();
    let read = ReadMessages { case: CASE };
    let receipts = async || {
        let messages = world.assignment().await.cooperation.messages;
        messages[0].receipts.iter().map(|receipt| receipt.unit.to_string()).collect::<Vec<_>>()
    };
    assert!(world.act(CENTRE, &read).await.unwrap()[0].content.is_none());
    assert!(receipts().await.is_empty());
    world.consents().await;
    for unit in [CENTRE, CENTRE, SOCIAL, WARD] {
        assert!(world.act(unit, &read).await.unwrap()[0].content.is_some());
    }
    assert_eq!(receipts().await, ["SE2321000180-VC01", "SE2321000180-SOC1"]);
}

#[tokio::test]
async fn a_track_is_proposed_and_refused_with_words_that_the_others_read() {
    let world = World::start().await;
    world.consents().await;
    let propose = |motive: &str| ProposeTrack {
        case: CASE,
        to: "yellow".parse().unwrap(),
        motive: motive.to_owned(),
    };
    let refusal = world.act(SOCIAL, &propose("")).await.err().unwrap();
    assert_eq!(refusal.field.as_deref(), Some("/motive"));
    world.act(SOCIAL, &propose("Hemtjänsten räcker.")).await.unwrap();
    let proposal = world.assignment().await.cooperation.track_changes[0].stamp.id;
    let refuse = |reason: &str| AnswerTrackProposal {
        case: CASE,
        proposal,
        approved: false,
        reason: reason.to_owned(),
    };
    let refusal = world.act(CENTRE, &refuse("")).await.err().unwrap();
    assert_eq!(refusal.field.as_deref(), Some("/reason"));
    world.act(CENTRE, &refuse("Såret läggs om varje dag.")).await.unwrap();
    let entries = world.act(WARD, &ReadEntries { case: CASE }).await.unwrap();
    let read: Vec<String> = entries.into_iter().map(|one| one.content.unwrap().text).collect();
    assert_eq!(read, ["Hemtjänsten räcker.", "Såret läggs om varje dag."]);
}

#[tokio::test]
async fn an_annex_comes_back_as_it_was() {
    let world = World::start().await;
    let bytes = [b"%PDF-1.7\n".as_slice(), &[0, 255, 128]].concat();
    world.act(WARD, &annex(&bytes)).await.unwrap();
    let annex = world.assignment().await.cooperation.annexes[0].stamp.id;
    let read = ReadAnnex { case: CASE, annex };
    assert_eq!(world.act(CENTRE, &read).await.err().unwrap().code, "no_consent");
    world.consents().await;
    let content = world.act(CENTRE, &read).await.unwrap();
    assert_eq!(STANDARD.decode(content.content).unwrap(), bytes);
    assert_eq!(content.name, "handlingsplan.pdf");
}

#[tokio::test]
async fn the_largest_annex_that_is_allowed_can_be_sent_and_read() {
    let world = World::start().await;
    let mut bytes = vec![b'a'; contracts::commands::LARGEST_ANNEX];
    bytes[..5].copy_from_slice(b"%PDF-");
    world.act(WARD, &annex(&bytes)).await.unwrap();
    let annex = world.assignment().await.cooperation.annexes[0].stamp.id;
    let content = world.act(WARD, &ReadAnnex { case: CASE, annex }).await.unwrap();
    assert_eq!(STANDARD.decode(content.content).unwrap().len(), bytes.len());
}

#[tokio::test]
async fn every_reading_is_noted_and_whoever_has_no_part_reads_nothing() {
    let world = World::start().await;
    world.act(WARD, &message()).await.unwrap();
    let refusal = world.act(STRANGER, &ReadMessages { case: CASE }).await.err().unwrap();
    assert_eq!(refusal.code, "not_concerned");
    world.act(WARD, &ReadMessages { case: CASE }).await.unwrap();
    world.act(WARD, &ReadEntries { case: CASE }).await.unwrap();
    let noted = world.readings().await;
    let noted: Vec<(&str, &str)> =
        noted.iter().map(|(action, unit)| (action.as_str(), unit.as_str())).collect();
    let ward = "SE2321000180-AVD1";
    assert_eq!(noted, [("read_messages", ward), ("read_entries", ward)]);
}

#[tokio::test]
async fn no_text_is_in_anything_that_is_published_or_stored_as_an_answer() {
    let world = World::start().await;
    world.consents().await;
    world.act(WARD, &message()).await.unwrap();
    world.act(WARD, &annex(b"%PDF- Tolvgatan")).await.unwrap();
    world.act(CENTRE, &ReadMessages { case: CASE }).await.unwrap();
    let said = world.everything_said().await;
    assert!(said.contains("message_sent") || said.contains("messages"), "{said}");
    assert!(!said.contains("Tolvgatan") && !said.contains("handlingsplan.pdf"), "{said}");
}
