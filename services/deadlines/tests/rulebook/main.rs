//! Rulebook files: what is read, what is refused and with which words.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers included")]

mod coverage;
mod embedded;
mod faults;
mod guide;
mod language;
mod resolving;

use deadlines::domain::rulebook::{Rulebook, RulebookFault, Rulebooks};

const HEAD: &str = r#"
id = "se"
version = "1"
valid_from = 2018-01-01
title = { sv = "Nationell bas", en = "National base" }
office_hours.open_care = [{ days = "mon-fri", opens = 08:00:00, closes = 16:30:00 }]
"#;

/// A line that is in order; `changes` replace or add keys.
fn rule(changes: &[(&str, &str)]) -> String {
    let mut keys = vec![
        ("id", r#""K06""#),
        ("title", r#"{ sv = "Utse", en = "Name" }"#),
        ("source", r#""Lag""#),
        ("owner", r#""open_care""#),
        ("trigger", r#""reception""#),
        ("proof", r#""care_contact""#),
        ("clock", "{ hours = 24, or_next_weekday = true }"),
        ("until", r#""discharge""#),
        ("ladder", r#"[{ step = "unit" }]"#),
    ];
    for change in changes {
        keys.retain(|(key, _)| *key != change.0);
        if !change.1.is_empty() {
            keys.push(*change);
        }
    }
    let lines = keys.iter().map(|(key, value)| format!("{key} = {value}\n"));
    format!("[[rule]]\n{}", lines.collect::<String>())
}

fn load(texts: &[(&str, &str)]) -> Result<Rulebooks, Vec<RulebookFault>> {
    Rulebooks::load(texts.iter().copied())
}

fn one(text: &str) -> Result<Rulebook, Vec<RulebookFault>> {
    load(&[("se.toml", text)]).map(|books| books.named("se 1").unwrap().clone())
}
