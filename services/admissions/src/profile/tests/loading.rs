//! What a file of senders must say.

use super::*;

const GOOD: &str = r#"
[[sender]]
token = "falun"
hospital = "SE2321000180-1001"
"#;

fn problems(text: &str) -> Vec<String> {
    match Senders::from_toml(text) {
        Err(LoadError::Content(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sender_needs_no_more_than_its_token_and_hospital() {
    let senders = Senders::from_toml(GOOD).unwrap();
    let sender = senders.by_token("falun").unwrap();
    assert_eq!(sender.inpatient_classes, ["I"]);
    assert_eq!(sender.processing_ids, ["P"]);
    assert_eq!(sender.case_key, CaseKeySource::VisitNumber);
    assert_eq!(sender.identities.len(), 2);
}

#[test]
fn every_problem_names_the_sender_and_the_key() {
    let text = r#"
        [[sender]]
        token = "Falun 1"
        hospital = "SE2321000180-1001"
        http = { token_sha256 = "geheim" }
        identities = [{ kind = "reserve", types = ["RES"] }, { kind = "coordination" }]
        protected = { field = "ZPI-1", values = [] }
        need = { field = "ZHG-2", codes = {} }
        admission_type = { field = "PV1-4", planned = ["R"], unplanned = ["E", "R"] }
    "#;
    let problems = problems(text).join("\n");
    for key in [
        "token",
        "http.token_sha256",
        "identities[0]",
        "identities[1]",
        "protected.values",
        "need.codes",
        "admission_type",
    ] {
        assert!(problems.contains(&format!("sender `Falun 1`: `{key}` ")), "{key}: {problems}");
    }
}

#[test]
fn two_senders_cannot_be_one() {
    let named = format!("{GOOD}mllp = {{ application = \"COSMIC\" }}\n");
    let problems = problems(&format!("{named}{named}"));
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn a_misspelt_key_and_a_wrong_place_are_told_with_their_line() {
    let misspelt = Senders::from_toml(&format!("{GOOD}ward = {{}}\n")).unwrap_err();
    let LoadError::Syntax(cause) = misspelt else { panic!("{misspelt:?}") };
    assert!(cause.to_string().contains("line 5") && cause.to_string().contains("ward"));
    let place = Senders::from_toml(&format!("{GOOD}municipality = \"PID11\"\n")).unwrap_err();
    let LoadError::Syntax(cause) = place else { panic!("{place:?}") };
    assert!(cause.to_string().contains("PID-11.9"), "{cause}");
    let unit = Senders::from_toml(&format!("{GOOD}wards = {{ MED1 = \"avdelning 1\" }}\n"));
    let Err(LoadError::Syntax(cause)) = unit else { panic!("{unit:?}") };
    assert!(cause.to_string().contains("line 5"), "{cause}");
}

#[test]
fn a_sender_is_found_by_its_name_in_hl7() {
    let header = adt("a01_admitted_with_need").header;
    assert_eq!(senders().by_header(&header).unwrap().token, "falun");
    assert!(Senders::from_toml(GOOD).unwrap().by_header(&header).is_none());
}
