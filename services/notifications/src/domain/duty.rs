//! A duty in words that its owner knows it by.

use chrono::{DateTime, Utc};

use super::language::Language;

/// The longest title that is shown, in characters.
const LONGEST_TITLE: usize = 60;

/// A duty as an alert names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The rulebook's id of the line, as `K06`.
    pub rule: String,
    /// What to call it when `rule` is unknown here: regions write lines of their own.
    pub title: Title,
    /// Its time.
    pub due: Due,
}

impl Duty {
    /// What is to be done, in words.
    #[must_use]
    pub fn words(&self, language: Language) -> &str {
        known(&self.rule, language).unwrap_or_else(|| self.title.get(language))
    }
}

/// The time of a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// An instant.
    At(DateTime<Utc>),
    /// The discharge, whenever that is.
    BeforeDischarge,
    /// None, by its source.
    NoClock,
}

/// A duty's title from the rulebook, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    sv: String,
    en: String,
}

impl Title {
    /// Keeps one line of each, at most 60 characters: titles end up in subjects and SMS.
    #[must_use]
    pub fn new(sv: &str, en: &str) -> Self {
        Self { sv: one_line(sv), en: one_line(en) }
    }

    fn get(&self, language: Language) -> &str {
        match language {
            Language::Sv => &self.sv,
            Language::En => &self.en,
        }
    }
}

fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_TITLE).collect()
}

/// Words for the lines of the national base.
fn known(rule: &str, language: Language) -> Option<&'static str> {
    let (sv, en) = match rule {
        "K02" => ("Fyll i inskrivningsmeddelandet", "Complete the admission notice"),
        "K06" => ("Utse fast vårdkontakt", "Appoint a care contact"),
        "K07" => ("Utse huvudhandläggare", "Appoint a lead officer"),
        "K08" => ("Rapportera pågående insatser", "Report current support"),
        "K43" => ("Kalla till SIP", "Call the SIP meeting"),
        "LAW-2-5" => ("Namnge fast vårdkontakt", "Name a care contact"),
        _ => return None,
    };
    Some(match language {
        Language::Sv => sv,
        Language::En => en,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(rule: &str) -> Duty {
        let title = Title::new("Boka\r\nBcc: hem", "Book\tit");
        Duty { rule: rule.to_owned(), title, due: Due::NoClock }
    }

    #[test]
    fn a_known_rule_has_our_words() {
        assert_eq!(duty("K06").words(Language::Sv), "Utse fast vårdkontakt");
        assert_eq!(duty("K06").words(Language::En), "Appoint a care contact");
    }

    #[test]
    fn an_unknown_rule_has_the_rulebooks_title_on_one_line() {
        assert_eq!(duty("X99").words(Language::Sv), "Boka Bcc: hem");
        assert_eq!(duty("X99").words(Language::En), "Book it");
    }

    #[test]
    fn a_long_title_is_cut() {
        let long = Title::new(&"å".repeat(200), "");
        assert_eq!(long.get(Language::Sv).chars().count(), 60);
    }
}
