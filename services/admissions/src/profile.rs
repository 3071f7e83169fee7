//! What was agreed with one sender: how its codes turn into ours.
//!
//! Every hospital fills HL7 a little differently, so what differs is data: a registered sender is a
//! table in a TOML file, and a new one needs no new build. Profiles are checked when they are
//! loaded, for a wrong code here would be found by a patient else.

mod apply;
mod check;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU16;

use contracts::HsaId;
use contracts::identity::IdentityKind;
use serde::Deserialize;

use crate::hl7::{FieldPath, Header};
use crate::hospital_message::UnitRef;
use crate::ids::OutsideParty;

pub use apply::{Reading, admission_from};
pub use check::{LoadError, Problem};

/// All registered senders.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Senders {
    #[serde(default, rename = "sender")]
    all: Vec<SenderProfile>,
    /// From how many stays within three months on a patient has come often: no guideline says how
    /// many, so it is agreed in the region. Absent: nobody is counted.
    pub frequent_stays: Option<NonZeroU16>,
}

impl Senders {
    /// Reads `[[sender]]` tables and checks them; every problem is told at once.
    pub fn from_toml(text: &str) -> Result<Self, LoadError> {
        let senders: Self = toml::from_str(text).map_err(LoadError::Syntax)?;
        let problems = check::problems(&senders.all);
        if problems.is_empty() { Ok(senders) } else { Err(LoadError::Content(problems)) }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[SenderProfile] {
        &self.all
    }

    /// The sender of that token, for what comes by NATS or HTTP.
    #[must_use]
    pub fn by_token(&self, token: &str) -> Option<&SenderProfile> {
        self.all.iter().find(|sender| sender.token == token)
    }

    /// The sender that MSH-3 and MSH-4 name, for what comes by MLLP.
    #[must_use]
    pub fn by_header(&self, header: &Header) -> Option<&SenderProfile> {
        self.all.iter().find(|sender| {
            sender.mllp.as_ref().is_some_and(|mllp| {
                header.sending_application.name() == mllp.application
                    && header.sending_facility.name() == mllp.facility
            })
        })
    }
}

/// One registered sender.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SenderProfile {
    /// Its name in subjects and receipts: lower-case letters, digits and hyphens.
    pub token: String,
    /// HSA-id of the hospital that it speaks for; case keys are unique within that.
    pub hospital: HsaId,
    /// How it names itself in HL7; a sender without this cannot use MLLP.
    pub mllp: Option<MllpName>,
    /// What it proves itself with over HTTP; a sender without this cannot use HTTP.
    pub http: Option<HttpToken>,
    /// MSH-11 that are taken; by default production only.
    #[serde(default = "production")]
    pub processing_ids: Vec<String>,
    /// What tells one stay from another.
    #[serde(default)]
    pub case_key: CaseKeySource,
    /// PV1-2 that mean in-patient care.
    #[serde(default = "inpatients")]
    pub inpatient_classes: Vec<String>,
    /// What tells whether an admission was planned, for senders that say so.
    pub admission_type: Option<AdmissionTypes>,
    /// PV1-3.1 to HSA-ids.
    #[serde(default)]
    pub wards: BTreeMap<String, HsaId>,
    /// PD1-3 to HSA-ids; a code that is an HSA-id needs no line.
    #[serde(default)]
    pub care_centres: BTreeMap<String, HsaId>,
    /// Which numbers of PID-3 identify a patient, the best first.
    #[serde(default = "national_identities")]
    pub identities: Vec<IdentityRule>,
    /// Where the code of the municipality of registration stands: PID-11.9 or PID-12 as a rule.
    pub municipality: Option<FieldPath>,
    /// Where a protected identity is marked.
    pub protected: Option<Marker>,
    /// What tells that a patient has died.
    #[serde(default)]
    pub death: DeathCodes,
    /// Where the judgement of need stands, for senders that have one.
    pub need: Option<NeedMapping>,
}

/// MSH-3.1 and MSH-4.1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MllpName {
    /// MSH-3.1.
    pub application: String,
    /// MSH-4.1; empty for a sender that leaves it out.
    #[serde(default)]
    pub facility: String,
    /// The addresses that it speaks from; any when empty.
    #[serde(default)]
    pub peers: Vec<IpAddr>,
}

