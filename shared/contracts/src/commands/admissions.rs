//! Commands and queries of `admissions`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::planning::{
    CancelDischarge, EndLeave, FillForm, RecordCheck, RevokeCheck, SendDischargeNotice, SetTrack,
    StartLeave, WithdrawDischargeNotice,
};
use super::{CompareCases, Done, HappenedAt, LackingCase, ListSenders, RegisteredSender, commands};
use crate::case::{Certainty, ConsentAnswer, ConsentScope};
use crate::identity::PersonalIdentity;
use crate::{CaseId, CaseRef, Party};

/// Records the treating doctor's judgement that help will be needed after discharge.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgeNeed {
    /// The case.
    pub case: CaseId,
    /// Whose services are needed.
    pub parties: BTreeSet<Party>,
    /// Several visits or admissions in three months.
    #[serde(default)]
    pub frequent_patient: bool,
    /// When the need was noticed. Absent: at admission.
    #[serde(default)]
    pub noticed_at: HappenedAt,
}

/// Takes the judgement in force back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawNeed {
    /// The case.
    pub case: CaseId,
}

/// Records what the patient said to the sharing of information. A yes replaces what was said before to
/// the same scope; a no or a withdrawal for some parties leaves the others' as it is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordConsent {
    /// The case.
    pub case: CaseId,
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
    /// When it was given.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

impl RecordConsent {
    /// An answer to everything, for all parties, without an end.
    #[must_use]
    pub fn new(case: CaseId, answer: ConsentAnswer) -> Self {
        let (scopes, parties) = (BTreeSet::new(), BTreeSet::new());
        Self { case, answer, scopes, parties, expires_at: None, occurred_at: None }
    }
}

/// Sets or changes the estimated discharge.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetEstimate {
    /// The case.
    pub case: CaseId,
    /// The estimated moment.
    pub at: DateTime<Utc>,
    /// How sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
}

/// The patient no longer needs care in hospital.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveReady {
    /// The case.
    pub case: CaseId,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The patient needs care in hospital again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeReady {
    /// The case.
    pub case: CaseId,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The stay has ended.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DischargePatient {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The patient has died.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDeath {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The patient has not died: it was recorded by mistake.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeDeath {
    /// The case.
    pub case: CaseId,
    /// When that was found.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Reads the admission notice for the actor's unit. The first reading is the unit's receipt; every
/// reading is written to the access log.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadNotice {
    /// The case.
    pub case: CaseId,
}

/// The admission notice: the statutory minimum (2017:612, 2 kap. 3 §) at once, the rest only after
/// consent.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The case's short name.
    pub case_ref: CaseRef,
    /// The patient's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The patient's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<PersonalIdentity>,
    /// The registered address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The estimated discharge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_discharge: Option<DateTime<Utc>>,
    /// What is shown with consent only; absent without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_consent: Option<NoticeWithConsent>,
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({})", self.case_ref)
    }
}

/// The part of the notice that needs the patient's consent.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NoticeWithConsent {
    /// When the patient was admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted_at: Option<DateTime<Utc>>,
    /// Preliminary diagnoses, code and text as the hospital stated them.
    pub diagnoses: Vec<String>,
}

/// Finds a case by its short name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindCase {
    /// The short name.
    pub case_ref: CaseRef,
}

/// A case that was found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FoundCase {
    /// The snapshot as it is published.
    pub case: crate::Case,
}

/// Asks for the newest cases.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCases {
    /// Only those where somebody was judged to be needed.
    #[serde(default)]
    pub with_need: bool,
    /// Only those older than this one, to go on from the last of an earlier answer.
    #[serde(default)]
    pub before: Option<CaseId>,
    /// How many, at most 1,000; 100 when absent. Fewer come when more would not fit into one answer.
    #[serde(default)]
    pub limit: Option<u16>,
}

/// Asks for messages from hospitals that were refused, newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListRefused {
    /// Instead those that were accepted although something had to be left out of them.
    #[serde(default)]
    pub with_warnings: bool,
    /// How many, at most 1,000; 100 when absent. Fewer come when more would not fit into one answer.
    #[serde(default)]
    pub limit: Option<u16>,
}

/// A message from a hospital that was kept and not acted on, or not on all of it. Names fields, not
/// values.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RefusedMessage {
    /// Its id.
    pub id: uuid::Uuid,
    /// The registered sender, when known.
    pub sender: Option<String>,
    /// When it came (real time).
    pub received_at: DateTime<Utc>,
    /// The fields at fault and why.
    pub faults: Vec<String>,
}

/// Handles a kept message once more, after the cause of its refusal has been mended.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayMessage {
    /// Its id.
    pub id: uuid::Uuid,
}

/// Closes the refusal of a message that needs nothing more: it was put right in another way, or never
/// mattered. It is kept for a while as one that was not used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DismissMessage {
    /// Its id.
    pub id: uuid::Uuid,
    /// The accepted message of the same sender that put it right.
    #[serde(default)]
    pub corrected_by: Option<uuid::Uuid>,
}

/// Asks how many there are of what.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountCases {}

/// Figures of `admissions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseCounts {
    /// Cases in all.
    pub cases: i64,
    /// Those where somebody was judged to be needed.
    pub with_need: i64,
    /// Messages from hospitals that were refused.
    pub refused: i64,
}

commands! { "admissions":
    JudgeNeed => "judge_need", Done;
    WithdrawNeed => "withdraw_need", Done;
    RecordConsent => "record_consent", Done;
    SetEstimate => "set_estimate", Done;
    GiveReady => "give_ready", Done;
    RevokeReady => "revoke_ready", Done;
    DischargePatient => "discharge_patient", Done;
    CancelDischarge => "cancel_discharge", Done;
    SetTrack => "set_track", Done;
    FillForm => "fill_form", Done;
    RecordCheck => "record_check", Done;
    RevokeCheck => "revoke_check", Done;
    SendDischargeNotice => "send_discharge_notice", Done;
    WithdrawDischargeNotice => "withdraw_discharge_notice", Done;
    StartLeave => "start_leave", Done;
    EndLeave => "end_leave", Done;
    RecordDeath => "record_death", Done;
    RevokeDeath => "revoke_death", Done;
    ReplayMessage => "replay_message", Done;
    DismissMessage => "dismiss_message", Done;
    ReadNotice => "read_notice", Notice;
    FindCase => "find_case", FoundCase;
    ListCases => "list_cases", Vec<crate::Case>;
    ListRefused => "list_refused", Vec<RefusedMessage>;
    CountCases => "count_cases", CaseCounts;
    CompareCases => "compare_cases", Vec<LackingCase>;
    ListSenders => "list_senders", Vec<RegisteredSender>;
}
