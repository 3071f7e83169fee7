//! The words of invitations. The mail's text says what its calendar part says, for whoever has no
//! program that reads it.

use askama::Template;
use contracts::CaseRef;
use contracts::commands::Language;

use super::{MailText, words};
use crate::domain::meetings::{Invitation, Method};
use crate::domain::sms_text::SmsText;

/// Defines the templates of one language: the same fields, files of its own.
macro_rules! language_templates {
    ($module:ident, $mail:literal, $sms:literal) => {
        mod $module {
            #[derive(askama::Template)]
            #[template(path = $mail)]
            pub(super) struct Mail<'a>(pub(super) &'a super::Fields);

            #[derive(askama::Template)]
            #[template(path = $sms)]
            pub(super) struct Sms<'a>(pub(super) &'a super::Fields);
        }
    };
}

language_templates!(sv, "sv/meeting_mail.txt", "sv/meeting_sms.txt");
language_templates!(en, "en/meeting_mail.txt", "en/meeting_sms.txt");

/// All that a template is given.
struct Fields {
    case: Option<CaseRef>,
    headline: &'static str,
    explanation: &'static str,
    span: String,
    form: Option<&'static str>,
    repeated: bool,
    is_cancelled: bool,
}

impl Fields {
    fn of(invitation: &Invitation, language: Language, repeated: bool) -> Self {
        Self {
            case: invitation.case,
            headline: words::meeting_headline(invitation, language),
            explanation: words::meeting_explanation(invitation, language),
            span: words::span(invitation.starts_at, invitation.ends_at, language),
            form: invitation.form.map(|form| words::form(form, language)),
            repeated,
            is_cancelled: invitation.method == Method::Cancel,
        }
    }
}

/// The mail that tells of a meeting; its subject is what the SMS says.
pub fn invitation_mail(
    invitation: &Invitation,
    language: Language,
    repeated: bool,
) -> askama::Result<MailText> {
    let fields = &Fields::of(invitation, language, repeated);
    let (subject, text) = match language {
        Language::Sv => (sv::Sms(fields).render()?, sv::Mail(fields).render()?),
        Language::En => (en::Sms(fields).render()?, en::Mail(fields).render()?),
    };
    Ok(MailText { subject, text, language })
}

/// The SMS that tells of a meeting.
pub fn invitation_sms(
    invitation: &Invitation,
    language: Language,
    repeated: bool,
) -> askama::Result<SmsText> {
    let fields = &Fields::of(invitation, language, repeated);
    let text = match language {
        Language::Sv => sv::Sms(fields).render()?,
        Language::En => en::Sms(fields).render()?,
    };
    Ok(SmsText::new(&text))
}

#[cfg(test)]
mod tests;
