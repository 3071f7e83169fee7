//! Who an SMS says that it is from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::phone::PhoneNumber;

/// Up to eleven ASCII letters and digits, at least one of them a letter, or a number in E.164: what
/// telephones show, and gateways refuse all else, one message at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SenderName(String);

/// Why a text cannot be a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 11 ASCII letters and digits, or a number of the form +46701740605")]
pub struct SenderNameError;

impl SenderName {
    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SenderName {
    type Error = SenderNameError;

    fn try_from(text: String) -> Result<Self, SenderNameError> {
        let is_number = || text.parse::<PhoneNumber>().is_ok_and(|number| number.as_str() == text);
        let is_name = (1..=11).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        if is_name || is_number() { Ok(Self(text)) } else { Err(SenderNameError) }
    }
}

impl From<SenderName> for String {
    fn from(SenderName(text): SenderName) -> Self {
        text
    }
}

impl fmt::Display for SenderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_short_name_or_a_number() {
        for good in ["Hemgang", "H", "1177Hemgang", "+46701740605"] {
            assert!(SenderName::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "Hemgång", "Hem gang", "HemgangHemgang", "12345", "0701740605", "+46"] {
            assert!(SenderName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
