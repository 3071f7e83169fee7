//! What mail, SMS and page say alike: what has happened in a few words and in a sentence, and a time.

mod news;

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::commands::Language;
use contracts::ledger::StepKind;
use contracts::sip::MeetingForm;

use crate::domain::meetings::{Invitation, Method};
use crate::domain::telling::{Telling, What};

const WEEKDAYS_SV: [&str; 7] = ["mån", "tis", "ons", "tor", "fre", "lör", "sön"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_SV: [&str; 12] =
    ["jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"];
const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What has happened in a few words, for subjects and SMS.
#[must_use]
pub fn headline(what: What, language: Language) -> &'static str {
    let (sv, en) = match what {
        What::News(kind) => news::headline(kind),
        What::Step(StepKind::Reminder) => ("påminnelse", "reminder"),
        What::Step(StepKind::ReminderAtReady | StepKind::ReminderAtEstimate) => {
            ("före utskrivningen", "before discharge")
        }
        What::Step(StepKind::Unit) => ("missat", "missed"),
        What::Step(StepKind::Manager) => ("till chef, ej gjort", "to manager, not done"),
        What::Step(StepKind::Principal) => ("till huvudman, ej gjort", "to principal, not done"),
        What::Step(StepKind::Unknown) => ("att göra", "to do"),
    };
    pick(language, sv, en)
}

/// What has happened in a sentence, for mail and page.
#[must_use]
pub fn explanation(telling: &Telling, language: Language) -> &'static str {
    let (sv, en) = match telling.what {
        What::News(kind) => news::explanation(kind, telling.duties.is_empty()),
        What::Step(kind) => step(kind),
    };
    pick(language, sv, en)
}

const fn step(kind: StepKind) -> (&'static str, &'static str) {
    match kind {
        StepKind::Reminder => (
            "Det här är inte gjort, och tiden går snart ut:",
            "This is not done, and its time will soon run out:",
        ),
        StepKind::ReminderAtReady => (
            "Meddelande om utskrivningsklar har kommit. Det här är inte gjort och ska vara gjort före utskrivningen:",
            "A notice of readiness for discharge has come. This is not done and has to be before the discharge:",
        ),
        StepKind::ReminderAtEstimate => (
            "Den beräknade tidpunkten för utskrivning är här. Det här är inte gjort och ska vara gjort före utskrivningen:",
            "The estimated time of discharge has come. This is not done and has to be before the discharge:",
        ),
        StepKind::Unit => (
            "Det här är inte gjort, och tiden har gått ut:",
            "This is not done, and its time has run out:",
        ),
        StepKind::Manager => (
            "Till chefen: enheten har fått veta att tiden gått ut. Det här är fortfarande inte gjort:",
            "To the manager: the unit was told that the time has run out. This is still not done:",
        ),
        StepKind::Principal => (
            "Till huvudmannen: enhet och chef har fått veta att tiden gått ut. Det här är fortfarande inte gjort:",
            "To the principal: unit and manager were told that the time has run out. This is still not done:",
        ),
        StepKind::Unknown => ("Det här är inte gjort:", "This is not done:"),
    }
}

/// What people meet for.
pub const MEETING: (&str, &str) = ("SIP-möte", "SIP meeting");

/// What has happened to a meeting in a few words, for subjects and SMS.
#[must_use]
pub fn meeting_headline(invitation: &Invitation, language: Language) -> &'static str {
    let (sv, en) = match invitation.method {
        Method::Request if invitation.changes => ("ändrat SIP-möte", "SIP meeting changed"),
        Method::Request => ("SIP-möte", "SIP meeting"),
        Method::Cancel => ("SIP-möte utgår", "SIP meeting off"),
    };
    pick(language, sv, en)
}

/// What has happened to a meeting in a sentence.
#[must_use]
pub fn meeting_explanation(invitation: &Invitation, language: Language) -> &'static str {
    let (sv, en) = match invitation.method {
        Method::Request if invitation.changes => (
            "Ett SIP-möte som enheten är kallad till är ändrat. Det här gäller nu:",
            "A SIP meeting to which the unit is called has changed. This holds now:",
        ),
        Method::Request => {
            ("Enheten är kallad till ett SIP-möte:", "The unit is called to a SIP meeting:")
        }
        Method::Cancel => (
            "Enheten är inte längre kallad till det här SIP-mötet:",
            "The unit is no longer called to this SIP meeting:",
        ),
    };
    pick(language, sv, en)
}

