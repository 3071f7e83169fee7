//! The samples in `samples/` decode for ever.
//!
//! Each event has three: `full` uses every field, `minimal` leaves out all that may be left out,
//! and `newer` comes from a release that knows more than this one. They are never changed: who adds
//! a field adds a sample.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::shapes::{Shape, all, folder, properties};

/// What `newer` samples call every field and value that this version cannot know.
const NEWER: &str = "from_the_future";

#[test]
fn samples_of_this_version_are_understood_completely() {
    for (shape, text) in samples("full") {
        let sample: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((shape.understood)(&text).unwrap(), sample, "{}", shape.subject);
    }
}

#[test]
fn what_may_be_left_out_may_be_left_out() {
    for (shape, text) in samples("minimal") {
        let understood = (shape.understood)(&text).unwrap_or_else(|error| {
            panic!("{}: {error}", shape.subject);
        });
        let sample: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(understood["id"], sample["id"], "{}", shape.subject);
        assert_eq!(understood["traceparent"], Value::Null, "{}", shape.subject);
    }
}

#[test]
fn samples_are_valid_by_the_schema_of_their_event() {
    for (shape, text) in samples("full").into_iter().chain(samples("minimal")) {
        let schema = jsonschema::validator_for(&shape.schema).unwrap();
        let sample = serde_json::from_str(&text).unwrap();
        let faults: Vec<String> = schema.iter_errors(&sample).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", shape.subject);
    }
}

#[test]
fn a_newer_release_may_say_more_than_this_one_knows() {
    for (shape, text) in samples("newer") {
        assert!(text.contains(NEWER));
        let understood = (shape.understood)(&text).unwrap_or_else(|error| {
            panic!("{}: {error}", shape.subject);
        });
        assert!(!understood.to_string().contains(NEWER), "{}", shape.subject);
        assert!(understood["data"].to_string().contains(r#""unknown""#), "{}", shape.subject);
    }
}

#[test]
fn every_field_of_every_event_is_in_a_sample() {
    for shape in all() {
        let mut used = BTreeSet::new();
        for (_, text) in samples("full").iter().filter(|(other, _)| other.subject == shape.subject)
        {
            let sample = serde_json::from_str(text).unwrap();
            collect(&shape.schema, "", &shape.schema, &sample, &mut used);
        }
        for (place, _) in properties(&shape.schema) {
            assert!(used.contains(&place), "add a sample of {} with {place}", shape.subject);
        }
    }
}

/// The properties that `value` has of `schema`, named like [`properties`] names them.
fn collect(root: &Value, of: &str, schema: &Value, value: &Value, used: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|link| link.strip_prefix("#/$defs/")) {
        collect(root, &format!("{name}."), root["$defs"].get(name).unwrap(), value, used);
    }
    for part in ["anyOf", "oneOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
        collect(root, of, part, value, used);
    }
    for item in value.as_array().into_iter().flatten() {
        collect(root, of, &schema["items"], item, used);
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        if let Some(property) = schema["properties"].get(name) {
            used.insert(format!("{of}{name}"));
            collect(root, of, property, value, used);
        }
    }
}

/// All samples whose file is named `<event>.<kind>….json`, at least one per event.
fn samples(kind: &str) -> Vec<(Shape, String)> {
    let files: Vec<(String, String)> = fs::read_dir(folder("samples/v1"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|file| {
            (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap())
        })
        .collect();
    let mut found = Vec::new();
    for shape in all() {
        let start = format!("{}.{kind}", shape.name());
        let texts = files.iter().filter(|(name, _)| name.starts_with(&start));
        let before = found.len();
        found.extend(texts.map(|(_, text)| (shape.clone(), text.clone())));
        assert!(found.len() > before, "no sample {start}");
    }
    found
}
