//! The shapes of identifiers that come from outside, checked where they enter.
//!
//! Here they are still text. This is the one place to turn them into the types of `contracts`:
//! what passes here has the right form, and what those types know beside it (check digits, real
//! dates) is theirs.

use schemars::JsonSchema;
use serde::Deserialize;

/// Longest key of a sender that is taken, in characters: what HL7 allows a control id.
pub const MAX_KEY: usize = 199;

/// Which kind of number identifies a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// Personnummer, twelve digits.
    PersonalIdentityNumber,
    /// Samordningsnummer, twelve digits.
    CoordinationNumber,
    /// Reservnummer: a region's own, for those who have neither.
    ReserveNumber,
}

impl IdentityKind {
    /// The number in its stored form, without hyphen or spaces. `None`: it has not the form of its
    /// kind. Ten digits are not enough: their century would be a guess.
    #[must_use]
    pub fn normalise(self, number: &str) -> Option<String> {
        let number: String = number.chars().filter(|letter| !matches!(letter, '-' | ' ')).collect();
        let fits = match self {
            Self::PersonalIdentityNumber | Self::CoordinationNumber => {
                number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::ReserveNumber => {
                (6..=20).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
        };
        fits.then(|| number.to_ascii_uppercase())
    }
}

/// Whether the text has the form of an HSA-id: `SE`, the ten digits of an organisation number,
/// `-`, and up to sixteen letters and digits.
#[must_use]
pub fn is_hsa_id(text: &str) -> bool {
    let Some((organisation, unit)) = text.strip_prefix("SE").and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    organisation.len() == 10
        && organisation.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=16).contains(&unit.len())
        && unit.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether the text has the form of a municipality code: four digits.
#[must_use]
pub fn is_municipality_code(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text can be a key: not empty, not too long to be indexed, one line.
#[must_use]
pub fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_KEY && !text.chars().any(char::is_control)
}

/// Whether the text can be a sender's token, and so a part of a NATS subject.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_hyphen_and_nothing_else() {
        let personal = IdentityKind::PersonalIdentityNumber;
        assert_eq!(personal.normalise("18900101-9802").as_deref(), Some("189001019802"));
        assert_eq!(personal.normalise("189001019802").as_deref(), Some("189001019802"));
        for wrong in
            ["900101-2385", "9001012385", "1890010198020", "18900101980A", "", "１89001019802"]
        {
            assert_eq!(personal.normalise(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_reserve_number_may_hold_letters() {
        let reserve = IdentityKind::ReserveNumber;
        assert_eq!(reserve.normalise("19900101-a12b").as_deref(), Some("19900101A12B"));
        assert_eq!(reserve.normalise("12"), None);
    }

    #[test]
    fn an_hsa_id_is_known_by_its_form() {
        assert!(is_hsa_id("SE2321000180-1A01"));
        for wrong in
            ["SE2321000180", "SE2321000180-", "SE232100018-1", "se2321000180-1", "", "MED1"]
        {
            assert!(!is_hsa_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_key_fits_an_index() {
        assert!(is_key("V-1"));
        assert!(is_key(&"å".repeat(MAX_KEY)));
        assert!(!is_key(&"å".repeat(MAX_KEY + 1)));
        assert!(!is_key("") && !is_key("a\nb"));
    }
}
