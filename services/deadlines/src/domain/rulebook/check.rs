//! From what a file says to types that cannot be wrong, collecting every fault.

mod lines;
mod tracks;

use std::ops::Range;

use chrono::{NaiveDate, Weekday, WeekdaySet};
use contracts::Owner;
use contracts::ledger::Words;
use toml::Spanned;
use toml::value::Datetime;

use super::file::Place;
use super::raw::{self, RawDay, RawFile, RawHead, RawHours};
use super::{Drift, Rule, RulebookFault, TrackCriteria};
use crate::domain::calendar::{DatedException, OfficeHours};

/// A file that has been read, before it is put on its base.
pub(super) struct RuleFile {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) valid_from: NaiveDate,
    pub(super) effective_from: NaiveDate,
    /// The base, and the line that names it.
    pub(super) extends: Option<(String, usize)>,
    pub(super) title: Words,
    pub(super) lenient: Option<bool>,
    pub(super) hours: Vec<(Owner, Vec<(WeekdaySet, OfficeHours)>)>,
    pub(super) days: Vec<Day>,
    /// Ids of the base's lines that do not hold here, with the lines that say so.
    pub(super) removals: Vec<(String, usize)>,
    pub(super) lines: Vec<Line>,
    pub(super) tracks: Vec<TrackCriteria>,
    pub(super) drift: Option<Drift>,
    /// Where the head stands.
    pub(super) head_line: usize,
}

/// A date that the agreement names, for these owners or, when there are none, for all.
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) owners: Vec<Owner>,
    pub(super) exception: DatedException,
}

/// A duty and where it stands.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) rule: Rule,
    /// What the line itself says of "or the next weekday".
    pub(super) lenient: Option<bool>,
    pub(super) file: String,
    /// The line of the file, counted from 1.
    pub(super) at: usize,
}

pub(super) fn check(
    place: &Place<'_>,
    raw: RawFile,
    faults: &mut Vec<RulebookFault>,
) -> Option<RuleFile> {
    let mut checker = Checker { place, faults };
    let hours = raw.hours.into_iter().map(|each| checker.hours(each));
    let hours = hours.collect();
    let days = raw.days.iter().filter_map(|day| checker.day(day)).collect();
    let removals = raw.removals.iter().map(|removal| {
        checker.filled(&removal.get_ref().source, "source");
        (removal.get_ref().id.get_ref().clone(), place.line(&removal.span()))
    });
    let removals = removals.collect();
    let duties = raw.rules.iter().map(|rule| (rule, false));
    let lines = duties.chain(raw.shown.iter().map(|rule| (rule, true)));
    let lines: Vec<Line> = lines.filter_map(|(rule, shown)| checker.line(rule, shown)).collect();
    checker.twice(&lines);
    let tracks = checker.tracks(&raw.tracks);
    let drift = raw.drift.as_ref().and_then(|drift| checker.drift(drift));
    let head = raw.head?;
    let valid_from = checker.head(&head)?;
    Some(RuleFile {
        name: place.name.to_owned(),
        head_line: place.line(&head.id.span()),
        id: head.id.into_inner(),
        version: head.version.into_inner(),
        valid_from,
        effective_from: valid_from,
        extends: head.extends.map(|base| {
            let line = place.line(&base.span());
            (base.into_inner(), line)
        }),
        title: head.title.into_inner(),
        lenient: head.lenient,
        hours,
        days,
        removals,
        lines,
        tracks,
        drift,
    })
}

/// Tells the faults of a file; payment policies are checked with it too.
pub(in crate::domain) struct Checker<'a, 'b> {
    pub(in crate::domain) place: &'a Place<'a>,
    pub(in crate::domain) faults: &'b mut Vec<RulebookFault>,
}

impl Checker<'_, '_> {
    pub(in crate::domain) fn fault(&mut self, span: &Range<usize>, reason: impl Into<String>) {
        self.faults.push(self.place.fault(span, reason));
    }

    pub(in crate::domain) fn filled(&mut self, text: &Spanned<String>, what: &str) {
        if text.get_ref().trim().is_empty() {
            self.fault(&text.span(), format!("{what} is empty"));
        }
    }

