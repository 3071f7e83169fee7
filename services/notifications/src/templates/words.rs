//! What mail, SMS and page say alike: a step in a few words and in a sentence, and a time.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Europe::Stockholm;

use crate::domain::alert::Step;
use crate::domain::duty::Due;
use crate::domain::language::Language;

const WEEKDAYS_SV: [&str; 7] = ["mån", "tis", "ons", "tor", "fre", "lör", "sön"];
const WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_SV: [&str; 12] =
    ["jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"];
const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A step in a few words, for subjects and SMS.
#[must_use]
pub fn headline(step: &Step, language: Language) -> &'static str {
    let (sv, en) = match step {
        Step::NoticeCame { .. } => ("nytt ärende", "new case"),
        Step::Reminder(_) => ("påminnelse", "reminder"),
        Step::Missed(_) => ("missat", "missed"),
        Step::EscalatedToManager(_) => ("till chef, ej gjort", "to manager, not done"),
        Step::EscalatedToPrincipal(_) => ("till huvudman, ej gjort", "to principal, not done"),
        Step::ReadyGiven { .. } => ("utskrivningsklar", "ready for discharge"),
        Step::ReadyRevoked => ("inte längre utskrivningsklar", "no longer ready for discharge"),
        Step::EstimateChanged => ("ny beräknad utskrivning", "new estimated discharge"),
        Step::CouldNotBeRouted => ("mottagare saknas", "no unit to receive it"),
        Step::StepReachedNobody(_) => ("larm nådde ingen", "alert reached nobody"),
    };
    pick(language, sv, en)
}

/// A step in a sentence, for mail and page.
#[must_use]
pub fn explanation(step: &Step, language: Language) -> &'static str {
    let (sv, en) = match step {
        Step::NoticeCame { duties } if duties.is_empty() => (
            "Ett inskrivningsmeddelande har kommit. Enheten ska läsa det.",
            "An admission notice has come. The unit is to read it.",
        ),
        Step::NoticeCame { .. } => (
            "Ett inskrivningsmeddelande har kommit. Det här ska enheten göra:",
            "An admission notice has come. This is what the unit is to do:",
        ),
        Step::Reminder(_) => (
            "Det här är inte gjort, och tiden går snart ut:",
            "This is not done, and its time will soon run out:",
        ),
        Step::Missed(_) => (
            "Det här är inte gjort, och tiden har gått ut:",
            "This is not done, and its time has run out:",
        ),
        Step::EscalatedToManager(_) => (
            "Till chefen: enheten har fått veta att tiden gått ut. Det här är fortfarande inte gjort:",
            "To the manager: the unit was told that the time has run out. This is still not done:",
        ),
        Step::EscalatedToPrincipal(_) => (
            "Till huvudmannen: enhet och chef har fått veta att tiden gått ut. Det här är fortfarande inte gjort:",
            "To the principal: unit and manager were told that the time has run out. This is still not done:",
        ),
        Step::ReadyGiven { duties } if duties.is_empty() => (
            "Meddelande om utskrivningsklar har kommit.",
            "A notice of readiness for discharge has come.",
        ),
        Step::ReadyGiven { .. } => (
            "Meddelande om utskrivningsklar har kommit. Det här ska enheten göra:",
            "A notice of readiness for discharge has come. This is what the unit is to do:",
        ),
        Step::ReadyRevoked => (
            "Meddelandet om utskrivningsklar är återtaget. Tider som räknades från det gäller inte längre.",
            "The notice of readiness for discharge is taken back. Times that ran from it no longer apply.",
        ),
        Step::EstimateChanged => (
            "Den beräknade tidpunkten för utskrivning är ändrad.",
            "The estimated time of discharge has changed.",
        ),
        Step::CouldNotBeRouted => (
            "Det finns ingen enhet som tar emot inskrivningsmeddelandet. Någon behöver välja en.",
            "There is no unit to receive the admission notice. Somebody has to choose one.",
        ),
        Step::StepReachedNobody(_) => (
            "Ett larm om det här nådde ingen. Kontaktuppgifter eller jour saknas:",
            "An alert about this reached nobody. Contact points or on-call are missing:",
        ),
    };
    pick(language, sv, en)
}

/// A duty's time in words; `overdue` when it has run out.
#[must_use]
pub fn due(due: Due, overdue: bool, language: Language) -> String {
    let fixed = match (due, overdue) {
        (Due::At(instant), false) => {
            return format!("{} {}", pick(language, "senast", "by"), time(instant, language));
        }
        (Due::At(instant), true) => {
            let was_due = pick(language, "gick ut", "was due");
            return format!("{was_due} {}", time(instant, language));
        }
        (Due::BeforeDischarge, false) => pick(language, "före utskrivning", "before discharge"),
        (Due::BeforeDischarge, true) => {
            pick(language, "skulle göras före utskrivning", "was due before discharge")
        }
        (Due::NoClock, _) => pick(language, "utan tidsgräns", "no time limit"),
    };
    fixed.to_owned()
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

pub(crate) fn pick<T>(language: Language, sv: T, en: T) -> T {
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
    fn a_time_that_is_an_event_or_none_is_said_in_words() {
        assert_eq!(due(Due::BeforeDischarge, false, Language::Sv), "före utskrivning");
        assert_eq!(due(Due::NoClock, false, Language::En), "no time limit");
    }

    #[test]
    fn a_missed_time_is_said_to_have_run_out() {
        let missed = due(Due::At(at("2026-11-24T13:00:00Z")), true, Language::Sv);
        assert_eq!(missed, "gick ut tis 24 nov kl. 14.00");
    }
}
