//! The plan itself: its versions, who has confirmed which, its follow-up, and the registration of the
//! contact. Interventions and goals, as people write them, stay with `sip`.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EntryId, HsaId, Party, StaffId, Stamp};

/// Which kind of plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanKind {
    /// Samordnad individuell plan (SIP).
    #[default]
    Sip,
    /// Samordnad vårdplan vid psykiatrisk tvångsvård (LPT, LRV), in its place (2017:612, 4 kap.).
    CompulsoryPsychiatricCare,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

impl PlanKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_sip(&self) -> bool {
        *self == Self::Sip
    }
}

/// The kind of plan was stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KindChange {
    /// When and by whom.
    pub stamp: Stamp,
    /// From then on.
    pub kind: PlanKind,
}

/// Who answers for a plan as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// The region.
    Region,
    /// The municipality.
    Municipality,
    /// A principal that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A version of the plan. A later one replaces it; it stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// When it was made and by whom.
    pub stamp: Stamp,
    /// Counted from 1.
    pub version: u32,
    /// The unit that made it.
    pub unit: HsaId,
    /// Who answers for the whole.
    pub overall: Principal,
    /// The parties that are to do something: each has to confirm.
    pub parties: Vec<Party>,
    /// How many interventions it has, each with a responsible party and person.
    pub interventions: u16,
    /// The day on which it is to be followed up, in Sweden.
    pub follow_up_on: NaiveDate,
    /// Who has confirmed this version.
    #[serde(default)]
    pub confirmations: Vec<PlanConfirmation>,
}

impl Plan {
    /// Every party that is to do something has confirmed this version.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.parties.iter().all(|party| self.confirmations.iter().any(|c| c.party == *party))
    }
}

/// A party confirms the version that it saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanConfirmation {
    /// When and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
}

/// The plan was followed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanFollowUp {
    /// When and by whom.
    pub stamp: Stamp,
    /// The version.
    pub version: u32,
    /// The parties that took part.
    pub parties: Vec<Party>,
    /// The day of the next one; absent: no further one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_on: Option<NaiveDate>,
}

/// The contact as it is registered by whoever owns the plan (region's routine for the registration of
/// SIP): cause Vårdplanering, no fee (P0, Gena), KVÅ AU124, and never XU042, which is compulsory care's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// When and by whom.
    pub stamp: Stamp,
    /// The meeting.
    pub meeting: EntryId,
    /// The unit that registers.
    pub unit: HsaId,
    /// On whom.
    pub staff: StaffId,
    /// The visit type.
    pub visit_type: VisitType,
    /// Owns the plan: registers the contact. Others may register their part ("Medverkan enstaka
    /// besök").
    pub owner: bool,
    /// It was registered by mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

/// The visit type of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitType {
    /// "annan plats": on a ward.
    OtherPlace,
    /// "mott": at a reception.
    Reception,
    /// "distanskontakt via videolänk".
    Video,
    /// "distanskontakt via telefon".
    Telephone,
    /// A visit type that this version does not know.
    #[serde(other)]
    Unknown,
}
