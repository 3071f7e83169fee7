//! Reads a rulebook file section by section, so that one fault does not hide the next.

use std::collections::BTreeMap;
use std::ops::Range;

use contracts::Owner;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::RulebookFault;
use super::check::{self, RuleFile};
use super::raw::{RawFile, RawHours};

/// The file, if its head could be read, and what is wrong with it.
pub(super) struct Read {
    pub(super) file: Option<RuleFile>,
    pub(super) faults: Vec<RulebookFault>,
}

/// Where a text is, for faults.
pub(in crate::domain) struct Place<'a> {
    pub(super) name: &'a str,
    text: &'a str,
}

impl<'a> Place<'a> {
    pub(in crate::domain) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }

    /// The line, counted from 1, on which a span begins.
    pub(in crate::domain) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.bytes().take(span.start);
        1 + before.filter(|byte| *byte == b'\n').count()
    }

    /// A fault at a span.
    pub(super) fn fault(&self, span: &Range<usize>, reason: impl Into<String>) -> RulebookFault {
        RulebookFault { file: self.name.to_owned(), line: self.line(span), reason: reason.into() }
    }

    pub(in crate::domain) fn unread(&self, error: &Error) -> RulebookFault {
        self.fault(&error.span().unwrap_or(0..0), error.message())
    }
}

/// Reads one file. A text that is no TOML is told as such; only then are its sections looked at.
pub(super) fn read(name: &str, text: &str) -> Read {
    let place = Place::new(name, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let faults = errors.iter().map(|error| place.unread(error)).collect();
        return Read { file: None, faults };
    }
    let mut errors = Vec::new();
    let raw = sections(root, &mut errors);
    let mut faults: Vec<_> = errors.iter().map(|error| place.unread(error)).collect();
    let file = check::check(&place, raw, &mut faults);
    Read { file, faults }
}

fn sections(root: Spanned<DeTable<'_>>, errors: &mut Vec<Error>) -> RawFile {
    let span = root.span();
    let mut raw = RawFile::default();
    let mut head = DeTable::new();
    for (key, value) in root.into_inner() {
        match key.get_ref().as_ref() {
            "rule" => raw.rules = list(value, errors),
            "shown" => raw.shown = list(value, errors),
            "track" => raw.tracks = list(value, errors),
            "drift" => raw.drift = one(value, errors),
            "day" => raw.days = list(value, errors),
            "remove" => raw.removals = list(value, errors),
            "office_hours" => raw.hours = office_hours(value, errors),
            _ => {
                head.insert(key, value);
            }
        }
    }
    raw.head = one(Spanned::new(span, DeValue::Table(head)), errors);
    raw
}

/// Each element by itself.
pub(in crate::domain) fn list<T: DeserializeOwned>(
    value: Spanned<DeValue<'_>>,
    errors: &mut Vec<Error>,
) -> Vec<Spanned<T>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(items) => items.into_iter().filter_map(|item| one(item, errors)).collect(),
        other => one::<Vec<Spanned<T>>>(Spanned::new(span, other), errors).unwrap_or_default(),
    }
}

/// A value of this shape, or what is wrong with it.
pub(in crate::domain) fn one<T: DeserializeOwned>(
    value: Spanned<DeValue<'_>>,
    errors: &mut Vec<Error>,
) -> Option<T> {
    T::deserialize(ValueDeserializer::from(value)).map_err(|error| errors.push(error)).ok()
}

fn office_hours(
    value: Spanned<DeValue<'_>>,
    errors: &mut Vec<Error>,
) -> Vec<(Spanned<Owner>, Vec<Spanned<RawHours>>)> {
    let span = value.span();
    let owners = match value.into_inner() {
        DeValue::Table(owners) => owners,
        other => {
            // No table, so this only says what it should have been.
            one::<BTreeMap<String, String>>(Spanned::new(span, other), errors);
            return Vec::new();
        }
    };
    owners
        .into_iter()
        .filter_map(|(key, value)| {
            let name = DeValue::String(key.get_ref().clone());
            let owner = one(Spanned::new(key.span(), name), errors)?;
            Some((owner, list(value, errors)))
        })
        .collect()
}
