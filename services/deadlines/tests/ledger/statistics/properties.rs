//! What holds for all cases: the order of adding means nothing, and no small number can be computed
//! from what is given.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking, its helpers included")]

use std::collections::{BTreeMap, BTreeSet};

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
/// of some measures in all views.
#[derive(Default)]
struct Known {
    /// A measure and a group each.
    numbers: Vec<String>,
    equations: Vec<Vec<i64>>,
}

impl Known {
    fn of(measures: &[&Measure], places: &[&Place], sums: &Sums, count: usize) -> Self {
        let mut known = Self::default();
        for measure in measures {
            let groups = places.iter().flat_map(|place| names(place));
            known.numbers.extend(groups.map(|group| named(measure, &group)));
        }
        known.numbers.sort();
        known.numbers.dedup();
        for measure in measures {
            known.add_up(measure, places);
            known.look_at(measure, sums, count);
        }
        known
    }

    /// The groups of a kind are all there is, a municipality's units the municipality.
    fn add_up(&mut self, measure: &Measure, places: &[&Place]) {
        let mut wholes: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
        for place in places {
            let [all, municipality, seat, track] = names(place);
            let whole = if seat.starts_with("ward") { &all } else { &municipality };
            wholes.entry(("seat", whole.clone())).or_default().push(seat);
            wholes.entry(("track", all.clone())).or_default().push(track);
            wholes.entry(("municipality", all)).or_default().push(municipality);
        }
        for ((_, whole), parts) in wholes {
            let parts: BTreeSet<String> = parts.iter().map(|part| named(measure, part)).collect();
            let mut row = self.vector(parts.iter().map(|part| (part.as_str(), 1)));
            row[self.index(&named(measure, &whole))] -= 1;
            self.equations.push(row);
        }
    }

    fn look_at(&mut self, measure: &Measure, sums: &Sums, count: usize) {
        for by in VIEWS {
            for figure in figures(sums, by).iter().filter(|figure| figure.id == measure.id()) {
                if number(figure, count).is_some() && figure.row != FigureRow::Rest {
                    let given = named(measure, &name(figure, by));
                    self.equations.push(self.vector([(given.as_str(), 1)]));
                }
            }
        }
    }

    fn index(&self, number: &str) -> usize {
        self.numbers.iter().position(|one| one == number).unwrap()
    }

    fn vector<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, i64)>) -> Vec<i64> {
        let mut row = vec![0; self.numbers.len()];
        numbers.into_iter().for_each(|(number, times)| row[self.index(number)] = times);
        row
    }

    /// Whether what these numbers come to together follows.
    fn tells<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, i64)>) -> bool {
        let mut with = self.equations.clone();
        with.push(self.vector(numbers));
        rank(self.equations.clone()) == rank(with)
    }
}

fn places<'a>(all: &'a [Contribution], measure: &Measure) -> Vec<&'a Place> {
    all.iter().filter(|one| one.measure == *measure).map(|one| &one.place).collect()
}

fn named(measure: &Measure, group: &str) -> String {
    format!("{group} in {}", measure.id())
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
            let places = places(&all, measure);
            for count in 0..COUNTS {
                let known = Known::of(&[measure], &places, &sums, count);
                let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
                for one in all.iter().filter(|one| one.measure == *measure) {
                    for name in names(&one.place) {
                        *numbers.entry(named(measure, &name)).or_default() +=
                            count_of(&one.tally, count);
                    }
                }
                let small: Vec<(&str, u32)> = numbers
                    .iter()
                    .filter(|(_, number)| is_small(**number))
                    .map(|(name, number)| (name.as_str(), *number))
                    .collect();
                for (at, (name, number)) in small.iter().enumerate() {
                    prop_assert!(!known.tells([(*name, 1)]), "{name}: {number}");
                    // Nor of two of a kind that are small together.
                    let kind = |name: &str| name.split(' ').next().map(str::to_owned);
                    for (other, more) in &small[at + 1..] {
                        if kind(name) == kind(other) && is_small(number + more) {
                            let both = known.tells([(*name, 1), (*other, 1)]);
                            prop_assert!(!both, "{name} and {other}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn nor_how_few_a_measure_leaves_out(
        people in prop::collection::vec((0..4_u32, 0..3_u32, any::<bool>(), 1..9_usize), 1..25),
    ) {
        let (cases, changed) = (Measure::Cases, Measure::TrackChanged);
        let mut all = Vec::new();
        for (of, ward, counted, times) in people {
            let seat = Seat::Ward(unit(&format!("AVD{ward}")));
            let place = place(of, seat, counted.then_some("red"));
            for _ in 0..times {
                let add = |measure: &Measure| Contribution {
                    measure: measure.clone(),
                    place: place.clone(),
                    tally: Tally::one(false),
                };
                all.push(add(&cases));
                all.extend(counted.then(|| add(&changed)));
            }
        }
        let sums = added(&all);
        // Whoever looks does not know where nobody is, but that who has no track has changed none.
        let mut known = Known::of(&[&cases, &changed], &places(&all, &cases), &sums, 0);
        let none = named(&changed, "track None");
        if known.numbers.contains(&none) {
            known.equations.push(known.vector([(none.as_str(), 1)]));
        }
        let mut numbers: BTreeMap<String, [u32; 2]> = BTreeMap::new();
        for one in &all {
            for name in names(&one.place) {
                numbers.entry(name).or_default()[usize::from(one.measure == changed)] += 1;
            }
        }
        for (name, [whole, counted]) in numbers {
            let (whole_name, counted_name) = (named(&cases, &name), named(&changed, &name));
            if is_small(whole) {
                prop_assert!(!known.tells([(whole_name.as_str(), 1)]), "{name}: {whole}");
            }
            if is_small(counted) {
                prop_assert!(!known.tells([(counted_name.as_str(), 1)]), "{name}: {counted}");
            }
            if counted > 0 && is_small(whole - counted) {
                let difference = [(whole_name.as_str(), 1), (counted_name.as_str(), -1)];
                prop_assert!(!known.tells(difference), "{name}: {whole} - {counted}");
            }
        }
    }
}
