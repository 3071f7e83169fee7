use super::*;

fn units(file: &str, text: &str) -> Result<Vec<Unit>, String> {
    entries::<UnitEntry>(Path::new(file), text)
        .map(|entries| entries.into_iter().map(Unit::from).collect())
        .map_err(|fault| fault.to_string())
}

fn contacts(text: &str) -> Result<Vec<UnitContacts>, String> {
    entries::<ContactsEntry>(Path::new("k.toml"), text)
        .map(|entries| entries.into_iter().map(UnitContacts::from).collect())
        .map_err(|fault| fault.to_string())
}

const UNITS: &str = r#"
[[unit]]
unit = "SE2321000016-VC01"
party = "open_care"
name = "Vårdcentralen Exempel"
municipality = "2080"

[[unit]]
unit = "SE2321000016-SOC1"
party = "social_services"
name = "Biståndsenheten"
serves = ["2080", "2081"]
active = false
"#;

#[test]
fn units_are_read_from_toml() {
    let units = units("e.toml", UNITS).unwrap();
    let [care_centre, social_services] = &units[..] else { panic!("two units") };
    assert_eq!(care_centre.party, Party::OpenCare);
    assert!(care_centre.active && care_centre.serves.is_empty());
    assert!(!social_services.active);
    assert_eq!(social_services.serves.len(), 2);
}

#[test]
fn what_list_units_prints_can_be_imported_again() {
    let first = units("e.toml", UNITS).unwrap();
    let printed = serde_json::to_string_pretty(&first).unwrap();
    assert_eq!(units("e.json", &printed).unwrap(), first);
    assert_eq!(units("e.json", &format!(r#"{{"unit": {printed}}}"#)).unwrap(), first);
}

#[test]
fn a_fault_names_file_entry_and_field() {
    let misspelt = UNITS.replace("serves", "serve");
    let fault = units("e.toml", &misspelt).unwrap_err();
    assert!(fault.starts_with("e.toml, unit 2 (SE2321000016-SOC1), field "), "{fault}");
    assert!(fault.contains("serve"), "{fault}");
    let fault = units("e.toml", &UNITS.replace("2081", "9981")).unwrap_err();
    assert!(fault.contains("unit 2") && fault.contains("field serves[1]"), "{fault}");
    let fault = units("e.toml", &UNITS.replace("open_care", "opencare")).unwrap_err();
    assert!(fault.contains("unit 1") && fault.contains("field party"), "{fault}");
}

#[test]
fn a_file_that_is_none_of_ours_is_refused() {
    assert!(units("e.toml", "[[unit").unwrap_err().starts_with("e.toml: "));
    assert!(units("e.json", "{}").unwrap_err().contains("no list `unit`"));
    assert!(units("e.toml", &format!("oops = 1\n{UNITS}")).unwrap_err().contains("no list `unit`"));
    assert!(units("e.csv", UNITS).unwrap_err().contains(".toml"));
}

#[test]
fn contact_points_are_read_with_dates_and_times_of_toml() {
    let read = contacts(
        r#"
        [[unit]]
        unit = "SE2321000016-VC01"
        hours = { opens = 07:30:00, closes = "16:00", closed = [2026-12-23] }
        [[unit.contact]]
        name = "brevlåda"
        role = "unit"
        email = "vc01@example.se"
        [[unit.contact]]
        name = "jour"
        role = "on_call"
        sms = "+46701740605"
        language = "en"
        [[unit]]
        unit = "SE2321000016-VC02"
        hours = { always = true }
        "#,
    )
    .unwrap();
    let [first, second] = &read[..] else { panic!("two units") };
    assert_eq!(first.hours.opens.to_string(), "07:30:00");
    assert_eq!(first.hours.closes.to_string(), "16:00:00");
    assert_eq!(first.hours.closed.len(), 1);
    assert_eq!(first.contacts.len(), 2);
    assert!(second.hours.always && second.contacts.is_empty());
}

#[test]
fn a_contact_point_needs_a_known_role_and_an_address() {
    let with = |role: &str, address: &str| {
        contacts(&format!(
            "[[unit]]\nunit = \"SE2321000016-VC01\"\n[[unit.contact]]\nname = \"a\"\n\
             role = \"{role}\"\n{address}"
        ))
        .unwrap_err()
    };
    let fault = with("boss", "email = \"a@example.se\"");
    assert!(fault.contains("field contact[0]") && fault.contains("role"), "{fault}");
    let fault = with("unit", "");
    assert!(fault.contains("email or sms is missing"), "{fault}");
}

#[test]
fn the_times_of_digests_are_texts_or_times_of_toml() {
    let read = contacts(
        r#"
        [[unit]]
        unit = "SE2321000016-SOC"
        [[unit.contact]]
        name = "brevlåda"
        role = "unit"
        email = "bistand@example.se"
        digest = ["07:45", 13:00:00]
        "#,
    )
    .unwrap();
    assert_eq!(read[0].contacts[0].digest, ["07:45", "13:00:00"]);
}