/// How people meet.
#[must_use]
pub fn form(form: MeetingForm, language: Language) -> &'static str {
    let (sv, en) = match form {
        MeetingForm::Ward => ("på avdelningen", "on the ward"),
        MeetingForm::Reception => ("på mottagning", "at a reception"),
        MeetingForm::Home => ("i hemmet", "at home"),
        MeetingForm::Video => ("videomöte", "by video"),
        MeetingForm::Telephone => ("telefonmöte", "by telephone"),
        MeetingForm::Unknown => ("på annat sätt", "in another way"),
    };
    pick(language, sv, en)
}

/// From when until when, on the wall in Sweden; the end's day only when it is another.
#[must_use]
pub fn span(from: DateTime<Utc>, until: DateTime<Utc>, language: Language) -> String {
    let (first, last) = (from.with_timezone(&Stockholm), until.with_timezone(&Stockholm));
    let from = time(from, language);
    if first.date_naive() != last.date_naive() {
        return format!("{from}–{}", time(until, language));
    }
    let (hour, minute) = (last.hour(), last.minute());
    match language {
        Language::Sv => format!("{from}–{hour:02}.{minute:02}"),
        Language::En => format!("{from}–{hour:02}:{minute:02}"),
    }
}

/// A duty's time in words; `overdue` when it has run out.
#[must_use]
pub fn due(at: DateTime<Utc>, overdue: bool, language: Language) -> String {
    let words =
        if overdue { pick(language, "gick ut", "was due") } else { pick(language, "senast", "by") };
    format!("{words} {}", time(at, language))
}

/// An instant as people in Sweden write it: `tis 24 nov kl. 14.00`, `Tue 24 Nov 14:00`.
#[must_use]
pub fn time(instant: DateTime<Utc>, language: Language) -> String {
    let local = instant.with_timezone(&Stockholm);
    let weekday = pick(language, WEEKDAYS_SV, WEEKDAYS_EN);
    let weekday = weekday.into_iter().nth(local.weekday().num_days_from_monday() as usize);
    let month = pick(language, MONTHS_SV, MONTHS_EN).into_iter().nth(local.month0() as usize);
    let (weekday, month) = (weekday.unwrap_or_default(), month.unwrap_or_default());
    let (day, hour, minute) = (local.day(), local.hour(), local.minute());
    match language {
        Language::Sv => format!("{weekday} {day} {month} kl. {hour:02}.{minute:02}"),
        Language::En => format!("{weekday} {day} {month} {hour:02}:{minute:02}"),
    }
}

/// The tag of RFC 5646, as in HTML's `lang`.
#[must_use]
pub fn tag(language: Language) -> &'static str {
    pick(language, "sv", "en")
}

/// The language with this tag; Swedish when there is none.
#[must_use]
pub fn from_tag(tag: Option<&str>) -> Language {
    match tag {
        Some("en") => Language::En,
        _ => Language::Sv,
    }
}

pub(crate) const fn pick<T: Copy>(language: Language, sv: T, en: T) -> T {
    match language {
        Language::Sv => sv,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rfc3339: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(rfc3339).expect("an instant").to_utc()
    }

    #[test]
    fn a_time_is_written_as_it_is_on_the_wall_in_sweden() {
        assert_eq!(time(at("2026-11-24T13:00:00Z"), Language::Sv), "tis 24 nov kl. 14.00");
        assert_eq!(time(at("2026-07-01T06:05:00Z"), Language::Sv), "ons 1 juli kl. 08.05");
        assert_eq!(time(at("2026-12-31T23:30:00Z"), Language::En), "Fri 1 Jan 00:30");
    }

    #[test]
    fn a_missed_time_is_said_to_have_run_out() {
        let missed = due(at("2026-11-24T13:00:00Z"), true, Language::Sv);
        assert_eq!(missed, "gick ut tis 24 nov kl. 14.00");
    }
}
