//! The date on every entry: when it happened, and when we learned it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::commands::{HappenedAt, Refusal};
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

impl Stamp {
    /// The stamp of what somebody reports now: it happened when they say, or now. Nothing can be
    /// reported before it has happened.
    pub fn reported(
        id: EntryId,
        happened_at: HappenedAt,
        now: DateTime<Utc>,
        by: Option<StaffId>,
    ) -> Result<Self, Refusal> {
        let occurred_at = happened_at.unwrap_or(now);
        if occurred_at > now {
            return Err(Refusal::new(
                "in_the_future",
                "Tidpunkten ligger i framtiden.",
                "The time lies in the future.",
            )
            .at("/occurred_at"));
        }
        Ok(Self { id, occurred_at, recorded_at: now, by })
    }

    /// The stamp of what happens now.
    #[must_use]
    pub fn now(id: EntryId, now: DateTime<Utc>, by: Option<StaffId>) -> Self {
        Self { id, occurred_at: now, recorded_at: now, by }
    }
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
