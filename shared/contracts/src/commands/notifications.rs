//! Commands and queries of `notifications`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::coordination::Imported;
use super::{Done, commands};
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

/// Asks for the alerts of a case, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAlerts {
    /// The case.
    pub case: CaseId,
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
    ListAlerts => "list_alerts", Vec<Alert>;
    CountAlerts => "count_alerts", AlertCounts;
}
