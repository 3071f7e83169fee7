//! Policy files: what is read, which one holds, and what is refused with which words.

use contracts::commands::PaymentModel;
use deadlines::domain::payment::PolicyRule;

use super::*;

const FILE: &str = r#"
id = "se"
version = "1"
valid_from = 2018-01-01
model = "individual"
title = { sv = "Lagen", en = "The act" }

[start]
days_before = 3
days_before_late = 4
late_after = 12:00:00
counted = "weekdays"
source = "Lag"

[[day]]
date = 2026-12-24
counts = true
source = "Bemanning vid storhelg"

[[amount]]
year = 2019
sek = 7800
source = "Föreskrift"
"#;

fn faults(text: &str) -> Vec<String> {
    let faults = Policies::load([("p.toml", text)]).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_regions_policy_holds_and_where_it_has_none_the_national_one() {
    let policies = policies();
    let name = |region, when| policies.in_force(region, at(when)).map(|one| one.name().to_owned());
    assert_eq!(name("dalarna", "2026-06-02 10:00").as_deref(), Some("se 2026.1"));
    let regional = name("vastra_gotaland", "2026-06-02 10:00");
    assert_eq!(regional.as_deref(), Some("vastra_gotaland 2026.1"));
    assert_eq!(name("se", "2017-12-31 23:59"), None);
    let average = policies.in_force("vastra_gotaland", at("2026-06-02 10:00")).unwrap();
    assert_eq!(average.model(), PaymentModel::Average);
    let PolicyRule::Average(average) = &average.rule else { panic!() };
    assert_eq!((average.more_than_days, average.long_stay_days), (3, Some(7)));
}

#[test]
fn a_new_version_holds_from_its_day_for_notices_sent_from_then_on() {
    let next = FILE
        .replace("version = \"1\"", "version = \"2\"")
        .replace("valid_from = 2018-01-01", "valid_from = 2026-07-01");
    let policies = Policies::load([("1.toml", FILE), ("2.toml", next.as_str())]).unwrap();
    let name = |when| policies.in_force("se", at(when)).unwrap().name().to_owned();
    assert_eq!(name("2026-06-30 23:59"), "se 1");
    assert_eq!(name("2026-07-01 00:00"), "se 2");
}

#[test]
fn weekdays_and_named_days_count_where_an_agreement_says_so() {
    let policies = Policies::load([("p.toml", FILE)]).unwrap();
    let policy = policies.in_force("se", at("2026-12-22 09:00")).unwrap();
    let PolicyRule::Individual(start) = &policy.rule else { panic!() };
    // Tuesday, Wednesday, and Christmas Eve, which is staffed, are free; then Christmas and a weekend.
    assert_eq!(start.first_day(at("2026-12-22 09:00")), day("2026-12-28"));
    assert_eq!(start.first_day(at("2026-12-22 13:00")), day("2026-12-29"));
    assert_eq!(policy.amount(day("2019-02-03")), Some(7_800));
    assert_eq!(policy.amount(day("2020-02-03")), None);
}

#[test]
fn a_fault_names_file_line_and_reason_and_all_are_told_at_once() {
    let text = FILE
        .replace("days_before_late = 4", "days_before_late = 2")
        .replace("source = \"Föreskrift\"", "source = \"\"")
        .replace("date = 2026-12-24", "date = 2026-12-24T10:00:00");
    assert_eq!(
        faults(&text),
        [
            "p.toml:10: what is sent late in the day is not free for fewer days",
            "p.toml:16: expected a date such as 2026-01-01",
            "p.toml:23: source is empty",
        ]
    );
}

#[test]
fn what_is_not_understood_is_refused() {
    let fault = |from: &str, to: &str| faults(&FILE.replace(from, to)).remove(0);
    assert!(fault("\"individual\"", "\"averages\"").ends_with("expected individual or average"));
    assert!(fault("\"individual\"", "\"average\"").contains("has a section [average]"));
    assert!(fault("counted", "counts").contains("unknown field `counts`"));
    assert!(fault("12:00:00", "\"noon\"").contains("p.toml:11"));
    assert!(fault("days_before = 3", "days_before = 0").contains("counts from one"));
    assert!(fault("sek = 7800\n", "").contains("missing field `sek`"));
    assert!(fault("id = \"se\"", "= 3").starts_with("p.toml:2:"));
    let twice = Policies::load([("a.toml", FILE), ("b.toml", FILE)]).unwrap_err();
    assert_eq!(twice[0].to_string(), "b.toml:2: se has this version or this day already");
}
