//! Reads a policy file, and tells every fault with file and line.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use contracts::commands::PaymentModel;
use contracts::ledger::Words;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::{Average, Counted, Policy, PolicyRule, Start};
use crate::domain::rulebook::{Checker, Place, RulebookFault, list, one, time};

/// No count of days or months is longer than a year.
const LONGEST_DAYS: u32 = 366;
/// The years that an amount can be for.
const YEARS: std::ops::RangeInclusive<i32> = 2018..=2100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHead {
    id: Spanned<String>,
    version: Spanned<String>,
    valid_from: Spanned<Datetime>,
    model: Spanned<PaymentModel>,
    title: Spanned<Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStart {
    days_before: Spanned<u32>,
    days_before_late: Spanned<u32>,
    late_after: Spanned<Datetime>,
    counted: Counted,
    source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAverage {
    more_than_days: Sourced,
    long_stay_days: Option<Sourced>,
    decided_over_months: Sourced,
    source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sourced {
    is: Spanned<u32>,
    source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDay {
    date: Spanned<Datetime>,
    counts: bool,
    source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAmount {
    year: Spanned<i32>,
    sek: u32,
    source: Spanned<String>,
}

#[derive(Default)]
struct RawFile {
    /// Whether there are the sections `[start]` and `[average]`, be they in order or not.
    rules: (bool, bool),
    head: Option<RawHead>,
    start: Option<Spanned<RawStart>>,
    average: Option<Spanned<RawAverage>>,
    days: Vec<Spanned<RawDay>>,
    amounts: Vec<Spanned<RawAmount>>,
}

/// The policy and the line of its id, if enough of it could be read.
pub(super) fn read(
    name: &str,
    text: &str,
    faults: &mut Vec<RulebookFault>,
) -> Option<(Policy, usize)> {
    let place = Place::new(name, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        faults.extend(errors.iter().map(|error| place.unread(error)));
        return None;
    }
    let mut errors = Vec::new();
    let raw = sections(root, &mut errors);
    faults.extend(errors.iter().map(|error| place.unread(error)));
    let mut checker = Checker { place: &place, faults };
    check(&mut checker, raw)
}

fn sections(root: Spanned<DeTable<'_>>, errors: &mut Vec<toml::de::Error>) -> RawFile {
    let span = root.span();
    let (mut raw, mut head) = (RawFile::default(), DeTable::new());
    for (key, value) in root.into_inner() {
        match key.get_ref().as_ref() {
            "start" => (raw.start, raw.rules.0) = (one(value, errors), true),
            "average" => (raw.average, raw.rules.1) = (one(value, errors), true),
            "day" => raw.days = list(value, errors),
            "amount" => raw.amounts = list(value, errors),
            _ => {
                head.insert(key, value);
            }
        }
    }
    raw.head = one(Spanned::new(span, DeValue::Table(head)), errors);
    raw
}

fn check(checker: &mut Checker<'_, '_>, raw: RawFile) -> Option<(Policy, usize)> {
    let days = dates(checker, &raw.days);
    let start = raw.start.as_ref().and_then(|start| self::start(checker, start.get_ref(), days));
    let average = raw.average.as_ref().map(|one| self::average(checker, one.get_ref()));
    let amounts = amounts(checker, &raw.amounts);
    let head = raw.head?;
    checker.id(&head.id, "the policy's id");
    checker.id(&head.version, "the version");
    checker.words(&head.title, "the title");
    let valid_from = checker.date(&head.valid_from);
    let model = head.model.span();
    let wrong = |checker: &mut Checker<'_, '_>, reason| {
        checker.fault(&model, reason);
        None
    };
    let rule = match (head.model.get_ref(), raw.rules.0, raw.rules.1) {
        (PaymentModel::Individual, true, false) => start.map(PolicyRule::Individual),
        (PaymentModel::Average, false, true) => average.map(PolicyRule::Average),
        (PaymentModel::Individual, ..) => {
            wrong(checker, "the model individual has a section [start] and no [average]")
        }
        (PaymentModel::Average, ..) => {
            wrong(checker, "the model average has a section [average] and no [start]")
        }
        (PaymentModel::Unknown, ..) => {
            wrong(checker, "unknown model, expected individual or average")
        }
    };
    if let Some(day) = raw.days.first().filter(|_| *head.model.get_ref() == PaymentModel::Average) {
        checker.fault(&day.span(), "days that count go with the model individual");
    }
    let line = checker.place.line(&head.id.span());
    let (id, version) = (head.id.into_inner(), head.version.into_inner());
    let valid_from = valid_from?;
    let policy = Policy {
        name: format!("{id} {version}"),
        id,
        version,
        valid_from,
        effective_from: valid_from,
        title: head.title.into_inner(),
        rule: rule?,
        amounts,
    };
    Some((policy, line))
}

fn dates(checker: &mut Checker<'_, '_>, raw: &[Spanned<RawDay>]) -> BTreeMap<NaiveDate, bool> {
    let mut days = BTreeMap::new();
    for day in raw {
        let RawDay { date, counts, source } = day.get_ref();
        checker.filled(source, "source");
        let Some(date) = checker.date(date) else { continue };
        if days.insert(date, *counts).is_some() {
            checker.fault(&day.span(), "this date is named twice");
        }
    }
    days
}

fn start(
    checker: &mut Checker<'_, '_>,
    raw: &RawStart,
    days: BTreeMap<NaiveDate, bool>,
) -> Option<Start> {
    checker.filled(&raw.source, "source");
    let (days_before, days_before_late) =
        (within(checker, &raw.days_before), within(checker, &raw.days_before_late));
    if days_before_late < days_before {
        let reason = "what is sent late in the day is not free for fewer days";
        checker.fault(&raw.days_before_late.span(), reason);
    }
    let late_after = time(raw.late_after.get_ref());
    if late_after.is_none() {
        checker.fault(&raw.late_after.span(), "expected a time of day such as 12:00:00");
    }
    Some(Start {
        days_before,
        days_before_late,
        late_after: late_after?,
        counted: raw.counted,
        days,
    })
}

fn average(checker: &mut Checker<'_, '_>, raw: &RawAverage) -> Average {
    checker.filled(&raw.source, "source");
    let mut value = |sourced: &Sourced| {
        checker.filled(&sourced.source, "source");
        within(checker, &sourced.is)
    };
    Average {
        more_than_days: value(&raw.more_than_days),
        long_stay_days: raw.long_stay_days.as_ref().map(&mut value),
        decided_over_months: value(&raw.decided_over_months),
    }
}

fn within(checker: &mut Checker<'_, '_>, count: &Spanned<u32>) -> u32 {
    if !(1..=LONGEST_DAYS).contains(count.get_ref()) {
        checker.fault(&count.span(), "counts from one, and to a year at most");
    }
    *count.get_ref()
}

fn amounts(checker: &mut Checker<'_, '_>, raw: &[Spanned<RawAmount>]) -> BTreeMap<i32, u32> {
    let mut amounts = BTreeMap::new();
    for amount in raw {
        let RawAmount { year, sek, source } = amount.get_ref();
        checker.filled(source, "source");
        if !YEARS.contains(year.get_ref()) {
            checker.fault(&year.span(), "expected a year from 2018 on");
        }
        if amounts.insert(*year.get_ref(), *sek).is_some() {
            checker.fault(&year.span(), "this year is named twice");
        }
    }
    amounts
}
