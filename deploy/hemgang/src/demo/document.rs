//! What the hospital with JSON says: our own document for admissions.

use contracts::Party;
use serde_json::{Map, Value, json};

use super::act::{Said, Step};
use super::hl7::RESERVE;
use super::person::Number;
use super::standing::Standing;
use super::stay::Stay;

/// Who judges needs: a physician, invented like everybody.
const PHYSICIAN: &str = "SE9999990001-D0002";

/// The document of a step.
pub(crate) fn document(stay: &Stay, step: &Step, said: &Said) -> Value {
    let standing = Standing::after(stay, step);
    let mut document = Map::new();
    let mut state = |member: &str, value: Value| document.insert(member.to_owned(), value);
    state("message_id", json!(super::message_id(stay, step)));
    state("kind", json!(kind(said)));
    state("visit", json!(stay.visit()));
    state("occurred_at", json!(step.at));
    match said {
        Said::Admitted { estimate, judged } => {
            state("ward", json!(standing.ward.unit));
            state("patient", patient(stay, &standing));
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
        Said::Corrected => {
            drop(state("patient", json!({ "address": address(stay, &standing) })));
        }
        Said::Identified => {
            drop(state("patient", json!({ "identity": identity(&standing.number) })));
        }
        Said::Protected => drop(state("patient", json!({ "protected": true }))),
        Said::Cancelled
        | Said::Discharged
        | Said::DischargeCancelled
        | Said::OnLeave
        | Said::BackFromLeave => {}
    }
    Value::Object(document)
}

fn kind(said: &Said) -> &'static str {
    match said {
        Said::Admitted { .. } => "admitted",
        Said::Transferred(_) => "transferred",
        Said::Estimated(_)
        | Said::Judged
        | Said::Corrected
        | Said::Identified
        | Said::Protected => "updated",
        Said::Discharged | Said::Died => "discharged",
        Said::Cancelled => "admission_cancelled",
        Said::DischargeCancelled => "discharge_cancelled",
        Said::OnLeave => "leave_started",
        Said::BackFromLeave => "leave_ended",
    }
}

fn patient(stay: &Stay, standing: &Standing) -> Value {
    let person = &stay.person;
    json!({
        "identity": identity(&standing.number),
        "name": { "given": person.given, "family": person.family },
        "address": address(stay, standing),
        "protected": standing.is_protected,
        "municipality": person.municipality.code,
        "listed_care_centre": person.care_centre.unit,
    })
}

fn identity(number: &Number) -> Value {
    match number {
        Number::Personal(number) => json!({ "type": "personal", "value": number }),
        Number::Reserve(number) => {
            json!({ "type": "reserve", "value": number, "authority": RESERVE })
        }
    }
}

fn address(stay: &Stay, standing: &Standing) -> Value {
    let town = stay.person.municipality.town;
    json!({ "lines": [standing.address], "postal_code": "00000", "city": town })
}

fn need(stay: &Stay, step: &Step) -> Value {
    let parties: Vec<_> = stay.needs.iter().copied().map(Party::as_str).collect();
    json!({ "parties": parties, "noticed_at": step.at, "judged_by": PHYSICIAN })
}
