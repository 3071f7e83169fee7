//! What is refused, and with which words.

use deadlines::domain::rulebook::RulebookFault;
use proptest::prelude::*;

use crate::{HEAD, load, one, rule};

fn reasons(changes: &[(&str, &str)]) -> Vec<String> {
    let faults = one(&format!("{HEAD}{}", rule(changes))).unwrap_err();
    faults.into_iter().map(|fault| fault.reason).collect()
}

#[test]
fn a_fault_names_file_line_and_reason() {
    let text = format!("{HEAD}{}", rule(&[("until", r#""whenever""#)]));
    let faults = one(&text).unwrap_err();
    let line = text.lines().position(|line| line.starts_with("until")).unwrap() + 1;
    assert_eq!(
        faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [format!("se.toml:{line}: unknown variant `whenever`, expected `discharge` or `closing`")]
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let text = format!(
        "{HEAD}{}{}{}",
        rule(&[("source", r#""""#)]),
        rule(&[("clock", "{ hours = 24, event = \"discharge\" }"), ("id", r#""K07""#)]),
        rule(&[("trigger", "1"), ("id", r#""K08""#)]),
    )
    .replace("valid_from = 2018-01-01", "valid_from = 2018-01-01T10:00:00");
    let faults = one(&text).unwrap_err();
    let told = faults.iter().map(|fault| fault.reason.as_str()).collect::<Vec<_>>();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[0], "expected a date such as 2026-01-01");
    assert_eq!(told[1], "source is empty");
    assert_eq!(told[2], "a clock has one of hours, calendar_days, same_day and event");
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let faults = one("id = \"se\"\n= 3\n[[[\n").unwrap_err();
    assert_eq!(faults[0].line, 2);
    assert!(faults.len() > 1);
}

#[test]
fn a_line_without_source_is_refused() {
    assert_eq!(reasons(&[("source", "")]), ["missing field `source`"]);
}

#[test]
fn an_unknown_key_is_refused() {
    assert!(reasons(&[("laddder", "[]")])[0].starts_with("unknown field `laddder`"));
}

#[test]
fn an_unknown_owner_or_step_is_refused() {
    assert!(reasons(&[("owner", r#""opn_care""#)])[0].starts_with("unknown owner, expected ward"));
    let told = reasons(&[("ladder", r#"[{ step = "director" }]"#)]);
    assert!(told[0].starts_with("unknown step, expected reminder"), "{told:?}");
}

#[test]
fn an_owner_must_be_able_to_owe_and_to_prove_the_duty() {
    assert_eq!(reasons(&[("owner", r#""ward""#)]), ["ward cannot owe a duty with this trigger"]);
    assert_eq!(
        reasons(&[("proof", r#""notice_complete""#)]),
        ["this cannot prove a duty of open_care with this trigger"]
    );
}

#[test]
fn a_ladder_must_fit_its_clock() {
    assert_eq!(reasons(&[("clock", r#""none""#)]), ["a duty without a clock has no ladder"]);
    assert_eq!(
        reasons(&[("ladder", r#"[{ step = "reminder_at_ready" }]"#)]),
        ["this reminder is for duties that are due at the discharge"]
    );
    let event = ("clock", r#"{ event = "discharge" }"#);
    let reminder = ("ladder", r#"[{ step = "reminder", before_due_hours = 4 }]"#);
    assert_eq!(reasons(&[event, reminder]), ["hours before an event cannot be known"]);
}

#[test]
fn steps_come_once_each_and_in_order() {
    let told = reasons(&[(
        "ladder",
        r#"[{ step = "manager", after_hours = 1 }, { step = "unit" }, { step = "unit" }]"#,
    )]);
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("steps come once each"), "{told:?}");
}

#[test]
fn hours_are_given_where_they_mean_something_and_nowhere_else() {
    let told = |ladder| reasons(&[("ladder", ladder)]);
    assert_eq!(told(r#"[{ step = "manager" }]"#), ["this step has after_hours"]);
    assert_eq!(told(r#"[{ step = "unit", after_hours = 1 }]"#), ["this step takes no hours"]);
    assert_eq!(told(r#"[{ step = "reminder" }]"#), ["a reminder has before_due_hours"]);
}

#[test]
fn a_clock_runs_for_at_least_an_hour_and_at_most_a_year() {
    for clock in ["{ hours = 0 }", "{ hours = 4294967295 }", "{ calendar_days = 200000000 }"] {
        assert_eq!(
            reasons(&[("clock", clock)]),
            ["a clock runs for at least an hour and at most a year"]
        );
    }
}

#[test]
fn the_next_weekday_needs_office_hours() {
    let head = HEAD.replace("\"mon-fri\"", "\"sat, sun\"");
    let faults = one(&format!("{head}{}", rule(&[]))).unwrap_err();
    assert_eq!(faults[0].reason, "or_next_weekday needs the owner's office hours on a weekday");
}

#[test]
fn office_hours_must_end_after_they_begin() {
    let faults = one(&HEAD.replace("16:30:00", "07:30:00")).unwrap_err();
    assert_eq!((faults.len(), faults[0].line), (1, 6));
}

#[test]
fn a_rule_stands_once_in_a_file() {
    let faults = one(&format!("{HEAD}{}{}", rule(&[]), rule(&[]))).unwrap_err();
    assert_eq!(faults[0].reason, "a second rule with the id K06");
}

#[test]
fn a_base_that_is_missing_or_stands_on_another_is_refused() {
    let on = |base: &str, id: &str| {
        HEAD.replace("\"se\"", &format!("\"{id}\""))
            .replace("version = \"1\"", &format!("version = \"1\"\nextends = \"{base}\""))
    };
    let faults = load(&[("a.toml", &on("se", "a"))]).unwrap_err();
    assert_eq!(faults[0].reason, "no rulebook se is valid on 2018-01-01");
    let faults = load(&[("a.toml", &on("b", "a")), ("b.toml", &on("a", "b"))]).unwrap_err();
    assert_eq!(faults.len(), 2);
}

#[test]
fn only_what_the_base_has_can_be_removed() {
    let removal = "[[remove]]\nid = \"K06\"\nsource = \"Beslut\"\n";
    let faults = one(&format!("{HEAD}{removal}")).unwrap_err();
    assert_eq!(faults[0].reason, "the base has no rule K06");
}

#[test]
fn two_files_must_not_be_the_same_version_or_begin_on_the_same_day() {
    let faults = load(&[("a.toml", HEAD), ("b.toml", HEAD)]).unwrap_err();
    assert_eq!(faults[0].to_string(), "b.toml:2: se 1 stands in a.toml too");
    let other = HEAD.replace("version = \"1\"", "version = \"2\"");
    let faults = load(&[("a.toml", HEAD), ("b.toml", &other)]).unwrap_err();
    assert_eq!(faults[0].reason, "a.toml is valid from the same day");
}

/// As `one`, but the id may be broken too.
fn read(text: &str) -> Result<(), Vec<RulebookFault>> {
    load(&[("broken.toml", text)]).map(|_| ())
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s).{0,200}") {
        prop_assert!(read(&text).is_err_and(|faults| !faults.is_empty()));
    }

    #[test]
    fn no_broken_rulebook_makes_the_reader_panic(
        cut in 0..900_usize,
        len in 0..40_usize,
        put in "[\\[\\]{}=\"a-z0-9:,. \n-]{0,12}",
    ) {
        let text = format!("{HEAD}{}", rule(&[]));
        let chars: Vec<char> = text.chars().collect();
        let cut = cut.min(chars.len());
        let end = (cut + len).min(chars.len());
        let broken: String = chars[..cut].iter().copied().chain(put.chars()).chain(chars[end..].iter().copied()).collect();
        if let Err(faults) = read(&broken) {
            prop_assert!(!faults.is_empty());
            for fault in faults {
                prop_assert!(fault.line >= 1 && fault.line <= broken.lines().count() + 1);
                prop_assert!(!fault.reason.is_empty());
            }
        }
    }
}
