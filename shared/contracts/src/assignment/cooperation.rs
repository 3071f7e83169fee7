//! What the parties plan, confirm, ask and answer while a patient is on the way home. The texts stay
//! with `coordination` (or, of an annex, its bytes): here stands only that there are some, and of what
//! kind.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Outcome;
use crate::track::Track;
use crate::{EntryId, HsaId, Party, Revocable, Stamp};

/// The parties' work on a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cooperation {
    /// Planning entries, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<PlanningEntry>,
    /// What parties have confirmed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<Confirmation>,
    /// Proposals to change the track, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub track_changes: Vec<TrackChange>,
    /// Messages, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// Annexes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annexes: Vec<Annex>,
    /// Follow-ups at home, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<FollowUp>,
    /// Open care's services are not available, or it is not clear which are needed (2017:612, 5 kap.
    /// 5 §), oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hindrances: Vec<Hindrance>,
    /// The case was closed by hand (and perhaps opened again), oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closings: Vec<Revocable>,
}

/// What a planning entry is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Status and continuing need, by the ward.
    StatusAndNeed,
    /// How going home and being home-ready is planned.
    HomecomingPlan,
    /// The support that is planned after discharge.
    PlannedSupport,
    /// How open care takes over medical responsibility.
    TakeoverPlan,
    /// How the patient is received at home.
    ReceptionPlan,
    /// Support that may become needed.
    PossibleSupport,
    /// The patient's situation and wishes (kartläggning).
    Mapping,
    /// Whether the intervention can be done where the patient lives.
    HomeCareJudgement,
    /// Whose intervention is whose: the responsible unit of each.
    Responsibilities,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A planning entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanningEntry {
    /// When and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// About what.
    pub kind: EntryKind,
    /// The entry that this one replaces; that stays readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<EntryId>,
    /// Withdrawn; it stays readable as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

/// What a party can confirm.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confirmed {
    /// From this party's side the patient is home-ready (hemgångsklar).
    HomeReady,
    /// The reception at home is coordinated.
    ReceptionAtHome,
    /// It is secured that support starts at home.
    StartSecured,
    /// Support has started, or earlier support again.
    CareStarted,
    /// Open care has taken over medical responsibility.
    MedicalResponsibility,
    /// Medication list, reports and aids have arrived.
    HandoverReceived,
    /// A confirmation that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A party confirms something, or says that it is not needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Confirmation {
    /// When and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// What.
    pub what: Confirmed,
    /// Confirmed, or not needed.
    pub outcome: Outcome,
    /// Taken back, or said anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Stamp>,
}

/// A proposal to change the track: proposed with a motive, approved or refused by the other parties,
/// then carried out by the ward (Örebro, Vägledning för rött spår).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrackChange {
    /// When and by whom.
    pub stamp: Stamp,
    /// The proposing party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// The track that held then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Track>,
    /// The track that is proposed.
    pub to: Track,
    /// The parties that are asked: those that were concerned, without the one that proposes.
    #[serde(default)]
    pub asked: Vec<Party>,
    /// Their answers, oldest first; of each party the last one holds.
    #[serde(default)]
    pub answers: Vec<TrackAnswer>,
    /// The proposal was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

/// A party's answer to a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrackAnswer {
    /// When and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// Yes or no.
    pub approved: bool,
}

/// How a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Somebody has not answered yet.
    Asked,
    /// Everybody has approved: the ward is to change the track.
    Approved,
    /// Somebody has refused.
    Refused,
    /// Withdrawn.
    Withdrawn,
}

impl TrackChange {
    /// How it stands by what was answered, whoever has the case still. One that asks nobody is
    /// approved.
    #[must_use]
    pub fn state(&self) -> ProposalState {
        self.state_among(|_| true)
    }

