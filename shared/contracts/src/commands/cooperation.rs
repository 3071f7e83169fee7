//! Commands and queries of `coordination` about what the parties plan, confirm, ask and answer.
//! Texts stay there; they are read on behalf of a named person and unit, and every reading is noted.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HappenedAt;
use crate::assignment::{AnnexKind, Confirmed, EntryKind, HindranceKind};
use crate::case::Outcome;
use crate::{CaseId, EntryId, HsaId, Party, StaffId, Track};

/// Longest text in a command, in characters.
pub const LONGEST_TEXT: usize = 20_000;

/// Largest annex in bytes: with its encoding it must fit into a message of the broker.
pub const LARGEST_ANNEX: usize = 512 * 1024;

/// Writes a planning entry for the actor's unit.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteEntry {
    /// The case.
    pub case: CaseId,
    /// About what.
    pub kind: EntryKind,
    /// The text. Stays in `coordination`.
    pub text: String,
    /// The entry of the same party that this one replaces.
    #[serde(default)]
    pub corrects: Option<EntryId>,
}

/// Withdraws an entry of the actor's unit; it stays readable as withdrawn.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawEntry {
    /// The case.
    pub case: CaseId,
    /// The entry.
    pub entry: EntryId,
}

/// Confirms something for the actor's party.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// The case.
    pub case: CaseId,
    /// What.
    pub what: Confirmed,
    /// Confirmed, or not needed.
    pub outcome: Outcome,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Takes a confirmation of the actor's party back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeConfirmation {
    /// The case.
    pub case: CaseId,
    /// What.
    pub what: Confirmed,
}

/// Proposes another track to the other parties.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeTrack {
    /// The case.
    pub case: CaseId,
    /// The track.
    pub to: Track,
    /// Why. Stays in `coordination`.
    pub motive: String,
}

/// Approves or refuses a proposal for the actor's party.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerTrackProposal {
    /// The case.
    pub case: CaseId,
    /// The proposal.
    pub proposal: EntryId,
    /// Yes or no.
    pub approved: bool,
    /// Why. Stays in `coordination`.
    #[serde(default)]
    pub reason: String,
}

/// Withdraws the proposal of the actor's party.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawTrackProposal {
    /// The case.
    pub case: CaseId,
    /// The proposal.
    pub proposal: EntryId,
}

/// What a message says. Stays in `coordination`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum MessageContent {
    /// A general message.
    General {
        /// The text.
        text: String,
    },
    /// A handover by SBAR (Dalarna guideline, Arbetssätt).
    Sbar {
        /// Why it is sent.
        situation: String,
        /// What has happened before.
        background: String,
        /// How it is now.
        assessment: String,
        /// What is asked for.
        recommendation: String,
    },
}

/// Sends a message from the actor's unit to parties of the case.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The case.
    pub case: CaseId,
    /// To whom; empty: to all other parties of the case.
    #[serde(default)]
    pub to: BTreeSet<Party>,
    /// The message that it answers; absent: it begins a thread.
    #[serde(default)]
    pub answers: Option<EntryId>,
    /// The message of the same unit that it corrects.
    #[serde(default)]
    pub corrects: Option<EntryId>,
    /// What it says.
    pub content: MessageContent,
}

/// Withdraws a message of the actor's unit; it stays readable as withdrawn.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawMessage {
    /// The case.
    pub case: CaseId,
    /// The message.
    pub message: EntryId,
}

/// Adds an annex (bilaga).
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAnnex {
    /// The case.
    pub case: CaseId,
    /// What it is.
    pub kind: AnnexKind,
    /// Its file name. Stays in `coordination`.
    pub name: String,
    /// `application/pdf`, `image/png`, `image/jpeg` or `text/plain`.
    pub media_type: String,
    /// Its bytes in Base64; at most [`LARGEST_ANNEX`] when decoded.
    pub content: String,
}

/// Withdraws an annex of the actor's unit; it stays readable as withdrawn.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawAnnex {
    /// The case.
    pub case: CaseId,
    /// The annex.
    pub annex: EntryId,
}

/// The actor's party has followed up what it does for the patient at home.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFollowUp {
    /// The case.
    pub case: CaseId,
    /// Done, or not needed.
    pub outcome: Outcome,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Open care's services are not available, or it is not clear which are needed (2017:612, 5 kap.
/// 5 §): stated by open care or by the municipality.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateHindrance {
    /// The case.
    pub case: CaseId,
    /// Which of the two.
    pub kind: HindranceKind,
    /// Since when.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The hindrance is over.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndHindrance {
    /// The case.
    pub case: CaseId,
    /// Which of the two.
    pub kind: HindranceKind,
    /// Since when.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Closes a case after the discharge: nothing more is to be done. Open care does it, or another party
/// where open care has no part.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseCase {
    /// The case.
    pub case: CaseId,
}

/// Opens a case that was closed by hand.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenCase {
    /// The case.
    pub case: CaseId,
}

/// Reads what the parties have written about planning and track, as the actor's unit may see it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadEntries {
    /// The case.
    pub case: CaseId,
}

/// Reads the messages from and to the actor's party. The first reading of a unit is its receipt.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMessages {
    /// The case.
    pub case: CaseId,
}

/// Reads an annex.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadAnnex {
    /// The case.
    pub case: CaseId,
    /// The annex.
    pub annex: EntryId,
}

/// Something that was written.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Written<T> {
    /// The entry.
    pub entry: EntryId,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffId>,
    /// For which party.
    pub party: Party,
    /// For which unit.
    pub unit: HsaId,
    /// What it says; absent while the patient has not allowed the reading unit's party to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<T>,
    /// What it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<EntryId>,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// A planning entry, or the motive or reason in a change of track.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct EntryText {
    /// About what; absent for a motive or reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EntryKind>,
    /// The text.
    pub text: String,
}

/// The annex that was asked for. It does not print itself.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct AnnexContent {
    /// Its file name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes in Base64.
    pub content: String,
}
