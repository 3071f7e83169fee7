//! The schemas in `schemas/` are those of the types.

use std::fs;
use std::path::Path;

use contracts::commands::{self, Described};
use contracts::subjects;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::shapes::{all, folder};

const SERVICES: [&str; 5] = ["admissions", "coordination", "deadlines", "notifications", "sip"];

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let mut files: Vec<(String, Value)> =
        all().into_iter().map(|shape| (format!("events/{}", shape.name()), shape.schema)).collect();
    for service in SERVICES {
        let schema = of_commands(service, |schemas| commands::described(service, schemas));
        files.push((format!("commands/{service}"), schema));
    }
    files.push(("commands/any".to_owned(), of_commands("<service>", commands::any::described)));

    #[expect(clippy::disallowed_methods, reason = "how a developer asks for new files")]
    let update = std::env::var("UPDATE_SCHEMAS").is_ok();
    let stale: Vec<&str> = files
        .iter()
        .filter(|(name, schema)| !is_current(name, schema, update))
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(
        stale.is_empty(),
        "not as the types are: {stale:?}; refresh with \
         `UPDATE_SCHEMAS=1 cargo test -p contracts --test published`, and look at the difference: \
         a released shape only grows"
    );
    assert_eq!(
        names_in(&folder("schemas")),
        files.len(),
        "a schema is left of a type that is gone"
    );
}

#[test]
fn an_event_may_have_fields_that_this_version_does_not_know() {
    for shape in all() {
        let text = shape.schema.to_string();
        assert!(!text.contains(r#""additionalProperties":false"#), "{}", shape.subject);
    }
}

/// One document per service: its commands and queries, and the types that they share.
fn of_commands(
    service: &str,
    described: impl FnOnce(&mut SchemaGenerator) -> Vec<Described>,
) -> Value {
    let mut schemas = SchemaSettings::draft2020_12().into_generator();
    let commands: Value = described(&mut schemas)
        .into_iter()
        .map(|Described { verb, request, answer }| {
            let subject = subjects::command(service, verb);
            (verb.to_owned(), json!({"subject": subject, "request": request, "answer": answer}))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Commands and queries of {service}"),
        "commands": commands,
        "$defs": schemas.take_definitions(true),
    })
}

fn is_current(name: &str, schema: &Value, update: bool) -> bool {
    let path = folder("schemas").join(format!("{name}.json"));
    let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
    if update {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    fs::read_to_string(&path).is_ok_and(|committed| committed == text)
}

fn names_in(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| if entry.path().is_dir() { names_in(&entry.path()) } else { 1 }).sum()
}
