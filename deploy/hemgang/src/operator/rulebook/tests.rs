use std::path::Path;

use super::*;

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn facts(name: &str) -> PathBuf {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services/deadlines/examples");
    examples.join(name)
}

#[test]
fn a_fault_is_told_with_file_line_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = "id = \"mine\"\nversion = \"1\"\nvalid_from = 2027-01-01\nextends = \"se\"\n\
                title = { sv = \"Min\", en = \"Mine\" }\n\n[[remove]]\nid = \"K99\"\nsource = \"Beslut\"\n";
    let mine = file(&folder, "mine.toml", text);
    let faults = read(&[mine]).unwrap().unwrap_err();
    assert_eq!(faults[0].to_string(), "mine.toml:7: the base has no rule K99");
}

#[test]
fn a_file_in_order_is_counted_with_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let text = "id = \"mine\"\nversion = \"1\"\nvalid_from = 2027-01-01\nextends = \"se\"\n\
                title = { sv = \"Min\", en = \"Mine\" }\n";
    let rulebooks = checked(&[file(&folder, "mine.toml", text)]).unwrap();
    let mine = book(rulebooks.named("mine 1").unwrap());
    assert_eq!((mine.duties, mine.shown), (8, 0));
}

#[test]
fn a_case_is_tried_by_a_region() {
    let rulebooks = checked(&[]).unwrap();
    let facts: CaseFacts = files::json(&facts("facts-red.json")).unwrap();
    let now = last_entry(&facts).unwrap();
    let all = tried(&facts.into(), &rulebooks, "orebro", now).unwrap();
    let text = explained(&all);
    assert!(text.contains("R01  öppenvård/open care, uppfylld/met  (Örebro,"), "{text}");
    assert!(text.contains("– Spåret satt tisdag 2 mars kl. 09.00."), "{text}");
}

#[test]
fn a_file_that_is_no_case_is_told_by_place_alone() {
    let folder = tempfile::tempdir().unwrap();
    let secret = file(&folder, "case.json", "{\"case\": \"Tolvan\"}");
    let failure = files::json::<CaseFacts>(&secret).map(drop).unwrap_err();
    assert!(failure.to_string().contains("case.json:1:"), "{failure}");
    assert!(!failure.to_string().contains("Tolvan"), "{failure}");
}
