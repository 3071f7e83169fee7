//! Patient data on its way through the edge: readable on purpose, never by accident.

use std::fmt;

use serde::Deserialize;

/// A value that belongs to a patient. It has no `Display`, its `Debug` says only that there is
/// one, and reading it takes a call that a reviewer can search for.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Takes a value into custody.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for storing it or for showing it to somebody who may see it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, out of custody.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
