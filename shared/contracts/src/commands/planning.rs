//! Commands of `admissions` about the planning of the way home: the ward's.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HappenedAt;
use crate::case::{CheckKind, Destination, FormAnswer, Intervention, Outcome};
use crate::{CaseId, EntryId, Track};

/// Sets the case's track.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTrack {
    /// The case.
    pub case: CaseId,
    /// The track.
    pub track: Track,
    /// The approved proposal of a change that it carries out (`propose_track` of `coordination`).
    #[serde(default)]
    pub change: Option<EntryId>,
}

/// Fills in the planning form (planeringsunderlag).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FillForm {
    /// The case.
    pub case: CaseId,
    /// What is so of the patient's needs.
    #[serde(default)]
    pub answers: BTreeSet<FormAnswer>,
    /// Interventions that may ask for the red track.
    #[serde(default)]
    pub interventions: BTreeSet<Intervention>,
}

/// The ward has seen to something before the patient goes home.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordCheck {
    /// The case.
    pub case: CaseId,
    /// What.
    pub what: CheckKind,
    /// How.
    pub outcome: Outcome,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Takes a check back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeCheck {
    /// The case.
    pub case: CaseId,
    /// What.
    pub what: CheckKind,
}

/// Sends the notice of discharge (utskrivningsmeddelande); another one replaces it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendDischargeNotice {
    /// The case.
    pub case: CaseId,
    /// Where to.
    pub destination: Destination,
    /// The day of the discharge, in Sweden.
    pub discharged_on: NaiveDate,
}

/// Takes the notice of discharge back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawDischargeNotice {
    /// The case.
    pub case: CaseId,
}

/// The patient goes on leave (permission); the stay goes on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartLeave {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The patient is back from leave.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndLeave {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The discharge did not happen after all.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelDischarge {
    /// The case.
    pub case: CaseId,
}
