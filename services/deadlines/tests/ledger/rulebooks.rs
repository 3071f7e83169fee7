//! Which rulebook a case follows, and lines that a region may add.

use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};

use super::*;

fn with_region(text: &'static str) -> Play {
    let mut play = Play::admitted("2026-06-02 10:00");
    let files = EMBEDDED.into_iter().chain([("region.toml", text)]);
    play.rulebooks = Rulebooks::load(files).unwrap();
    play.region = "region";
    play
}

const UNJUDGED: &str = r#"
id = "region"
version = "1"
valid_from = 2018-01-01
extends = "se"
title = { sv = "Region", en = "Region" }

[[rule]]
id = "R01"
title = { sv = "Bedöm behov", en = "Judge the need" }
source = "Regionens rutin"
owner = "ward"
trigger = "admission"
proof = "need_judged"
clock = { hours = 12 }
until = "discharge"
ladder = [{ step = "unit" }]
"#;

#[test]
fn a_region_can_have_the_ward_told_that_no_need_was_judged() {
    let mut play = with_region(UNJUDGED);
    assert_eq!(play.duty("2026-06-02 11:00", "R01").due, Some(at("2026-06-02 22:00")));
    play.pass("2026-06-02 10:00", "2026-06-02 23:00");
    assert_eq!(play.kinds("R01"), [StepKind::Unit]);
    play.judged("2026-06-02 10:00", "2026-06-02 23:30", &[Party::Ward]);
    assert_eq!(play.state("2026-06-03 00:00", "R01"), MetLate);
}

#[test]
fn a_duty_names_the_rulebook_that_was_in_force_when_its_clock_started() {
    let play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    assert_eq!(play.duty("2026-06-02 11:00", "K06").rulebook, "dalarna 2026.1");
}

#[test]
fn an_open_case_keeps_its_rulebook_and_a_later_trigger_follows_the_new_one() {
    let newer = "id = \"dalarna\"\nversion = \"2026.9\"\nvalid_from = 2026-06-03\nextends = \"se\"\n\
                 title = { sv = \"Dalarna\", en = \"Dalarna\" }\n";
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.rulebooks = Rulebooks::load(EMBEDDED.into_iter().chain([("newer.toml", newer)])).unwrap();
    play.routed("2026-06-03 10:00", SOCIAL);
    let book = |rule| play.duty("2026-06-03 11:00", rule).rulebook;
    assert_eq!(book("K06"), "dalarna 2026.1");
    assert_eq!(book("K07"), "dalarna 2026.9");
}

#[test]
fn a_region_without_a_rulebook_has_no_duties() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.region = "elsewhere";
    assert!(play.ledger("2026-06-02 11:00").obligations.is_empty());
}

#[test]
fn a_duty_with_steps_stays_cancelled_when_it_no_longer_follows_from_the_facts() {
    let mut play = with_region(UNJUDGED);
    play.pass("2026-06-02 10:00", "2026-06-02 23:00");
    play.rulebooks = Rulebooks::load(EMBEDDED).unwrap();
    let duty = play.duty("2026-06-03 10:00", "R01");
    assert_eq!((duty.state, duty.steps.len()), (Cancelled, 1));
    assert_eq!(duty.ended.unwrap().reason, "no_longer_derived");
}

#[test]
fn obligations_are_ordered_by_id() {
    let play = Play::received("2026-06-02 10:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    let ledger = play.ledger("2026-06-02 11:00");
    assert!(ledger.obligations.is_sorted_by(|one, next| one.id < next.id));
    assert_eq!(ledger.obligations.len(), 7);
}
