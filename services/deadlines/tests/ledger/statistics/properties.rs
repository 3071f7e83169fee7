//! What holds for all cases: the order of adding means nothing, and no small number can be computed
//! from what is given.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking, its helpers included")]

use std::collections::BTreeMap;

use contracts::commands::{Figure, FigureRow};
use deadlines::domain::statistics::{Contribution, FEWEST, Place, Seat};
use proptest::prelude::*;

use super::suppression::place;
use super::*;

/// Cases that fall into few groups, so that some are small.
fn contribution() -> impl Strategy<Value = Contribution> {
    let seat = (0..2_u32, any::<bool>());
    let track = prop::sample::select(vec![None, Some("green"), Some("red")]);
    let tally = prop::sample::select(vec![Tally::one(true), Tally::one(false), Tally::late()]);
    (0..5_u32, seat, track, tally, 0..4_u32).prop_map(
        |(of, (unit_of, ward), track, tally, took)| {
            let (measure, seat) = if ward {
                (Measure::SipHeld, Seat::Ward(unit(&format!("AVD{unit_of}"))))
            } else {
                (Measure::Receipt, Seat::Units(vec![unit(&format!("M{of}U{unit_of}"))]))
            };
            Contribution { measure, place: place(of, seat, track), tally: tally.with(took) }
        },
    )
}

/// Some groups many times, some once or twice.
fn population() -> impl Strategy<Value = Vec<Contribution>> {
    let times = prop_oneof![3 => 1..4_usize, 2 => 5..12_usize];
    prop::collection::vec((contribution(), times), 1..30).prop_map(|all| {
        let repeated = |(one, times): (Contribution, usize)| std::iter::repeat_n(one, times);
        all.into_iter().flat_map(repeated).collect()
    })
}

fn added<'a>(all: impl IntoIterator<Item = &'a Contribution>) -> Sums {
    let mut sums = Sums::default();
    sums.add(all.into_iter().cloned());
    sums
}

/// A number that a figure holds, by what it counts.
fn number(figure: &Figure, count: usize) -> Option<u32> {
    match count {
        0 => Some(figure.of),
        1 => figure.yes,
        2 => figure.yes.map(|yes| figure.of - yes),
        3 => figure.late,
        _ => figure.never,
    }
}

const COUNTS: usize = 5;
const VIEWS: [StatisticsBy; 3] =
    [StatisticsBy::Municipality, StatisticsBy::Unit, StatisticsBy::Track];

/// The groups of a case that can be asked for, as names.
fn names(place: &Place) -> [String; 4] {
    let of = place.municipality.as_ref().unwrap().as_str().to_owned();
    let seat = match &place.seat {
        Seat::Ward(ward) => format!("ward {ward}"),
        Seat::Units(units) => format!("units {of} {units:?} {}", units[0]),
    };
    let track = format!("track {:?}", place.track);
    ["all".to_owned(), format!("municipality {of}"), seat, track]
}

fn name(figure: &Figure, by: StatisticsBy) -> String {
    let of = figure.municipality.as_ref().map_or("", |code| code.as_str());
    match (figure.row, by) {
        (FigureRow::All, _) => "all".to_owned(),
        (_, StatisticsBy::Municipality) => format!("municipality {of}"),
        (_, StatisticsBy::Unit) if of.is_empty() => format!("ward {}", figure.units[0]),
        (_, StatisticsBy::Unit) => format!("units {of} {:?} {}", figure.units, figure.units[0]),
        _ => format!("track {:?}", figure.track),
    }
}

/// Linear algebra over a prime field, which is exact.
const PRIME: i64 = 1_000_003;

fn rank(mut rows: Vec<Vec<i64>>) -> usize {
    let width = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..width {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(rank, pivot);
        let inverse = power(rows[rank][column], PRIME - 2);
        let lead: Vec<i64> = rows[rank].iter().map(|cell| cell * inverse % PRIME).collect();
        for (at, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if at != rank && factor != 0 {
                for (cell, lead) in row.iter_mut().zip(&lead) {
                    *cell = (*cell - factor * lead).rem_euclid(PRIME);
                }
            }
        }
        rows[rank] = lead;
        rank += 1;
    }
    rank
}

