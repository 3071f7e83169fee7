//! Estimates that drift, where a rulebook says when they do.

use contracts::ledger::NewsKind::{EstimateChanged, EstimateDrifts};
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};

use super::*;

const DRIFT: &str = r#"
id = "region"
version = "1"
valid_from = 2018-01-01
extends = "se"
title = { sv = "Region", en = "Region" }
drift = { later_times = 3, within_hours = 24, source = "Regionens rutin" }
"#;

fn play() -> Play {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, HEALTH]);
    play.rulebooks = Rulebooks::load(EMBEDDED.into_iter().chain([("region.toml", DRIFT)])).unwrap();
    play.region = "region";
    play
}

#[test]
fn the_third_time_that_it_moves_later_the_municipality_is_told() {
    let mut play = play();
    for (when, day) in [("03", "13"), ("04", "14"), ("05", "11")] {
        let when = format!("2026-06-{when} 10:00");
        play.estimated(&when, Some(&format!("2026-06-{day} 12:00")));
    }
    assert_eq!(play.news("2026-06-05 11:00", EstimateDrifts), []);
    play.estimated("2026-06-06 10:00", Some("2026-06-15 12:00"));
    assert_eq!(play.news("2026-06-06 11:00", EstimateDrifts), [(unit("KH"), false)]);
}

#[test]
fn a_move_at_the_last_moment_is_told_whichever_way_and_another_hour_of_the_day_is_no_move() {
    let mut play = play();
    play.estimated("2026-06-11 12:00", Some("2026-06-13 12:00"));
    assert_eq!(play.news("2026-06-11 13:00", EstimateDrifts), [(unit("KH"), false)]);
    play.estimated("2026-06-12 13:00", Some("2026-06-13 08:00"));
    // What has changed since is what is true.
    assert_eq!(play.news("2026-06-12 14:00", EstimateDrifts), [(unit("KH"), true)]);
    play.estimated("2026-06-12 15:00", Some("2026-06-20 12:00"));
    play.estimated("2026-06-13 15:00", Some("2026-06-14 10:00"));
    let told = play.news("2026-06-13 16:00", EstimateDrifts);
    assert_eq!(told.iter().filter(|(_, withdrawn)| !withdrawn).count(), 1, "a day earlier");
}

#[test]
fn an_earlier_day_that_is_not_near_is_a_change_like_others() {
    let mut play = play();
    play.estimated("2026-06-03 12:00", Some("2026-06-08 12:00"));
    assert_eq!(play.news("2026-06-03 13:00", EstimateDrifts), []);
    assert_eq!(
        play.news("2026-06-03 13:00", EstimateChanged),
        [(unit("KH"), false), (unit("VC"), false)]
    );
}

#[test]
fn who_is_told_that_it_drifts_is_not_told_that_it_has_changed_too() {
    let mut play = play();
    play.estimated("2026-06-11 13:00", Some("2026-06-13 12:00"));
    let now = "2026-06-11 14:00";
    assert_eq!(play.news(now, EstimateDrifts), [(unit("KH"), false)]);
    assert_eq!(play.news(now, EstimateChanged), [(unit("VC"), false)]);
}

#[test]
fn a_day_that_was_taken_back_in_between_is_still_the_one_that_was_known() {
    let mut play = play();
    for (when, day) in [("03", Some("13")), ("04", None), ("05", Some("14")), ("06", Some("15"))] {
        let day = day.map(|day| format!("2026-06-{day} 12:00"));
        play.estimated(&format!("2026-06-{when} 10:00"), day.as_deref());
    }
    assert_eq!(play.news("2026-06-06 11:00", EstimateDrifts), [(unit("KH"), false)]);
}

#[test]
fn a_day_that_nobody_reckoned_with_any_more_is_not_moved_at_the_last_moment() {
    let mut play = play();
    play.estimated("2026-06-08 10:00", None);
    play.estimated("2026-06-12 10:00", Some("2026-06-15 12:00"));
    assert_eq!(play.news("2026-06-12 11:00", EstimateDrifts), []);
    // But tomorrow, out of nothing, is.
    play.estimated("2026-06-12 12:00", None);
    play.estimated("2026-06-12 14:00", Some("2026-06-13 10:00"));
    assert_eq!(play.news("2026-06-12 15:00", EstimateDrifts), [(unit("KH"), false)]);
}

#[test]
fn every_region_is_told_from_2027_on_and_none_before() {
    for region in ["se", "dalarna", "orebro", "registreringsregion", "vastra_gotaland"] {
        for (year, is_told) in [(2026, false), (2027, true)] {
            let mut play = Play::received(&format!("{year}-03-01 10:00"), &[OPEN_CARE, HEALTH]);
            play.region = region;
            for day in 2..5 {
                let when = format!("{year}-03-0{day} 10:00");
                play.estimated(&when, Some(&format!("{year}-03-1{day} 12:00")));
            }
            let told = play.news(&format!("{year}-03-09 10:00"), EstimateDrifts);
            assert_eq!(!told.is_empty(), is_told, "{region} in {year}");
        }
    }
}
