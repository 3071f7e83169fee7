use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::profile::Senders;
use contracts::Party;

fn sender() -> SenderProfile {
    let text = "[[sender]]\ntoken = \"falun\"\nhospital = \"SE2321000180-1001\"\n\
                wards = { MED1 = \"SE2321000180-2001\" }";
    Senders::from_toml(text).unwrap().by_token("falun").unwrap().clone()
}

fn admission() -> Value {
    json!({
        "message_id": "42",
        "kind": "admitted",
        "visit": "V2026-9",
        "occurred_at": "2026-11-17T08:10:00+01:00",
        "ward": "MED1",
        "patient": {
            "identity": { "type": "personal", "value": "18900101-9802" },
            "name": { "given": "Åsa", "family": "Tolvansson" },
            "address": { "lines": ["Storgatan 1"], "postal_code": "79171", "city": "FALUN" },
            "municipality": "2080",
            "listed_care_centre": "SE2321000180-3001"
        },
        "estimated_discharge": { "at": "2026-11-20" },
        "diagnoses": [{ "code": "I50.0", "text": "Hjärtsvikt" }],
        "need": { "parties": ["social_services", "open_care"], "judged_by": "SE2321000180-L001" },
        "consent": { "given": true, "by": "SE2321000180-L001" }
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut document = admission();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[member] = value;
    document
}

fn read(document: &Value) -> Result<HospitalMessage, Vec<DocumentFault>> {
    parse(document.to_string().as_bytes(), &sender())
}

fn refused(document: &Value) -> Vec<(String, DocumentFaultCode)> {
    let faults = read(document).unwrap_err();
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn an_admission_says_what_the_same_in_hl7_would() {
    let message = read(&admission()).unwrap();
    assert_eq!(message.case_key, CaseKey::VisitNumber("V2026-9".to_owned().into()));
    assert_eq!(message.ward, Stated::Value(UnitRef::Unit("SE2321000180-2001".parse().unwrap())));
    assert_eq!(message.admitted_at, Some("2026-11-17T07:10:00Z".parse().unwrap()));
    assert_eq!(message.stated_at, message.occurred_at);
    assert_eq!(message.estimate, Stated::Value(When::Date("2026-11-20".parse().unwrap())));
    let number = message.patient.identity.value().unwrap().number.clone();
    assert_eq!(number.expose(), "189001019802");
    assert_eq!(
        message.need.value().unwrap().parties.iter().copied().collect::<Vec<_>>(),
        [Party::OpenCare, Party::SocialServices]
    );
    assert_eq!(message.consent.map(|consent| consent.at), Some(message.stated_at));
}

#[test]
fn what_is_left_out_says_nothing_and_null_removes() {
    let update = json!({
        "message_id": "43", "kind": "updated", "visit": "V2026-9",
        "occurred_at": "2026-11-18T08:10:00+01:00",
        "recorded_at": "2026-11-18T08:11:00+01:00",
        "estimated_discharge": null, "need": null, "patient": { "death": null }
    });
    let message = read(&update).unwrap();
    assert_eq!((message.estimate, message.need), (Stated::Removed, Stated::Removed));
    assert!(message.ward.is_absent() && message.patient.identity.is_absent());
    assert_eq!(message.patient.death, Some(Death { dead: false, at: None }));
    assert_eq!(message.stated_at, "2026-11-18T07:11:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(message.admitted_at, None);
}

#[test]
fn everything_that_the_form_cannot_say_is_told_at_once() {
    let mut document = with("/patient/identity/value", json!("9001012385"));
    document["visit"] = json!("");
    document["occurred_at"] = json!("2026-11-17 08:10");
    document["ward"] = json!("MED9");
    document["patient"]["municipality"] = json!("Falun");
    document["estimated_discharge"]["at"] = json!("snart");
    let pointers: Vec<_> = refused(&document).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(
        pointers,
        [
            "/visit",
            "/occurred_at",
            "/patient/identity/value",
            "/patient/municipality",
            "/ward",
            "/estimated_discharge/at"
        ]
    );
}

#[test]
fn a_fault_of_form_names_the_member() {
    use DocumentFaultCode::{Missing, UnknownMember, WrongType};
    let mut without = admission();
    without.as_object_mut().unwrap().remove("visit");
    let mut nameless = admission();
    nameless["patient"]["identity"].as_object_mut().unwrap().remove("value");
    for (document, pointer, code) in [
        (without, "/visit", Missing),
        (nameless, "/patient/identity/value", Missing),
        (with("/kind", json!("arrived")), "/kind", WrongType),
        (with("/need/parties", json!(["open_care", "church"])), "/need/parties/1", WrongType),
        (with("/consent/given", json!("yes")), "/consent/given", WrongType),
        (with("/tova_tolvansson", json!(1)), "/?", UnknownMember),
        (with("/patient/18900101-9802", json!(1)), "/patient/?", UnknownMember),
    ] {
        assert_eq!(refused(&document), [(pointer.to_owned(), code)]);
    }
}

#[test]
fn an_admission_names_its_ward_and_a_reserve_number_its_authority() {
    let mut document =
        with("/patient/identity", json!({ "type": "reserve", "value": "19900101A12B" }));
    document.as_object_mut().unwrap().remove("ward");
    let missing = DocumentFaultCode::Missing;
    assert_eq!(
        refused(&document),
        [("/patient/identity/authority".to_owned(), missing), ("/ward".to_owned(), missing)]
    );
}

#[test]
fn a_fault_never_quotes_a_value() {
    for document in [
        with("/patient/identity/type", json!("189001019802")),
        with("/patient/identity/value", json!("1890010198")),
        with("/patient/name", json!("Tolvansson")),
        with("/diagnoses", json!([{ "code": 1890 }])),
        with("/patient/1890", json!("Tolvansson")),
    ] {
        let said = serde_json::to_string(&read(&document).unwrap_err()).unwrap();
        assert!(!said.contains("1890") && !said.contains("Tolvansson"), "{said}");
    }
}

#[test]
fn what_is_no_json_is_told_so() {
    for bytes in [&b""[..], b"MSH|^~\\&|", b"{\"message_id\":", b"\xff", b"{} x"] {
        assert!(parse(bytes, &sender()).is_err());
    }
    let after = format!("{} x", admission());
    let faults = parse(after.as_bytes(), &sender()).unwrap_err();
    assert_eq!(faults[0].code, DocumentFaultCode::NotJson);
}

#[test]
fn a_character_that_cannot_be_stored_is_refused() {
    assert!(read(&with("/patient/name/given", json!("Å\0sa"))).is_err());
}

#[test]
fn the_id_of_a_faulty_document_is_found() {
    let document = with("/kind", json!(7)).to_string();
    assert_eq!(message_id(document.as_bytes()).as_deref(), Some("42"));
    assert_eq!(message_id(b"{\"message_id\": 7}"), None);
}

#[test]
fn the_schema_requires_what_the_reader_requires() {
    let schema = serde_json::to_value(schema()).unwrap();
    assert_eq!(schema["required"], json!(["message_id", "kind", "visit", "occurred_at"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert!(schema["$defs"]["PatientDocument"]["properties"]["identity"].is_object());
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, &sender());
    }

    #[test]
    fn no_values_panic(text in "\\PC{0,40}", which in 0_usize..8) {
        let pointers = ["/visit", "/occurred_at", "/kind", "/ward", "/patient/identity/value",
            "/estimated_discharge/at", "/patient/municipality", "/need/judged_by"];
        if let Err(faults) = read(&with(pointers[which], json!(text))) {
            prop_assert!(!faults.is_empty());
        }
    }
}
