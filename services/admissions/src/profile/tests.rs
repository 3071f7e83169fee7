//! Realistic messages of two senders, from their bytes to what they mean. They lie in
//! `tests/messages`, the senders in `tests/senders.toml`; the numbers are official test numbers.

use std::fs;
use std::path::PathBuf;

use contracts::identity::IdentityKind;
use contracts::{MunicipalityCode, Party, StaffId};

use super::*;
use crate::hl7::{Adt, FieldFault, parse};
use crate::hospital_message::{CaseKey, HospitalMessage, Kind};
use crate::stated::Stated;
use crate::when::When;

mod faults;
mod loading;
mod triggers;

fn read(file: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)).unwrap()
}

fn senders() -> Senders {
    Senders::from_toml(&String::from_utf8(read("senders.toml")).unwrap()).unwrap()
}

fn received() -> chrono::DateTime<chrono::Utc> {
    time("2026-12-01T12:00:00Z")
}

fn adt(name: &str) -> Adt {
    parse(&read(&format!("messages/{name}.hl7")), received()).unwrap()
}

/// What a message of `tests/messages` comes to after changes in its text.
fn changed(name: &str, changes: &[(&str, &str)]) -> Result<Reading, Vec<FieldFault>> {
    let mut text = String::from_utf8(read(&format!("messages/{name}.hl7"))).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let adt = parse(text.as_bytes(), received()).unwrap();
    admission_from(&adt, senders().by_header(&adt.header).unwrap())
}

/// What it comes to where it is used, and what of it was left out.
fn used_after(name: &str, changes: &[(&str, &str)]) -> (HospitalMessage, Vec<String>) {
    match changed(name, changes) {
        Ok(Reading::Used { message, warnings }) => {
            (*message, warnings.iter().map(|fault| fault.location.to_string()).collect())
        }
        other => panic!("{other:?}"),
    }
}

fn reading(name: &str) -> Result<Reading, Vec<FieldFault>> {
    let adt = adt(name);
    admission_from(&adt, senders().by_header(&adt.header).unwrap())
}

fn used(name: &str) -> HospitalMessage {
    match reading(name) {
        Ok(Reading::Used { message, .. }) => *message,
        other => panic!("{other:?}"),
    }
}

fn visit(number: &str) -> CaseKey {
    CaseKey::VisitNumber(number.to_owned().into())
}

fn unit(hsa_id: &str) -> Stated<UnitRef> {
    Stated::Value(UnitRef::Unit(hsa_id.parse().unwrap()))
}

