//! The ledger of a case: every duty with its owner, its clock and its proof, and what has been told
//! to whom, as `deadlines` tells it.

mod shown;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reach::Role;
use crate::{Aggregate, CaseId, CaseRef, EntryId, HsaId, ObligationId, Owner};

pub use shown::{ShownLine, ShownLines, TrackProposal};

/// Snapshot of `hemgang.v1.deadlines.ledger_changed`, one per case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    /// The case.
    pub case_id: CaseId,
    /// Its short name for people.
    pub case_ref: CaseRef,
    /// All duties, whatever their state, ordered by id.
    pub obligations: Vec<Obligation>,
    /// News that units are told once, ordered by id.
    pub news: Vec<News>,
    /// Lines that are shown and never missed, by rulebook.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<ShownLines>,
    /// The track that the newest planning form speaks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<TrackProposal>,
}

/// Words for people, in both languages of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Words {
    /// Swedish, the default.
    pub sv: String,
    /// English.
    pub en: String,
}

/// A duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Obligation {
    /// Derived from case, rule, owner and triggering entry.
    pub id: ObligationId,
    /// The line of the rulebook, such as `K06`.
    pub rule: String,
    /// The rulebook that it stands in, such as `dalarna 2026.1`.
    pub rulebook: String,
    /// The duty in words.
    pub title: Words,
    /// Who owes it.
    pub owner: Owner,
    /// The owner's units in this case.
    pub units: Vec<HsaId>,
    /// The entry that triggered it.
    pub trigger: EntryId,
    /// When its clock started.
    pub started_at: DateTime<Utc>,
    /// When it ought to be done; later than this is amber. Absent: no clock, or due at an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<DateTime<Utc>>,
    /// When it is missed. Absent: no clock, or due at an event that has not happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DateTime<Utc>>,
    /// How it stands.
    pub state: ObligationState,
    /// The proof, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// When and why it ended without proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ending>,
    /// What is missing for the proof, as codes (`identity`, `estimate`, `route`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The steps of its ladder that were taken, oldest first.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// How a duty stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObligationState {
    /// To be done, and in time.
    Open,
    /// To be done, and overdue.
    Missed,
    /// Done in time.
    Met,
    /// Missed, and done afterwards.
    MetLate,
    /// No longer owed.
    Cancelled,
    /// Missed, and its time is past: nothing will be told any more.
    StillMissed,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

impl ObligationState {
    /// Somebody still has to do it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Missed)
    }
}

/// What fulfilled a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The entry.
    pub entry: EntryId,
    /// When it happened: counts for statistics.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded: from then on nothing is told.
    pub recorded_at: DateTime<Utc>,
}

/// The end of a duty without proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ending {
    /// When.
    pub at: DateTime<Utc>,
    /// Why, as a code (`ready_revoked`, `need_withdrawn`, `route_ended`, `discharged`, …).
    pub reason: String,
}

/// A rung of the ladder.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Before it is due.
    Reminder,
    /// A duty that is due at the discharge: the patient is ready for discharge.
    ReminderAtReady,
    /// A duty that is due at the discharge: the estimated discharge has come.
    ReminderAtEstimate,
    /// Missed: the unit is told.
    Unit,
    /// Missed: the unit's manager is told.
    Manager,
    /// Missed: the principal is told.
    Principal,
    /// A step that this version does not know.
    #[serde(other)]
    Unknown,
}

impl StepKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::ReminderAtReady => "reminder_at_ready",
            Self::ReminderAtEstimate => "reminder_at_estimate",
            Self::Unit => "unit",
            Self::Manager => "manager",
            Self::Principal => "principal",
            Self::Unknown => "unknown",
        }
    }

    /// Says that a duty was missed.
    #[must_use]
    pub fn is_escalation(self) -> bool {
        matches!(self, Self::Unit | Self::Manager | Self::Principal)
    }
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It is told to `role`.
    Told,
    /// A reminder that came after its due: recorded, not sent.
    Overtaken,
    /// Nobody could be told: alarmed, and the next step follows at once.
    NobodyReached,
    /// An outcome that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A step that was taken. Never taken back, never taken twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Derived from the duty and the kind: the cause id of its alerts.
    pub id: EntryId,
    /// Which rung.
    pub kind: StepKind,
    /// When it was to be taken.
    pub planned_at: DateTime<Utc>,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// What became of it.
    pub outcome: StepOutcome,
    /// Whom it is told to.
    pub role: Role,
    /// The units that it is told to: those that owed the duty when it was taken.
    #[serde(default)]
    pub units: Vec<HsaId>,
    /// Those of them that were closed, or had nobody in the role, and are told through their on-call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_call: Vec<HsaId>,
    /// What names its duty in the same message, so that it needs none of its own: a step of the same
    /// moment, or the news that the patient is ready for discharge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_with: Option<EntryId>,
    /// A source of proofs was silent when the step was taken: a proof may have existed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub input_late: bool,
}

/// What a unit is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// A notice has come, and this is what you owe by when.
    NoticeCame,
    /// The patient is ready for discharge.
    ReadyGiven,
    /// The patient is no longer ready for discharge.
    ReadyRevoked,
    /// The estimated discharge has changed.
    EstimateChanged,
    /// The estimated discharge moves later again and again, or at the last moment.
    EstimateDrifts,
    /// A concerned party has no unit: somebody must choose one.
    CouldNotBeRouted,
    /// The unit is no longer concerned.
    NoLongerConcerned,
    /// The patient has come often of late, and the ward has not judged the need yet.
    FrequentPatient,
    /// The ward has sent the notice of discharge (utskrivningsmeddelande): where to, on which day.
    DischargeNotice,
    /// The patient has been discharged.
    Discharged,
    /// The discharge did not happen after all.
    DischargeRevoked,
    /// A message waits until the unit has read it.
    MessageCame,
    /// Another track is proposed, and the unit's party is asked.
    TrackProposed,
    /// All have approved another track: the ward is to set it.
    TrackApproved,
    /// Somebody has refused another track.
    TrackRefused,
    /// The track was changed.
    TrackChanged,
    /// A version of the plan waits until the unit's party has confirmed it.
    PlanToConfirm,
    /// News that this version does not know.
    #[serde(other)]
    Unknown,
}

/// News for one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct News {
    /// Derived from kind, entry and unit: the cause id of its alerts.
    pub id: EntryId,
    /// What.
    pub kind: NewsKind,
    /// Who is told.
    pub unit: HsaId,
    /// When the entry was recorded.
    pub at: DateTime<Utc>,
    /// No longer true: not to be sent any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Ledger {
    /// Somebody still has to do something.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.obligations.iter().any(|duty| duty.state.is_open()) || self.shows_open()
    }

    /// Somebody still has to do something that is shown and never missed.
    #[must_use]
    pub fn shows_open(&self) -> bool {
        self.shown.iter().flat_map(|of| &of.lines).any(|line| !line.open.is_empty())
    }

    /// The open duties that `unit` owes.
    pub fn owed_by<'a>(&'a self, unit: &'a HsaId) -> impl Iterator<Item = &'a Obligation> {
        self.obligations.iter().filter(move |o| o.state.is_open() && o.units.contains(unit))
    }
}

impl Aggregate for Ledger {
    const SUBJECT: &'static str = crate::subjects::LEDGER_CHANGED;

    fn key(&self) -> String {
        self.case_id.to_string()
    }
}
