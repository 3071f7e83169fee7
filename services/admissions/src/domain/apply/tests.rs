//! Applying messages: what they build on here. The tests stand by what they are about: the stay and
//! its end, single facts, the patient, the order in which messages come, and what people decide.

use contracts::Party;
use contracts::identity::{IdentityKind, PersonalIdentity};

use super::*;
use crate::hospital_message::{
    CaseKey, ConsentStatement, Death, Identity, NeedStatement, PatientStatement, PersonName,
    PostalAddress, UnitRef,
};
use crate::stated::Stated;
use crate::when::When;

mod facts;
mod order;
mod patient;
mod people;
mod stays;

fn at(hour: i64) -> DateTime<Utc> {
    "2026-11-17T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn now() -> DateTime<Utc> {
    at(7 * 24)
}

fn ward(n: u32) -> Stated<UnitRef> {
    Stated::Value(UnitRef::Unit(format!("SE2321000180-200{n}").parse().unwrap()))
}

/// A message that was recorded at an hour and says nothing else.
fn says(kind: Kind, hour: i64) -> HospitalMessage {
    HospitalMessage {
        message_id: hour.to_string(),
        kind,
        case_key: CaseKey::VisitNumber("V-1".to_owned().into()),
        stated_at: at(hour),
        occurred_at: at(hour),
        inpatient: Some(true),
        patient: PatientStatement::default(),
        ward: Stated::Absent,
        admitted_at: None,
        planned: Stated::Absent,
        discharged_at: Stated::Absent,
        estimate: Stated::Absent,
        diagnoses: Stated::Absent,
        need: Stated::Absent,
        consent: None,
    }
}

fn admission() -> HospitalMessage {
    HospitalMessage { admitted_at: Some(at(8)), ward: ward(1), ..says(Kind::Admit, 9) }
}

fn update(hour: i64) -> HospitalMessage {
    says(Kind::Update, hour)
}

fn need(parties: &[Party]) -> Stated<NeedStatement> {
    Stated::Value(NeedStatement {
        parties: parties.iter().copied().collect(),
        frequent_patient: false,
        noticed_at: None,
        judged_by: None,
    })
}

fn consent(given: bool, hour: i64) -> HospitalMessage {
    let consent = Some(ConsentStatement { given, by: None, at: at(hour) });
    HospitalMessage { consent, ..update(hour) }
}

fn estimate(day: u32, hour: i64) -> HospitalMessage {
    let day = format!("2026-11-{day}").parse().unwrap();
    HospitalMessage { estimate: Stated::Value(When::Date(day)), ..update(hour) }
}

fn patient() -> PatientStatement {
    let number = PersonalIdentity::new(IdentityKind::Personal, "189001019802").unwrap();
    let name = PersonName { family: Some("Tolvansson".into()), given: Some("Åsa".into()) };
    let address = PostalAddress {
        lines: vec!["Storgatan 1".into()],
        postal_code: Some("79171".into()),
        city: Some("FALUN".into()),
    };
    PatientStatement {
        identity: Stated::Value(Identity { number, authority: None }),
        name: Stated::Value(name.into()),
        address: Stated::Value(address.into()),
        municipality: Stated::Value("2080".parse().unwrap()),
        listed_care_centre: Stated::Value(UnitRef::Unit("SE2321000180-3001".parse().unwrap())),
        ..PatientStatement::default()
    }
}

fn ids(message: u128) -> Ids {
    Ids {
        message: Uuid::from_u128(message),
        case: CaseId(Uuid::from_u128(1)),
        case_ref: CaseRef::from_random(1),
        hospital: "SE2321000180-1001".parse().unwrap(),
    }
}

/// The stay after messages in this order, and what each did.
fn after(messages: &[HospitalMessage]) -> (Stay, Vec<Option<&'static str>>) {
    let (mut stay, mut all) = (None, Vec::new());
    for (message, n) in messages.iter().zip(10_u128..) {
        let applied = apply(stay, message, &ids(n), now()).unwrap();
        all.push(applied.what);
        stay = Some(applied.stay);
    }
    (stay.unwrap(), all)
}

fn case_after(messages: &[HospitalMessage]) -> Case {
    after(messages).0.case
}
