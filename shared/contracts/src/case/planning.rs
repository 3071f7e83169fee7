//! What the ward states of the way home (hemgång): track, planning form, checks and the notice of
//! discharge.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::track::Track;
use crate::{EntryId, HsaId, Stamp};

/// The planning of the way home, from the ward's side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Planning {
    /// Tracks, oldest first; the last one holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<TrackSet>,
    /// Planning forms, oldest first; the last one holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<PlanningForm>,
    /// What the ward has seen to, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Notices of discharge (utskrivningsmeddelande), oldest first; the last one that is not revoked
    /// holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discharge_notices: Vec<DischargeNotice>,
}

/// A track was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrackSet {
    /// When and by whom.
    pub stamp: Stamp,
    /// Which.
    pub track: Track,
    /// The proposal of a change that it follows ([`TrackChange`](crate::assignment::TrackChange)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<EntryId>,
}

/// A planning form (planeringsunderlag) as filled in: codes only, from which a rulebook proposes a
/// track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanningForm {
    /// When and by whom.
    pub stamp: Stamp,
    /// For which unit.
    pub unit: HsaId,
    /// What is so of the patient's needs.
    #[serde(default)]
    pub answers: BTreeSet<FormAnswer>,
    /// Interventions that may ask for the red track.
    #[serde(default)]
    pub interventions: BTreeSet<Intervention>,
}

/// What can be so of a patient's needs: the guidelines' target groups (Dalarna guideline, Målgrupp;
/// Örebro, Vägledning för rött spår).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FormAnswer {
    /// Known in the municipality.
    KnownInMunicipality,
    /// Goes home with the same or similar support.
    SameSupport,
    /// Small new support that need not start on the day of going home.
    SmallNewSupport,
    /// More support than before.
    ExpandedSupport,
    /// Support that must be able to start on the day of going home.
    SameDayStart,
    /// Large new needs of health or social care.
    LargeNewNeeds,
    /// Receiving staff need training.
    StaffTrainingNeeded,
    /// Much time, extensive care, many professions.
    ManyProfessions,
    /// Extensive aids, or a larger adaptation of the home.
    ExtensiveAids,
    /// Severely reduced cognition (danger to life).
    SeverelyReducedCognition,
    /// Extensive new or changed health care or rehabilitation.
    ExtensiveNewHealthCare,
    /// Several visits to the emergency department or stays within three months.
    FrequentPatient,
    /// An answer that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Interventions that may ask for planning by the red track (Örebro, Vägledning för rött spår).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Intervention {
    /// Rehabilitation with large restrictions.
    RestrictedRehabilitation,
    /// PICC-line.
    PiccLine,
    /// Subcutan venport.
    SubcutaneousPort,
    /// Sugning av övre luftvägar.
    AirwaySuction,
    /// Trakealvård.
    TrachealCare,
    /// Injektions- or infusionspump.
    InfusionPump,
    /// Hemventilator or inhalator.
    HomeVentilator,
    /// Hostmaskin.
    CoughMachine,
    /// Nackkrage, halskrage.
    NeckCollar,
    /// Central venkateter.
    CentralVenousCatheter,
    /// Nutritionssond via näsa.
    NasalFeedingTube,
    /// Blodtransfusion.
    BloodTransfusion,
    /// Långtidsinfusion som kräver övervakning.
    MonitoredInfusion,
    /// Järninjektion.
    IronInjection,
    /// Intravenös antibiotikabehandling.
    IntravenousAntibiotics,
    /// An intervention that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Something that the ward has to see to before the patient goes home.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Written information 1: what matters to me before I go home (hemgångsklar, point 1).
    InformedWhatMatters,
    /// 2: what has happened during the stay.
    InformedWhatHappened,
    /// 3: what happens next.
    InformedWhatNext,
    /// 4: whom do I ask if something does not work.
    InformedWhomToAsk,
    /// 5: unbroken chain of medicines and rehabilitation, aids included.
    MedicineAndRehabilitation,
    /// Self-care assessed (egenvårdsbedömning).
    SelfCareAssessed,
    /// Referral to open care (remiss).
    ReferralWritten,
    /// Updated medication list handed over.
    MedicationListSent,
    /// Reports handed over (överrapportering).
    HandedOver,
    /// Aids handed over.
    AidsHandedOver,
    /// A position on whether receiving staff need training.
    TrainingNeedDecided,
    /// Receiving staff trained, or the offer declined.
    StaffTrained,
    /// What municipal health care is to do is clearly defined.
    InterventionDefined,
    /// A check that this version does not know.
    #[serde(other)]
    Unknown,
}

impl CheckKind {
    /// The five points of being home-ready (hemgångsklar; Dalarna guideline, Arbetssätt).
    pub const HOME_READY: [Self; 5] = [
        Self::InformedWhatMatters,
        Self::InformedWhatHappened,
        Self::InformedWhatNext,
        Self::InformedWhomToAsk,
        Self::MedicineAndRehabilitation,
    ];
}

/// How something was seen to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done; of a position: yes.
    Done,
    /// Judged not needed; of a position: no.
    NotNeeded,
    /// An outcome that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Something was seen to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// When and by whom.
    pub stamp: Stamp,
    /// What.
    pub what: CheckKind,
    /// How.
    pub outcome: Outcome,
    /// Taken back, or said anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Stamp>,
}

/// Where a patient goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Home (ordinärt boende).
    Home,
    /// A home of the municipality's (särskilt boende).
    SpecialHousing,
    /// A short-term place of the municipality's (korttidsplats).
    ShortTermPlace,
    /// Another hospital.
    OtherHospital,
    /// Elsewhere.
    Elsewhere,
    /// A destination that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The notice of discharge: where to and on which day (Dalarna guideline, Hemgång).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DischargeNotice {
    /// When it was sent and by whom.
    pub stamp: Stamp,
    /// Where to.
    pub destination: Destination,
    /// The day of the discharge, in Sweden.
    pub discharged_on: NaiveDate,
    /// Taken back, or sent anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Stamp>,
}

impl Planning {
    /// Nothing has been stated yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The track that holds.
    #[must_use]
    pub fn track(&self) -> Option<&Track> {
        self.tracks.last().map(|set| &set.track)
    }

    /// The form that holds.
    #[must_use]
    pub fn form(&self) -> Option<&PlanningForm> {
        self.forms.last()
    }

    /// The check in force.
    #[must_use]
    pub fn check(&self, what: CheckKind) -> Option<&Check> {
        self.checks.iter().rev().find(|check| check.what == what && check.revoked.is_none())
    }

    /// The notice of discharge in force.
    #[must_use]
    pub fn discharge_notice(&self) -> Option<&DischargeNotice> {
        self.discharge_notices.iter().rev().find(|notice| notice.revoked.is_none())
    }

    /// All entries.
    pub fn stamps(&self) -> impl Iterator<Item = &Stamp> {
        let checks = self.checks.iter().flat_map(|c| std::iter::once(&c.stamp).chain(&c.revoked));
        let notices = self.discharge_notices.iter();
        (self.tracks.iter().map(|set| &set.stamp))
            .chain(self.forms.iter().map(|form| &form.stamp))
            .chain(checks)
            .chain(notices.flat_map(|n| std::iter::once(&n.stamp).chain(&n.revoked)))
    }
}