fn time(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> Stated<When> {
    Stated::Value(When::Date(text.parse().unwrap()))
}

#[test]
fn an_admission_tells_who_where_and_since_when() {
    let message = used("a01_admitted_with_need");
    assert_eq!(message.kind, Kind::Admit);
    assert_eq!(message.message_id, "FALUN-000001");
    assert_eq!(message.case_key, visit("V2026-1"));
    assert_eq!(message.inpatient, Some(true));
    assert_eq!(message.ward, unit("SE2321000180-2001"));
    assert_eq!(message.admitted_at, Some(time("2026-11-17T07:10:00Z")));
    assert_eq!(message.stated_at, time("2026-11-17T07:16:00Z"));
    assert_eq!(message.estimate, day("2026-11-20"));
    let patient = message.patient;
    let identity = patient.identity.value().unwrap();
    assert_eq!(identity.number.kind(), IdentityKind::Personal);
    assert_eq!(identity.number.expose(), "189001019802");
    assert_eq!(patient.listed_care_centre, unit("SE2321000180-3001"));
    assert_eq!((patient.protected, patient.death), (None, None));
}

#[test]
fn the_legal_name_and_the_home_address_are_chosen() {
    let patient = used("a01_admitted_with_need").patient;
    let name = patient.name.value().unwrap().expose();
    assert_eq!(name.family.as_deref(), Some("Tolvansson"));
    assert_eq!(name.given.as_deref(), Some("Åsa Märta"));
    let address = patient.address.value().unwrap().expose();
    assert_eq!(address.lines, ["Storgatan 1", "lgh 1102"]);
    assert_eq!(address.city.as_deref(), Some("FALUN"));
}

#[test]
fn a_judgement_of_need_is_mapped_with_all_its_codes() {
    let message = used("a01_admitted_with_need");
    let need = message.need.value().unwrap();
    assert_eq!(
        need.parties.iter().copied().collect::<Vec<_>>(),
        [Party::OpenCare, Party::MunicipalHealthCare, Party::SocialServices]
    );
    assert!(!need.frequent_patient);
    assert_eq!(need.noticed_at, Some(time("2026-11-17T07:05:00Z")));
    assert_eq!(need.judged_by.as_ref().map(StaffId::as_str), Some("SE2321000180-L001"));
    let diagnoses = message.diagnoses.value().unwrap().expose();
    assert_eq!(diagnoses[0].code.as_deref(), Some("I50.0"));
}

#[test]
fn a_judgement_that_nobody_is_needed_is_a_judgement() {
    let message = used("a01_without_need_latin1_crlf");
    assert!(message.need.value().unwrap().parties.is_empty());
    let name = message.patient.name.value().unwrap().expose();
    assert_eq!(name.given.as_deref(), Some("Örjan"));
}

#[test]
fn codes_that_nobody_mapped_are_kept_and_told_as_warnings() {
    let Ok(Reading::Used { message, warnings }) = reading("a01_without_need_latin1_crlf") else {
        panic!("refused");
    };
    assert_eq!(message.ward, Stated::Value(UnitRef::Unmapped("MED9".to_owned())));
    let places: Vec<_> = warnings.iter().map(|fault| fault.location.to_string()).collect();
    assert_eq!(places, ["PD1-3", "PV1-3"]);
}

#[test]
fn the_municipality_is_read_where_the_profile_says() {
    let borlange = used("a01_without_need_latin1_crlf").patient.municipality;
    assert_eq!(borlange.value().map(MunicipalityCode::as_str), Some("2081"));
    let mora = used("a01_no_visit_number_other_delimiters").patient.municipality;
    assert_eq!(mora.value().map(MunicipalityCode::as_str), Some("2062"));
}

#[test]
fn the_municipality_is_that_of_the_home_address() {
    let falun = used("a01_admitted_with_need").patient.municipality;
    assert_eq!(falun.value().map(MunicipalityCode::as_str), Some("2080"));
}

#[test]
fn a_transfer_names_the_new_ward_and_its_time() {
    let message = used("a02_transferred");
    assert_eq!(message.kind, Kind::Transfer);
    assert_eq!(message.ward, unit("SE2321000180-2002"));
    assert_eq!(message.occurred_at, time("2026-11-18T09:15:00Z"));
    assert!(message.estimate.is_absent() && message.need.is_absent());
}

#[test]
fn an_update_removes_only_what_it_says_to_remove() {
    let message = used("a08_values_removed");
    assert_eq!(message.kind, Kind::Update);
    assert_eq!(message.estimate, Stated::Removed);
    assert_eq!(message.need, Stated::Removed);
    assert_eq!(message.patient.listed_care_centre, Stated::Removed);
    assert_eq!(message.patient.protected, Some(true));
    assert_eq!(message.patient.death.map(|death| death.dead), Some(false));
    assert!(message.diagnoses.is_absent() && message.admitted_at.is_none());
}

#[test]
fn a_discharge_tells_when_and_a_cancelled_one_has_no_time() {
    let discharge = used("a03_discharged");
    assert_eq!(discharge.kind, Kind::Discharge);
    assert_eq!(discharge.discharged_at, Stated::Value(time("2026-11-20T13:00:00Z")));
    assert_eq!(discharge.patient.death, None);
    let cancelled = used("a13_discharge_cancelled");
    assert_eq!(cancelled.kind, Kind::CancelDischarge);
    assert_eq!(cancelled.discharged_at, Stated::Removed);
}

#[test]
fn a_death_is_known_by_the_senders_codes() {
    let message = used("a03_died");
    let death = message.patient.death.unwrap();
    assert!(death.dead);
    assert_eq!(death.at, Some(When::Date("2026-11-20".parse().unwrap())));
    assert_eq!(message.discharged_at, Stated::Value(time("2026-11-20T12:30:00Z")));
}

#[test]
fn how_the_stay_ended_says_whether_the_patient_left_it_dead() {
    let left_dead = |name, changes: &[(&str, &str)]| {
        used_after(name, changes).0.patient.left_dead.map(|death| death.dead)
    };
    assert_eq!(left_dead("a03_died", &[]), Some(true));
    assert_eq!(left_dead("a03_discharged", &[]), Some(false));
    assert_eq!(left_dead("a13_discharge_cancelled", &[]), Some(false));
    assert_eq!(left_dead("a02_transferred", &[]), None);
    let (contradicts, _) = used_after("a03_died", &[("|20261120|J", "|20261120|N")]);
    assert_eq!(contradicts.patient.death, None);
}

#[test]
fn a_death_counts_even_when_its_time_cannot_be_read() {
    let (message, warnings) = used_after("a03_died", &[("|20261120|J", "|202611|J")]);
    assert_eq!(message.patient.death.map(|death| (death.dead, death.at)), Some((true, None)));
    assert_eq!(warnings, ["PID-29"]);
}

#[test]
fn a_cancelled_admission_needs_no_ward() {
    let message = used("a11_admission_cancelled");
    assert_eq!((message.kind, message.case_key), (Kind::CancelAdmit, visit("V2026-1")));
    assert!(message.ward.is_absent());
}

#[test]
fn a_reserve_number_carries_who_assigned_it() {
    let message = used("a01_reserve_number_of_the_region");
    let identity = message.patient.identity.value().unwrap();
    assert_eq!(identity.number.kind(), IdentityKind::Reserve);
    assert_eq!(identity.number.expose(), "19900101A12B");
    assert_eq!(identity.authority.as_deref(), Some("1.2.752.999999.1"));
}

#[test]
fn without_visit_numbers_the_patient_and_the_admission_are_the_key() {
    let message = used("a01_no_visit_number_other_delimiters");
    let first_of_the_doubled_hours = time("2026-10-25T00:30:00Z");
    let CaseKey::PatientAndAdmission { identity, admitted_at } = message.case_key else {
        panic!("another key");
    };
    assert_eq!(identity.number.kind(), IdentityKind::Coordination);
    assert_eq!(admitted_at, first_of_the_doubled_hours);
    assert_eq!(message.estimate, day("2026-10-28"));
    let address = message.patient.address.value().unwrap().expose();
    assert_eq!(address.lines, ["Byvägen 3, 2?tr\nc/o Ek"]);
}

#[test]
fn a_message_that_is_not_used_needs_a_header_and_no_more() {
    for name in ["a04_registered_outpatient", "oru_result"] {
        assert!(matches!(reading(name), Ok(Reading::NotUsed(_))), "{name}");
    }
}

#[test]
fn an_outpatient_without_visit_number_is_not_used() {
    let reading = reading("a08_outpatient_without_visit");
    let Ok(Reading::NotUsed(why)) = reading else { panic!("{reading:?}") };
    assert_eq!(why.location.to_string(), "PV1-2");
}

#[test]
fn a_field_that_the_stay_can_do_without_is_a_warning_when_it_cannot_be_read() {
    let (message, warnings) = used_after(
        "a01_admitted_with_need",
        &[
            ("EVN|A01|20261117081600||||20261117081000", "EVN|A01|17/11||||igår"),
            ("PV2|||||||||20261120", "PV2|||||||||snart"),
        ],
    );
    assert_eq!(message.stated_at, time("2026-11-17T07:17:00Z"));
    assert_eq!(message.admitted_at, Some(time("2026-11-17T07:10:00Z")));
    assert!(message.estimate.is_absent());
    assert_eq!(warnings, ["EVN-2", "EVN-6", "PV2-9"]);
}

#[test]
fn a_message_that_tells_no_time_at_all_is_refused() {
    let faults = changed(
        "a01_admitted_with_need",
        &[("|20261117081700+0100|", "||"), ("|20261117081600|", "|17/11|")],
    );
    let places: Vec<_> = faults.unwrap_err().iter().map(|f| f.location.to_string()).collect();
    assert_eq!(places, ["EVN-2"]);
}

#[test]
fn diagnoses_are_removed_when_that_is_all_that_is_said_of_them() {
    let coded = "I50.0^Hjärtsvikt^1.2.752.116.1.1.1";
    let (removed, _) = used_after("a01_admitted_with_need", &[(coded, "\"\"")]);
    assert_eq!(removed.diagnoses, Stated::Removed);
    let both = format!("\"\"\rDG1|2||{coded}");
    let (named, _) = used_after("a01_admitted_with_need", &[(coded, &both)]);
    assert_eq!(named.diagnoses.value().unwrap().expose().len(), 1);
}

/// When a message was recorded at half past two in the night when that comes twice.
fn recorded(message_at: &str, received_at: &str) -> chrono::DateTime<chrono::Utc> {
    let text = String::from_utf8(read("messages/a01_admitted_with_need.hl7")).unwrap();
    let text = text.replace("20261117081700+0100", message_at);
    let text = text.replace("20261117081600", "20261025023000");
    parse(text.as_bytes(), time(received_at)).unwrap().recorded_at.unwrap()
}

#[test]
fn half_past_two_in_the_long_night_is_the_later_one_unless_that_cannot_be() {
    let (earlier, later) = (time("2026-10-25T00:30:00Z"), time("2026-10-25T01:30:00Z"));
    assert_eq!(recorded("20261025023100", "2026-10-25T00:31:00Z"), earlier);
    assert_eq!(recorded("20261025023100", "2026-10-25T01:31:00Z"), later);
    assert_eq!(recorded("20261025023100+0200", "2026-10-25T09:00:00Z"), earlier);
    assert_eq!(recorded("20261025023100+0100", "2026-10-25T00:31:00Z"), later);
}
