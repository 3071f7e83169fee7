//! Against brute force, minute by minute, and by example.

use chrono::{Datelike, TimeZone, Timelike};
use chrono_tz::Europe::Stockholm;
use contracts::commands::SipWeekly;
use proptest::prelude::*;

use super::*;

fn at(local: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    Stockholm.from_local_datetime(&local).unwrap().to_utc()
}

fn period(from: &str, until: &str) -> SipPeriod {
    SipPeriod { from: at(from), until: at(until) }
}

fn person(hours: SipHours, busy: Vec<SipPeriod>) -> Person {
    Person { unit: None, hours, busy }
}

fn search(people: Vec<Person>, from: &str, until: &str) -> Search {
    Search {
        length: TimeDelta::minutes(60),
        people,
        earliest: at(from),
        limits: vec![(at(until), AgainstReason::TooLate)],
        days_off: vec![],
    }
}

fn quarter() -> TimeDelta {
    TimeDelta::minutes(15)
}

#[test]
fn the_earliest_common_time_is_proposed_first() {
    let nurse = person(SipHours::Office, vec![period("2026-11-24 08:00", "2026-11-24 09:10")]);
    let doctor = person(SipHours::Office, vec![period("2026-11-24 10:30", "2026-11-24 15:00")]);
    let search = search(vec![nurse, doctor], "2026-11-24 07:00", "2026-11-27 17:00");
    let times = propose(&search, quarter(), 3);
    let starts: Vec<_> = times.iter().map(|time| time.from).collect();
    let wanted = ["2026-11-24 09:15", "2026-11-24 09:30", "2026-11-24 15:00"];
    assert_eq!(starts, wanted.map(at));
}

#[test]
fn where_no_time_suits_all_those_at_which_most_can_come_are_told_with_what_is_against_them() {
    let away = person(SipHours::Office, vec![period("2026-11-24 00:00", "2026-11-28 00:00")]);
    let doctor = person(SipHours::Office, vec![period("2026-11-24 08:00", "2026-11-24 15:00")]);
    let patient = person(SipHours::Always, vec![]);
    let search = search(vec![away, doctor, patient], "2026-11-24 07:00", "2026-11-24 17:00");
    assert!(propose(&search, quarter(), 3).is_empty());
    let near = nearest(&search, quarter());
    let starts: Vec<_> = near.iter().map(|one| one.time.from).collect();
    assert_eq!(starts, ["2026-11-24 15:00", "2026-11-24 15:15", "2026-11-24 15:30"].map(at));
    let [why] = &near[0].against[..] else { panic!("{near:?}") };
    assert_eq!((why.reason, why.participant), (AgainstReason::Busy, Some(0)));
}

#[test]
fn a_time_at_which_nobody_can_come_is_not_told() {
    let away = person(SipHours::Office, vec![period("2026-11-24 00:00", "2026-11-28 00:00")]);
    let search = search(vec![away], "2026-11-24 07:00", "2026-11-24 17:00");
    assert!(nearest(&search, quarter()).is_empty());
}

#[test]
fn weekends_and_days_off_are_nobodys_office_hours() {
    let mut search =
        search(vec![person(SipHours::Office, vec![])], "2026-12-23 16:00", "2026-12-30 00:00");
    search.days_off = ["2026-12-24", "2026-12-25"].map(|day| day.parse().unwrap()).to_vec();
    assert_eq!(propose(&search, quarter(), 1)[0].from, at("2026-12-28 08:00"));
    let [why] = &explain(&search, at("2026-12-24 09:00"))[..] else { panic!() };
    assert_eq!((why.reason, why.participant), (AgainstReason::DayOff, Some(0)));
    let [why] = &explain(&search, at("2026-12-27 09:00"))[..] else { panic!() };
    assert_eq!(why.reason, AgainstReason::OutsideHours);
}

