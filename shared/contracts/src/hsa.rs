//! HSA-ids: the national directory's names of units and of staff.
//!
//! Format: `SE`, the organisation's ten-digit number, a hyphen, and a part that the organisation
//! chooses; at most 31 characters. The type is checked and does not print itself: an HSA-id names a
//! person when it belongs to staff. Whoever must show one says so with `as_str`.

use std::fmt;
use std::str::FromStr;

/// Serde, schema and redacting `Debug` for a type with `FromStr` and a textual form.
macro_rules! text_type {
    ($name:ty, $pattern:literal) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        $crate::hsa::text_type!(@read $name, $pattern);
    };
    (redacted $name:ty, $pattern:literal) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
        $crate::hsa::text_type!(@read $name, $pattern);
    };
    (@read $name:ty, $pattern:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}
pub(crate) use text_type;

/// The HSA-id of a unit: a hospital, ward, care centre or municipal unit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HsaId(String);

/// The HSA-id of a member of staff.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffId(String);

/// The text is no HSA-id. Says the form, never the value.
#[derive(Debug, thiserror::Error)]
#[error("an HSA-id is SE, ten digits, a hyphen and up to 18 letters, digits or hyphens")]
pub struct InvalidHsaId;

fn parse(text: &str) -> Result<String, InvalidHsaId> {
    let text = text.trim().to_ascii_uppercase();
    let (organisation, local) =
        text.strip_prefix("SE").and_then(|rest| rest.split_once('-')).ok_or(InvalidHsaId)?;
    let local_fits = (1..=18).contains(&local.len())
        && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let digits = organisation.len() == 10 && organisation.bytes().all(|b| b.is_ascii_digit());
    if digits && local_fits { Ok(text) } else { Err(InvalidHsaId) }
}

macro_rules! hsa {
    ($name:ident) => {
        impl $name {
            /// The id itself, in capitals.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidHsaId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse(text).map(Self)
            }
        }
        text_type!(redacted $name, "^SE[0-9]{10}-[0-9A-Za-z-]{1,18}$");
    };
}
hsa!(HsaId);
hsa!(StaffId);

impl fmt::Display for HsaId {
    /// A unit may be named; a member of staff may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hsa_id_is_read_in_any_case_and_kept_in_capitals() {
        let id: HsaId = " se2321000180-vc01 ".parse().unwrap();
        assert_eq!(id.as_str(), "SE2321000180-VC01");
    }

    #[test]
    fn what_is_no_hsa_id_is_refused_without_repeating_it() {
        for text in [
            "",
            "SE232100018-1",
            "SE2321000180",
            "SE2321000180-",
            "NO2321000180-1",
            "SE2321000180-å",
        ] {
            let error = text.parse::<HsaId>().unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text));
        }
    }

    #[test]
    fn a_staff_id_does_not_print_itself() {
        let id: StaffId = "SE2321000180-9A2B".parse().unwrap();
        assert_eq!(format!("{id:?}"), "StaffId(***)");
    }
}
