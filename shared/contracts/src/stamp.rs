//! The date on every entry: when it happened, and when we learned it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EntryId, StaffId};

/// A dated entry's id and times. `occurred_at` counts for statistics, `recorded_at` for stopping a
/// clock: what happened in time but was told late is late for those who waited for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stamp {
    /// The entry's own id.
    pub id: EntryId,
    /// When it happened, as stated by who reported it.
    pub occurred_at: DateTime<Utc>,
    /// When the owning service recorded it (domain time).
    pub recorded_at: DateTime<Utc>,
    /// The member of staff who did it; absent when a system reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffId>,
}

/// Something that was said and may have been taken back: ready for discharge, a discharge, a death.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revocable {
    /// When it was said.
    pub stamp: Stamp,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Stamp>,
}

impl Revocable {
    /// Said, and not taken back.
    #[must_use]
    pub fn in_force(&self) -> bool {
        self.revoked.is_none()
    }
}

/// The latest entry that is in force.
#[must_use]
pub fn in_force(entries: &[Revocable]) -> Option<&Revocable> {
    entries.iter().rev().find(|entry| entry.in_force())
}
