//! Commands and queries of `sip`.

mod meetings;
mod plans;
mod registrations;
mod times;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Done, HappenedAt, commands};
use crate::assignment::NotNeededReason;
use crate::sip::{NoticedBy, PlanKind};
use crate::{CaseId, Sip};

pub use meetings::*;
pub use plans::*;
pub use registrations::*;
pub use times::*;

/// Somebody has noticed that a plan is needed: staff of any party, the patient, a relative, another
/// authority. Recorded by the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteSipNeed {
    /// The case.
    pub case: CaseId,
    /// Who noticed; absent: not stated.
    #[serde(default)]
    pub noticed_by: Option<NoticedBy>,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The need that was noticed is none after all.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeSipNeed {
    /// The case.
    pub case: CaseId,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// States which kind of plan it is to be. It can change until a plan is made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSipKind {
    /// The case.
    pub case: CaseId,
    /// Samordnad individuell plan, or the plan of psychiatric compulsory care.
    pub kind: PlanKind,
    /// When it was decided.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Calls to a SIP (kallelse), for the actor's unit. It answers the need that stands. Another unit's call
/// stays beside it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSip {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Sets or moves the meeting's time. How long it is, its form, its place and who is asked stay.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSipTime {
    /// The case.
    pub case: CaseId,
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
}

/// The meeting was held.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSipHeld {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The meeting that was held last was not: that was recorded by mistake. It counts as cancelled.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeSipHeld {
    /// The case.
    pub case: CaseId,
}

/// Cancels the unit's call, and the planned meeting unless another unit's call stands. A unit that has
/// not called and takes part cancels all.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSip {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Cancels the planned meeting alone; the call stands.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSipMeeting {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// The patient declines a plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineSip {
    /// The case.
    pub case: CaseId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// No plan is needed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipNotNeeded {
    /// The case.
    pub case: CaseId,
    /// Why.
    pub reason: NotNeededReason,
    /// When it was judged.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Asks for a case's plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowSip {
    /// The case.
    pub case: CaseId,
}

commands! { "sip":
    NoteSipNeed => "note_need", Done;
    RevokeSipNeed => "revoke_need", Done;
    SetSipKind => "set_kind", Done;
    CallSip => "call_sip", Done;
    SetSipTime => "set_time", Done;
    RecordSipHeld => "record_held", Done;
    RevokeSipHeld => "revoke_held", Done;
    CancelSip => "cancel_sip", Done;
    CancelSipMeeting => "cancel_meeting", Done;
    DeclineSip => "decline_sip", Done;
    SipNotNeeded => "sip_not_needed", Done;
    SetSipMeeting => "set_meeting", Done;
    AskSipParticipant => "ask_participant", Done;
    WithdrawSipParticipant => "withdraw_participant", Done;
    RecordSipAttendance => "record_attendance", Done;
    RecordPreMeeting => "record_pre_meeting", Done;
    TickSipPoint => "tick_point", Done;
    ReadSipMeeting => "read_meeting", SipMeetingTexts;
    MakeSipPlan => "make_plan", SipPlanMade;
    ConfirmSipPlan => "confirm_plan", Done;
    RecordSipFollowUp => "record_follow_up", Done;
    ReadSipPlan => "read_plan", SipPlanText;
    RegisterSipContact => "register_contact", Done;
    WithdrawSipRegistration => "withdraw_registration", Done;
    ExportSipRegistrations => "export_registrations", Vec<SipRegistrationRow>;
    ProposeSipTimes => "propose_sip_times", ProposedSipTimes;
    ExplainSipTime => "explain_sip_time", ExplainedSipTime;
    ShowSip => "show_sip", Sip;
}
