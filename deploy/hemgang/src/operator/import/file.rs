//! Reading the files. A fault names the file, the entry and the field.

use std::path::{Path, PathBuf};

use contracts::commands::{Contact, UnitContacts};
use contracts::reach::{Hours, Role};
use contracts::{HsaId, MunicipalityCode, Party, Unit};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileFault {
    #[error("{file}: {source}")]
    Unread { file: PathBuf, source: std::io::Error },
    #[error("{file}: its name ends neither in .toml nor in .json")]
    Kind { file: PathBuf },
    #[error("{file}: {message}")]
    Syntax { file: PathBuf, message: String },
    #[error("{file}: it has no list `unit`, or something beside it")]
    NoList { file: PathBuf },
    #[error("{file}, unit {number}{named}, field {field}: {message}")]
    Entry { file: PathBuf, number: usize, named: String, field: String, message: String },
}

/// An entry of the directory. Unlike the snapshot that it becomes, which must decode for ever, it
/// allows no unknown fields: they are misspelt ones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitEntry {
    unit: HsaId,
    #[serde(deserialize_with = "known_party")]
    party: Party,
    name: String,
    #[serde(default)]
    municipality: Option<MunicipalityCode>,
    #[serde(default)]
    serves: Vec<MunicipalityCode>,
    #[serde(default = "active")]
    active: bool,
}

fn active() -> bool {
    true
}

impl From<UnitEntry> for Unit {
    fn from(entry: UnitEntry) -> Self {
        let UnitEntry { unit, party, name, municipality, serves, active } = entry;
        Self { unit, party, name, municipality, serves, active }
    }
}

/// How one unit is reached.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactsEntry {
    unit: HsaId,
    #[serde(default)]
    hours: Hours,
    #[serde(default)]
    contact: Vec<ContactEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Contact")]
struct ContactEntry(Contact);

impl TryFrom<Contact> for ContactEntry {
    type Error = &'static str;

    fn try_from(contact: Contact) -> Result<Self, Self::Error> {
        if contact.role == Role::Unknown {
            return Err("the role is unit, on_call, manager or principal");
        }
        if contact.email.is_none() && contact.sms.is_none() {
            return Err("email or sms is missing");
        }
        Ok(Self(contact))
    }
}

impl From<ContactsEntry> for UnitContacts {
    fn from(ContactsEntry { unit, hours, contact }: ContactsEntry) -> Self {
        Self { unit, hours, contacts: contact.into_iter().map(|entry| entry.0).collect() }
    }
}

/// A party that this release does not know is a misspelt one.
fn known_party<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Party, D::Error> {
    match Party::deserialize(from)? {
        Party::Unknown => Err(serde::de::Error::custom(
            "the party is ward, open_care, municipal_health_care or social_services",
        )),
        party => Ok(party),
    }
}

/// Reads a file's entries.
pub(super) fn read<E: DeserializeOwned>(file: &Path) -> Result<Vec<E>, FileFault> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| FileFault::Unread { file: file.to_owned(), source })?;
    entries(file, &text)
}

/// Reads the entries of a file's text.
pub(super) fn entries<E: DeserializeOwned>(file: &Path, text: &str) -> Result<Vec<E>, FileFault> {
    let syntax = |message: String| FileFault::Syntax {
        file: file.to_owned(),
        message: message.trim().into(),
    };
    let content = match file.extension().and_then(std::ffi::OsStr::to_str) {
        Some("toml") => {
            let table = text.parse::<toml::Table>().map_err(|error| syntax(error.to_string()))?;
            json(toml::Value::Table(table))
        }
        Some("json") => serde_json::from_str(text).map_err(|error| syntax(error.to_string()))?,
        _ => return Err(FileFault::Kind { file: file.to_owned() }),
    };
    let list = list(content).ok_or_else(|| FileFault::NoList { file: file.to_owned() })?;
    list.into_iter().zip(1..).map(|(entry, number)| decode(file, number, entry)).collect()
}

fn list(content: Value) -> Option<Vec<Value>> {
    match content {
        Value::Array(list) => Some(list),
        Value::Object(mut file) => match file.remove("unit") {
            Some(Value::Array(list)) if file.is_empty() => Some(list),
            _ => None,
        },
        _ => None,
    }
}

fn decode<E: DeserializeOwned>(file: &Path, number: usize, entry: Value) -> Result<E, FileFault> {
    let named = entry.get("unit").and_then(Value::as_str);
    let named = named.map(|unit| format!(" ({unit})")).unwrap_or_default();
    serde_path_to_error::deserialize(entry).map_err(|error| FileFault::Entry {
        file: file.to_owned(),
        number,
        named,
        field: error.path().to_string(),
        message: error.inner().to_string(),
    })
}

/// TOML's own dates and times become texts, as they are in JSON.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(is) => Value::Bool(is),
        toml::Value::Datetime(when) => Value::String(when.to_string()),
        toml::Value::Array(list) => list.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, json(value))).collect()
        }
    }
}

#[cfg(test)]
mod tests;
