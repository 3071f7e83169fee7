//! Payment policies: when a municipality's days begin to count, or which average decides. Versioned
//! files like the rulebooks, since regions agree on other rules than the act's (2017:612, 4 kap. 5 §).

mod check;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use contracts::commands::PaymentModel;
use contracts::ledger::Words;
use serde::Deserialize;

use crate::domain::calendar::{is_weekday, local_date, local_time};
use crate::domain::rulebook::RulebookFault;

/// The policies that are part of the program, by name.
pub const EMBEDDED: [(&str, &str); 2] = [
    ("se-2026.1.toml", include_str!("../../../payment/se-2026.1.toml")),
    ("vastra_gotaland-2026.1.toml", include_str!("../../../payment/vastra_gotaland-2026.1.toml")),
];

/// Whose policy holds where a region has none.
const NATIONAL: &str = "se";

/// All policies that an installation knows, checked.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    all: Vec<Policy>,
}

/// One version of a region's policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The region, or `se`.
    pub id: String,
    /// The version.
    pub version: String,
    /// The first day on which the agreement holds, by its own words.
    pub valid_from: NaiveDate,
    /// The first day on which ready notices follow it.
    pub effective_from: NaiveDate,
    /// Its title.
    pub title: Words,
    /// How days come to a claim.
    pub rule: PolicyRule,
    /// Kronor for a day, by year.
    pub amounts: BTreeMap<i32, u32>,
    name: String,
}

/// How days come to a claim.
#[derive(Clone, Debug)]
pub enum PolicyRule {
    /// Each day by itself.
    Individual(Start),
    /// An average over a municipality's stays.
    Average(Average),
}

/// When the days of a case begin to be paid.
#[derive(Clone, Debug)]
pub struct Start {
    /// Days from the notice on that are free.
    pub days_before: u32,
    /// The same when it was sent late in the day.
    pub days_before_late: u32,
    /// Later than this is late.
    pub late_after: NaiveTime,
    /// Which of them count.
    pub counted: Counted,
    /// Dates that the agreement names: whether they count, whatever they are.
    pub days: BTreeMap<NaiveDate, bool>,
}

/// Which days count until the first paid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// All.
    Calendar,
    /// Weekdays (vardagar).
    Weekdays,
}

/// What an average is held against.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    /// More than this is too long.
    pub more_than_days: u32,
    /// A single stay of more than this falls under a special rule.
    pub long_stay_days: Option<u32>,
    /// Over how many months it is decided.
    pub decided_over_months: u32,
}

impl Policies {
    /// Reads files, each a name and its text. Either all are in order or every fault that could be
    /// found is told.
    pub fn load<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<RulebookFault>> {
        Self::load_kept(texts.into_iter().map(|(name, text)| (name, text, None)))
    }

    /// As [`Self::load`], each with the day from which notices follow it when that is later than the
    /// day that it names itself: it came when days had been counted already.
    pub fn load_kept<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str, Option<NaiveDate>)>,
    ) -> Result<Self, Vec<RulebookFault>> {
        let (mut all, mut faults): (Vec<Policy>, _) = (Vec::new(), Vec::new());
        for (name, text, effective_from) in texts {
            let read = check::read(name, text, &mut faults);
            let Some((mut policy, head)) = read else { continue };
            policy.effective_from =
                effective_from.unwrap_or(policy.valid_from).max(policy.valid_from);
            let same = |other: &Policy| {
                let same_day = other.valid_from == policy.valid_from;
                other.id == policy.id && (other.version == policy.version || same_day)
            };
            if all.iter().any(same) {
                let reason = format!("{} has this version or this day already", policy.id);
                faults.push(RulebookFault { file: name.to_owned(), line: head, reason });
            }
            all.push(policy);
        }
        faults.sort();
        if faults.is_empty() { Ok(Self { all }) } else { Err(faults) }
    }

    /// The policy of a region that a ready notice sent at `at` follows: the newest one that was valid
    /// on that day in Sweden, the national one where the region has none.
    #[must_use]
    pub fn in_force(&self, region: &str, at: DateTime<Utc>) -> Option<&Policy> {
        let day = local_date(at);
        let newest = |id: &str| {
            let valid = self.all.iter().filter(|one| one.id == id && one.effective_from <= day);
            valid.max_by_key(|one| (one.effective_from, one.valid_from))
        };
        newest(region).or_else(|| newest(NATIONAL))
    }
}

impl Policy {
    /// Id and version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How days come to a claim.
    #[must_use]
    pub fn model(&self) -> PaymentModel {
        match self.rule {
            PolicyRule::Individual(_) => PaymentModel::Individual,
            PolicyRule::Average(_) => PaymentModel::Average,
        }
    }

    /// What a day costs; `None` where no source says it.
    #[must_use]
    pub fn amount(&self, day: NaiveDate) -> Option<u32> {
        self.amounts.get(&day.year()).copied()
    }
}

impl Start {
    /// The first day that can be paid after a notice sent at `sent`: of the days that count, the day
    /// of the notice is the first free one.
    #[must_use]
    pub fn first_day(&self, sent: DateTime<Utc>) -> NaiveDate {
        let late = local_time(sent) > self.late_after;
        let mut free = if late { self.days_before_late } else { self.days_before };
        let mut day = local_date(sent);
        // The day of the notice is free, whatever day it is.
        free = free.saturating_sub(1);
        for _ in 0..MOST_DAYS_SEARCHED {
            day = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
            if !self.counts(day) {
                continue;
            }
            if free == 0 {
                return day;
            }
            free -= 1;
        }
        day
    }

    fn counts(&self, day: NaiveDate) -> bool {
        let named = self.days.get(&day).copied();
        named.unwrap_or_else(|| self.counted == Counted::Calendar || is_weekday(day))
    }
}

/// A policy names at most a year of free days; closed ones beside them are few.
const MOST_DAYS_SEARCHED: u32 = 1_000;
