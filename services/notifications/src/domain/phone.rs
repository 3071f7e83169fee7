//! A number that an SMS can be sent to.
//!
//! Numbers are imported by people who run units in Sweden, so the two shapes that they write,
//! international and Swedish national, are all that is read; anything else is refused at the
//! import instead of guessed. That takes a page of code. The `phonenumber` crate would add the
//! numbering plans of the whole world, a regex cache and an XML parser, and still could not tell
//! whether a number is in use: only the operator's delivery report can.

use std::fmt;
use std::str::FromStr;

/// A telephone number in E.164: `+` and 8 to 15 digits.
///
/// Prints itself redacted; [`PhoneNumber::as_str`] is for the provider only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no telephone number. Never says which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// Something else than digits, a leading plus and the separators that people use.
    #[error(
        "a telephone number may hold digits, a leading plus, spaces, hyphens, dots and parentheses"
    )]
    Character,
    /// Neither `+46 …`, `0046 …` nor `0…`.
    #[error("a telephone number must be international (+46…) or Swedish national (0…)")]
    Form,
    /// Too few or too many digits.
    #[error("a telephone number has the wrong number of digits")]
    Length,
}

impl PhoneNumber {
    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // "+46 (0)70" is how a Swedish number is often printed: the zero is for callers at home.
        let compact = compact(&text.replace("(0)", ""))?;
        let international = if let Some(rest) = compact.strip_prefix('+') {
            rest.to_owned()
        } else if let Some(rest) = compact.strip_prefix("00") {
            rest.to_owned()
        } else if let Some(rest) = compact.strip_prefix('0') {
            format!("46{rest}")
        } else {
            return Err(PhoneNumberError::Form);
        };
        check(&international)?;
        Ok(Self(format!("+{international}")))
    }
}

/// The digits of `text` with a leading plus, if it has one.
fn compact(text: &str) -> Result<String, PhoneNumberError> {
    let mut compact = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '0'..='9' => compact.push(c),
            '+' if compact.is_empty() => compact.push(c),
            ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2013}' | '.' | '/' | '(' | ')' => {}
            _ => return Err(PhoneNumberError::Character),
        }
    }
    Ok(compact)
}

/// Country code and national number, without the plus. No country code begins with 0, and a
/// Swedish national number has 7 to 9 digits after the 0 that callers abroad leave out.
fn check(international: &str) -> Result<(), PhoneNumberError> {
    if international.starts_with('0') || international.starts_with("460") {
        return Err(PhoneNumberError::Form);
    }
    let allowed = if international.starts_with("46") { 9..=11 } else { 8..=15 };
    if allowed.contains(&international.len()) { Ok(()) } else { Err(PhoneNumberError::Length) }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<String, PhoneNumberError> {
        text.parse::<PhoneNumber>().map(|number| number.as_str().to_owned())
    }

    #[test]
    fn the_forms_that_swedes_write_are_one_number() {
        for text in [
            "070-174 06 05",
            "0701740605",
            "+46701740605",
            "+46 70 174 06 05",
            "+46 (0)70-174 06 05",
            "0046 70 174 06 05",
            "070/174\u{a0}06\u{2011}05",
        ] {
            assert_eq!(parsed(text), Ok("+46701740605".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_foreign_number_keeps_its_country() {
        assert_eq!(parsed("+47 400 00 000"), Ok("+4740000000".to_owned()));
    }

    #[test]
    fn what_is_neither_international_nor_national_is_refused() {
        for text in ["", "701740605", "+0701740605", "000701740605", "+4600701740605"] {
            assert_eq!(parsed(text), Err(PhoneNumberError::Form), "{text}");
        }
    }

    #[test]
    fn letters_and_foreign_digits_are_refused() {
        for text in ["070-ANROPA", "070174060٥", "070+1740605"] {
            assert_eq!(parsed(text), Err(PhoneNumberError::Character), "{text}");
        }
    }

    #[test]
    fn too_short_and_too_long_numbers_are_refused() {
        for text in ["112", "0", "+", "+471234", "070174060512", "+1234567890123456"] {
            assert!(matches!(parsed(text), Err(PhoneNumberError::Length | PhoneNumberError::Form)));
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        let number: PhoneNumber = "070-1740605".parse().expect("a number");
        assert!(!format!("{number:?}").contains(|c: char| c.is_ascii_digit()));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_is_stable(text in "\\PC*") {
            if let Ok(number) = parsed(&text) {
                prop_assert_eq!(parsed(&number), Ok(number.clone()));
            }
        }

        #[test]
        fn every_swedish_mobile_number_is_read(digits in "7[0-9]{8}") {
            prop_assert_eq!(parsed(&format!("0{digits}")), Ok(format!("+46{digits}")));
        }
    }
}