#[test]
fn whatever_is_against_a_time_is_told_at_once() {
    let busy = period("2026-11-24 16:00", "2026-11-24 17:00");
    let mut search = search(
        vec![person(SipHours::Always, vec![]), person(SipHours::Office, vec![busy])],
        "2026-11-24 07:00",
        "2026-11-27 17:00",
    );
    search.limits = vec![
        (at("2026-11-24 16:45"), AgainstReason::AfterDischarge),
        (three_days_after(at("2026-11-24 09:00")), AgainstReason::AfterThreeDays),
    ];
    let against = explain(&search, at("2026-11-24 16:00"));
    let reasons: Vec<_> = against.iter().map(|one| one.reason).collect();
    let wanted = [AgainstReason::AfterDischarge, AgainstReason::OutsideHours, AgainstReason::Busy];
    assert_eq!(reasons, wanted);
    assert_eq!(against[2].words.sv, "Deltagare 2 är upptagen 2026-11-24 16.00–17.00.");
    assert_eq!(against[1].words.en, "Participant 2 is there 2026-11-24 08.00–16.30 only.");
}

#[test]
fn three_days_after_the_ready_notice_end_at_midnight_in_sweden() {
    assert_eq!(three_days_after(at("2026-11-24 23:30")), at("2026-11-28 00:00"));
    assert_eq!(three_days_after(at("2026-03-26 12:00")), at("2026-03-30 00:00"));
}

#[test]
fn hours_that_begin_or_end_within_the_doubled_hour_take_in_both() {
    for (from, until) in [("01:00:00", "02:30:00"), ("02:30:00", "04:00:00")] {
        let (from, until) = (from.parse().unwrap(), until.parse().unwrap());
        let hours = SipHours::Weekly(vec![SipWeekly { weekday: 7, from, until }]);
        let mut search =
            search(vec![person(hours, vec![])], "2026-10-25 00:00", "2026-10-26 00:00");
        search.length = TimeDelta::minutes(150);
        assert_eq!(propose(&search, quarter(), 9).len(), 1, "{from}");
    }
}

#[test]
fn the_night_with_the_doubled_hour_has_an_hour_more() {
    let night = |until: &str| {
        let until = until.parse().unwrap();
        SipHours::Weekly(vec![SipWeekly { weekday: 7, from: "01:00".parse().unwrap(), until }])
    };
    let mut search =
        search(vec![person(night("03:00:00"), vec![])], "2026-10-25 00:00", "2026-10-26 00:00");
    search.length = TimeDelta::hours(3);
    let [time] = propose(&search, quarter(), 9)[..] else { panic!() };
    assert_eq!(time.from, at("2026-10-25 01:00"));
    assert_eq!(time.until, at("2026-10-25 03:00"));
    search.earliest = at("2026-03-29 00:00");
    search.limits = vec![(at("2026-03-30 00:00"), AgainstReason::TooLate)];
    search.length = TimeDelta::hours(1);
    let [time] = propose(&search, quarter(), 9)[..] else { panic!() };
    assert_eq!((time.from, time.until), (at("2026-03-29 01:00"), at("2026-03-29 03:00")));
}

/// Whether somebody is there in the minute that begins at `minute`, found without any set of periods:
/// by what the clock on the wall shows, and in the doubled hour by what it has shown and will show.
fn is_there(person: &Person, minute: DateTime<Utc>, days_off: &[NaiveDate]) -> bool {
    let is_busy =
        person.busy.iter().any(|b| b.from < minute + TimeDelta::minutes(1) && minute < b.until);
    let SipHours::Weekly(weekly) = &person.hours else { return !is_busy };
    let local = minute.with_timezone(&Stockholm);
    let day = local.date_naive();
    let shown = |at: DateTime<Utc>| {
        let local = at.with_timezone(&Stockholm);
        (local.date_naive() == day).then(|| local.time())
    };
    let hours = (0..=180).map(TimeDelta::minutes);
    let inside = weekly.iter().any(|one| {
        // It has opened when the clock shows, or has shown before, that much; it is still open when
        // the clock shows, or will show, less than its end.
        let opened =
            hours.clone().filter_map(|ago| shown(minute - ago)).any(|time| one.from <= time);
        let open = one.until == NaiveTime::MIN
            || hours.clone().filter_map(|ahead| shown(minute + ahead)).any(|time| time < one.until);
        u32::from(one.weekday) == day.weekday().number_from_monday() && opened && open
    });
    inside && !is_busy && !days_off.contains(&day)
}

