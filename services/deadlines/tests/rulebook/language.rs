//! What the language refuses: words that nobody knows, and duties that nobody could owe or prove.

use crate::{HEAD, load, one, rule};

fn reasons(changes: &[(&str, &str)]) -> Vec<String> {
    let faults = one(&format!("{HEAD}{}", rule(changes))).unwrap_err();
    faults.into_iter().map(|fault| fault.reason).collect()
}

#[test]
fn a_code_that_is_misspelt_is_told() {
    let condition = "a condition names nothing, or a code that is not known";
    assert_eq!(reasons(&[("when", r#"[{ consent = "informaton" }]"#)]), [condition]);
    assert_eq!(reasons(&[("when", "[{ concerned = [] }]")]), [condition]);
    let proof = reasons(&[("proof", r#"{ entry = "planned" }"#)]);
    assert_eq!(proof, ["a proof names nothing, or a code that is not known"]);
    let trigger = reasons(&[("trigger", r#""recepton""#)]);
    assert!(trigger[0].starts_with("unknown variant `recepton`, expected one of"), "{trigger:?}");
}

#[test]
fn a_track_must_be_declared() {
    let told = reasons(&[("when", r#"[{ tracks = ["red"] }]"#)]);
    assert_eq!(told, ["there is no track red: a [[track]] declares it"]);
    let told = reasons(&[("trigger", r#"{ track = ["red"] }"#)]);
    assert_eq!(told, ["there is no track red: a [[track]] declares it"]);
}

#[test]
fn a_region_has_the_tracks_of_its_base_and_says_them_anew() {
    let track =
        "[[track]]\ntrack = \"red\"\nsource = \"Lag\"\ntitle = { sv = \"Röd\", en = \"Red\" }\n";
    let base = format!("{HEAD}{track}");
    let head = HEAD.replace("\"se\"", "\"a\"").replace("version", "extends = \"se\"\nversion");
    let own = format!("{head}{}", rule(&[("when", r#"[{ tracks = ["red"] }]"#)]));
    let books = load(&[("se.toml", &base), ("a.toml", &own)]).unwrap();
    assert!(books.named("a 1").unwrap().has_track(&"red".parse().unwrap()));
    let again = format!("{own}{}", track.replace("Röd", "Rött"));
    let books = load(&[("se.toml", &base), ("a.toml", &again)]).unwrap();
    let tracks = &books.named("a 1").unwrap().tracks;
    assert_eq!((tracks.len(), tracks[0].title.sv.as_str()), (1, "Rött"));
}

#[test]
fn what_is_shown_has_neither_clock_nor_ladder_and_a_duty_has_a_clock() {
    assert_eq!(reasons(&[("clock", "")]), ["missing field `clock`"]);
    let shown = |changes: &[(&str, &str)]| {
        let text = format!("{HEAD}{}", rule(changes).replace("[[rule]]", "[[shown]]"));
        one(&text).unwrap_err().into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    assert_eq!(shown(&[("ladder", "")]), ["what is shown has no clock"]);
    assert_eq!(shown(&[("clock", "")]), ["a duty without a clock has no ladder"]);
}

#[test]
fn a_day_is_due_only_where_something_names_one() {
    let day = ("clock", r#"{ event = "follow_up" }"#);
    assert_eq!(reasons(&[day]), ["only the trigger follow_up_day names the day of a follow-up"]);
}

#[test]
fn what_a_discharge_starts_is_owed_after_it() {
    let told = reasons(&[("trigger", r#""discharge""#)]);
    assert_eq!(told, ["what a discharge starts is owed until closing"]);
}

#[test]
fn only_the_ward_proves_what_only_the_ward_says() {
    let told = reasons(&[("proof", r#"{ checks = ["handed_over"] }"#)]);
    assert_eq!(told, ["this cannot prove a duty of open_care with this trigger"]);
}

#[test]
fn a_reason_for_a_track_names_something_and_drift_has_numbers() {
    let track = "[[track]]\ntrack = \"Röd\"\nsource = \"Lag\"\ntitle = { sv = \"Röd\", en = \"Red\" }\n\
                 reasons = [{ words = { sv = \"Skäl\", en = \"Reason\" } }]\n";
    let drift = "[drift]\nsource = \"Lag\"\n";
    let faults = one(&format!("{HEAD}{track}{drift}")).unwrap_err();
    let told: Vec<&str> = faults.iter().map(|fault| fault.reason.as_str()).collect();
    assert!(told.contains(&"a track is 1 to 16 lower-case letters from a to z"), "{told:?}");
    assert!(told.contains(&"a reason names answers or interventions"), "{told:?}");
    assert!(told.contains(&"drift has later_times, within_hours or both"), "{told:?}");
}