/// The bearer token of a sender, as its digest: the file of senders holds no secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpToken {
    /// SHA-256 of the token, in hexadecimal. The token must be random (`openssl rand -hex 32`): a
    /// plain digest does not protect a password that can be guessed.
    pub token_sha256: String,
}

/// What tells one stay from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKeySource {
    /// PV1-19.
    #[default]
    VisitNumber,
    /// The patient's identity and PV1-44.
    PatientAndAdmission,
}

/// How a number of PID-3 is known: by who assigned it, or by its type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityRule {
    /// What such a number is.
    pub kind: IdentityKind,
    /// CX.4, local name or OID, any of these; for a reserve number the first one is kept with it.
    #[serde(default)]
    pub authorities: Vec<String>,
    /// CX.5, any of these.
    #[serde(default)]
    pub types: Vec<String>,
}

/// A field, and the values of it that mean yes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// Where.
    pub field: FieldPath,
    /// Any of these.
    pub values: Vec<String>,
}

/// What tells whether an admission was planned. A code that stands in neither list says nothing of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionTypes {
    /// Where the code stands; PV1-4 as a rule.
    pub field: FieldPath,
    /// Codes of what was planned.
    #[serde(default)]
    pub planned: Vec<String>,
    /// Codes of what was not.
    #[serde(default)]
    pub unplanned: Vec<String>,
}

/// What tells that a patient has died.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeathCodes {
    /// Values of PID-30.
    #[serde(default = "yes")]
    pub indicator_values: Vec<String>,
    /// Values of PV1-36.
    #[serde(default)]
    pub disposition_codes: Vec<String>,
}

/// Where the judgement of need stands, and what its codes mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedMapping {
    /// Where its codes stand; all repetitions count.
    pub field: FieldPath,
    /// Which parties each code names; an empty list: judged, and nobody is needed.
    pub codes: BTreeMap<String, Vec<OutsideParty>>,
    /// Where it says that the patient comes often.
    pub frequent_patient: Option<Marker>,
    /// Where it says when the need was noticed.
    pub noticed_at: Option<FieldPath>,
    /// Where it says who judged: a staff id.
    pub judged_by: Option<FieldPath>,
}

impl SenderProfile {
    /// Whether it speaks HL7 over MLLP from that address.
    #[must_use]
    pub fn speaks_from(&self, peer: Option<IpAddr>) -> bool {
        let peers = self.mllp.as_ref().map_or(&[][..], |mllp| &mllp.peers);
        peers.is_empty() || peer.is_some_and(|peer| peers.contains(&peer.to_canonical()))
    }

    /// The ward that a code means.
    #[must_use]
    pub fn ward(&self, code: &str) -> UnitRef {
        unit(&self.wards, code)
    }

    /// The care centre that a code means.
    #[must_use]
    pub fn care_centre(&self, code: &str) -> UnitRef {
        unit(&self.care_centres, code)
    }
}

fn unit(mapping: &BTreeMap<String, HsaId>, code: &str) -> UnitRef {
    match (mapping.get(code), code.parse()) {
        (Some(unit), _) => UnitRef::Unit(unit.clone()),
        (None, Ok(unit)) => UnitRef::Unit(unit),
        (None, Err(_)) => UnitRef::Unmapped(code.to_owned()),
    }
}

impl Default for DeathCodes {
    fn default() -> Self {
        Self { indicator_values: yes(), disposition_codes: Vec::new() }
    }
}

fn production() -> Vec<String> {
    vec!["P".to_owned()]
}

fn inpatients() -> Vec<String> {
    vec!["I".to_owned()]
}

fn yes() -> Vec<String> {
    vec!["Y".to_owned()]
}

/// Personal identity and coordination numbers by their national OIDs and usual types.
fn national_identities() -> Vec<IdentityRule> {
    let rule = |kind, oid: &str, type_: &str| IdentityRule {
        kind,
        authorities: vec![oid.to_owned()],
        types: vec![type_.to_owned()],
    };
    vec![
        rule(IdentityKind::Personal, "1.2.752.129.2.1.3.1", "PNR"),
        rule(IdentityKind::Coordination, "1.2.752.129.2.1.3.3", "SNR"),
    ]
}

#[cfg(test)]
mod tests;
