//! What a message says about a field: nothing, that the value is removed, or a value.
//!
//! HL7 writes an empty field for "not stated" and `""` for "removed"; our JSON leaves the member
//! out or writes `null`. An update must never wipe what it did not mention, so the difference is
//! kept until the case has been decided upon.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stated<T> {
    /// The message says nothing about it.
    #[default]
    Absent,
    /// The message says that there is no value any longer.
    Removed,
    /// The message says this.
    Value(T),
}

impl<T> Stated<T> {
    /// The value, when one is stated.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Removed => None,
        }
    }

    /// The value, when one is stated.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Removed => None,
        }
    }

    /// Whether the message says nothing about it.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same statement, borrowed.
    pub const fn as_ref(&self) -> Stated<&T> {
        match self {
            Self::Absent => Stated::Absent,
            Self::Removed => Stated::Removed,
            Self::Value(value) => Stated::Value(value),
        }
    }

    /// The same statement about another representation of the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Stated<U> {
        match self {
            Self::Absent => Stated::Absent,
            Self::Removed => Stated::Removed,
            Self::Value(value) => Stated::Value(change(value)),
        }
    }

    /// The same statement about a value that may turn out unusable; then nothing is stated.
    pub fn and_then<U>(self, change: impl FnOnce(T) -> Option<U>) -> Stated<U> {
        match self {
            Self::Absent => Stated::Absent,
            Self::Removed => Stated::Removed,
            Self::Value(value) => change(value).map_or(Stated::Absent, Stated::Value),
        }
    }

    /// This statement, or the other one where this one says nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_absent() { other } else { self }
    }
}

impl<T> From<Option<T>> for Stated<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// A member that is there is stated: `null` removes. A member that is left out never gets here;
/// it needs `#[serde(default)]`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Stated<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Removed, Self::Value))
    }
}

impl<T: JsonSchema> JsonSchema for Stated<T> {
    fn inline_schema() -> bool {
        Option::<T>::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}
