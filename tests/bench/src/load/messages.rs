//! What a hospital says of an admission, in both of its languages. Nobody in it exists. Each admission is
//! another patient's, under a reserve number that the hospital has made up: the few numbers that
//! Skatteverket publishes for tests would make everybody come often, and come at the same moment.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::region;

/// Three of ten need help after discharge.
const WITH_NEED: usize = 3;

/// Whether a need was judged at an admission.
pub(crate) fn has_need(number: usize) -> bool {
    number % 10 < WITH_NEED
}

/// At how many of some admissions.
pub(crate) fn with_need(numbers: impl Iterator<Item = usize>) -> usize {
    numbers.filter(|number| has_need(*number)).count()
}

/// The sender's own id of the message about an admission.
pub(crate) fn control_id(number: usize) -> String {
    format!("B{number}")
}

fn identity(number: usize) -> String {
    format!("RES{number:09}")
}

/// A few minutes ago, so that the need was noticed then and nothing is due.
fn admitted_at() -> DateTime<Utc> {
    chassis::real_now() - TimeDelta::minutes(5)
}

fn estimate() -> DateTime<Utc> {
    chassis::real_now() + TimeDelta::days(5)
}

/// HL7 v2, as a hospital's system writes it.
pub(crate) fn hl7(number: usize, hospital: usize) -> String {
    let (id, identity, municipality) =
        (control_id(number), identity(number), region::municipality(number));
    let facility = region::facility(hospital);
    let at = admitted_at().format("%Y%m%d%H%M%S+0000");
    let estimate = estimate().format("%Y%m%d");
    let mut segments = vec![
        format!(
            "MSH|^~\\&|JOURNAL|{facility}|HEMGANG|REGION|{at}||ADT^A01^ADT_A01|{id}|P|2.5.1||||||UNICODE UTF-8"
        ),
        format!("EVN|A01|{at}||||{at}"),
        format!(
            "PID|1||PAS{number}^^^{facility}^PI~{identity}^^^&{}&ISO^RES||Tolvansson^Tova^Testina^^^^L||18910227|F|||Provgatan 17^lgh 1102^FALUN^^79171^SE^H^^{municipality}||070-1740605",
            region::RESERVE_NUMBERS
        ),
        format!("PD1|||Vårdcentralen^^VC{municipality}"),
        // PV1-19 is the visit, PV1-44 the admission.
        format!(
            "PV1|1|I|AVD1^12^2^{facility}||||SE9999990001-L001^Läkare^Eva{}V{number}{}{at}",
            "|".repeat(12),
            "|".repeat(25)
        ),
        format!("PV2|||||||||{estimate}"),
        "DG1|1||I50.0^Hjärtsvikt^1.2.752.116.1.1.1|||A".to_owned(),
        "DG1|2||J18.9^Pneumoni^1.2.752.116.1.1.1|||A".to_owned(),
    ];
    if has_need(number) {
        segments.push("ZHG|1|KHS~SOC".to_owned());
    }
    segments.join("\r") + "\r"
}

/// The same as our JSON document.
pub(crate) fn document(number: usize, hospital: usize) -> Value {
    let municipality = region::municipality(number);
    let at = admitted_at();
    let mut document = json!({
        "message_id": control_id(number),
        "kind": "admitted",
        "visit": format!("V{number}"),
        "occurred_at": at,
        "ward": region::ward(hospital),
        "patient": {
            "identity": {
                "type": "reserve",
                "value": identity(number),
                "authority": region::RESERVE_NUMBERS
            },
            "name": { "given": "Tova", "family": "Tolvansson" },
            "address": {
                "lines": ["Provgatan 17", "lgh 1102"], "postal_code": "79171", "city": "FALUN"
            },
            "municipality": municipality,
            "listed_care_centre": region::care_centre(municipality),
        },
        "diagnoses": [
            { "code": "I50.0", "text": "Hjärtsvikt" },
            { "code": "J18.9", "text": "Pneumoni" },
        ],
        "estimated_discharge": { "at": estimate() },
    });
    if has_need(number) {
        let need = json!({
            "parties": ["open_care", "municipal_health_care", "social_services"],
            "noticed_at": at,
            "judged_by": "SE9999990001-L001",
        });
        if let Some(members) = document.as_object_mut() {
            members.insert("need".to_owned(), need);
        }
    }
    document
}
