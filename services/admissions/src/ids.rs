//! Identifiers that come from outside, turned into the types of `contracts` where they enter.

use contracts::Party;
use contracts::identity::{IdentityKind, InvalidIdentity, PersonalIdentity};
use schemars::JsonSchema;
use serde::Deserialize;

/// Longest key of a sender that is taken, in characters: what HL7 allows a control id.
pub const MAX_KEY: usize = 199;

/// Checks a number in any of the ways that senders write it.
///
/// Ten digits are not enough: their century would be a guess. A region writes the same reserve
/// number with and without its hyphen, so that is not kept.
pub fn identity(kind: IdentityKind, number: &str) -> Result<PersonalIdentity, InvalidIdentity> {
    let is_kept = |letter: &char| !matches!(letter, '-' | ' ');
    let number: String = number.chars().filter(is_kept).collect();
    PersonalIdentity::new(kind, &number)
}

/// Why a number was refused, in Swedish and English.
#[must_use]
pub const fn why_no_identity(why: InvalidIdentity) -> (&'static str, &'static str) {
    match why {
        InvalidIdentity::Form => (
            "har inte formen för sådana nummer (tolv siffror)",
            "has not the form of such a number (twelve digits)",
        ),
        InvalidIdentity::Date => {
            ("har ett födelsedatum som inte finns", "holds a date of birth that does not exist")
        }
        InvalidIdentity::CheckDigit => ("har fel kontrollsiffra", "has a wrong check digit"),
        InvalidIdentity::ReserveForm => (
            "har inte formen för ett reservnummer (6 till 20 bokstäver och siffror)",
            "has not the form of a reserve number (6 to 20 letters and digits)",
        ),
    }
}

/// A party that a hospital can judge to be needed: one outside the hospital, known to this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutsideParty {
    /// The region's open care (öppenvård).
    OpenCare,
    /// The municipality's health care (kommunal hälso- och sjukvård).
    MunicipalHealthCare,
    /// The municipality's social services (socialtjänst).
    SocialServices,
}

impl From<OutsideParty> for Party {
    fn from(party: OutsideParty) -> Self {
        match party {
            OutsideParty::OpenCare => Self::OpenCare,
            OutsideParty::MunicipalHealthCare => Self::MunicipalHealthCare,
            OutsideParty::SocialServices => Self::SocialServices,
        }
    }
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
        for written in ["18900101-9802", "189001019802", "18900101 9802"] {
            let number = identity(IdentityKind::Personal, written).unwrap();
            assert_eq!(number.expose(), "189001019802");
        }
        for wrong in ["900101-2385", "9001012385", "1890010198020", "18900101980A", ""] {
            assert!(identity(IdentityKind::Personal, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_told_apart_from_a_wrong_form() {
        let why = identity(IdentityKind::Personal, "189001019803").unwrap_err();
        assert_eq!(why_no_identity(why).1, "has a wrong check digit");
    }

    #[test]
    fn a_reserve_number_may_hold_letters() {
        let number = identity(IdentityKind::Reserve, "19900101-a12b").unwrap();
        assert_eq!(number.expose(), "19900101A12B");
        assert!(identity(IdentityKind::Reserve, "12").is_err());
    }

    #[test]
    fn a_key_fits_an_index() {
        assert!(is_key("V-1"));
        assert!(is_key(&"å".repeat(MAX_KEY)));
        assert!(!is_key(&"å".repeat(MAX_KEY + 1)));
        assert!(!is_key("") && !is_key("a\nb"));
    }
}
