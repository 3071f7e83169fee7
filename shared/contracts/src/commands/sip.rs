//! Commands and queries of `sip`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Done, HappenedAt, commands};
use crate::assignment::NotNeededReason;
use crate::{CaseId, Sip};

/// Somebody has noticed that a plan is needed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSipNeed {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Calls to a SIP (kallelse).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSip {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Sets or moves the meeting's time.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSipTime {
    /// The case.
    pub case: CaseId,
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
}

/// The meeting was held.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSipHeld {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Cancels the call and the meeting.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSip {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The patient declines a plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineSip {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// No plan is needed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipNotNeeded {
    /// The case.
    pub case: CaseId,
    /// Why.
    pub reason: NotNeededReason,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Asks for a case's plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowSip {
    /// The case.
    pub case: CaseId,
}

commands! { "sip":
    NoteSipNeed => "note_need", Done;
    CallSip => "call_sip", Done;
    SetSipTime => "set_time", Done;
    RecordSipHeld => "record_held", Done;
    CancelSip => "cancel_sip", Done;
    DeclineSip => "decline_sip", Done;
    SipNotNeeded => "sip_not_needed", Done;
    ShowSip => "show_sip", Sip;
}
