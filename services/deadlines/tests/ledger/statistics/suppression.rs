//! Small numbers are not given, and not to be computed.

use contracts::commands::{Figure, FigureRow};
use contracts::{HsaId, MunicipalityCode};
use deadlines::domain::statistics::{Contribution, Place, Seat};

use super::*;

pub(super) fn municipality(number: u32) -> MunicipalityCode {
    format!("20{:02}", number + 1).parse().unwrap()
}

pub(super) fn place(municipality_of: u32, seat: Seat, track: Option<&str>) -> Place {
    let track = track.map(|name| name.parse().unwrap());
    Place { municipality: Some(municipality(municipality_of)), seat, track }
}

fn ward() -> Seat {
    Seat::Ward(unit("AVD"))
}

/// So many cases of a municipality, of which so many come often.
fn cases(sums: &mut Sums, of: u32, number: u32, yes: u32) {
    for one in 0..number {
        let place = place(of, ward(), None);
        let tally = Tally::one(one < yes);
        sums.add([Contribution { measure: Measure::Frequent, place, tally }]);
    }
}

fn rows(sums: &Sums, by: StatisticsBy) -> Vec<Figure> {
    figures(sums, by)
}

fn given(sums: &Sums) -> Vec<(FigureRow, Option<MunicipalityCode>, u32, Option<u32>)> {
    let rows = rows(sums, StatisticsBy::Municipality);
    rows.into_iter().map(|row| (row.row, row.municipality, row.of, row.yes)).collect()
}

#[test]
fn numbers_that_are_large_enough_are_given_and_so_is_none() {
    let mut sums = Sums::default();
    cases(&mut sums, 1, 10, 5);
    cases(&mut sums, 2, 5, 0);
    assert_eq!(
        given(&sums),
        [
            (FigureRow::All, None, 15, Some(5)),
            (FigureRow::Group, Some(municipality(1)), 10, Some(5)),
            (FigureRow::Group, Some(municipality(2)), 5, Some(0)),
        ]
    );
}

#[test]
fn a_small_whole_gives_nothing_at_all() {
    for (number, yes) in [(4, 0), (10, 4), (10, 6), (10, 9)] {
        let mut sums = Sums::default();
        cases(&mut sums, 1, number, yes);
        assert_eq!(given(&sums), [], "{yes} of {number}");
    }
}

#[test]
fn with_one_small_part_the_smallest_other_part_is_hidden_too() {
    let mut sums = Sums::default();
    cases(&mut sums, 1, 30, 10);
    cases(&mut sums, 2, 20, 10);
    cases(&mut sums, 3, 4, 0);
    assert_eq!(
        given(&sums),
        [
            (FigureRow::All, None, 54, Some(20)),
            (FigureRow::Group, Some(municipality(1)), 30, Some(10)),
            (FigureRow::Rest, None, 24, Some(10)),
        ]
    );
}

#[test]
fn small_parts_that_are_large_enough_together_need_no_other() {
    let mut sums = Sums::default();
    cases(&mut sums, 1, 30, 10);
    for small in 2..5 {
        cases(&mut sums, small, 4, 2);
    }
    let rows = given(&sums);
    assert_eq!(rows[1], (FigureRow::Group, Some(municipality(1)), 30, Some(10)));
    assert_eq!(rows[2], (FigureRow::Rest, None, 12, Some(6)));
}

#[test]
fn what_is_hidden_is_not_listed_so_that_nobody_counts_the_rows() {
    let mut sums = Sums::default();
    cases(&mut sums, 1, 30, 10);
    for small in 2..8 {
        cases(&mut sums, small, 1, 0); // six rows of one each, which add up to six
    }
    assert_eq!(given(&sums).len(), 3);
}

#[test]
fn measures_of_the_same_cases_hide_the_same_rows_for_how_many_they_are() {
    // Of the one, a part is hidden because of what is so of it; it could stand in for the small part,
    // and then the other measure would tell how small that is.
    let mut sums = Sums::default();
    for (of, number, often) in [(1, 30, 10), (2, 20, 10), (3, 25, 2), (4, 3, 0)] {
        cases(&mut sums, of, number, often);
        for _ in 0..number {
            let place = place(of, ward(), None);
            sums.add([Contribution { measure: Measure::Cases, place, tally: Tally::one(false) }]);
        }
    }
    let listed = |id: &str| -> Vec<u32> {
        let rows = rows(&sums, StatisticsBy::Municipality);
        let of = rows.into_iter().filter(|row| row.id == id && row.row == FigureRow::Group);
        of.map(|row| row.of).collect()
    };
    assert_eq!(listed("cases"), [30, 25]);
    assert_eq!(listed("frequent"), [30]);
}

#[test]
fn the_units_of_a_municipality_that_is_hidden_are_hidden() {
    let units = |name: &str| Seat::Units(vec![unit(name)]);
    let mut sums = Sums::default();
    for (of, name, number) in [(1, "VC", 30), (2, "KH", 20), (3, "ST", 4)] {
        for _ in 0..number {
            let place = place(of, units(name), None);
            let tally = Tally::one(true);
            sums.add([Contribution { measure: Measure::Receipt, place, tally }]);
        }
    }
    let rows = rows(&sums, StatisticsBy::Unit);
    let listed: Vec<(Vec<HsaId>, u32)> = rows.into_iter().map(|row| (row.units, row.of)).collect();
    assert_eq!(listed, [(vec![], 54), (vec![unit("VC")], 30), (vec![], 24)]);
}

