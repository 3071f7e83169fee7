//! What the hospital with JSON says: our own document for admissions.

use contracts::Party;
use serde_json::{Map, Value, json};

use super::act::{Said, Step};
use super::places::Ward;
use super::stay::Stay;

/// Who judges needs: a physician, invented like everybody.
const PHYSICIAN: &str = "SE9999990001-D0002";

/// The document of a step; `ward` is where the patient lies after it.
pub(crate) fn document(stay: &Stay, step: &Step, said: &Said, ward: &Ward) -> Value {
    let mut document = Map::new();
    let mut state = |member: &str, value: Value| document.insert(member.to_owned(), value);
    state("message_id", json!(super::message_id(stay, step)));
    state("kind", json!(kind(said)));
    state("visit", json!(stay.visit()));
    state("occurred_at", json!(step.at));
    match said {
        Said::Admitted { estimate, judged } => {
            state("ward", json!(ward.unit));
            state("patient", patient(stay));
            let (code, text) = stay.diagnosis;
            state("diagnoses", json!([{ "code": code, "text": text }]));
            if let Some(at) = estimate {
                state("estimated_discharge", json!({ "at": at }));
            }
            if *judged {
                state("need", need(stay, step));
            }
        }
        Said::Transferred(ward) => drop(state("ward", json!(ward.unit))),
        Said::Estimated(at) => drop(state("estimated_discharge", json!({ "at": at }))),
        Said::Judged => drop(state("need", need(stay, step))),
        Said::Died => drop(state("patient", json!({ "death": { "at": step.at } }))),
        Said::Cancelled | Said::Discharged | Said::OnLeave | Said::BackFromLeave => {}
    }
    Value::Object(document)
}

fn kind(said: &Said) -> &'static str {
    match said {
        Said::Admitted { .. } => "admitted",
        Said::Transferred(_) => "transferred",
        Said::Estimated(_) | Said::Judged => "updated",
        Said::Discharged | Said::Died => "discharged",
        Said::Cancelled => "admission_cancelled",
        Said::OnLeave => "leave_started",
        Said::BackFromLeave => "leave_ended",
    }
}

fn patient(stay: &Stay) -> Value {
    let (person, home) = (&stay.person, stay.municipality);
    json!({
        "identity": { "type": "personal", "value": person.identity },
        "name": { "given": person.given, "family": person.family },
        "address": { "lines": [person.street], "postal_code": "00000", "city": home.town },
        "municipality": home.code,
        "listed_care_centre": stay.care_centre.unit,
    })
}

fn need(stay: &Stay, step: &Step) -> Value {
    let parties: Vec<_> = stay.parties.iter().copied().map(Party::as_str).collect();
    json!({ "parties": parties, "noticed_at": step.at, "judged_by": PHYSICIAN })
}
