//! One logical alert, one cause told to one recipient, as `notifications` tells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reach::Role;
use crate::{Aggregate, AlertId, CaseId, ContactPointId, EntryId, HsaId, ObligationId, Stamp};

/// Snapshot of `hemgang.v1.notifications.alert_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Derived from cause and recipient.
    pub alert_id: AlertId,
    /// The case.
    pub case_id: CaseId,
    /// The step, the news or the invitation that it tells.
    pub cause: EntryId,
    /// The duty, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligation: Option<ObligationId>,
    /// The meeting, by its first entry, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<EntryId>,
    /// The unit told.
    pub unit: HsaId,
    /// In which role.
    pub role: Role,
    /// The recipient.
    pub contact_point: ContactPointId,
    /// How far it has come.
    pub state: AlertState,
    /// A person has said "I have seen this".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Stamp>,
}

/// How far an alert has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// To be sent.
    Queued,
    /// A provider has taken it.
    Sent,
    /// A provider reports that it has arrived.
    Delivered,
    /// A provider may or may not have taken it.
    Unresolved,
    /// No channel took it.
    Failed,
    /// Not sent, because it was no longer true.
    Withdrawn,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

impl AlertState {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Unresolved => "unresolved",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
            Self::Unknown => "unknown",
        }
    }
}

impl Aggregate for Alert {
    const SUBJECT: &'static str = crate::subjects::ALERT_CHANGED;

    fn key(&self) -> String {
        self.alert_id.to_string()
    }
}
