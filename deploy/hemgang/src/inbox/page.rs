//! The page. Swedish is the default; `?lang=en` is the same page in English.

mod words;

use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::links::{Part, parts};
use super::store::{Channel, Kept, Store, Wanted};
use words::Words;

/// So many messages are on a page.
const ON_A_PAGE: usize = 25;
/// So many characters of a message without a subject are its heading.
const OPENING: usize = 24;
/// How often the page is loaded anew by itself when somebody wants that, in seconds.
const AGAIN_S: u32 = 5;

/// What the address asks for. What cannot be understood asks for nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    lang: String,
    channel: String,
    to: String,
    before: String,
    again: String,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page<'a> {
    words: &'static Words,
    asked: &'a Asked,
    again_s: Option<u32>,
    recipients: Vec<String>,
    total: usize,
    messages: Vec<Shown<'a>>,
    older: Option<String>,
}

struct Shown<'a> {
    kept: &'a Kept,
    /// The language of a mail; of an SMS nothing tells it.
    language: Option<&'a str>,
    /// The first words, where there is no subject.
    opening: String,
    received: String,
    domain: Option<String>,
    parts: Vec<Part<'a>>,
}

/// Renders the page.
pub(crate) fn render(store: &Store, asked: &Asked) -> askama::Result<String> {
    let wanted = asked.wanted();
    let found = store.newest_first(&wanted);
    let total = store.newest_first(&Wanted { before: None, ..wanted }).len();
    let on_page = found.get(..ON_A_PAGE).unwrap_or(&found);
    let last = on_page.last().filter(|_| found.len() > ON_A_PAGE);
    Page {
        words: Words::of(&asked.lang),
        asked,
        again_s: asked.is_again().then_some(AGAIN_S),
        recipients: store.recipients().into_iter().collect(),
        total,
        messages: on_page.iter().map(Shown::from).collect(),
        older: last.map(|last| Asked { before: last.number.to_string(), ..asked.clone() }.link()),
    }
    .render()
}

impl Asked {
    /// Which messages are asked for.
    pub(crate) fn wanted(&self) -> Wanted {
        let channel = match self.channel.as_str() {
            "email" => Some(Channel::Email),
            "sms" => Some(Channel::Sms),
            _ => None,
        };
        let to = Some(self.to.trim().to_owned()).filter(|to| !to.is_empty());
        Wanted { channel, to, before: self.before.parse().ok() }
    }

    /// Whether some messages are left out.
    fn selects(&self) -> bool {
        !(self.channel.is_empty() && self.to.trim().is_empty())
    }

    fn is_again(&self) -> bool {
        self.again == "1" && self.before.is_empty()
    }

    /// The address that asks for this.
    fn link(&self) -> String {
        let all = [
            ("lang", &self.lang),
            ("channel", &self.channel),
            ("to", &self.to),
            ("before", &self.before),
            ("again", &self.again),
        ];
        let said = all.iter().filter(|(_, value)| !value.is_empty());
        let pairs = said.map(|(name, value)| {
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        });
        format!("/?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    fn in_language(&self, lang: &str) -> String {
        Self { lang: lang.to_owned(), ..self.clone() }.link()
    }

    /// The newest messages, loaded again by themselves or not.
    fn newest(&self, again: bool) -> String {
        let again = if again { "1" } else { "" };
        Self { before: String::new(), again: again.to_owned(), ..self.clone() }.link()
    }
}

impl<'a> From<&'a Kept> for Shown<'a> {
    fn from(kept: &'a Kept) -> Self {
        Self {
            kept,
            // Only what is a tag: it goes into the page.
            language: kept.language.as_deref().filter(|tag| ["sv", "en"].contains(tag)),
            opening: kept.text.chars().take(OPENING).chain(['…']).collect(),
            received: moment(kept.received_at, "%Y-%m-%d %H:%M:%S"),
            domain: kept.domain_at.map(|at| moment(at, "%Y-%m-%d %H:%M")),
            parts: parts(&kept.text),
        }
    }
}

/// In Swedish time.
fn moment(at: DateTime<Utc>, format: &str) -> String {
    at.with_timezone(&Stockholm).format(format).to_string()
}

#[cfg(test)]
mod tests;
