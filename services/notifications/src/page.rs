//! The page behind an alert's link: case reference, duty, time, and one button.
//!
//! Opening it changes nothing, since mail scanners open links; the button posts to the same
//! address, and the answer to that is a redirect (303) back to it, where the page then shows
//! that it is acknowledged and a reload repeats nothing. It needs no script and loads one style sheet.
//!
//! It is in the recipient's language; `?lang=en` and `?lang=sv` are the same page in English and in
//! Swedish, and a link leads there and back. All addresses in it are relative, so that the service
//! may stand under a path.

use askama::Template;
use chrono::{DateTime, Utc};
use contracts::CaseRef;
use contracts::commands::Language;

use crate::domain::link::LinkError;
use crate::domain::telling::Telling;
use crate::templates::{Line, lines, words};

/// Where the pages look for [`STYLESHEET`].
pub const STYLESHEET_PATH: &str = "/assets/page.css";

/// The style sheet, to be served as `text/css`. It may be cached.
pub const STYLESHEET: &str = include_str!("../assets/page.css");

/// Headers that every one of these pages is served with. The address is the key to the page, so
/// it is neither passed on nor kept; and without a referrer browsers post with `Origin: null`.
pub const HEADERS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
];

/// How things stand with the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has acknowledged it.
    Open,
    /// Somebody has, and when.
    Acknowledged(DateTime<Utc>),
    /// It is no longer true: the duty was met, or fell away.
    Over,
}

#[derive(Template)]
#[template(path = "page/alert.html")]
struct AlertTemplate<'a> {
    language: Language,
    words: &'static Words,
    case: &'a CaseRef,
    headline: &'static str,
    explanation: &'static str,
    overdue: bool,
    lines: Vec<Line<'a>>,
    state: State,
}

#[derive(Template)]
#[template(path = "page/unusable.html")]
struct UnusableTemplate {
    language: Language,
    words: &'static Words,
    title: &'static str,
    advice: &'static str,
}

#[derive(Template)]
#[template(path = "page/unavailable.html")]
struct UnavailableTemplate {
    language: Language,
    words: &'static Words,
    english: &'static Words,
}

/// The page of an alert.
pub fn render_alert(telling: &Telling, state: State, language: Language) -> askama::Result<String> {
    AlertTemplate {
        language,
        words: Words::of(language),
        case: &telling.case,
        headline: words::headline(telling.what, language),
        explanation: words::explanation(telling, language),
        overdue: telling.what.is_overdue() && state != State::Over,
        lines: lines(telling, language),
        state,
    }
    .render()
}

/// The page of a link that does not work. It tells an expired link, which its recipient can do
/// something about, from all others, and nothing more.
pub fn render_unusable(error: LinkError, language: Language) -> askama::Result<String> {
    let words = Words::of(language);
    let (title, advice) = match error {
        LinkError::Expired => words.expired,
        LinkError::Malformed | LinkError::Forged => words.invalid,
    };
    UnusableTemplate { language, words, title, advice }.render()
}

/// The page that is shown when nothing could be read or written, in both languages: whose it is, is
/// not known.
pub fn render_unavailable() -> askama::Result<String> {
    UnavailableTemplate { language: Language::Sv, words: &SV, english: &EN }.render()
}

/// The fixed words of the pages in one language.
struct Words {
    case: &'static str,
    language_nav: &'static str,
    other_language: Language,
    other_language_name: &'static str,
    acknowledge: &'static str,
    hint: &'static str,
    acknowledged: &'static str,
    still_to_do: &'static str,
    over: &'static str,
    footer: &'static str,
    expired: (&'static str, &'static str),
    invalid: (&'static str, &'static str),
    unavailable: (&'static str, &'static str),
}

impl Words {
    const fn of(language: Language) -> &'static Self {
        match language {
            Language::Sv => &SV,
            Language::En => &EN,
        }
    }
}

static SV: Words = Words {
    case: "Ärende",
    language_nav: "Språk",
    other_language: Language::En,
    other_language_name: "English",
    acknowledge: "Jag har sett detta – kvittera",
    hint: "Att kvittera stoppar upprepningar. Uppgiften är klar först när den är utförd, inte när du kvitterar.",
    acknowledged: "Kvitterat",
    still_to_do: "Det som ska göras är kvar att göra.",
    over: "Det här gäller inte längre. Du behöver inte göra något.",
    footer: "Den här sidan visar inga uppgifter om någon person.",
    expired: ("Länken har gått ut", "Använd länken i det senaste meddelandet om ärendet."),
    invalid: (
        "Länken fungerar inte",
        "Den kan ha kapats när den kopierades. Öppna den direkt från meddelandet.",
    ),
    unavailable: ("Inte kvitterat. Försök igen.", "Tjänsten kan inte svara just nu."),
};

static EN: Words = Words {
    case: "Case",
    language_nav: "Language",
    other_language: Language::Sv,
    other_language_name: "Svenska",
    acknowledge: "I have seen this – acknowledge",
    hint: "To acknowledge stops repeats. The task is done when it has been carried out, not when you acknowledge.",
    acknowledged: "Acknowledged",
    still_to_do: "What is to be done is still to be done.",
    over: "This no longer applies. You need not do anything.",
    footer: "This page shows nothing about any person.",
    expired: ("The link has expired", "Use the link in the latest message about the case."),
    invalid: (
        "The link does not work",
        "It may have been cut off when it was copied. Open it straight from the message.",
    ),
    unavailable: ("Not acknowledged. Try again.", "The service cannot answer just now."),
};

#[cfg(test)]
mod tests;
