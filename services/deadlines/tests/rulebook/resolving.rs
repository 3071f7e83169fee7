//! Which lines a region has, and when.

use chrono::NaiveDate;
use contracts::Owner;
use deadlines::domain::calendar::{DatedException, DayOff, DoubledHour, Reading, local_to_utc};
use deadlines::domain::rulebook::{Clock, Rulebook, Rulebooks};

use crate::{HEAD, load, one, rule};

fn noon(day: &str) -> chrono::DateTime<chrono::Utc> {
    let date: NaiveDate = day.parse().unwrap();
    local_to_utc(date.and_hms_opt(12, 0, 0).unwrap(), DoubledHour::Later)
}

fn region(version: &str, valid_from: &str, rest: &str) -> String {
    format!(
        "id = \"region\"\nversion = \"{version}\"\nvalid_from = {valid_from}\nextends = \"se\"\n\
         title = {{ sv = \"Region\", en = \"Region\" }}\n{rest}"
    )
}

#[test]
fn a_line_with_the_bases_id_replaces_it_and_another_id_adds_a_duty() {
    let base = format!("{HEAD}{}", rule(&[]));
    let lines = rule(&[("source", r#""Egen""#)]) + &rule(&[("id", r#""K99""#)]);
    let books = load(&[("se.toml", &base), ("r.toml", &region("1", "2020-01-01", &lines))]);
    let books = books.unwrap();
    let book = books.named("region 1").unwrap();
    assert_eq!(book.rule("K06").unwrap().source, "Egen");
    assert_eq!(book.rule("K99").unwrap().source, "Lag");
    assert_eq!(books.named("se 1").unwrap().rule("K06").unwrap().source, "Lag");
}

#[test]
fn a_removed_line_is_owed_no_more() {
    let base = format!("{HEAD}{}", rule(&[]));
    let removal = "[[remove]]\nid = \"K06\"\nsource = \"Beslut\"\n";
    let books = load(&[("se.toml", &base), ("r.toml", &region("1", "2020-01-01", removal))]);
    assert!(books.unwrap().named("region 1").unwrap().rules.is_empty());
}

#[test]
fn the_newest_version_that_was_valid_on_the_day_is_in_force() {
    let books = load(&[
        ("se.toml", HEAD),
        ("new.toml", &region("2", "2026-07-01", "")),
        ("old.toml", &region("1", "2020-01-01", "")),
    ]);
    let books = books.unwrap();
    let version = |day| books.in_force("region", noon(day)).map(Rulebook::name);
    assert_eq!(version("2019-12-31"), None);
    assert_eq!(version("2026-06-30"), Some("region 1"));
    assert_eq!(version("2026-07-01"), Some("region 2"));
}

#[test]
fn a_new_base_changes_no_rulebook_that_duties_follow_already() {
    let old = format!("{HEAD}{}", rule(&[]));
    let new =
        HEAD.replace("version = \"1\"", "version = \"2\"").replace("2018-01-01", "2026-01-01");
    let books = load(&[
        ("new.toml", &new),
        ("old.toml", &old),
        ("r1.toml", &region("1", "2020-01-01", "")),
        ("r2.toml", &region("2", "2026-02-01", "")),
    ]);
    let books = books.unwrap();
    assert_eq!(books.named("region 1").unwrap().rules.len(), 1);
    assert_eq!(books.named("region 2").unwrap().rules.len(), 0);
}

#[test]
fn a_region_can_read_or_the_next_weekday_leniently_for_the_bases_lines_too() {
    let base = format!("{HEAD}{}", rule(&[]));
    let books =
        load(&[("se.toml", &base), ("r.toml", &region("1", "2020-01-01", "lenient = true\n"))]);
    let books = books.unwrap();
    let reading = |name| match books.named(name).unwrap().rule("K06").unwrap().clock {
        Clock::HoursOrNextWeekday { reading, .. } => reading,
        other => panic!("{other:?}"),
    };
    assert_eq!(reading("se 1"), Reading::Strict);
    assert_eq!(reading("region 1"), Reading::Lenient);
}

#[test]
fn a_line_can_be_read_leniently_by_itself() {
    let clock = "{ hours = 24, or_next_weekday = true, lenient = true }";
    let book = one(&format!("{HEAD}{}", rule(&[("clock", clock)]))).unwrap();
    let expected = Clock::HoursOrNextWeekday { hours: 24, reading: Reading::Lenient };
    assert_eq!(book.rule("K06").unwrap().clock, expected);
}

#[test]
fn the_municipalitys_hours_and_days_hold_for_both_its_parties() {
    let hours = "office_hours.municipality = \
                 [{ days = \"mon-thu, sat\", opens = 07:30:00, closes = 16:00:00 }]\n\
                 [[day]]\ndate = 2026-05-15\nowners = [\"municipality\"]\nclosed = true\n\
                 source = \"Avtal\"\n";
    let book = one(&format!("{HEAD}{hours}")).unwrap();
    let bridge = "2026-05-15".parse().unwrap();
    for owner in [Owner::Municipality, Owner::SocialServices, Owner::MunicipalHealthCare] {
        let calendar = book.calendar(owner);
        assert_eq!(calendar.day_off(bridge), Some(DayOff::Closed));
        assert_eq!(calendar.hours.len(), 1);
    }
    assert_eq!(book.calendar(Owner::OpenCare).day_off(bridge), None);
}

#[test]
fn a_holiday_can_be_staffed() {
    let day =
        "[[day]]\ndate = 2026-04-06\nopens = 09:00:00\ncloses = 12:00:00\nsource = \"Avtal\"\n";
    let book = one(&format!("{HEAD}{day}")).unwrap();
    let calendar = book.calendar(Owner::OpenCare);
    let easter_monday = "2026-04-06".parse().unwrap();
    assert_eq!(calendar.day_off(easter_monday), None);
    assert!(matches!(calendar.exceptions.get(&easter_monday), Some(DatedException::Staffed(_))));
}

#[test]
fn a_version_that_came_late_is_followed_from_then_on_and_not_from_its_own_day() {
    let base = region("1", "2020-01-01", "");
    let late = region("2", "2026-01-01", "");
    let from = NaiveDate::from_ymd_opt(2026, 7, 1);
    let books = Rulebooks::load_kept([
        ("se.toml", HEAD, None),
        ("old.toml", base.as_str(), None),
        ("late.toml", late.as_str(), from),
    ]);
    let books = books.unwrap();
    let version = |day| books.in_force("region", noon(day)).map(Rulebook::name);
    assert_eq!(version("2026-06-30"), Some("region 1"));
    assert_eq!(version("2026-07-01"), Some("region 2"));
}
