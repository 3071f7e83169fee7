//! What the hospital says of an admission, in both of its languages. Nobody in it exists: the numbers
//! are those that Skatteverket publishes for tests.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;
use serde_json::{Value, json};

use crate::region;

/// A patient of the Swedish Tax Agency's test population.
pub(crate) struct Patient {
    pub(crate) number: &'static str,
    pub(crate) family: &'static str,
    pub(crate) given: &'static str,
    pub(crate) street: &'static str,
    pub(crate) diagnosis: &'static str,
}

pub(crate) const PATIENTS: [Patient; 2] = [
    Patient {
        number: "189102279800",
        family: "Tolvansdotterson",
        given: "Tovaliisa",
        street: "Provgatsvägen 17",
        diagnosis: "Provhjärtsvikt",
    },
    Patient {
        number: "189001019802",
        family: "Tagessonberg",
        given: "Tagebert",
        street: "Testaregränd 4",
        diagnosis: "Provlunginflammation",
    },
];

/// When the patients are thought to be discharged: long after everything is over.
const STAY: TimeDelta = TimeDelta::days(90);

/// One admission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    pub(crate) number: usize,
    /// Whether a need is judged with it, of everybody.
    pub(crate) with_need: bool,
    /// When it happened: some minutes before it is told.
    pub(crate) at: DateTime<Utc>,
}

impl Admission {
    /// The sender's own id of the message.
    pub(crate) fn control_id(&self) -> String {
        format!("F{}", self.number)
    }

    fn patient(&self) -> &'static Patient {
        let [first, second] = &PATIENTS;
        if self.number.is_multiple_of(3) { first } else { second }
    }

    /// HL7 v2, as a hospital's system writes it.
    pub(crate) fn hl7(&self) -> String {
        let (id, number) = (self.control_id(), self.number);
        let Patient { number: identity, family, given, street, diagnosis } = self.patient();
        let municipality = region::municipality(number);
        let at = self.at.format("%Y%m%d%H%M%S+0000");
        let estimate = (self.at + STAY).with_timezone(&Stockholm).format("%Y%m%d");
        let mut segments = vec![
            format!(
                "MSH|^~\\&|JOURNAL|LASARETTET|HEMGANG|REGION|{at}||ADT^A01^ADT_A01|{id}|P|2.5.1||||||UNICODE UTF-8"
            ),
            format!("EVN|A01|{at}||||{at}"),
            format!(
                "PID|1||{identity}^^^&1.2.752.129.2.1.3.1&ISO^PNR||{family}^{given}||18900101|F|||{street}^^FALUN^^79171^SE^H^^{municipality}"
            ),
            format!("PD1|||Vårdcentralen^^VC{municipality}"),
            // PV1-19 is the visit, PV1-44 the admission.
            format!("PV1|1|I|AVD1^1^1{}V{number}{}{at}", "|".repeat(16), "|".repeat(25)),
            format!("PV2|||||||||{estimate}"),
            format!("DG1|1||I50.0^{diagnosis}^1.2.752.116.1.1.1|||A"),
        ];
        if self.with_need {
            segments.push("ZHG|1|KHS~SOC".to_owned());
        }
        segments.join("\r") + "\r"
    }

    /// The same as our JSON document.
    pub(crate) fn document(&self) -> String {
        let municipality = region::municipality(self.number);
        let Patient { number: identity, family, given, street, diagnosis } = self.patient();
        let mut document = json!({
            "message_id": self.control_id(),
            "kind": "admitted",
            "visit": format!("V{}", self.number),
            "occurred_at": self.at,
            "ward": region::WARD,
            "patient": {
                "identity": { "type": "personal", "value": identity },
                "name": { "given": given, "family": family },
                "address": { "lines": [street], "postal_code": "79171", "city": "FALUN" },
                "municipality": municipality,
                "listed_care_centre": region::care_centre(municipality),
            },
            "diagnoses": [{ "code": "I50.0", "text": diagnosis }],
            "estimated_discharge": { "at": self.at + STAY },
        });
        if self.with_need {
            let parties = json!(["open_care", "municipal_health_care", "social_services"]);
            document
                .as_object_mut()
                .map(|members| members.insert("need".to_owned(), json!({ "parties": parties })));
        }
        Value::to_string(&document)
    }
}
