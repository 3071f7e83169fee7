//! What the patient said to the sharing of information.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Party, Stamp};

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAnswer {
    /// Yes.
    Given,
    /// No.
    Refused,
    /// Yes earlier, no longer.
    Withdrawn,
    /// An answer that this version does not know; treated as no.
    #[serde(other)]
    Unknown,
}

/// What a consent is to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConsentScope {
    /// The transfer of information between the parties.
    Information,
    /// A coordinated individual plan (2017:612, 4 kap. 3 §).
    Plan,
    /// That relatives take part.
    Relatives,
    /// A scope that this version does not know: to nothing.
    #[serde(other)]
    Unknown,
}

/// A consent entry. A yes says for which parties from then on, whatever was said before; a no that is
/// for some parties is about those alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// When, and recorded by whom.
    pub stamp: Stamp,
    /// The answer.
    pub answer: ConsentAnswer,
    /// To what; empty: to everything.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<ConsentScope>,
    /// Which parties may know, or may not; empty: all that are concerned.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub parties: BTreeSet<Party>,
    /// From then on it holds no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

impl Consent {
    /// An answer to everything, for all parties, without an end.
    #[must_use]
    pub fn new(stamp: Stamp, answer: ConsentAnswer) -> Self {
        let (scopes, parties) = (BTreeSet::new(), BTreeSet::new());
        Self { stamp, answer, scopes, parties, expires_at: None }
    }

    /// Whether it is about this scope.
    #[must_use]
    pub fn is_about(&self, scope: ConsentScope) -> bool {
        self.scopes.is_empty() || self.scopes.contains(&scope)
    }

    /// Whether it settles what holds of a scope for a party.
    #[must_use]
    pub fn settles(&self, scope: ConsentScope, party: Party) -> bool {
        let concerns = self.answer == ConsentAnswer::Given || self.is_for(party);
        self.is_about(scope) && concerns
    }

    /// Whether it and another one say something of the same scope for the same party, so that the later
    /// one holds.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let scopes = self.scopes.is_empty()
            || other.scopes.is_empty()
            || !self.scopes.is_disjoint(&other.scopes);
        let settles_all = |one: &Self| one.answer == ConsentAnswer::Given || one.parties.is_empty();
        let parties =
            settles_all(self) || settles_all(other) || !self.parties.is_disjoint(&other.parties);
        scopes && parties
    }

    /// Whether both are about the same scopes, parties and time.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let about =
            |consent: &Self| (consent.scopes.clone(), consent.parties.clone(), consent.expires_at);
        about(self) == about(other)
    }

    /// Whether it says yes, at that moment, to that party's knowing.
    #[must_use]
    pub fn allows(&self, party: Party, now: DateTime<Utc>) -> bool {
        self.covers(party) && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it says yes to that party's knowing. Whether it has expired is not looked at.
    #[must_use]
    pub fn covers(&self, party: Party) -> bool {
        self.answer == ConsentAnswer::Given && self.is_for(party)
    }

    fn is_for(&self, party: Party) -> bool {
        self.parties.is_empty() || self.parties.contains(&party)
    }
}
