//! An invented region: hospitals with a ward each, and in each municipality a care centre, a unit of health care
//! and one of social services. The first two read mail, the third has a telephone, so that a need
//! which concerns all three makes two mails and one SMS.

use anyhow::Context;
use contracts::commands::{Contact, Language, UnitContacts};
use contracts::reach::{Hours, Role};
use contracts::{HsaId, MunicipalityCode, Party, Unit};

/// Who acts and judges.
pub(crate) const STAFF: &str = "SE9999990001-ANNA";
/// Municipalities of Dalarna.
pub(crate) const MUNICIPALITIES: [&str; 8] =
    ["2080", "2081", "2082", "2083", "2084", "2085", "2061", "2062"];

/// The token under which a hospital's system is registered. Hospitals are numbered from 1.
pub(crate) fn token(hospital: usize) -> String {
    format!("lasarett{hospital}")
}

/// What a hospital calls itself in HL7.
pub(crate) fn facility(hospital: usize) -> String {
    format!("LASARETT{hospital}")
}

/// A hospital's id.
pub(crate) fn hospital(number: usize) -> String {
    format!("SE9999990001-SJUKHUS{number}")
}

/// The only ward of a hospital, which calls it `AVD1`.
pub(crate) fn ward(hospital: usize) -> String {
    format!("SE9999990001-AVD{hospital}")
}

/// How the messages of so many hospitals are to be read.
pub(crate) fn senders(hospitals: usize) -> String {
    (1..=hospitals).map(sender).collect()
}

/// Who assigns the hospitals' reserve numbers.
pub(crate) const RESERVE_NUMBERS: &str = "1.2.752.999999.1";

fn sender(hospital: usize) -> String {
    let (token, facility) = (token(hospital), facility(hospital));
    let (ward, hospital) = (ward(hospital), self::hospital(hospital));
    let centres = MUNICIPALITIES.map(|code| format!("\"VC{code}\" = \"{}\"\n", care_centre(code)));
    format!(
        r#"[[sender]]
token = "{token}"
hospital = "{hospital}"
mllp = {{ application = "JOURNAL", facility = "{facility}" }}
municipality = "PID-11.9"

[sender.wards]
"AVD1" = "{ward}"

[sender.care_centres]
{}
[[sender.identities]]
kind = "reserve"
authorities = ["{RESERVE_NUMBERS}"]
types = ["RES"]

[sender.need]
field = "ZHG-2"

[sender.need.codes]
"KHS" = ["open_care", "municipal_health_care"]
"SOC" = ["social_services"]

"#,
        centres.concat()
    )
}

/// The municipality of an admission, and so its units.
pub(crate) fn municipality(number: usize) -> &'static str {
    MUNICIPALITIES.iter().cycle().nth(number % MUNICIPALITIES.len()).copied().unwrap_or("2080")
}

pub(crate) fn care_centre(municipality: &str) -> String {
    format!("SE9999990001-VC{municipality}")
}

pub(crate) fn health_care(municipality: &str) -> String {
    format!("SE9999990002-HSV{municipality}")
}

pub(crate) fn social_services(municipality: &str) -> String {
    format!("SE9999990002-SOC{municipality}")
}

/// A unit's id as a type.
pub(crate) fn id(unit: &str) -> anyhow::Result<HsaId> {
    unit.parse().with_context(|| format!("use {unit} as the id of a unit"))
}

/// The directory.
pub(crate) fn units(hospitals: usize) -> anyhow::Result<Vec<Unit>> {
    let wards = (1..=hospitals).map(|hospital| unit(&ward(hospital), Party::Ward, None));
    let mut units = wards.collect::<anyhow::Result<Vec<_>>>()?;
    for code in MUNICIPALITIES {
        units.push(unit(&care_centre(code), Party::OpenCare, None)?);
        units.push(unit(&health_care(code), Party::MunicipalHealthCare, Some(code))?);
        units.push(unit(&social_services(code), Party::SocialServices, Some(code))?);
    }
    Ok(units)
}

fn unit(name: &str, party: Party, serves: Option<&str>) -> anyhow::Result<Unit> {
    let serves: Option<MunicipalityCode> =
        serves.map(str::parse).transpose().context("use a municipality's code")?;
    Ok(Unit {
        unit: id(name)?,
        party,
        name: name.to_owned(),
        municipality: None,
        serves: serves.into_iter().collect(),
        active: true,
    })
}

/// Who is told: everybody is there day and night.
pub(crate) fn contacts() -> anyhow::Result<Vec<UnitContacts>> {
    let mut all = Vec::new();
    for (place, code) in MUNICIPALITIES.iter().enumerate() {
        let mail = |what: &str| Contact {
            name: "brevlåda".to_owned(),
            role: Role::Unit,
            email: Some(format!("{what}.{code}@example.se")),
            sms: None,
            language: Language::Sv,
            digest: Vec::new(),
        };
        // Of the series that is kept for fiction.
        let telephone =
            Contact { email: None, sms: Some(format!("070-17406{:02}", place + 5)), ..mail("") };
        for (unit, contact) in [
            (care_centre(code), mail("vc")),
            (health_care(code), mail("hsv")),
            (social_services(code), telephone),
        ] {
            let hours = Hours { always: true, ..Hours::default() };
            all.push(UnitContacts { unit: id(&unit)?, hours, contacts: vec![contact] });
        }
    }
    Ok(all)
}
