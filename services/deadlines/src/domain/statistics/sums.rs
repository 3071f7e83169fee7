//! Adding up: in any order and in any parts, the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Contribution, Group, Measure};

/// Counts of one measure in one group. Numbers alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Of how many.
    pub of: u32,
    /// How many did it, in time where there is one.
    #[serde(default)]
    pub yes: u32,
    /// How many did it later.
    #[serde(default)]
    pub late: u32,
    /// How many could be told from this and another measure together, and must not be few either. Never
    /// given.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub beside: u32,
    /// What it took or came to, each value with how often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<u32, u32>,
}

impl Tally {
    /// One that did it, or did not.
    #[must_use]
    pub fn one(yes: bool) -> Self {
        Self { of: 1, yes: u32::from(yes), ..Self::default() }
    }

    /// One that did it later.
    #[must_use]
    pub fn late() -> Self {
        Self { late: 1, ..Self::one(false) }
    }

    /// That took, or came to, so much.
    #[must_use]
    pub fn with(mut self, value: u32) -> Self {
        self.values.insert(value, 1);
        self
    }

    /// That another measure tells something of, if this is so.
    #[must_use]
    pub fn beside(self, it_is_so: bool) -> Self {
        Self { beside: u32::from(it_is_so), ..self }
    }

    /// How many never did it.
    #[must_use]
    pub fn never(&self) -> u32 {
        self.of.saturating_sub(self.yes).saturating_sub(self.late)
    }

    /// All values together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.values.iter().map(|(value, times)| u64::from(*value) * u64::from(*times)).sum()
    }

    /// The value that half of them do not exceed, unless they are fewer than `fewest`.
    #[must_use]
    pub fn median(&self, fewest: u32) -> Option<u32> {
        let count: u32 = self.values.values().sum();
        let half = count.div_ceil(2);
        let mut seen = 0;
        let mut values = self.values.iter().filter(|_| fewest <= count);
        let middle = values.find(|(_, times)| {
            seen += **times;
            half <= seen
        });
        middle.map(|(value, _)| *value)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.of += other.of;
        self.yes += other.yes;
        self.late += other.late;
        self.beside += other.beside;
        for (value, times) in &other.values {
            *self.values.entry(*value).or_default() += times;
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What a month's cases come to so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Sum>", into = "Vec<Sum>")]
pub struct Sums(pub(super) BTreeMap<Measure, BTreeMap<Group, Tally>>);

#[derive(Clone, Serialize, Deserialize)]
struct Sum {
    measure: Measure,
    group: Group,
    tally: Tally,
}

impl Sums {
    /// Adds what a case gives.
    pub fn add(&mut self, contributions: impl IntoIterator<Item = Contribution>) {
        for Contribution { measure, place, tally } in contributions {
            let groups = self.0.entry(measure).or_default();
            for group in place.groups() {
                groups.entry(group).or_default().add(&tally);
            }
        }
    }

    /// Adds what others have added up.
    pub fn merge(&mut self, other: Self) {
        for Sum { measure, group, tally } in Vec::from(other) {
            self.0.entry(measure).or_default().entry(group).or_default().add(&tally);
        }
    }

    /// The counts of a measure in a group.
    #[must_use]
    pub fn tally(&self, measure: &Measure, group: &Group) -> Option<&Tally> {
        self.0.get(measure)?.get(group)
    }

    /// What there are counts of.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.0.keys()
    }
}

impl From<Sums> for Vec<Sum> {
    fn from(sums: Sums) -> Self {
        let of = |(measure, groups): (Measure, BTreeMap<Group, Tally>)| {
            let sum = move |(group, tally)| Sum { measure: measure.clone(), group, tally };
            groups.into_iter().map(sum)
        };
        sums.0.into_iter().flat_map(of).collect()
    }
}

impl From<Vec<Sum>> for Sums {
    fn from(list: Vec<Sum>) -> Self {
        let mut sums = Self::default();
        for Sum { measure, group, tally } in list {
            sums.0.entry(measure).or_default().entry(group).or_default().add(&tally);
        }
        sums
    }
}