    /// How it stands when only these parties are there to answer.
    #[must_use]
    pub fn state_among(&self, is_there: impl Fn(Party) -> bool) -> ProposalState {
        if self.withdrawn.is_some() {
            return ProposalState::Withdrawn;
        }
        let mut state = ProposalState::Approved;
        for party in &self.asked {
            match self.answer(*party) {
                Some(false) => return ProposalState::Refused,
                None if is_there(*party) => state = ProposalState::Asked,
                Some(true) | None => {}
            }
        }
        state
    }

    /// What a party has answered.
    #[must_use]
    pub fn answer(&self, party: Party) -> Option<bool> {
        let mut newest_first = self.answers.iter().rev();
        newest_first.find(|answer| answer.party == party).map(|answer| answer.approved)
    }

    /// The last answer; where there is none, the proposal itself.
    #[must_use]
    pub fn last_said(&self) -> &Stamp {
        let answers = self.answers.iter().map(|answer| &answer.stamp);
        answers.max_by_key(|stamp| stamp.recorded_at).unwrap_or(&self.stamp)
    }
}

/// How a message is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageForm {
    /// A general message (generellt meddelande).
    General,
    /// Situation, background, assessment, recommendation (SBAR).
    Sbar,
    /// A form that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A message from one unit to parties of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// When it was sent and by whom.
    pub stamp: Stamp,
    /// The first message of its thread; its own id when it is that.
    pub thread: EntryId,
    /// The sending party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// To whom.
    pub to: Vec<Party>,
    /// How it is built.
    pub form: MessageForm,
    /// The message that this one corrects; that stays readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<EntryId>,
    /// Who has read it, the first of each unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<MessageReceipt>,
    /// Withdrawn; it stays readable as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

/// A named person of a unit has read a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageReceipt {
    /// When and who.
    pub stamp: Stamp,
    /// The unit.
    pub unit: HsaId,
}

/// What an annex is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AnnexKind {
    /// Handlingsplan rött spår: the risk assessment.
    RiskPlan,
    /// Handlingsplan vid akut situation i hemmet.
    EmergencyPlan,
    /// Vårdprogram, instruktion för behandlingen.
    CareProgramme,
    /// Anything else.
    Other,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// An annex; its bytes stay with `coordination`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Annex {
    /// When it was added and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// What it is.
    pub kind: AnnexKind,
    /// Its size in bytes.
    pub size: u32,
    /// Withdrawn; it stays readable as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

/// A party has followed up what it does for the patient at home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FollowUp {
    /// When and by whom.
    pub stamp: Stamp,
    /// The party.
    pub party: Party,
    /// Its unit.
    pub unit: HsaId,
    /// Done, or not needed.
    pub outcome: Outcome,
}

/// Open care's services are not available, or it is not clear which are needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hindrance {
    /// Since when, and who says so.
    pub stamp: Stamp,
    /// The unit that says so.
    pub unit: HsaId,
    /// Which of the two.
    pub kind: HindranceKind,
    /// No longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Stamp>,
}

/// Why the municipality does not pay while it lasts (2017:612, 5 kap. 5 §).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HindranceKind {
    /// Open care's services are not available.
    Unavailable,
    /// It is not clear which of open care's services are needed.
    Unclear,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Cooperation {
    /// Nothing has been said yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What a party confirms now.
    #[must_use]
    pub fn confirmation(&self, party: Party, what: Confirmed) -> Option<&Confirmation> {
        let mut newest_first = self.confirmations.iter().rev();
        newest_first.find(|c| c.party == party && c.what == what && c.revoked.is_none())
    }

    /// The proposal that waits for answers or for the ward.
    #[must_use]
    pub fn open_proposal(&self) -> Option<&TrackChange> {
        self.track_changes.last().filter(|change| change.withdrawn.is_none())
    }

    /// When the case was closed by hand, unless it was opened again.
    #[must_use]
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        crate::stamp::in_force(&self.closings).map(|closing| closing.stamp.recorded_at)
    }
}
