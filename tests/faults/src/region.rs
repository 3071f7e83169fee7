//! An invented region: one hospital with one ward, two municipalities with three units each. One of
//! the municipalities works day and night, the other keeps office hours.

use anyhow::Context;
use contracts::commands::{Contact, Language, UnitContacts};
use contracts::reach::{Hours, Role};
use contracts::{HsaId, Party, Unit};

/// The hospital's system, by the token under which it is registered.
pub(crate) const SENDER: &str = "lasarettet";
/// What it proves itself with over HTTP.
pub(crate) const TOKEN: &str = "fault-harness-token";
const TOKEN_SHA256: &str = "c27d9fb05a7c3851d85af2fdd6515d3f634e33105aee73cf7a212df13b9d0e2e";
/// The only ward.
pub(crate) const WARD: &str = "SE9999990001-AVD1";
/// Who acts.
pub(crate) const STAFF: &str = "SE9999990001-ANNA";
/// Municipalities of Dalarna; the units of the first are always there.
pub(crate) const MUNICIPALITIES: [&str; 2] = ["2080", "2081"];

/// How the hospital's messages are to be read.
pub(crate) fn senders() -> String {
    let centres = MUNICIPALITIES.map(|code| format!("\"VC{code}\" = \"{}\"\n", care_centre(code)));
    format!(
        r#"[[sender]]
token = "{SENDER}"
hospital = "SE9999990001-SJUKHUS"
mllp = {{ application = "JOURNAL", facility = "LASARETTET" }}
http = {{ token_sha256 = "{TOKEN_SHA256}" }}
municipality = "PID-11.9"

[sender.wards]
"AVD1" = "{WARD}"

[sender.care_centres]
{}
[[sender.identities]]
kind = "personal"
authorities = ["1.2.752.129.2.1.3.1"]
types = ["PNR"]

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
    let [always, office_hours] = MUNICIPALITIES;
    if number.is_multiple_of(2) { always } else { office_hours }
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

/// Whether a unit is there day and night.
pub(crate) fn is_always_open(unit: &HsaId) -> bool {
    unit.as_str() == WARD || unit.as_str().ends_with("2080")
}

pub(crate) fn id(unit: &str) -> anyhow::Result<HsaId> {
    unit.parse().with_context(|| format!("use {unit} as the id of a unit"))
}

/// The directory.
pub(crate) fn units() -> anyhow::Result<Vec<Unit>> {
    let mut units = vec![unit(WARD, Party::Ward, None)?];
    for code in MUNICIPALITIES {
        units.push(unit(&care_centre(code), Party::OpenCare, None)?);
        units.push(unit(&health_care(code), Party::MunicipalHealthCare, Some(code))?);
        units.push(unit(&social_services(code), Party::SocialServices, Some(code))?);
    }
    Ok(units)
}

fn unit(name: &str, party: Party, serves: Option<&str>) -> anyhow::Result<Unit> {
    let serves = serves.map(str::parse).transpose().context("use a municipality's code")?;
    Ok(Unit {
        unit: id(name)?,
        party,
        name: name.to_owned(),
        municipality: None,
        serves: serves.into_iter().collect(),
        active: true,
    })
}

/// Who is told: units have a mailbox, their managers a telephone, principals both.
pub(crate) fn contacts() -> anyhow::Result<Vec<UnitContacts>> {
    let mut names = vec![("avd".to_owned(), WARD.to_owned())];
    for code in MUNICIPALITIES {
        names.push((format!("vc.{code}"), care_centre(code)));
        names.push((format!("hsv.{code}"), health_care(code)));
        names.push((format!("soc.{code}"), social_services(code)));
    }
    let contacts = names.into_iter().zip(5..).map(|((name, unit), number)| {
        let unit = id(&unit)?;
        // Of the series that is kept for fiction.
        let phone = Some(format!("070-17406{number:02}"));
        let contact = |role, name: String, email, sms| Contact {
            name,
            role,
            email,
            sms,
            language: Language::Sv,
            digest: Vec::new(),
        };
        let mail = |what: &str| Some(format!("{name}{what}@example.se"));
        let contacts = vec![
            contact(Role::Unit, format!("{name} brevlåda"), mail(""), None),
            contact(Role::Manager, format!("{name} chef"), None, phone.clone()),
            contact(Role::Principal, format!("{name} huvudman"), mail(".huvudman"), phone),
        ];
        let hours = Hours { always: is_always_open(&unit), ..Hours::default() };
        Ok(UnitContacts { unit, hours, contacts })
    });
    contacts.collect()
}
