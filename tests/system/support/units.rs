//! An invented region: one hospital, one care centre, one municipality.

use contracts::commands::{Contact, Language, UnitContacts};
use contracts::reach::{Hours, Role};
use contracts::{HsaId, Party, Unit};

pub(crate) const WARD: &str = "SE9999990001-AVD1";
pub(crate) const CARE_CENTRE: &str = "SE9999990001-VC1";
pub(crate) const HOME_HEALTH: &str = "SE9999990002-HSV1";
pub(crate) const SOCIAL: &str = "SE9999990002-SOC1";
pub(crate) const STAFF: &str = "SE9999990001-ANNA";

/// How the hospital's messages are to be read.
pub(crate) const SENDERS: &str = r#"
frequent_stays = 2

[[sender]]
token = "lasarettet"
hospital = "SE9999990001-SJUKHUS"
mllp = { application = "JOURNAL", facility = "LASARETTET" }
municipality = "PID-11.9"
protected = { field = "ZPI-1", values = ["J"] }
admission_type = { field = "PV1-4", planned = ["R"], unplanned = ["E"] }

[sender.wards]
"AVD1" = "SE9999990001-AVD1"

[sender.care_centres]
"VC1" = "SE9999990001-VC1"

[[sender.identities]]
kind = "personal"
authorities = ["1.2.752.129.2.1.3.1"]
types = ["PNR"]

[sender.need]
field = "ZHG-2"

[sender.need.codes]
"KHS" = ["open_care", "municipal_health_care"]
"SOC" = ["social_services"]
"INGA" = []
"#;

pub(crate) fn id(text: &str) -> HsaId {
    text.parse().unwrap()
}

pub(crate) fn units() -> Vec<Unit> {
    let unit = |unit, party: Party| Unit {
        unit: id(unit),
        party,
        name: unit.to_owned(),
        municipality: None,
        serves: if party.is_municipal() { vec!["2080".parse().unwrap()] } else { vec![] },
        active: true,
    };
    vec![
        unit(WARD, Party::Ward),
        unit(CARE_CENTRE, Party::OpenCare),
        unit(HOME_HEALTH, Party::MunicipalHealthCare),
        unit(SOCIAL, Party::SocialServices),
    ]
}

/// Everybody has a mailbox; the managers have telephones.
pub(crate) fn contacts() -> Vec<UnitContacts> {
    [
        ("avd", WARD, true),
        ("vc", CARE_CENTRE, false),
        ("hsv", HOME_HEALTH, false),
        ("soc", SOCIAL, false),
    ]
    .map(|(name, unit, always)| UnitContacts {
        unit: id(unit),
        hours: Hours { always, ..Hours::default() },
        contacts: vec![
            mail(Role::Unit, &format!("{name}@example.se")),
            sms(Role::Manager, phone(name)),
            mail(Role::Principal, &format!("{name}-principal@example.se")),
        ],
    })
    .into()
}

/// The telephone of a unit's manager, of the series reserved for fiction.
pub(crate) fn phone(unit: &str) -> &'static str {
    match unit {
        "avd" => "070-1740605",
        "vc" => "070-1740606",
        "hsv" => "070-1740607",
        _ => "070-1740608",
    }
}

fn mail(role: Role, address: &str) -> Contact {
    let (name, email, sms) = (address.to_owned(), Some(address.to_owned()), None);
    Contact { name, role, email, sms, language: Language::Sv, digest: Vec::new() }
}

fn sms(role: Role, number: &str) -> Contact {
    let (name, email, sms) = (number.to_owned(), None, Some(number.to_owned()));
    Contact { name, role, email, sms, language: Language::Sv, digest: Vec::new() }
}
