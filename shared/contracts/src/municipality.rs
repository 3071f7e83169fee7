//! The code of a municipality: four digits by Statistics Sweden, county first (2080 is Falun).

use std::str::FromStr;

use crate::hsa::text_type;

/// A municipality's code. Together with a listed care centre it says where a patient lives, so it
/// does not print itself either; routing rules that must show it use [`MunicipalityCode::as_str`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MunicipalityCode(String);

/// The text is no municipality code. Says the form, never the value.
#[derive(Debug, thiserror::Error)]
#[error("a municipality code is four digits, of which the first two are a county from 01 to 25")]
pub struct InvalidMunicipalityCode;

impl MunicipalityCode {
    /// The four digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MunicipalityCode {
    type Err = InvalidMunicipalityCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let county = text.get(..2).and_then(|county| county.parse::<u8>().ok());
        match county {
            Some(1..=25) if digits && !text.ends_with("00") => Ok(Self(text.to_owned())),
            _ => Err(InvalidMunicipalityCode),
        }
    }
}

text_type!(redacted MunicipalityCode, "^(0[1-9]|1[0-9]|2[0-5])[0-9]{2}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_digits_in_a_county_are_a_municipality() {
        assert_eq!("2080".parse::<MunicipalityCode>().unwrap().as_str(), "2080");
        for text in ["", "208", "20800", "2600", "0080", "20a0", "2000"] {
            assert!(text.parse::<MunicipalityCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_municipality_does_not_print_itself() {
        let code: MunicipalityCode = "2080".parse().unwrap();
        assert!(!format!("{code:?}").contains("2080"));
    }
}
