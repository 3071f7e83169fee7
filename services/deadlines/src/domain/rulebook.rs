//! Rulebooks: which duties there are, read from versioned files.
//!
//! A region changes its agreement by changing a file, not the program. A file stands alone or on
//! a base (`extends`), every line names its source, and [`Rulebooks::load`] refuses what it does not
//! understand with file, line and reason, everything at once.
//!
//! A rulebook never changes once duties have followed it: a file stands on the newest version of
//! its base that was valid when the file itself became valid. A new version of the base reaches a
//! region with that region's next version, so that `dalarna 2026.1` means the same lines for ever.

mod check;
mod clock;
mod file;
mod language;
mod raw;
mod resolve;
mod rule;
mod track;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::ledger::Words;
use contracts::{Case, Owner, Track};

use super::calendar::Calendar;

pub use clock::{Clock, Times};
pub use language::{Condition, Predicate, Trigger};
pub use rule::{Rule, Rung, Until};
pub use track::{Drift, TrackCriteria, TrackReason};

pub(in crate::domain) use check::Checker;
pub(in crate::domain) use file::{Place, list, one};
pub(in crate::domain) use raw::time;

/// The files that are part of the program, by name.
pub const EMBEDDED: [(&str, &str); 10] = [
    ("dalarna-2026.1.toml", include_str!("../../rulebooks/dalarna-2026.1.toml")),
    ("dalarna-2026.2.toml", include_str!("../../rulebooks/dalarna-2026.2.toml")),
    ("orebro-2026.1.toml", include_str!("../../rulebooks/orebro-2026.1.toml")),
    ("orebro-2027.1.toml", include_str!("../../rulebooks/orebro-2027.1.toml")),
    (
        "registreringsregion-2026.1.toml",
        include_str!("../../rulebooks/registreringsregion-2026.1.toml"),
    ),
    (
        "registreringsregion-2027.1.toml",
        include_str!("../../rulebooks/registreringsregion-2027.1.toml"),
    ),
    ("se-2026.1.toml", include_str!("../../rulebooks/se-2026.1.toml")),
    ("se-2027.1.toml", include_str!("../../rulebooks/se-2027.1.toml")),
    ("vastra_gotaland-2026.1.toml", include_str!("../../rulebooks/vastra_gotaland-2026.1.toml")),
    ("vastra_gotaland-2027.1.toml", include_str!("../../rulebooks/vastra_gotaland-2027.1.toml")),
];

/// All rulebooks that an installation knows, checked.
#[derive(Clone, Debug, Default)]
pub struct Rulebooks {
    books: Vec<Rulebook>,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct RulebookFault {
    /// The file's name as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in plain words.
    pub reason: String,
}

impl Rulebooks {
    /// Reads files, each a name and its text, in any order. Either all are in order or every
    /// fault that could be found is told.
    pub fn load<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<RulebookFault>> {
        Self::load_kept(texts.into_iter().map(|(name, text)| (name, text, None)))
    }

    /// As [`Self::load`], each with the day from which duties follow it when that is later than the
    /// day that it names itself: it came when duties had arisen already.
    pub fn load_kept<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str, Option<NaiveDate>)>,
    ) -> Result<Self, Vec<RulebookFault>> {
        let mut files = Vec::new();
        let mut faults = Vec::new();
        for (name, text, effective_from) in texts {
            let mut read = file::read(name, text);
            if let Some(file) = &mut read.file {
                file.effective_from =
                    effective_from.unwrap_or(file.valid_from).max(file.valid_from);
            }
            faults.extend(read.faults);
            files.extend(read.file);
        }
        // How files stand on one another is looked at when each is in order by itself.
        if faults.is_empty() {
            let books = resolve::resolve(&files, &mut faults);
            if faults.is_empty() {
                return Ok(Self { books: resolve::until_the_next(books) });
            }
        }
        faults.sort();
        Err(faults)
    }

    /// The rulebook of `region` that a duty triggered at `at` follows: the newest one that was
    /// in effect on that day in Sweden.
    #[must_use]
    pub fn in_force(&self, region: &str, at: DateTime<Utc>) -> Option<&Rulebook> {
        self.books.iter().find(|book| book.id == region && book.is_in_force(at))
    }

    /// All rulebooks.
    pub fn all(&self) -> impl Iterator<Item = &Rulebook> {
        self.books.iter()
    }

    /// All versions of a region's rulebook.
    pub fn of<'a>(&'a self, region: &'a str) -> impl Iterator<Item = &'a Rulebook> {
        self.books.iter().filter(move |book| book.id == region)
    }

    /// One rulebook alone, in effect since ever: what would have been owed by it.
    #[must_use]
    pub fn only(book: &Rulebook) -> Self {
        let (effective_from, effective_at) = (NaiveDate::MIN, DateTime::<Utc>::MIN_UTC);
        let always =
            Rulebook { effective_from, effective_at, effective_until: None, ..book.clone() };
        Self { books: vec![always] }
    }

    /// The rulebook that a ledger calls `name`, such as `dalarna 2026.1`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Rulebook> {
        self.books.iter().find(|book| book.name() == name)
    }
}

/// One version of a region's rulebook, its base included.
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// The region, or `se`.
    pub id: String,
    /// The version, such as `2026.1`.
    pub version: String,
    /// The first day on which the agreement holds, by its own words.
    pub valid_from: NaiveDate,
    /// The first day on which duties follow it.
    pub effective_from: NaiveDate,
    /// Its title.
    pub title: Words,
    /// Its lines, ordered by id.
    pub rules: Vec<Rule>,
    /// Its tracks, in the order in which their criteria are tried.
    pub tracks: Vec<TrackCriteria>,
    /// When an estimate drifts; absent: nobody is told that it does.
    pub drift: Option<Drift>,
    /// When that day begins in Sweden.
    effective_at: DateTime<Utc>,
    /// When the next version takes effect.
    effective_until: Option<DateTime<Utc>>,
    name: String,
    calendars: BTreeMap<Owner, Calendar>,
}

impl Rulebook {
    /// Id and version, as the ledger names it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a duty triggered at `at` follows it.
    #[must_use]
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        self.effective_at <= at && self.effective_until.is_none_or(|until| at < until)
    }

    /// The line with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Working days and office hours of an owner.
    #[must_use]
    pub fn calendar(&self, owner: Owner) -> &Calendar {
        static NONE: Calendar = Calendar { hours: Vec::new(), exceptions: BTreeMap::new() };
        self.calendars.get(&owner).unwrap_or(&NONE)
    }

    /// The track of a case that it does not have, though it has others: nothing follows from that one.
    #[must_use]
    pub fn unknown_track<'c>(&self, case: &'c Case) -> Option<&'c Track> {
        let track = case.planning.track().filter(|_| !self.tracks.is_empty())?;
        (!self.has_track(track)).then_some(track)
    }

    /// Whether it has this track.
    #[must_use]
    pub fn has_track(&self, track: &Track) -> bool {
        self.tracks.iter().any(|criteria| criteria.track == *track)
    }
}
