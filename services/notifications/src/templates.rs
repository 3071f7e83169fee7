//! The words of mails and SMS, in the language of the contact point alone: the page behind the
//! link offers both, and a text in two languages would be two SMS.
//!
//! A mail has plain text only. Every client and screen reader shows it, there is nothing in it to
//! lay out, and no image or style can be fetched from it.
//!
//! A message says the case's reference, what has happened, duties with their times, and the link; an
//! invitation when people meet and how, and has no link.
//! The types let nothing else in; the tests hold that the templates add nothing of their own.

mod digest;
mod meeting;
pub mod words;

use askama::Template;

use contracts::CaseRef;
use contracts::commands::Language;

use crate::domain::sms_text::SmsText;
use crate::domain::telling::Telling;

pub use self::digest::digest;
pub use self::meeting::{invitation_mail, invitation_sms};

/// What a message is made from.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// What it says.
    pub telling: &'a Telling,
    /// The contact point's language.
    pub language: Language,
    /// The address of the page behind it, with its token.
    pub link: &'a str,
    /// Whether an earlier attempt may have arrived: then it says so.
    pub repeated: bool,
}

/// A mail's subject and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// What both are in.
    pub language: Language,
}

/// One duty as a template shows it.
pub(crate) struct Line<'a> {
    pub(crate) title: &'a str,
    pub(crate) due: Option<String>,
}

/// The lines of an alert's duties.
pub(crate) fn lines(telling: &Telling, language: Language) -> Vec<Line<'_>> {
    let overdue = telling.what.is_overdue();
    telling
        .duties
        .iter()
        .map(|duty| Line {
            title: duty.title(language),
            due: duty.due.map(|at| words::due(at, overdue, language)),
        })
        .collect()
}

/// Defines the three templates of one language: the same fields, files of its own.
macro_rules! language_templates {
    ($module:ident, $subject:literal, $mail:literal, $sms:literal) => {
        mod $module {
            use super::{CaseRef, Line};

            #[derive(askama::Template)]
            #[template(path = $subject)]
            pub(super) struct Subject<'a> {
                pub(super) case: &'a CaseRef,
                pub(super) headline: &'a str,
                pub(super) lines: &'a [Line<'a>],
                pub(super) repeated: bool,
            }

            #[derive(askama::Template)]
            #[template(path = $mail)]
            pub(super) struct Mail<'a> {
                pub(super) case: &'a CaseRef,
                pub(super) explanation: &'a str,
                pub(super) lines: &'a [Line<'a>],
                pub(super) link: &'a str,
                pub(super) repeated: bool,
            }

            #[derive(askama::Template)]
            #[template(path = $sms)]
            pub(super) struct Sms<'a> {
                pub(super) case: &'a CaseRef,
                pub(super) headline: &'a str,
                pub(super) lines: &'a [Line<'a>],
                pub(super) link: &'a str,
                pub(super) repeated: bool,
            }
        }
    };
}

language_templates!(sv, "sv/subject.txt", "sv/mail.txt", "sv/sms.txt");
language_templates!(en, "en/subject.txt", "en/mail.txt", "en/sms.txt");

/// The mail that tells of an alert.
pub fn mail(message: &Message<'_>) -> askama::Result<MailText> {
    let &Message { telling, language, link, repeated } = message;
    let case = &telling.case;
    let headline = words::headline(telling.what, language);
    let explanation = words::explanation(telling, language);
    let lines = &lines(telling, language);
    let (subject, text) = match language {
        Language::Sv => (
            sv::Subject { case, headline, lines, repeated }.render()?,
            sv::Mail { case, explanation, lines, link, repeated }.render()?,
        ),
        Language::En => (
            en::Subject { case, headline, lines, repeated }.render()?,
            en::Mail { case, explanation, lines, link, repeated }.render()?,
        ),
    };
    Ok(MailText { subject, text, language })
}

/// The SMS that tells of an alert: of several duties the first, and how many more there are.
pub fn sms(message: &Message<'_>) -> askama::Result<SmsText> {
    let &Message { telling, language, link, repeated } = message;
    let case = &telling.case;
    let headline = words::headline(telling.what, language);
    let lines = &lines(telling, language);
    let text = match language {
        Language::Sv => sv::Sms { case, headline, lines, link, repeated }.render()?,
        Language::En => en::Sms { case, headline, lines, link, repeated }.render()?,
    };
    Ok(SmsText::new(&text))
}

#[cfg(test)]
mod tests;
