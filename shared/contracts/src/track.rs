//! Tracks (spår, process): how much planning the way home takes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A track. Green, yellow and red are the guidelines'; a region may have more, by its rulebook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Track(String);

impl schemars::JsonSchema for Track {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Track".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[a-z]{1,16}$" })
    }
}

/// A track's name is 1 to 16 lower-case letters from a to z: it can hold no free text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a track is 1 to 16 lower-case letters from a to z")]
pub struct NotATrack;

impl Track {
    const LONGEST: usize = 16;

    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Track {
    type Err = NotATrack;

    fn from_str(text: &str) -> Result<Self, NotATrack> {
        let fits = (1..=Self::LONGEST).contains(&text.len());
        let is_name = fits && text.bytes().all(|byte| byte.is_ascii_lowercase());
        is_name.then(|| Self(text.to_owned())).ok_or(NotATrack)
    }
}

impl TryFrom<String> for Track {
    type Error = NotATrack;

    fn try_from(text: String) -> Result<Self, NotATrack> {
        text.parse()
    }
}

impl From<Track> for String {
    fn from(track: Track) -> Self {
        track.0
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_a_short_name_and_nothing_else() {
        assert_eq!("green".parse::<Track>().unwrap().as_str(), "green");
        for text in ["", "Green", "green yellow", "grön", "191212121212", "abcdefghijklmnopq"] {
            assert_eq!(text.parse::<Track>(), Err(NotATrack), "{text}");
        }
    }
}
