//! No published type has a place for anything about a patient.

use serde_json::Value;

use crate::shapes::{all, properties};

/// Words that a property about a person would have in its name.
const ABOUT_A_PERSON: [&str; 14] = [
    "name",
    "surname",
    "identity",
    "ssn",
    "birth",
    "address",
    "street",
    "phone",
    "email",
    "diagnosis",
    "diagnoses",
    "text",
    "comment",
    "relative",
];

/// The texts that are not held to a form, and why none of them can hold a word about a patient.
const FREE: [(&str, &str); 14] = [
    ("specversion", "the envelope's constant"),
    ("source", "the service's name"),
    ("type", "a code of the service"),
    ("subject", "the aggregate's id"),
    ("datacontenttype", "the envelope's constant"),
    ("traceparent", "hexadecimal"),
    ("Unit.name", "the unit's, from the directory"),
    ("Obligation.rule", "from the rulebook"),
    ("Obligation.rulebook", "from the rulebook"),
    ("ShownLine.rule", "from the rulebook"),
    ("ShownLines.rulebook", "from the rulebook"),
    ("TrackProposal.rulebook", "from the rulebook"),
    ("Words.sv", "from the rulebook"),
    ("Words.en", "from the rulebook"),
];

/// Texts that are codes of the publishing service, not yet types of their own.
const CODES: [&str; 2] = ["Ending.reason", "Obligation.missing"];

#[test]
fn no_property_of_an_event_is_named_like_something_about_a_person() {
    for shape in all() {
        for (place, _) in properties(&shape.schema) {
            let property = place.rsplit('.').next().unwrap();
            let about_a_person = property.split('_').any(|word| ABOUT_A_PERSON.contains(&word));
            assert!(!about_a_person || place == "Unit.name", "{place} in {}", shape.subject);
        }
    }
}

#[test]
fn every_text_in_an_event_has_a_form_or_a_reason_to_have_none() {
    for shape in all() {
        for (place, schema) in properties(&shape.schema) {
            let known =
                FREE.iter().any(|(free, _)| *free == place) || CODES.contains(&place.as_str());
            assert!(known || !takes_any_text(schema), "{place} in {}", shape.subject);
        }
    }
}

#[test]
fn the_texts_without_a_form_are_still_there() {
    let all = all();
    let places: Vec<String> = all
        .iter()
        .flat_map(|shape| properties(&shape.schema))
        .filter(|(_, schema)| takes_any_text(schema))
        .map(|(place, _)| place)
        .collect();
    for place in FREE.iter().map(|(place, _)| *place).chain(CODES) {
        assert!(places.iter().any(|found| found == place), "{place}");
    }
}

fn takes_any_text(schema: &Value) -> bool {
    let is_text = match &schema["type"] {
        Value::String(kind) => kind == "string",
        Value::Array(kinds) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    };
    let has_form = ["format", "pattern", "enum", "const"].iter().any(|k| !schema[*k].is_null());
    let of_items = schema.get("items").is_some_and(takes_any_text);
    (is_text && !has_form) || of_items
}
