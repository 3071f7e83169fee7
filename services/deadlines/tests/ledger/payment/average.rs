//! A month's basis, by the day and by a region's average.

use contracts::commands::AverageLimit;
use deadlines::domain::payment::{add_up, month_of};

use super::*;

const REGION: &str = "vastra_gotaland";

fn rows(play: &Play, region: &str, month: &str) -> Vec<contracts::commands::MunicipalityBasis> {
    let month = day(&format!("{month}-01"));
    month_of(&play.facts, policies(), region, month, at("2026-09-01 12:00"))
}

#[test]
fn a_months_days_are_those_in_it() {
    let mut play = ready("2026-06-27 09:00");
    play.discharged("2026-07-03 10:00", "2026-07-03 10:00");
    let june = rows(&play, "se", "2026-06");
    assert_eq!(june.len(), 1);
    assert_eq!(june[0].cases[0].payable, [day("2026-06-30")]);
    assert_eq!(rows(&play, "se", "2026-07")[0].payable_days, 2);
    assert!(rows(&play, "se", "2026-05").is_empty() && rows(&play, "se", "2026-08").is_empty());
}

#[test]
fn an_amount_is_given_for_the_years_of_which_one_is_known() {
    let mut play = ready("2026-06-02 09:00");
    play.discharged("2026-06-07 10:00", "2026-06-07 10:00");
    assert_eq!(rows(&play, "se", "2026-06")[0].amount, None);
    let back = |text: String| text.replace("2026-", "2023-");
    let json = |facts: &dyn Fn() -> serde_json::Value| back(facts().to_string());
    let case = json(&|| serde_json::to_value(play.facts.case.as_ref().unwrap()).unwrap());
    let assignment =
        json(&|| serde_json::to_value(play.facts.assignment.as_ref().unwrap()).unwrap());
    let sip = json(&|| serde_json::to_value(play.facts.sip.as_ref().unwrap()).unwrap());
    play.facts.case = serde_json::from_str(&case).unwrap();
    play.facts.assignment = serde_json::from_str(&assignment).unwrap();
    play.facts.sip = serde_json::from_str(&sip).unwrap();
    let row = &rows(&play, "se", "2023-06")[0];
    assert_eq!((row.payable_days, row.amount), (2, Some(21_000)));
}

#[test]
fn an_average_counts_the_days_of_stays_that_ended_in_the_month() {
    let mut play = ready("2026-06-27 09:00");
    play.discharged("2026-07-06 10:00", "2026-07-06 10:00");
    assert_eq!(rows(&play, REGION, "2026-06")[0].stays, 0);
    let july = &rows(&play, REGION, "2026-07")[0];
    assert_eq!((july.stays, july.stay_days, july.long_stays), (1, 9, 1));
    assert_eq!((july.payable_days, july.amount), (0, None));
    assert_eq!(july.limit, Some(AverageLimit { more_than_days: 3, months: 3 }));
}

#[test]
fn a_stay_without_the_notices_or_the_call_is_in_no_average() {
    let mut play = Play::received("2026-06-01 10:00", &[OPEN_CARE, HEALTH]);
    play.ready("2026-06-02 09:00");
    play.discharged("2026-06-07 10:00", "2026-06-07 10:00");
    assert_eq!(rows(&play, REGION, "2026-06")[0].stays, 0);
}

#[test]
fn pages_add_up_per_municipality_and_policy() {
    let mut play = ready("2026-06-02 09:00");
    play.discharged("2026-06-07 10:00", "2026-06-07 10:00");
    let mut known = play.clone();
    known.case().municipality = Some("2080".parse().unwrap());
    let all = [&play, &known, &known].into_iter().flat_map(|play| rows(play, "se", "2026-06"));
    let sums = add_up(all);
    let figures: Vec<(usize, u32)> =
        sums.iter().map(|row| (row.cases.len(), row.payable_days)).collect();
    assert_eq!(figures, [(1, 2), (2, 4)]);
}