    pub(in crate::domain) fn words(&mut self, words: &Spanned<Words>, what: &str) {
        let Words { sv, en } = words.get_ref();
        if sv.trim().is_empty() || en.trim().is_empty() {
            let reason = format!("{what} needs words in Swedish (sv) and English (en)");
            self.fault(&words.span(), reason);
        }
    }

    pub(in crate::domain) fn id(&mut self, id: &Spanned<String>, what: &str) {
        let text = id.get_ref();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > 40 || !text.bytes().all(fits) {
            let form = "1 to 40 letters, digits, hyphens, points and underscores";
            self.fault(&id.span(), format!("{what} must be {form}"));
        }
    }

    pub(in crate::domain) fn date(&mut self, written: &Spanned<Datetime>) -> Option<NaiveDate> {
        let date = raw::date(written.get_ref());
        if date.is_none() {
            self.fault(&written.span(), "expected a date such as 2026-01-01");
        }
        date
    }

    fn head(&mut self, head: &RawHead) -> Option<NaiveDate> {
        self.id(&head.id, "the rulebook's id");
        self.id(&head.version, "the version");
        self.words(&head.title, "the title");
        self.date(&head.valid_from)
    }

    fn owner(&mut self, owner: Owner, span: &Range<usize>) {
        if owner == Owner::Unknown {
            let known = "ward, open_care, municipal_health_care, social_services or municipality";
            self.fault(span, format!("unknown owner, expected {known}"));
        }
    }

    fn office_hours(
        &mut self,
        opens: &Spanned<Datetime>,
        closes: &Spanned<Datetime>,
    ) -> Option<OfficeHours> {
        let mut time = |written: &Spanned<Datetime>| {
            let time = raw::time(written.get_ref());
            if time.is_none() {
                self.fault(&written.span(), "expected a time of day such as 08:00:00");
            }
            time
        };
        let (from, to) = (time(opens), time(closes));
        OfficeHours::new(from?, to?)
            .map_err(|error| self.fault(&closes.span(), error.to_string()))
            .ok()
    }

    fn hours(
        &mut self,
        (owner, spans): (Spanned<Owner>, Vec<Spanned<RawHours>>),
    ) -> (Owner, Vec<(WeekdaySet, OfficeHours)>) {
        self.owner(*owner.get_ref(), &owner.span());
        let each = spans.iter().filter_map(|hours| {
            let RawHours { days, opens, closes } = hours.get_ref();
            let set = weekdays(days.get_ref());
            if set.is_none() {
                self.fault(&days.span(), "expected days such as \"mon-fri\" or \"mon, wed\"");
            }
            let hours = self.office_hours(opens, closes);
            Some((set?, hours?))
        });
        let each = each.collect();
        (owner.into_inner(), each)
    }

    fn day(&mut self, day: &Spanned<RawDay>) -> Option<Day> {
        let (span, day) = (day.span(), day.get_ref());
        self.filled(&day.source, "source");
        for owner in &day.owners {
            self.owner(*owner.get_ref(), &owner.span());
        }
        let exception = match (day.closed, &day.opens, &day.closes) {
            (true, None, None) => Some(DatedException::Closed),
            (false, Some(opens), Some(closes)) => {
                self.office_hours(opens, closes).map(DatedException::Staffed)
            }
            _ => {
                self.fault(&span, "a day is either closed = true or has opens and closes");
                None
            }
        };
        let date = self.date(&day.date);
        Some(Day {
            date: date?,
            owners: day.owners.iter().map(|owner| *owner.get_ref()).collect(),
            exception: exception?,
        })
    }
}

/// `mon-fri`, `mon, wed`, `sat`.
fn weekdays(text: &str) -> Option<WeekdaySet> {
    let day = |name: &str| name.trim().parse::<Weekday>().ok();
    let mut set = WeekdaySet::EMPTY;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        set.insert(at);
        while at != last {
            at = at.succ();
            set.insert(at);
        }
    }
    Some(set)
}
