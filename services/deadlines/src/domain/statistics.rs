//! How well it goes: figures of a month, of which none says anything of a person.
//!
//! A case gives contributions ([`contributions`]), from its facts and its ledger alone; they are added
//! up in whatever order ([`Sums`]); and what may be shown of the sums is decided last, over all of them
//! ([`figures`]). Only the last step's answer leaves the service.
//!
//! A case counts in the month of its discharge, in Sweden's time: by then it is known what became of
//! it. Payable days are the exception, they count in the month that they are in.

mod measure;
mod of_case;
mod of_ledger;
mod of_sip;
mod shown;
mod sums;
mod words;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use contracts::{HsaId, MunicipalityCode, Track};
use serde::{Deserialize, Serialize};

use super::calendar::{end_of_calendar_day_after, local_date};
use super::payment::Policies;
use super::rulebook::Rulebooks;

pub use measure::{IDS, Measure};
pub use of_case::contributions;
pub use shown::{FEWEST, figures};
pub use sums::{Sums, Tally};
pub use words::definitions;

/// What is counted, and by what.
#[derive(Clone, Copy, Debug)]
pub struct Counting<'a> {
    /// The month's first day.
    pub month: NaiveDate,
    /// The time at which it is counted.
    pub now: DateTime<Utc>,
    /// All rulebooks.
    pub rulebooks: &'a Rulebooks,
    /// All payment policies.
    pub policies: &'a Policies,
    /// The region.
    pub region: &'a str,
}

impl Counting<'_> {
    fn is_in_month(&self, at: DateTime<Utc>) -> bool {
        let day = local_date(at);
        (day.year(), day.month()) == (self.month.year(), self.month.month())
    }
}

/// Days after a month's last in which its cases close by themselves.
const CLOSES_WITHIN_DAYS: u32 = 31;

/// Cases of the month may still be open.
#[must_use]
pub fn is_preliminary(month: NaiveDate, now: DateTime<Utc>) -> bool {
    let next = month.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX);
    let begins = super::calendar::local_to_utc(
        next.and_time(chrono::NaiveTime::MIN),
        super::calendar::DoubledHour::Earlier,
    );
    now < end_of_calendar_day_after(begins, CLOSES_WITHIN_DAYS)
}

/// What one case adds to a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// To which.
    pub measure: Measure,
    /// In which groups.
    pub place: Place,
    /// How much.
    pub tally: Tally,
}

/// The groups that a contribution belongs to: exactly one of each kind, so that the groups of a kind
/// add up to all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The municipality of registration; none when the identity is protected or none was stated.
    pub municipality: Option<MunicipalityCode>,
    /// Whose it is.
    pub seat: Seat,
    /// The track that held last.
    pub track: Option<Track>,
}

/// The unit that something is counted of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// The ward that the patient was discharged from.
    Ward(HsaId),
    /// Units outside the hospital that owe it, together when they are several.
    Units(Vec<HsaId>),
}

/// A group. Units outside the hospital stand within a municipality: everybody knows whose they are, so
/// that their figures and the municipality's are looked at together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Everything.
    All,
    /// A municipality, or those of whom none is known.
    Municipality(Option<MunicipalityCode>),
    /// Units within it.
    Units(Option<MunicipalityCode>, Vec<HsaId>),
    /// A ward.
    Ward(HsaId),
    /// A track, or those that have none.
    Track(Option<Track>),
}

impl Place {
    fn groups(&self) -> [Group; 4] {
        let municipality = &self.municipality;
        let seat = match &self.seat {
            Seat::Ward(ward) => Group::Ward(ward.clone()),
            Seat::Units(units) => Group::Units(municipality.clone(), units.clone()),
        };
        let track = Group::Track(self.track.clone());
        [Group::All, Group::Municipality(municipality.clone()), seat, track]
    }
}
