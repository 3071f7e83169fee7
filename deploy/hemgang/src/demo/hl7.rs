//! What the hospital with HL7 says: ADT messages as such systems write them.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::Party;

use super::act::{Said, Step};
use super::person::Number;
use super::standing::Standing;
use super::stay::Stay;

/// The OID of Swedish personal identity numbers.
const PERSONAL: &str = "1.2.752.129.2.1.3.1";
/// Who makes up the demo's reserve numbers: an OID that is nobody's.
pub(crate) const RESERVE: &str = "1.2.752.999999.1";
/// Who judges needs: a physician, invented like everybody.
const PHYSICIAN: &str = "SE9999990001-D0001";

/// The message of a step.
pub(crate) fn message(stay: &Stay, step: &Step, said: &Said) -> String {
    let standing = Standing::after(stay, step);
    let mut segments = vec![header(stay, step, said), event(step.at)];
    segments.extend([pid(stay, &standing), pd1(stay)]);
    segments.push(pv1(stay, step.at, said, standing.ward.code));
    if let Said::Admitted { estimate: Some(at), .. } | Said::Estimated(at) = said {
        segments.push(format!("PV2|||||||||{}", time(*at)));
    }
    if let Said::Admitted { .. } = said {
        let (code, text) = stay.diagnosis;
        segments.push(format!("DG1|1||{code}^{text}^1.2.752.116.1.1.1|||A"));
    }
    if matches!(said, Said::Admitted { judged: true, .. } | Said::Judged) {
        segments.push(zhg(stay, step.at));
    }
    segments.push(format!("ZPI|{}", if standing.is_protected { "J" } else { "N" }));
    segments.into_iter().map(|segment| segment + "\r").collect()
}

fn header(stay: &Stay, step: &Step, said: &Said) -> String {
    let trigger = match said {
        Said::Admitted { .. } => "A01",
        Said::Transferred(_) => "A02",
        Said::Discharged | Said::Died => "A03",
        Said::Estimated(_)
        | Said::Judged
        | Said::Corrected
        | Said::Identified
        | Said::Protected => "A08",
        Said::Cancelled => "A11",
        Said::DischargeCancelled => "A13",
        Said::OnLeave => "A21",
        Said::BackFromLeave => "A22",
    };
    let at = time(step.at);
    let id = super::message_id(stay, step);
    format!(
        "MSH|^~\\&|DEMOPAS|FALU|HEMGANG|DEMO|{at}||ADT^{trigger}|{id}|P|2.5.1||||||UNICODE UTF-8"
    )
}

fn event(at: DateTime<Utc>) -> String {
    let at = time(at);
    format!("EVN||{at}||||{at}")
}

fn pid(stay: &Stay, standing: &Standing) -> String {
    let (person, home) = (&stay.person, stay.person.municipality);
    let (number, authority, kind) = match &standing.number {
        Number::Personal(number) => (*number, PERSONAL, "PNR"),
        Number::Reserve(number) => (number.as_str(), RESERVE, "RES"),
    };
    let birth = number.get(..8).unwrap_or_default();
    format!(
        "PID|1||{number}^^^&{authority}&ISO^{kind}||{}^{}^^^^^L||{birth}||||{}^^{}^^00000^SE^H^^{}",
        person.family, person.given, standing.address, home.town, home.code
    )
}

fn pd1(stay: &Stay) -> String {
    format!("PD1|||^^{}", stay.person.care_centre.code)
}

fn pv1(stay: &Stay, at: DateTime<Utc>, said: &Said, ward: &str) -> String {
    let admitted = time(stay.admitted_at);
    let (disposition, discharged) = match said {
        Said::Discharged => ("01", time(at)),
        Said::Died => ("20", time(at)),
        _ => ("", String::new()),
    };
    let mut fields = vec![String::new(); 46];
    let set = [
        (0, "PV1".to_owned()),
        (1, "1".to_owned()),
        (2, "I".to_owned()),
        (3, ward.to_owned()),
        (7, PHYSICIAN.to_owned()),
        (19, stay.visit()),
        (36, disposition.to_owned()),
        (44, admitted),
        (45, discharged),
    ];
    for (number, value) in set {
        if let Some(field) = fields.get_mut(number) {
            *field = value;
        }
    }
    fields.join("|").trim_end_matches('|').to_owned()
}

/// The hospital's own segment for the judgement of need.
fn zhg(stay: &Stay, noticed: DateTime<Utc>) -> String {
    let code = |party: &Party| match party {
        Party::OpenCare => Some("OV"),
        Party::MunicipalHealthCare => Some("KHS"),
        Party::SocialServices => Some("SOC"),
        Party::Ward | Party::Unknown => None,
    };
    let codes: Vec<_> = stay.needs.iter().filter_map(code).collect();
    format!("ZHG|{}|N|{}|{PHYSICIAN}", codes.join("~"), time(noticed))
}

/// Local time with its zone.
fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Stockholm).format("%Y%m%d%H%M%S%z").to_string()
}
