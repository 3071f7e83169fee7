//! What a ledger says beside its duties: lines of the rulebook that are shown and never missed, and the
//! track that the rulebook proposes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Words;
use crate::track::Track;
use crate::{EntryId, Owner};

/// How a case stands by the lines that have neither clock nor ladder. They are many, so a ledger holds
/// no more of each than who still has to do it; `explain` says the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownLines {
    /// The rulebook that they stand in, such as `dalarna 2026.2`.
    pub rulebook: String,
    /// Its lines that concern the case now, ordered by their ids.
    pub lines: Vec<ShownLine>,
}

/// A line that is shown. An owner stands in one of the lists, or, when it is no longer owed, in none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShownLine {
    /// The line of the rulebook, such as `K09`.
    pub rule: String,
    /// Who still has to do it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Owner>,
    /// Who has done it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub met: Vec<Owner>,
    /// Who never did it, and its time is past.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<Owner>,
}

/// The track that the newest planning form speaks for, by the rulebook's criteria. Nothing follows
/// from it: people decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrackProposal {
    /// Which.
    pub track: Track,
    /// The form.
    pub form: EntryId,
    /// The rulebook whose criteria they are.
    pub rulebook: String,
    /// Why, in the rulebook's words.
    pub reasons: Vec<Words>,
}
