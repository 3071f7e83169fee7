//! The coordinated individual plan (samordnad individuell plan) of a case, as `sip` tells it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::NotNeededReason;
use crate::{Aggregate, CaseId, HsaId, Revocable, Stamp};

/// Snapshot of `hemgang.v1.sip.sip_changed`, one per case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sip {
    /// The case.
    pub case_id: CaseId,
    /// Somebody has noticed that a plan is needed.
    #[serde(default)]
    pub needs: Vec<Revocable>,
    /// Calls (kallelse), oldest first; `revoked` when the call was cancelled.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// Meetings with a time, oldest first.
    #[serde(default)]
    pub meetings: Vec<Meeting>,
    /// The patient declined, or no plan is needed.
    #[serde(default)]
    pub ends: Vec<SipEnd>,
}

/// A call to a SIP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// When and by whom.
    pub stamp: Stamp,
    /// The calling unit.
    pub unit: HsaId,
    /// The call was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Stamp>,
}

/// A meeting with a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Meeting {
    /// When the time was set.
    pub stamp: Stamp,
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
    /// It was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Stamp>,
    /// It was cancelled, or moved to another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Stamp>,
}

/// Why there will be no plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipEnd {
    /// When and by whom.
    pub stamp: Stamp,
    /// Declined by the patient, or judged not needed.
    pub kind: SipEndKind,
    /// Why.
    pub reason: NotNeededReason,
}

/// How a plan came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SipEndKind {
    /// The patient does not consent to a plan (2017:612, 4 kap. 3 §).
    DeclinedByPatient,
    /// The parties judge that none is needed.
    NotNeeded,
    /// An end that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Sip {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(case_id: CaseId) -> Self {
        Self { case_id, needs: vec![], calls: vec![], meetings: vec![], ends: vec![] }
    }

    /// The call in force.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.calls.iter().rev().find(|call| call.cancelled.is_none())
    }

    /// The meeting that is planned or was held.
    #[must_use]
    pub fn meeting(&self) -> Option<&Meeting> {
        self.meetings.iter().rev().find(|meeting| meeting.cancelled.is_none())
    }
}

impl Aggregate for Sip {
    const SUBJECT: &'static str = crate::subjects::SIP_CHANGED;

    fn key(&self) -> String {
        self.case_id.to_string()
    }
}
