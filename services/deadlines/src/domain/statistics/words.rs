//! What the figures mean, Swedish and English.

mod texts;

use std::collections::BTreeSet;

use contracts::Owner;
use contracts::commands::FigureDefinition;
use contracts::ledger::Words;

use super::measure::Measure;
use super::sums::Sums;
use crate::domain::rulebook::Rulebooks;

/// The definitions of everything that is counted, whether there is any of it or not, and of what is
/// asked for elsewhere and not known here.
#[must_use]
pub fn definitions(sums: &Sums, rulebooks: &Rulebooks) -> Vec<FigureDefinition> {
    let all: BTreeSet<&Measure> = Measure::ALWAYS.iter().chain(sums.measures()).collect();
    let given = all.into_iter().map(|measure| definition(measure, rulebooks));
    given.chain(texts::NOT_KNOWN.iter().map(|(id, words)| words.definition(id, false))).collect()
}

fn words(sv: impl Into<String>, en: impl Into<String>) -> Words {
    Words { sv: sv.into(), en: en.into() }
}

fn definition(measure: &Measure, rulebooks: &Rulebooks) -> FigureDefinition {
    let words_of = match measure {
        Measure::Cases => texts::CASES,
        Measure::Notice24h => texts::NOTICE_24H,
        Measure::Receipt => texts::RECEIPT,
        Measure::SipCalled => texts::SIP_CALLED,
        Measure::SipHeld => texts::SIP_HELD,
        Measure::SipEnded => texts::SIP_ENDED,
        Measure::SameDayHome => texts::SAME_DAY_HOME,
        Measure::ReadyDays => texts::READY_DAYS,
        Measure::EstimateChanges => texts::ESTIMATE_CHANGES,
        Measure::EstimateWarning => texts::ESTIMATE_WARNING,
        Measure::TrackChanged => texts::TRACK_CHANGED,
        Measure::FollowedUp => texts::FOLLOWED_UP,
        Measure::Frequent => texts::FREQUENT,
        Measure::Readmission => texts::READMISSION,
        Measure::UnplannedReadmission => texts::UNPLANNED_READMISSION,
        Measure::PayableDays(policy) => {
            let definition = texts::PAYABLE_DAYS.definition(&measure.id(), true);
            let Words { sv, en } = &definition.source;
            let source = words(format!("{sv} {policy}"), format!("{en} {policy}"));
            return FigureDefinition { source, ..definition };
        }
        Measure::Duty { rule, owner, rulebook } => {
            return of_duty(&measure.id(), rule, *owner, rulebook, rulebooks);
        }
    };
    words_of.definition(&measure.id(), true)
}

/// A line of a rulebook carries its own name and source.
fn of_duty(
    id: &str,
    line: &str,
    owner: Owner,
    book: &str,
    rulebooks: &Rulebooks,
) -> FigureDefinition {
    let rule = rulebooks.named(book).and_then(|book| book.rule(line));
    let title = rule.map_or_else(|| words(line, line), |rule| rule.title.clone());
    let source = rule.map_or("–", |rule| rule.source.as_str());
    let (sv, en) = owner_in_words(owner);
    FigureDefinition {
        id: id.to_owned(),
        name: words(format!("{line} {}, {sv}", title.sv), format!("{line} {}, {en}", title.en)),
        definition: words(texts::DUTY_SV, texts::DUTY_EN),
        unit: words("skyldigheter; timmar", "duties; hours"),
        source: words(format!("{book}: {source}"), format!("{book}: {source}")),
        given: true,
    }
}

fn owner_in_words(owner: Owner) -> (&'static str, &'static str) {
    match owner {
        Owner::Ward => ("slutenvård", "ward"),
        Owner::OpenCare => ("öppenvård", "open care"),
        Owner::MunicipalHealthCare => ("kommunal hälso- och sjukvård", "municipal health care"),
        Owner::SocialServices => ("socialtjänst", "social services"),
        Owner::Municipality => ("kommun", "municipality"),
        Owner::Unknown => ("okänd", "unknown"),
    }
}
