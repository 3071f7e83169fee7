//! What people write about a patient. It goes into commands and into the answers of queries, never
//! into an event, and it does not print itself.

use std::str::FromStr;

/// A text of a person's: an intervention, a goal, a place, a name. Between one and 4,000 characters
/// once the blanks around it are gone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FreeText(String);

/// The text is none, or too much. Says the form, never the value.
#[derive(Debug, thiserror::Error)]
#[error("a text has between one and 4,000 characters, none of which steers a terminal")]
pub struct NoFreeText;

impl FreeText {
    const LONGEST: usize = 4_000;

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FreeText {
    type Err = NoFreeText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().replace("\r\n", "\n");
        let steers = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
        let fits = (1..=Self::LONGEST).contains(&text.chars().count());
        if fits && !text.contains(steers) { Ok(Self(text)) } else { Err(NoFreeText) }
    }
}

crate::hsa::text_type!(redacted FreeText, "\\S");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_without_the_blanks_around_it() {
        let text: FreeText = " gå till brevlådan\nvarje dag ".parse().unwrap();
        assert_eq!(text.as_str(), "gå till brevlådan\nvarje dag");
    }

    #[test]
    fn nothing_too_much_and_what_steers_a_terminal_is_no_text() {
        let long = "å".repeat(4_001);
        for text in ["", " \n ", "a\u{0}b", "a\u{1b}[2J", &long] {
            assert!(text.parse::<FreeText>().is_err());
        }
        assert!("å".repeat(4_000).parse::<FreeText>().is_ok());
    }

    #[test]
    fn a_text_does_not_print_itself() {
        let text: FreeText = "hemtjänst".parse().unwrap();
        assert_eq!(format!("{text:?}"), "FreeText(***)");
    }
}