fn power(base: i64, exponent: i64) -> i64 {
    let (mut base, mut exponent, mut result) = (base.rem_euclid(PRIME), exponent, 1);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

/// What somebody knows who knows which groups there are, which add up to which, and all that is given
/// of a measure in all views.
struct Known {
    groups: Vec<String>,
    equations: Vec<Vec<i64>>,
}

impl Known {
    fn new(places: &[&Place], sums: &Sums, id: &str, count: usize) -> Self {
        let mut groups: Vec<String> = places.iter().flat_map(|place| names(place)).collect();
        groups.sort();
        groups.dedup();
        let mut known = Self { groups, equations: Vec::new() };
        let mut wholes: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
        for place in places {
            let [all, municipality, seat, track] = names(place);
            wholes.entry(("municipality", all.clone())).or_default().push(municipality.clone());
            wholes.entry(("track", all.clone())).or_default().push(track);
            let whole = if seat.starts_with("ward") { all } else { municipality };
            wholes.entry(("seat", whole)).or_default().push(seat);
        }
        for ((_, whole), mut parts) in wholes {
            parts.sort();
            parts.dedup();
            let mut row = known.vector(parts.iter().map(String::as_str));
            row[known.place_of(&whole)] -= 1;
            known.equations.push(row);
        }
        for by in VIEWS {
            for figure in figures(sums, by).iter().filter(|figure| figure.id == id) {
                if number(figure, count).is_some() && figure.row != FigureRow::Rest {
                    let given = known.vector([name(figure, by).as_str()]);
                    known.equations.push(given);
                }
            }
        }
        known
    }

    fn place_of(&self, group: &str) -> usize {
        self.groups.iter().position(|one| one == group).unwrap()
    }

    fn vector<'a>(&self, groups: impl IntoIterator<Item = &'a str>) -> Vec<i64> {
        let mut row = vec![0; self.groups.len()];
        groups.into_iter().for_each(|group| row[self.place_of(group)] = 1);
        row
    }

    /// Whether what these groups come to together follows.
    fn tells(&self, vector: Vec<i64>) -> bool {
        let mut with = self.equations.clone();
        with.push(vector);
        rank(self.equations.clone()) == rank(with)
    }
}

fn count_of(tally: &Tally, count: usize) -> u32 {
    match count {
        0 => tally.of,
        1 => tally.yes,
        2 => tally.of - tally.yes,
        3 => tally.late,
        _ => tally.never(),
    }
}

fn is_small(number: u32) -> bool {
    (1..FEWEST).contains(&number)
}

proptest! {
    #[test]
    fn the_order_and_the_parts_of_adding_mean_nothing(
        all in population(),
        cut in any::<prop::sample::Index>(),
    ) {
        let backwards = added(all.iter().rev());
        let cut = cut.index(all.len());
        let mut parts = added(&all[cut..]);
        parts.merge(added(&all[..cut]));
        prop_assert_eq!(&added(&all), &backwards);
        prop_assert_eq!(&added(&all), &parts);
    }

    #[test]
    fn what_is_kept_is_what_was_added_up(all in population()) {
        let sums = added(&all);
        let text = serde_json::to_string(&sums).unwrap();
        prop_assert_eq!(serde_json::from_str::<Sums>(&text).unwrap(), sums);
    }

    #[test]
    fn no_number_that_is_given_is_small(all in population()) {
        let sums = added(&all);
        for by in VIEWS {
            for figure in figures(&sums, by) {
                for count in 0..COUNTS {
                    prop_assert!(!number(&figure, count).is_some_and(is_small), "{figure:?}");
                }
            }
        }
    }

    #[test]
    fn the_rows_and_the_rest_add_up_to_all(all in population()) {
        let sums = added(&all);
        for by in VIEWS {
            let rows = figures(&sums, by);
            for whole in rows.iter().filter(|row| row.row == FigureRow::All) {
                let parts = rows.iter().filter(|row| row.id == whole.id && *row != whole);
                let (of, yes) = parts.fold((0, 0), |(of, yes), row| {
                    (of + row.of, yes + row.yes.unwrap_or_default())
                });
                prop_assert_eq!((of, Some(yes)), (whole.of, whole.yes));
            }
        }
    }

    #[test]
    fn no_small_number_can_be_computed_from_all_that_is_given(all in population()) {
        let sums = added(&all);
        for measure in sums.measures() {
            let of = all.iter().filter(|one| one.measure == *measure);
            let places: Vec<&Place> = of.clone().map(|one| &one.place).collect();
            for count in 0..COUNTS {
                let known = Known::new(&places, &sums, &measure.id(), count);
                let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
                for one in of.clone() {
                    for name in names(&one.place) {
                        *numbers.entry(name).or_default() += count_of(&one.tally, count);
                    }
                }
                let small: Vec<(&str, u32)> = numbers
                    .iter()
                    .filter(|(_, number)| is_small(**number))
                    .map(|(name, number)| (name.as_str(), *number))
                    .collect();
                for (at, (name, number)) in small.iter().enumerate() {
                    prop_assert!(!known.tells(known.vector([*name])), "{name}: {number}");
                    // Nor of two of a kind that are small together.
                    let kind = |name: &str| name.split(' ').next().map(str::to_owned);
                    for (other, more) in &small[at + 1..] {
                        if kind(name) == kind(other) && is_small(number + more) {
                            let both = known.vector([*name, *other]);
                            prop_assert!(!known.tells(both), "{name} and {other}");
                        }
                    }
                }
            }
        }
    }
}
