//! What may be shown of a month's sums.
//!
//! A number from 1 to 4 is not given, whether it counts those of whom something is so, those of whom
//! it is not, or all of them. Nor is one given from which such a number could be computed: what is left
//! of a whole when everything that is given is taken off is itself no such number, in all that is
//! counted. So whatever adds up from given figures consists of pieces that are large enough.
//!
//! Rows that are not given are not listed, so that nobody sees how many they are; a municipality's units
//! are not when it is not itself, since together they are the municipality. What is not given because of
//! how many there are depends on these numbers alone: two measures of the same cases hide the same rows
//! for it, and the one does not tell what the other hides.

use std::collections::{BTreeMap, BTreeSet};

use contracts::commands::{Figure, FigureRow, StatisticsBy};

use super::measure::Shape;
use super::{Group, Measure, Sums, Tally};

/// The smallest number that is given, 0 apart.
pub const FEWEST: u32 = 5;

/// All figures of one kind of groups, the measures in their order; of each that of all cases first.
#[must_use]
pub fn figures(sums: &Sums, by: StatisticsBy) -> Vec<Figure> {
    let of = |(measure, groups)| of_measure(measure, groups, by);
    sums.0.iter().flat_map(of).collect()
}

type Groups = BTreeMap<Group, Tally>;

fn of_measure(measure: &Measure, groups: &Groups, by: StatisticsBy) -> Vec<Figure> {
    let Some(all) = groups.get(&Group::All) else { return Vec::new() };
    let shape = measure.shape();
    let hidden = Hidden::of(shape, all, groups);
    if hidden.rows.contains(&Group::All) {
        return Vec::new();
    }
    let figure = |row, group, tally: &Tally, whole| figure(measure, row, group, tally, whole);
    let whole = |group: &Group| !hidden.splits.contains(group);
    let mut figures = vec![figure(FigureRow::All, &Group::All, all, whole(&Group::All))];
    let mut rest = Tally::default();
    for (group, tally) in groups.iter().filter(|(group, _)| group.is_of(by)) {
        if hidden.rows.contains(group) {
            rest.add(tally);
        } else {
            figures.push(figure(FigureRow::Group, group, tally, whole(group)));
        }
    }
    if rest.of > 0 {
        figures.push(figure(FigureRow::Rest, &Group::All, &rest, false));
    }
    figures
}

impl Group {
    fn is_of(&self, by: StatisticsBy) -> bool {
        match self {
            Self::All => false,
            Self::Municipality(_) => by == StatisticsBy::Municipality,
            Self::Units(..) | Self::Ward(_) => by == StatisticsBy::Unit,
            Self::Track(_) => by == StatisticsBy::Track,
        }
    }
}

/// What is not given.
struct Hidden {
    /// Groups of which nothing is.
    rows: BTreeSet<Group>,
    /// Groups, those among them, of which it is not said how many were late and how many never.
    splits: BTreeSet<Group>,
}

impl Hidden {
    fn of(shape: Shape, all: &Tally, groups: &Groups) -> Self {
        let mut rows = BTreeSet::new();
        hide(all, groups, &mut rows, &|tally| [tally.of.into(), 0]);
        match shape {
            Shape::Count => {}
            Shape::Share | Shape::Timed => hide(all, groups, &mut rows, &|tally| {
                [tally.yes.into(), tally.of.saturating_sub(tally.yes).into()]
            }),
            Shape::Sum => hide(all, groups, &mut rows, &|tally| [tally.sum(), 0]),
        }
        let mut splits = rows.clone();
        if shape == Shape::Timed {
            hide(all, groups, &mut splits, &|tally| [tally.late.into(), tally.never().into()]);
        }
        Self { rows, splits }
    }
}

/// What must not be small.
type Counts<'a> = &'a dyn Fn(&Tally) -> [u64; 2];

/// Hides groups, beside those that are hidden already, until nothing small can be told from the others.
fn hide(all: &Tally, groups: &Groups, hidden: &mut BTreeSet<Group>, counts: Counts<'_>) {
    if hidden.contains(&Group::All) || !is_safe(all, counts) {
        hidden.extend(groups.keys().cloned());
        return;
    }
    let of = |is: fn(&Group) -> bool| groups.iter().filter(move |(group, _)| is(group));
    among(of(|group| matches!(group, Group::Municipality(_))), hidden, counts);
    among(of(|group| matches!(group, Group::Track(_))), hidden, counts);
    among(of(|group| matches!(group, Group::Ward(_))), hidden, counts);
    for municipality in groups.keys() {
        let Group::Municipality(code) = municipality else { continue };
        let own = |group: &Group| matches!(group, Group::Units(of, _) if of == code);
        let units = groups.iter().filter(|(group, _)| own(group));
        if hidden.contains(municipality) {
            hidden.extend(units.map(|(group, _)| group.clone()));
        } else {
            among(units, hidden, counts);
        }
    }
}

/// Hides some of the groups that add up to a whole that is given: those that are small, and of the
/// others the smallest ones, until what is hidden is not small together.
fn among<'a>(
    parts: impl Iterator<Item = (&'a Group, &'a Tally)>,
    hidden: &mut BTreeSet<Group>,
    counts: Counts<'_>,
) {
    let mut given: Vec<(&Group, &Tally)> = Vec::new();
    let mut rest = Tally::default();
    for (group, tally) in parts {
        if hidden.contains(group) || !is_safe(tally, counts) {
            rest.add(tally);
            hidden.insert(group.clone());
        } else {
            given.push((group, tally));
        }
    }
    given.sort_by_key(|(group, tally)| (tally.of, *group));
    for (group, tally) in given {
        if is_safe(&rest, counts) {
            break;
        }
        rest.add(tally);
        hidden.insert(group.clone());
    }
}

fn is_safe(tally: &Tally, counts: Counts<'_>) -> bool {
    counts(tally).into_iter().all(|count| count == 0 || u64::from(FEWEST) <= count)
}

fn figure(measure: &Measure, row: FigureRow, group: &Group, tally: &Tally, whole: bool) -> Figure {
    let shape = measure.shape();
    let has_share = matches!(shape, Shape::Share | Shape::Timed);
    let split = shape == Shape::Timed && whole;
    let median = shape == Shape::Timed && row != FigureRow::Rest;
    let mut figure = Figure {
        id: measure.id(),
        row,
        municipality: None,
        units: Vec::new(),
        track: None,
        of: tally.of,
        yes: has_share.then_some(tally.yes),
        late: split.then_some(tally.late),
        never: split.then(|| tally.never()),
        median: tally.median(FEWEST).filter(|_| median),
        sum: (shape == Shape::Sum).then(|| tally.sum()),
    };
    match group {
        Group::All => {}
        Group::Municipality(code) => figure.municipality.clone_from(code),
        Group::Units(code, units) => {
            figure.municipality.clone_from(code);
            figure.units.clone_from(units);
        }
        Group::Ward(ward) => figure.units.push(ward.clone()),
        Group::Track(track) => figure.track.clone_from(track),
    }
    figure
}
