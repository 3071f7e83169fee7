//! The directory of units, as `coordination` tells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Aggregate, HsaId, MunicipalityCode, Party};

/// Snapshot of `hemgang.v1.coordination.unit_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// The unit's HSA-id.
    pub unit: HsaId,
    /// The party that it is a unit of.
    pub party: Party,
    /// Its name, as people know it.
    pub name: String,
    /// The municipality that it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The municipalities whose registered inhabitants it serves (municipal units).
    #[serde(default)]
    pub serves: Vec<MunicipalityCode>,
    /// Still in use; cases are not routed to a unit that is not.
    #[serde(default = "active")]
    pub active: bool,
}

fn active() -> bool {
    true
}

impl Aggregate for Unit {
    const SUBJECT: &'static str = crate::subjects::UNIT_CHANGED;

    fn key(&self) -> String {
        self.unit.as_str().to_owned()
    }
}
