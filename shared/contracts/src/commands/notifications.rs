//! Commands and queries of `notifications`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::coordination::Imported;
use super::{Done, commands};
use crate::alert::AlertState;
use crate::reach::{Hours, Role};
use crate::{Alert, AlertId, CaseId, HsaId};

/// Puts contact points into the register. For each unit named, the list given replaces the old one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportContactPoints {
    /// The units.
    pub units: Vec<UnitContacts>,
}

/// How one unit is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitContacts {
    /// The unit.
    pub unit: HsaId,
    /// When its people are there.
    #[serde(default)]
    pub hours: Hours,
    /// Its contact points.
    #[serde(default)]
    pub contacts: Vec<Contact>,
}

/// A contact point: an address of a function, not of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Unique within unit and role, such as `brevlåda`.
    pub name: String,
    /// In which role it is told.
    pub role: Role,
    /// The e-mail address; this or `sms`, or both: then SMS is the second channel of the first.
    #[serde(default)]
    pub email: Option<String>,
    /// The phone number.
    #[serde(default)]
    pub sms: Option<String>,
    /// `sv` or `en`.
    #[serde(default)]
    pub language: Language,
    /// At these times in Sweden, such as `07:45`, its news come together in one mail, and not at
    /// once: at most 12, in order. Steps and invitations wait for none of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digest: Vec<String>,
}

/// The language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

/// Records that a person has seen an alert: stops its repeats, and may postpone the next step.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeAlert {
    /// The alert.
    pub alert: AlertId,
}

/// Asks for alerts, oldest first: those of a case, or those that stand so and whose causes still
/// hold (at most 1000), or both.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAlerts {
    /// The case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// How they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<AlertState>,
}

/// Tries once more to tell what was not: alerts whose causes still hold go to their recipients
/// again, or, where those are not there any more or never were, to whoever the unit has in the role
/// now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryAlerts {
    /// Those that stand so: `failed`, or `unresolved`, of which one message more is sent.
    #[serde(default = "failed")]
    pub state: AlertState,
    /// Only of this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Only those raised since, in real time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

const fn failed() -> AlertState {
    AlertState::Failed
}

/// What became of alerts that were to be tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Retried {
    /// Queued again, to the same recipient.
    pub queued: u64,
    /// Others are told instead.
    pub replaced: u64,
    /// There is still nobody to tell.
    pub to_nobody: u64,
}

/// Asks how many alerts stand how.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountAlerts {}

/// Figures of `notifications`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertCounts {
    /// Logical alerts.
    pub alerts: i64,
    /// Waiting to be sent.
    pub queued: i64,
    /// Mails that a server took.
    pub mails: i64,
    /// SMS that a provider took.
    pub sms: i64,
    /// Alerts that no channel took.
    pub failed: i64,
    /// Alerts whose sending has an unknown outcome.
    pub unresolved: i64,
    /// Not sent, because no longer true.
    pub withdrawn: i64,
    /// Acknowledged by a person.
    pub acknowledged: i64,
}

commands! { "notifications":
    ImportContactPoints => "import_contact_points", Imported;
    AcknowledgeAlert => "acknowledge_alert", Done;
    RetryAlerts => "retry_alerts", Retried;
    ListAlerts => "list_alerts", Vec<Alert>;
    CountAlerts => "count_alerts", AlertCounts;
}
