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
//! for it, and the one does not tell what the other hides. Where a measure is counted of some of the
//! cases, the others are a number that must not be small either, and so is what two measures tell together
//! when the one holds whoever the other does ([`Tally::beside`]).

use std::collections::{BTreeMap, BTreeSet};

use contracts::commands::{Figure, FigureRow, StatisticsBy};

use super::measure::Shape;
use super::{Group, Measure, Sums, Tally};

/// The smallest number that is given, 0 apart.
pub const FEWEST: u32 = 5;

/// All figures of one kind of groups, the measures in their order; of each that of all cases first.
#[must_use]
pub fn figures(sums: &Sums, by: StatisticsBy) -> Vec<Figure> {
    let within = |measure: &Measure| measure.within().and_then(|whole| sums.0.get(&whole));
    let of = |(measure, groups)| of_measure(measure, groups, within(measure), by);
    sums.0.iter().flat_map(of).collect()
}

type Groups = BTreeMap<Group, Tally>;

fn of_measure(
    measure: &Measure,
    groups: &Groups,
    within: Option<&Groups>,
    by: StatisticsBy,
) -> Vec<Figure> {
    let Some(all) = groups.get(&Group::All) else { return Vec::new() };
    let hidden = Hidden::of(measure.shape(), groups, within);
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
    /// `within` has the groups of those of whom it is counted.
    fn of(shape: Shape, groups: &Groups, within: Option<&Groups>) -> Self {
        let mut rows = BTreeSet::new();
        let mut all: Parts<'_> = groups.iter().map(|(group, tally)| (group, (tally, 0))).collect();
        if let Some(within) = within {
            rows = Self::of(Shape::Count, within, None).rows;
            for (group, whole) in within {
                let (tally, outside) = all.entry(group).or_insert((&NOBODY, 0));
                *outside = whole.of.saturating_sub(tally.of);
            }
            // Of whom there is nobody there is no row.
            rows.extend(
                all.iter().filter(|(_, (tally, _))| tally.of == 0).map(|(g, _)| (*g).clone()),
            );
        }
        hide(&all, &mut rows, &|tally, outside| [tally.of.into(), outside.into(), 0]);
        let no = |tally: &Tally| tally.of.saturating_sub(tally.yes).into();
        match shape {
            Shape::Count => {}
            Shape::Share | Shape::ShareAndSum => hide(&all, &mut rows, &|tally, _| {
                [tally.yes.into(), no(tally), tally.beside.into()]
            }),
            Shape::Timed => hide(&all, &mut rows, &|tally, _| [tally.yes.into(), no(tally), 0]),
            Shape::Sum => hide(&all, &mut rows, &|tally, _| [tally.sum(), 0, 0]),
        }
        let mut splits = rows.clone();
        if shape == Shape::Timed {
            hide(&all, &mut splits, &|tally, _| {
                [tally.late.into(), tally.never().into(), tally.beside.into()]
            });
        }
        Self { rows, splits }
    }
}

/// The groups, each with how many of those of whom it is counted are not in it.
type Parts<'a> = BTreeMap<&'a Group, (&'a Tally, u32)>;

static NOBODY: Tally = Tally { of: 0, yes: 0, late: 0, beside: 0, values: BTreeMap::new() };

/// What must not be small, of a tally and those outside it.
type Counts<'a> = &'a dyn Fn(&Tally, u32) -> [u64; 3];

/// Hides groups, beside those that are hidden already, until nothing small can be told from the others.
fn hide(all: &Parts<'_>, hidden: &mut BTreeSet<Group>, counts: Counts<'_>) {
    let whole_is_given = all.get(&Group::All).is_some_and(|(tally, outside)| {
        !hidden.contains(&Group::All) && is_safe(counts(tally, *outside))
    });
    if !whole_is_given {
        hidden.extend(all.keys().map(|group| (*group).clone()));
        return;
    }
    let of = |is: fn(&Group) -> bool| all.iter().filter(move |(group, _)| is(group));
    among(of(|group| matches!(group, Group::Municipality(_))), hidden, counts);
    among(of(|group| matches!(group, Group::Track(_))), hidden, counts);
    among(of(|group| matches!(group, Group::Ward(_))), hidden, counts);
    for municipality in all.keys() {
        let Group::Municipality(code) = municipality else { continue };
        let own = |group: &Group| matches!(group, Group::Units(of, _) if of == code);
        let units = all.iter().filter(|(group, _)| own(group));
        if hidden.contains(*municipality) {
            hidden.extend(units.map(|(group, _)| (*group).clone()));
        } else {
            among(units, hidden, counts);
        }
    }
}

/// Hides some of the groups that add up to a whole that is given: those that are small, and of the
/// others the smallest ones, until what is hidden is not small together.
fn among<'a>(
    parts: impl Iterator<Item = (&'a &'a Group, &'a (&'a Tally, u32))>,
    hidden: &mut BTreeSet<Group>,
    counts: Counts<'_>,
) {
    let mut given: Vec<(&Group, &Tally, [u64; 3])> = Vec::new();
    let mut rest = [0; 3];
    for (group, (tally, outside)) in parts {
        let numbers = counts(tally, *outside);
        if hidden.contains(*group) || !is_safe(numbers) {
            rest = sum(rest, numbers);
            hidden.insert((*group).clone());
        } else {
            given.push((group, tally, numbers));
        }
    }
    given.sort_by_key(|(group, tally, _)| (tally.of, *group));
    for (group, _, numbers) in given {
        if is_safe(rest) {
            break;
        }
        rest = sum(rest, numbers);
        hidden.insert(group.clone());
    }
}

fn sum(mut all: [u64; 3], more: [u64; 3]) -> [u64; 3] {
    all.iter_mut().zip(more).for_each(|(sum, number)| *sum += number);
    all
}

fn is_safe(counts: [u64; 3]) -> bool {
    counts.into_iter().all(|count| count == 0 || u64::from(FEWEST) <= count)
}

fn figure(measure: &Measure, row: FigureRow, group: &Group, tally: &Tally, whole: bool) -> Figure {
    let shape = measure.shape();
    let has_share = matches!(shape, Shape::Share | Shape::ShareAndSum | Shape::Timed);
    let has_sum = matches!(shape, Shape::Sum | Shape::ShareAndSum);
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
        sum: has_sum.then(|| tally.sum()),
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
