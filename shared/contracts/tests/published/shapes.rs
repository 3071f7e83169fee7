//! The events that are published, each with what a test asks of it.

use std::path::{Path, PathBuf};

use contracts::{Aggregate, Alert, Assignment, Case, Event, Ledger, Sip, Unit, UnitReach};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

/// One published event.
#[derive(Clone)]
pub(crate) struct Shape {
    /// Its subject.
    pub(crate) subject: &'static str,
    /// The schema of the whole event.
    pub(crate) schema: Value,
    /// Decodes an event and says what was understood of it.
    pub(crate) understood: fn(&str) -> Result<Value, String>,
}

impl Shape {
    fn of<A: Aggregate + JsonSchema>() -> Self {
        let mut schema =
            SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Event<A>>();
        schema.insert("title".to_owned(), A::SUBJECT.into());
        let description =
            "CloudEvents 1.0, structured JSON; `data` is the aggregate's public state.";
        schema.insert("description".to_owned(), description.into());
        Self { subject: A::SUBJECT, schema: schema.to_value(), understood: understood::<A> }
    }

    /// The last part of the subject, which names its files.
    pub(crate) fn name(&self) -> &'static str {
        self.subject.rsplit('.').next().unwrap()
    }
}

fn understood<A: Aggregate>(text: &str) -> Result<Value, String> {
    let event: Event<A> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if event.subject != event.data.key() {
        return Err("the envelope names another aggregate than the snapshot".to_owned());
    }
    serde_json::to_value(event).map_err(|error| error.to_string())
}

/// All of them.
pub(crate) fn all() -> Vec<Shape> {
    vec![
        Shape::of::<Alert>(),
        Shape::of::<Assignment>(),
        Shape::of::<Case>(),
        Shape::of::<Ledger>(),
        Shape::of::<Sip>(),
        Shape::of::<Unit>(),
        Shape::of::<UnitReach>(),
    ]
}

/// Every property with its schema, as `Type.property`; the envelope's own without a type.
pub(crate) fn properties(root: &Value) -> Vec<(String, &Value)> {
    let definitions = root["$defs"].as_object().unwrap().iter();
    let types = definitions.map(|(name, schema)| (format!("{name}."), schema));
    let mut found = Vec::new();
    for (prefix, schema) in types.chain([(String::new(), root)]) {
        let own = std::iter::once(schema).chain(schema["oneOf"].as_array().into_iter().flatten());
        for part in own {
            let declared = part["properties"].as_object().into_iter().flatten();
            found.extend(declared.map(|(name, schema)| (format!("{prefix}{name}"), schema)));
        }
    }
    found
}

/// A folder of the crate.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn every_snapshot_type_is_among_the_published_events() {
    let sources = std::fs::read_dir(folder("src")).unwrap();
    let declared: usize = sources
        .filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok())
        .map(|source| source.matches("impl Aggregate for ").count())
        .sum();
    assert_eq!(declared, all().len());
}
