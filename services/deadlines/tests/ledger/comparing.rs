//! Two rulebooks over the same history.

use deadlines::domain::compare::{Comparison, Counts};
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};

use super::*;

/// As the base, with half the time for the care contact and another duty besides.
const STRICTER: &str = r#"
id = "stricter"
version = "1"
valid_from = 2030-01-01
extends = "se"
title = { sv = "Strängare", en = "Stricter" }

[[rule]]
id = "K06"
title = { sv = "Utse fast vårdkontakt", en = "Name the care contact" }
source = "Förslag"
owner = "open_care"
trigger = "reception"
proof = "care_contact"
clock = { hours = 12 }
until = "discharge"
"#;

#[test]
fn what_would_have_been_missed_by_the_second_rulebook_is_listed() {
    let files = EMBEDDED.into_iter().chain([("stricter.toml", STRICTER)]);
    let books = Rulebooks::load(files).unwrap();
    let (from, to) = (books.named("se 2026.1").unwrap(), books.named("stricter 1").unwrap());
    let mut comparison = Comparison::new(from, to);
    for named in ["2026-06-02 15:00", "2026-06-03 09:00"] {
        let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
        play.care_contact(named, true);
        comparison.add(&play.facts, at("2026-06-05 10:00"));
    }
    let compared = comparison.finish();
    assert_eq!(compared.cases, 2);
    let line = compared.lines.iter().find(|line| line.rule == "K06").unwrap();
    assert_eq!((line.from, line.to), (counts(2, 0), counts(2, 1)));
    let missed: Vec<_> =
        compared.newly_missed.iter().map(|one| (one.rule.as_str(), one.owner, one.due)).collect();
    assert_eq!(missed, [("K06", Owner::OpenCare, Some(at("2026-06-02 22:00")))]);
}

#[test]
fn a_rulebook_compared_with_itself_says_nothing_new() {
    let books = Rulebooks::load(EMBEDDED).unwrap();
    let book = books.named("dalarna 2026.2").unwrap();
    let mut comparison = Comparison::new(book, book);
    comparison.add(&Play::received("2026-06-02 10:00", &[OPEN_CARE]).facts, at("2026-06-09 10:00"));
    let compared = comparison.finish();
    assert!(compared.lines.iter().all(|line| line.from == line.to));
    assert!(compared.newly_missed.is_empty());
}

#[test]
fn what_is_only_shown_is_compared_too() {
    let books = Rulebooks::load(EMBEDDED).unwrap();
    let (from, to) = (books.named("se 2027.1").unwrap(), books.named("dalarna 2026.2").unwrap());
    let mut comparison = Comparison::new(from, to);
    let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH]);
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    comparison.add(&play.facts, at("2027-03-08 10:00"));
    let compared = comparison.finish();
    let of = |rule: &str, owner| {
        let mut lines = compared.lines.iter();
        lines.find(|line| line.rule == rule && line.owner == owner).map(|l| (l.from, l.to)).unwrap()
    };
    let never = Counts { never: 1, ..counts(1, 0) };
    assert_eq!(of("K09", Owner::OpenCare), (counts(0, 0), never), "no plan was made in time");
    assert_eq!(of("K33", Owner::OpenCare), (counts(0, 0), counts(1, 0)), "still to be done");
}

fn counts(owed: u64, missed: u64) -> Counts {
    Counts { owed, missed, never: 0 }
}