fn brute(search: &Search, from: DateTime<Utc>) -> bool {
    let until = from + search.length;
    let mut minutes = (0..search.length.num_minutes()).map(|n| from + TimeDelta::minutes(n));
    search.earliest <= from
        && search.limits.iter().all(|(limit, _)| until <= *limit)
        && minutes.all(|minute| {
            search.people.iter().all(|person| is_there(person, minute, &search.days_off))
        })
}

fn weekly() -> impl Strategy<Value = SipHours> {
    let clock =
        |minutes: u32| NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap();
    // Every other one lies in the night from Saturday to Sunday, where the hours are odd.
    let any = (5..=7_u8, 0..1_400_u32, 1..1_440_u32);
    let night = (Just(7_u8), 0..200_u32, 1..240_u32);
    let one = prop_oneof![any, night].prop_map(move |(weekday, from, length)| {
        let until = clock((from + length).min(1_440) % 1_440);
        SipWeekly { weekday, from: clock(from), until }
    });
    proptest::collection::vec(one, 1..6).prop_map(SipHours::Weekly)
}

fn people(anchor: DateTime<Utc>) -> impl Strategy<Value = Vec<Person>> {
    let busy = (0..4_000_i64, 1..400_i64).prop_map(move |(after, minutes)| {
        let from = anchor + TimeDelta::minutes(after);
        SipPeriod { from, until: from + TimeDelta::minutes(minutes) }
    });
    let hours = prop_oneof![3 => weekly(), 1 => Just(SipHours::Always)];
    let one = (hours, proptest::collection::vec(busy, 0..4))
        .prop_map(|(hours, busy)| person(hours, busy));
    proptest::collection::vec(one, 1..3)
}

/// A Friday, before each of the nights on which clocks are changed and before another one.
fn searches() -> impl Strategy<Value = Search> {
    let anchors = ["2026-10-23 12:00", "2026-03-27 12:00", "2026-11-20 12:00"].map(at).to_vec();
    proptest::sample::select(anchors).prop_flat_map(|anchor| {
        let off = proptest::option::of(0..3_u64);
        (people(anchor), 0..600_i64, 1_000..4_000_i64, 1..12_i64, off).prop_map(
            move |(people, after, until, length, off)| Search {
                length: TimeDelta::minutes(length * 10),
                people,
                earliest: anchor + TimeDelta::minutes(after),
                limits: vec![(anchor + TimeDelta::minutes(until), AgainstReason::TooLate)],
                days_off: off
                    .map(|n| local_time::date(anchor) + Days::new(n))
                    .into_iter()
                    .collect(),
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_proposed_is_what_brute_force_finds(search in searches()) {
        let step = TimeDelta::minutes(15);
        let mut from = search.earliest;
        while from.minute() % 15 != 0 {
            from += TimeDelta::minutes(1);
        }
        let starts = std::iter::successors(Some(from), |at| Some(*at + step));
        let starts = starts.take_while(|at| *at < search.until());
        let brute: Vec<_> = starts.filter(|at| brute(&search, *at)).collect();
        let found: Vec<_> =
            propose(&search, step, usize::MAX).into_iter().map(|time| time.from).collect();
        prop_assert_eq!(found, brute);
    }

    #[test]
    fn a_time_has_nothing_against_it_exactly_when_it_is_possible(
        search in searches(), after in -200..4_000_i64,
    ) {
        let from = search.earliest + TimeDelta::minutes(after);
        prop_assert_eq!(explain(&search, from).is_empty(), brute(&search, from));
    }
}
