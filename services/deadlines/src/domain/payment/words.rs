//! Payment in words, Swedish and English.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use contracts::Case;
use contracts::commands::PaymentReason;
use contracts::ledger::Words;

use crate::domain::calendar::{
    DoubledHour, english_day, english_time, local_to_utc, swedish_day, swedish_time,
};

fn both(sv: impl Into<String>, en: impl Into<String>) -> Words {
    Words { sv: sv.into(), en: en.into() }
}

/// A reason, as a sentence about the day.
#[must_use]
pub fn in_words(reason: PaymentReason) -> Words {
    let (sv, en) = match reason {
        PaymentReason::BeforeStart => (
            "De fria dagarna efter meddelandet om utskrivningsklar är inte slut.",
            "The free days after the ready notice are not over.",
        ),
        PaymentReason::MunicipalityNotConcerned => (
            "Ingen av kommunens parter är berörd enligt behovsbedömningen.",
            "No party of the municipality is concerned by the judgement of need.",
        ),
        PaymentReason::NoticeMissing => (
            "Kommunen har inte fått inskrivningsmeddelandet.",
            "The municipality has not got the admission notice.",
        ),
        PaymentReason::ReadyNotReceived => (
            "Kommunens enheter har inte fått meddelandet om utskrivningsklar.",
            "The municipality's units have not got the ready notice.",
        ),
        PaymentReason::SipNotCalled => (
            "En SIP ska göras, och öppenvårdens fasta vårdkontakt har inte kallat.",
            "A SIP is due, and open care's care contact has not called to it.",
        ),
        PaymentReason::OpenCareUnavailable => (
            "Öppenvårdens insatser är inte tillgängliga.",
            "Open care's services are not available.",
        ),
        PaymentReason::OpenCareUnclear => (
            "Det är inte klarlagt om öppenvårdens insatser är tillgängliga.",
            "It is not clear whether open care's services are available.",
        ),
        PaymentReason::OpenCareOther => (
            "Något annat hindrar hos öppenvården, som denna version inte känner.",
            "Something else about open care hinders, which this version does not know.",
        ),
        PaymentReason::ReadyRevoked => {
            ("Meddelandet om utskrivningsklar är återkallat.", "The ready notice is revoked.")
        }
        PaymentReason::Discharged => ("Patienten är utskriven.", "The patient is discharged."),
        PaymentReason::Deceased => ("Patienten är avliden.", "The patient is dead."),
        PaymentReason::AdmissionCancelled => {
            ("Inskrivningen är makulerad.", "The admission is cancelled.")
        }
        PaymentReason::DayNotOver => ("Dagen är inte slut.", "The day is not over."),
        PaymentReason::DecidedByAverage => (
            "Kommunens genomsnitt avgör, inte den enskilda dagen.",
            "The municipality's average decides, not the day.",
        ),
        PaymentReason::Unknown => ("Ett annat skäl.", "Another reason."),
    };
    both(sv, en)
}

/// Who pays, as far as it is known here.
pub(super) fn payer(case: &Case) -> Words {
    if case.municipality.is_some() {
        return both(
            "Den kommun där patienten är folkbokförd betalar.",
            "The municipality of registration pays.",
        );
    }
    if case.protected {
        return both(
            "Vilken kommun som betalar är inte känt här: skyddad identitet.",
            "Which municipality pays is not known here: protected identity.",
        );
    }
    both(
        "Vilken kommun som betalar är inte känt: ingen folkbokföringskommun är uppgiven.",
        "Which municipality pays is not known: no municipality of registration was stated.",
    )
}

/// What the facts do not hold.
pub(super) fn placed() -> Words {
    both(
        "Har en annan kommun placerat patienten betalar den; det är inte känt här.",
        "Where another municipality has placed the patient, that one pays; it is not known here.",
    )
}

pub(super) fn no_notice() -> Words {
    both(
        "Inget meddelande om utskrivningsklar som en regel för betalning gäller för.",
        "No ready notice that a rule of payment holds for.",
    )
}

/// Which notice, and which policy.
pub(super) fn notice(at: DateTime<Utc>, title: &Words) -> Words {
    both(
        format!("Utskrivningsklar meddelat {}; regel: {}.", swedish_time(at), title.sv),
        format!("Ready notice on {}; rule: {}.", english_time(at), title.en),
    )
}

/// When the municipality's units had it, and from which day that counts.
pub(super) fn first_day(sent: DateTime<Utc>, first: NaiveDate) -> Words {
    let first = local_to_utc(first.and_time(NaiveTime::MIN), DoubledHour::Earlier);
    both(
        format!(
            "Kommunens enheter hade det {}; första dag som kan betalas är {}.",
            swedish_time(sent),
            swedish_day(first)
        ),
        format!(
            "The municipality's units had it on {}; the first day that can be paid is {}.",
            english_time(sent),
            english_day(first)
        ),
    )
}

pub(super) fn running(running: bool) -> Words {
    if running {
        return both(
            "Betalningsansvaret löper i dag.",
            "The municipality's responsibility to pay runs today.",
        );
    }
    both(
        "Betalningsansvaret löper inte i dag.",
        "The municipality's responsibility to pay does not run today.",
    )
}
