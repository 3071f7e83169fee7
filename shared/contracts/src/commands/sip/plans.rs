//! The plan: its versions, who confirms them, how it is followed up.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::commands::HappenedAt;
use crate::sip::{FreeText, Plan, Principal};
use crate::{CaseId, Party, StaffId};

/// Most goals, and most interventions, of a plan.
pub const MOST_LINES: usize = 200;

/// What a plan says. Goals and interventions stay in `sip`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipPlanContent {
    /// Who answers for the whole.
    pub overall: Principal,
    /// The day on which it is to be followed up, in Sweden.
    pub follow_up_on: NaiveDate,
    /// What is to be reached.
    #[serde(default)]
    pub goals: Vec<FreeText>,
    /// What is done, and by whom.
    pub interventions: Vec<SipIntervention>,
}

/// Something that is done for the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipIntervention {
    /// What.
    pub what: FreeText,
    /// The responsible party.
    pub party: Party,
    /// The responsible person.
    pub staff: StaffId,
}

/// Makes the plan, or a new version of it, for the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeSipPlan {
    /// The case.
    pub case: CaseId,
    /// The version that its author has read; 0 for the first plan. Whoever comes second is told who
    /// wrote since.
    pub based_on: u32,
    /// The whole plan, also what stays as it was.
    pub plan: SipPlanContent,
    /// When it was agreed.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Which version of the plan came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipPlanMade {
    /// Counted from 1.
    pub version: u32,
}

/// A party confirms the version that it has read, by the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSipPlan {
    /// The case.
    pub case: CaseId,
    /// The version.
    pub version: u32,
    /// The party.
    pub party: Party,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The plan was followed up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSipFollowUp {
    /// The case.
    pub case: CaseId,
    /// Which parties took part.
    pub parties: Vec<Party>,
    /// The day of the next one; absent: no further one.
    #[serde(default)]
    pub next_on: Option<NaiveDate>,
    /// When it was held.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Asks for a version of the plan with what people wrote, on behalf of a unit that takes part. Every
/// reading is logged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadSipPlan {
    /// The case.
    pub case: CaseId,
    /// Which version; absent: the newest.
    #[serde(default)]
    pub version: Option<u32>,
}

/// A version of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipPlanText {
    /// What is published of it: author, parties, confirmations.
    pub published: Plan,
    /// What it says.
    pub content: SipPlanContent,
}
