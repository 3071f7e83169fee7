//! When and how a unit can be reached, as `notifications` tells it: no addresses, only whether
//! somebody would be told.

use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Aggregate, HsaId};

/// Whom a step is told to, within a unit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Those who do the work.
    Unit,
    /// Outside office hours.
    OnCall,
    /// The unit's manager.
    Manager,
    /// The principal (huvudman) behind the unit.
    Principal,
    /// A role that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Role {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::OnCall => "on_call",
            Self::Manager => "manager",
            Self::Principal => "principal",
            Self::Unknown => "unknown",
        }
    }
}

/// Snapshot of `hemgang.v1.notifications.unit_reach_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitReach {
    /// The unit.
    pub unit: HsaId,
    /// Roles for which at least one working contact point exists.
    pub roles: Vec<Role>,
    /// When those of the role `unit`, `manager` and `principal` are there.
    pub hours: Hours,
}

/// Opening hours on weekdays (vardagar), in Swedish local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hours {
    /// Open day and night, holidays too; the other fields do not matter then.
    #[serde(default)]
    pub always: bool,
    /// Opens at.
    #[serde(default = "eight")]
    pub opens: NaiveTime,
    /// Closes at.
    #[serde(default = "half_past_four")]
    pub closes: NaiveTime,
    /// Weekdays on which it is closed all the same.
    #[serde(default)]
    pub closed: Vec<NaiveDate>,
}

fn eight() -> NaiveTime {
    NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default()
}

fn half_past_four() -> NaiveTime {
    NaiveTime::from_hms_opt(16, 30, 0).unwrap_or_default()
}

impl Default for Hours {
    /// Weekdays from 08.00 to 16.30.
    fn default() -> Self {
        Self { always: false, opens: eight(), closes: half_past_four(), closed: Vec::new() }
    }
}

impl Aggregate for UnitReach {
    const SUBJECT: &'static str = crate::subjects::UNIT_REACH_CHANGED;

    fn key(&self) -> String {
        self.unit.as_str().to_owned()
    }
}
