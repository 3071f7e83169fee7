//! The coordinated individual plan (samordnad individuell plan) of a case, as `sip` tells it.

mod meeting;
mod plan;
mod text;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::NotNeededReason;
use crate::{Aggregate, CaseId, EntryId, HsaId, Stamp};

pub use meeting::{
    Attendance, Meeting, MeetingForm, MeetingPoint, Participant, ParticipantRole, PointDone,
    PreMeeting,
};
pub use plan::{
    KindChange, Plan, PlanConfirmation, PlanFollowUp, PlanKind, Principal, Registration, VisitType,
};
pub use text::{FreeText, NoFreeText};

/// Snapshot of `hemgang.v1.sip.sip_changed`, one per case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sip {
    /// The case.
    pub case_id: CaseId,
    /// Which kind of plan; it can change while no plan is made.
    #[serde(default, skip_serializing_if = "PlanKind::is_sip")]
    pub kind: PlanKind,
    /// How the kind came about, oldest first; none while it is what it was at first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kind_changes: Vec<KindChange>,
    /// Somebody has noticed that a plan is needed.
    #[serde(default)]
    pub needs: Vec<SipNeed>,
    /// Calls (kallelse), oldest first. Units that call beside each other have one each.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// Meetings with a time, oldest first.
    #[serde(default)]
    pub meetings: Vec<Meeting>,
    /// Meetings before the meeting (förmöte), oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pre_meetings: Vec<PreMeeting>,
    /// The plan's versions, oldest first; the last one holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<Plan>,
    /// Follow-ups of the plan, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<PlanFollowUp>,
    /// Registrations of the contact, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registrations: Vec<Registration>,
    /// The patient declined, or no plan is needed.
    #[serde(default)]
    pub ends: Vec<SipEnd>,
}

/// Somebody has noticed that a plan is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipNeed {
    /// When, and recorded by whom.
    pub stamp: Stamp,
    /// Who noticed; absent when that was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noticed_by: Option<NoticedBy>,
    /// The unit that recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<HsaId>,
    /// It is not needed after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Stamp>,
}

/// Who can notice that a plan is needed: anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticedBy {
    /// One of the parties' staff.
    Staff,
    /// The patient.
    Patient,
    /// A relative.
    Relative,
    /// Another planning led to it: Försäkringskassan, Arbetsförmedlingen, school health care, …
    OtherAuthority,
    /// Somebody whom this version does not know.
    #[serde(other)]
    Unknown,
}

/// A call to a SIP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// When and by whom.
    pub stamp: Stamp,
    /// The calling unit.
    pub unit: HsaId,
    /// The need that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<EntryId>,
    /// The call was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Stamp>,
}

/// Why there will be no plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipEnd {
    /// When and by whom.
    pub stamp: Stamp,
    /// Declined by the patient, or judged not needed.
    pub kind: SipEndKind,
    /// Why.
    pub reason: NotNeededReason,
}

/// How a plan came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SipEndKind {
    /// The patient does not consent to a plan (2017:612, 4 kap. 3 §).
    DeclinedByPatient,
    /// The parties judge that none is needed.
    NotNeeded,
    /// An end that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Sip {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(case_id: CaseId) -> Self {
        Self {
            case_id,
            kind: PlanKind::default(),
            kind_changes: vec![],
            needs: vec![],
            calls: vec![],
            meetings: vec![],
            pre_meetings: vec![],
            plans: vec![],
            follow_ups: vec![],
            registrations: vec![],
            ends: vec![],
        }
    }

    /// The last call that was not cancelled.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.calls.iter().rev().find(|call| call.cancelled.is_none())
    }

    /// The calls that still wait: no meeting was held since, and no end came.
    pub fn open_calls(&self) -> impl Iterator<Item = &Call> {
        let calls = self.calls.iter().filter(|call| call.cancelled.is_none());
        calls.filter(|call| !self.is_settled(&call.stamp))
    }

    /// The meeting that is planned or was held.
    #[must_use]
    pub fn meeting(&self) -> Option<&Meeting> {
        self.meetings.iter().rev().find(|meeting| meeting.cancelled.is_none())
    }

    /// The last need that was not taken back.
    #[must_use]
    pub fn need(&self) -> Option<&SipNeed> {
        self.needs.iter().rev().find(|need| need.revoked.is_none())
    }

    /// The need that still waits: no meeting was held since, and no end came.
    #[must_use]
    pub fn open_need(&self) -> Option<&SipNeed> {
        self.need().filter(|need| !self.is_settled(&need.stamp))
    }

    /// A meeting held or an end settles what was recorded before it; what comes after begins anew.
    fn is_settled(&self, earlier: &Stamp) -> bool {
        let meetings = self.meetings.iter().filter(|meeting| meeting.cancelled.is_none());
        let held = meetings.filter_map(|meeting| meeting.held.as_ref());
        let mut settling = held.chain(self.ends.iter().map(|end| &end.stamp));
        settling.any(|later| earlier.recorded_at <= later.recorded_at)
    }

    /// The plan's newest version.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.plans.last()
    }

    /// The last meeting that was held.
    #[must_use]
    pub fn held_meeting(&self) -> Option<&Meeting> {
        let mut held = self.meetings.iter().rev().filter(|meeting| meeting.held.is_some());
        held.find(|meeting| meeting.cancelled.is_none())
    }

    /// The end in force: a call after it begins anew.
    #[must_use]
    pub fn end(&self) -> Option<&SipEnd> {
        let called_since = |end: &&SipEnd| {
            self.calls.iter().any(|call| end.stamp.recorded_at < call.stamp.recorded_at)
        };
        self.ends.last().filter(|end| !called_since(end))
    }

    /// The day on which the plan is to be followed up next: the one that the last follow-up set, or
    /// the one that the plan sets when it was written after that.
    #[must_use]
    pub fn follow_up_on(&self) -> Option<NaiveDate> {
        let plan = self.plan()?;
        match self.follow_ups.last() {
            Some(held) if held.version == plan.version => held.next_on,
            _ => Some(plan.follow_up_on),
        }
    }
}

impl Aggregate for Sip {
    const SUBJECT: &'static str = crate::subjects::SIP_CHANGED;

    fn key(&self) -> String {
        self.case_id.to_string()
    }
}
