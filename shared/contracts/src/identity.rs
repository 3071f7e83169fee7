//! The number that identifies a patient: personal number, coordination number or reserve number.
//!
//! Never published. `admissions` stores it and shows it in the answer to `read_notice`, to a unit
//! that the case is routed to. The types do not print themselves, and errors never repeat a value.

use std::fmt;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which register the number comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// Personnummer (folkbokföringslagen 1991:481, 18 §).
    Personal,
    /// Samordningsnummer: as a personal number with 60 added to the day (2022:1697).
    Coordination,
    /// Reservnummer that a region has issued; its form is the region's own.
    Reserve,
}

/// A checked identity number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct PersonalIdentity {
    kind: IdentityKind,
    value: String,
}

/// The wire form, before the value is checked.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Unchecked {
    kind: IdentityKind,
    value: String,
}

/// Why a number was refused. Never holds the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentity {
    /// Not twelve digits, or ten with a separator.
    #[error("a personal or coordination number has twelve digits, YYYYMMDDNNNN")]
    Form,
    /// The birth date in it does not exist.
    #[error("the date in the number does not exist")]
    Date,
    /// The last digit does not fit the others.
    #[error("the check digit is wrong")]
    CheckDigit,
    /// A reserve number that is empty, too long or has odd characters.
    #[error("a reserve number has 6 to 20 letters, digits or hyphens")]
    ReserveForm,
}

impl PersonalIdentity {
    /// Checks a number of a known kind. Twelve digits, with or without `-` before the last four.
    pub fn new(kind: IdentityKind, text: &str) -> Result<Self, InvalidIdentity> {
        let value = match kind {
            IdentityKind::Personal => numbered(text, 0)?,
            IdentityKind::Coordination => numbered(text, 60)?,
            IdentityKind::Reserve => reserve(text)?,
        };
        Ok(Self { kind, value })
    }

    /// Reads a twelve-digit number whose kind follows from its day.
    pub fn personal_or_coordination(text: &str) -> Result<Self, InvalidIdentity> {
        Self::new(IdentityKind::Personal, text)
            .or_else(|_| Self::new(IdentityKind::Coordination, text))
    }

    /// The register.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// The number itself: to store it, and to show it to who may see it. Named so that a reviewer
    /// finds every use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }
}

fn numbered(text: &str, added_to_day: u32) -> Result<String, InvalidIdentity> {
    let digits: Vec<u32> = text
        .trim()
        .chars()
        .filter(|c| *c != '-')
        .map(|c| c.to_digit(10))
        .collect::<Option<_>>()
        .ok_or(InvalidIdentity::Form)?;
    let [y1, y2, y3, y4, m1, m2, d1, d2, ..] = digits[..] else {
        return Err(InvalidIdentity::Form);
    };
    if digits.len() != 12 {
        return Err(InvalidIdentity::Form);
    }
    let year = i32::try_from(y1 * 1000 + y2 * 100 + y3 * 10 + y4).unwrap_or(0);
    let day = (d1 * 10 + d2).checked_sub(added_to_day).ok_or(InvalidIdentity::Date)?;
    let date = NaiveDate::from_ymd_opt(year, m1 * 10 + m2, day);
    if date.is_none() || !(1800..2200).contains(&year) {
        return Err(InvalidIdentity::Date);
    }
    if !luhn(digits.iter().skip(2)) {
        return Err(InvalidIdentity::CheckDigit);
    }
    Ok(digits.iter().filter_map(|d| char::from_digit(*d, 10)).collect())
}

/// Modulus 10 over the ten last digits, the first of them doubled.
fn luhn<'a>(digits: impl Iterator<Item = &'a u32>) -> bool {
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit * 2 } else { *digit })
        .map(|product| product / 10 + product % 10)
        .sum();
    sum.is_multiple_of(10)
}

fn reserve(text: &str) -> Result<String, InvalidIdentity> {
    let text = text.trim().to_ascii_uppercase();
    let fits = (6..=20).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(text) } else { Err(InvalidIdentity::ReserveForm) }
}

impl TryFrom<Unchecked> for PersonalIdentity {
    type Error = InvalidIdentity;

    fn try_from(from: Unchecked) -> Result<Self, Self::Error> {
        Self::new(from.kind, &from.value)
    }
}

impl From<PersonalIdentity> for Unchecked {
    fn from(from: PersonalIdentity) -> Self {
        Self { kind: from.kind, value: from.value }
    }
}

impl fmt::Debug for PersonalIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalIdentity({:?}, ***)", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tax_agencys_test_number_is_a_personal_number() {
        let id = PersonalIdentity::new(IdentityKind::Personal, "19121212-1212").unwrap();
        assert_eq!(id.expose(), "191212121212");
        assert!(!format!("{id:?}").contains("1212"));
    }

    #[test]
    fn sixty_added_to_the_day_makes_a_coordination_number() {
        let id = PersonalIdentity::personal_or_coordination("197010632391").unwrap();
        assert_eq!(id.kind(), IdentityKind::Coordination);
    }

    #[test]
    fn a_wrong_number_is_refused_with_its_reason() {
        use IdentityKind::{Personal, Reserve};
        let refused = |kind, text| PersonalIdentity::new(kind, text).unwrap_err();
        assert_eq!(refused(Personal, "191212121213"), InvalidIdentity::CheckDigit);
        assert_eq!(refused(Personal, "191213121212"), InvalidIdentity::Date);
        assert_eq!(refused(Personal, "1212121212"), InvalidIdentity::Form);
        assert_eq!(refused(Personal, "19121212121x"), InvalidIdentity::Form);
        assert_eq!(refused(Reserve, "ab c"), InvalidIdentity::ReserveForm);
    }
}
