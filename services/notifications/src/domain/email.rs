//! An address that a mail can be sent to.

use std::fmt;
use std::str::FromStr;

use lettre::Address;

/// A mail address as lettre accepts it, within the length that SMTP can carry.
///
/// Prints itself redacted; [`EmailAddress::as_str`] is for storage and the mail server only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(Address);

/// Why a text is no mail address. Never says which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address of the form name@domain in ASCII, at most 254 characters")]
pub struct EmailAddressError;

/// RFC 5321, 4.5.3.1.3: a path has 256 octets, its angle brackets included.
const LONGEST: usize = 254;

impl EmailAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(crate) fn address(&self) -> Address {
        self.0.clone()
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    /// Refuses non-ASCII: it needs SMTPUTF8, and a unit must be reachable through any server.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if !text.is_ascii() || text.len() > LONGEST {
            return Err(EmailAddressError);
        }
        text.parse().map(Self).map_err(|_| EmailAddressError)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_read_without_the_space_around_it() {
        let address: EmailAddress = " jour.varden@example.se ".parse().expect("an address");
        assert_eq!(address.as_str(), "jour.varden@example.se");
    }

    #[test]
    fn what_could_smuggle_a_command_or_a_second_recipient_is_refused() {
        for text in [
            "",
            "varden",
            "varden@",
            "@example.se",
            "a@example.se, b@example.se",
            "a@example.se\r\nRCPT TO:<b@example.se>",
            "Vården <a@example.se>",
            "vården@example.se",
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError), "{text:?}");
        }
    }

    #[test]
    fn an_address_longer_than_smtp_carries_is_refused() {
        let text = format!("a@{}example.se", "b.".repeat(130));
        assert_eq!(text.parse::<EmailAddress>(), Err(EmailAddressError));
    }

    #[test]
    fn debug_shows_no_address() {
        let address: EmailAddress = "varden@example.se".parse().expect("an address");
        assert!(!format!("{address:?}").contains("varden"));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_none_keeps_a_line_break(text in any::<String>()) {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert!(!address.as_str().contains(['\r', '\n', ' ', '<', '>']));
            }
        }
    }
}
