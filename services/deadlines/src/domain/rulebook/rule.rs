//! A line of a rulebook, how long it holds, and its ladder.

use contracts::Owner;
use contracts::ledger::{StepKind, Words};
use contracts::reach::Role;
use serde::Deserialize;

use super::{Clock, Condition, Predicate, Trigger};

/// A line of a rulebook: a duty, or something that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id, such as `K06`.
    pub id: String,
    /// The duty in words.
    pub title: Words,
    /// The guideline's section or the law.
    pub source: String,
    /// Who owes it; each of them a duty of its own.
    pub owners: Vec<Owner>,
    /// What starts it.
    pub trigger: Trigger,
    /// What else must hold for it to be owed.
    pub conditions: Vec<Condition>,
    /// What fulfils it.
    pub proof: Predicate,
    /// Shown beside the duties, never missed, told to nobody.
    pub shown: bool,
    /// When it is due.
    pub clock: Clock,
    /// How long it can be owed.
    pub until: Until,
    /// Who is told when, in this order; empty: nobody.
    pub ladder: Vec<Rung>,
    /// Hours by which "I have seen this" postpones the next escalation; 0: it does not.
    pub acknowledgement_postpones_hours: u32,
}

/// How long a duty can be owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// To the discharge: what is open then is still missed.
    Discharge,
    /// To the closing of the case.
    Closing,
}

/// A rung of the ladder. An escalation's hours run from the escalation before it, as that really
/// happened, the first one's from due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The unit is reminded before due.
    Reminder {
        /// Hours before due.
        before_due_hours: u32,
    },
    /// The unit is reminded when the patient is ready for discharge.
    ReminderAtReady,
    /// The unit is reminded when the estimated discharge comes.
    ReminderAtEstimate,
    /// The unit is told at due.
    Unit,
    /// The manager is told.
    Manager {
        /// Hours after the escalation before.
        after_hours: u32,
    },
    /// The principal is told.
    Principal {
        /// Hours after the escalation before.
        after_hours: u32,
    },
}

impl Rung {
    /// The step's kind on the wire.
    #[must_use]
    pub fn kind(self) -> StepKind {
        match self {
            Self::Reminder { .. } => StepKind::Reminder,
            Self::ReminderAtReady => StepKind::ReminderAtReady,
            Self::ReminderAtEstimate => StepKind::ReminderAtEstimate,
            Self::Unit => StepKind::Unit,
            Self::Manager { .. } => StepKind::Manager,
            Self::Principal { .. } => StepKind::Principal,
        }
    }

    /// Who is told during the unit's hours.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Manager { .. } => Role::Manager,
            Self::Principal { .. } => Role::Principal,
            _ => Role::Unit,
        }
    }

    /// Hours after the escalation before; 0 for what is no escalation.
    #[must_use]
    pub fn after_hours(self) -> u32 {
        match self {
            Self::Manager { after_hours } | Self::Principal { after_hours } => after_hours,
            _ => 0,
        }
    }
}
