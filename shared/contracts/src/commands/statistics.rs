//! Figures of a month: how well it goes, in numbers that say nothing of a person.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ledger::Words;
use crate::{HsaId, MunicipalityCode, Track};

/// Most figures in one answer to [`ShowStatistics`].
pub const MOST_FIGURES: u16 = 1_500;

/// Asks for the figures of a month. Whoever is told that they are still being counted asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowStatistics {
    /// The month: any of its days.
    pub month: NaiveDate,
    /// Of what.
    #[serde(default)]
    pub by: StatisticsBy,
    /// Only the figures after so many: the next page.
    #[serde(default)]
    pub after: u32,
}

/// What figures are given of, beside all cases.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StatisticsBy {
    /// Nothing else.
    #[default]
    All,
    /// Municipality of registration.
    Municipality,
    /// Unit: the ward, or within a municipality the units that owe something together.
    Unit,
    /// The track that held last.
    Track,
    /// Something that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A page of a month's figures. Small numbers are not in it, and cannot be computed from what is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatisticsPage {
    /// Which region's rulebook holds here.
    pub region: String,
    /// The service's time.
    pub now: DateTime<Utc>,
    /// The month's first day.
    pub month: NaiveDate,
    /// When the figures were counted. Absent: they still are, so there are none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<DateTime<Utc>>,
    /// How many cases have been looked at.
    pub looked_at: u64,
    /// How many of them could not be read and are in no figure.
    #[serde(default)]
    pub unread: u64,
    /// Cases of the month may still be open: figures will change.
    #[serde(default)]
    pub preliminary: bool,
    /// What the figures mean; with the first page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub definitions: Vec<FigureDefinition>,
    /// The figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// Ask for those after so many; absent: there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// What a figure means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FigureDefinition {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Words,
    /// What is counted, and how.
    pub definition: Words,
    /// In what.
    pub unit: Words,
    /// Where the figure comes from.
    pub source: Words,
    /// False: it is asked for, and what is known here does not give it.
    #[serde(default = "yes")]
    pub given: bool,
}

const fn yes() -> bool {
    true
}

/// Of whom a figure is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FigureRow {
    /// Of all.
    All,
    /// Of the municipality, the units or the track that it names.
    Group,
    /// Of all whose own figure is not given, together.
    Rest,
    /// A row that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A figure. What it does not hold is not given, or is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// The id of its definition.
    pub id: String,
    /// Of whom it is.
    pub row: FigureRow,
    /// The municipality; absent in its own group: protected identity, or not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<HsaId>,
    /// The track; absent in its own group: none was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
    /// Of how many.
    pub of: u32,
    /// How many of them did what the figure asks for, in time where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<u32>,
    /// How many did it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<u32>,
    /// How many never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<u32>,
    /// What half of those who did it took at most, in the definition's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<u32>,
    /// All of them together, in the definition's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<u64>,
}