#[test]
fn late_and_never_are_told_apart_only_where_neither_is_small() {
    let timed = |sums: &mut Sums, of, yes, late, never| {
        let tallies = [(yes, Tally::one(true)), (late, Tally::late()), (never, Tally::one(false))];
        for (times, tally) in tallies {
            for _ in 0..times {
                let (place, tally) = (place(of, ward(), None), tally.clone());
                sums.add([Contribution { measure: Measure::SipHeld, place, tally }]);
            }
        }
    };
    let mut sums = Sums::default();
    timed(&mut sums, 1, 10, 6, 6);
    timed(&mut sums, 2, 10, 3, 6);
    timed(&mut sums, 3, 20, 9, 9);
    let rows = rows(&sums, StatisticsBy::Municipality);
    let split: Vec<_> = rows.iter().map(|row| (row.of, row.yes, row.late)).collect();
    assert_eq!(
        split,
        [
            (79, Some(40), Some(18)),
            (22, Some(10), None), // stands in for the other
            (19, Some(10), None),
            (38, Some(20), Some(9)),
        ]
    );
}

/// So many cases, of which so many have a track, and so many of these another one than at first.
fn tracks(sums: &mut Sums, of: u32, number: u32, tracked: u32, changed: u32) {
    for one in 0..number {
        let place = place(of, ward(), None);
        let add = |measure, tally| Contribution { measure, place: place.clone(), tally };
        sums.add([add(Measure::Cases, Tally::one(false))]);
        if one < tracked {
            sums.add([add(Measure::TrackChanged, Tally::one(one < changed))]);
        }
    }
}

#[test]
fn those_who_are_not_counted_are_no_small_number_either() {
    let listed = |rest: u32| -> Vec<u32> {
        let mut sums = Sums::default();
        tracks(&mut sums, 1, 60, 50, 20);
        tracks(&mut sums, 2, 30 + rest, 30, 10);
        tracks(&mut sums, 3, 40, 35, 10);
        let rows = rows(&sums, StatisticsBy::Municipality);
        let of = rows.into_iter().filter(|row| row.id == "track_changed");
        of.filter(|row| row.row == FigureRow::Group).map(|row| row.of).collect()
    };
    assert_eq!(listed(5), [50, 30, 35]);
    assert_eq!(listed(3), [50]); // 3 and 5 others, together
    assert_eq!(listed(0), [50, 30, 35]);
}

#[test]
fn who_was_called_and_had_no_meeting_is_no_small_number_either() {
    // Called in time: 40 and later: 10; held before: 20 and after: 27. Three were called and met nobody.
    let mut sums = Sums::default();
    let add = |sums: &mut Sums, measure: &Measure, times: u32, tally: &Tally| {
        for _ in 0..times {
            let (measure, tally) = (measure.clone(), tally.clone());
            sums.add([Contribution { measure, place: place(1, ward(), None), tally }]);
        }
    };
    add(&mut sums, &Measure::Cases, 60, &Tally::one(false));
    for (times, tally) in [(40, Tally::one(true)), (10, Tally::late()), (10, Tally::one(false))] {
        add(&mut sums, &Measure::SipCalled, times, &tally);
    }
    let unheld = Tally::one(false).beside(true);
    for (times, tally) in
        [(20, Tally::one(true)), (27, Tally::late()), (10, Tally::one(false)), (3, unheld)]
    {
        add(&mut sums, &Measure::SipHeld, times, &tally);
    }
    let rows = rows(&sums, StatisticsBy::All);
    let late: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.yes, row.late)).collect();
    assert_eq!(
        late,
        [("cases", None, None), ("sip_called", Some(40), Some(10)), ("sip_held", Some(20), None)]
    );
}

#[test]
fn how_many_readmissions_were_planned_is_no_small_number_either() {
    let given = |back: u32, unplanned: u32| -> Vec<(String, Option<u32>)> {
        let mut sums = Sums::default();
        for one in 0..60 {
            let (is_back, unplanned) = (one < back, one < unplanned);
            for (measure, tally) in [
                (Measure::Readmission, Tally::one(is_back)),
                (
                    Measure::UnplannedReadmission,
                    Tally::one(unplanned).beside(is_back && !unplanned),
                ),
            ] {
                sums.add([Contribution { measure, place: place(1, ward(), None), tally }]);
            }
        }
        rows(&sums, StatisticsBy::All).into_iter().map(|row| (row.id, row.yes)).collect()
    };
    let all = "readmission_30d".to_owned();
    let unplanned = "readmission_30d_unplanned".to_owned();
    let both = |a, b| vec![(all.clone(), Some(a)), (unplanned.clone(), Some(b))];
    assert_eq!(given(20, 10), both(20, 10));
    assert_eq!(given(20, 20), both(20, 20));
    assert_eq!(given(20, 17), [(all.clone(), Some(20))], "three were planned");
    assert_eq!(given(20, 3), [(all.clone(), Some(20))]);
}
