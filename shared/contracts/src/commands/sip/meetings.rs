//! Meetings: when and how, who is asked and who came, what was gone through.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::commands::HappenedAt;
use crate::sip::{FreeText, MeetingForm, MeetingPoint, ParticipantRole};
use crate::{CaseId, EntryId, HsaId, Party, StaffId};

/// Sets the meeting, or moves the one that is planned: the same people are asked. Everything is
/// stated anew; what is left out is not stated any more.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSipMeeting {
    /// The case.
    pub case: CaseId,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// How people meet.
    #[serde(default)]
    pub form: Option<MeetingForm>,
    /// The room, the address or the link. Stays in `sip`.
    #[serde(default)]
    pub place: Option<FreeText>,
}

/// Asks somebody to the meeting that is planned, or adds somebody who came to the one that was held.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSipParticipant {
    /// The case.
    pub case: CaseId,
    /// As what.
    pub role: ParticipantRole,
    /// Of which party; for staff.
    #[serde(default)]
    pub party: Option<Party>,
    /// Of which unit; for staff.
    #[serde(default)]
    pub unit: Option<HsaId>,
    /// Which member of staff; absent: the unit chooses.
    #[serde(default)]
    pub staff: Option<StaffId>,
    /// Who it is, for the patient's own people. Stays in `sip`.
    #[serde(default)]
    pub who: Option<FreeText>,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Somebody is no longer asked.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawSipParticipant {
    /// The case.
    pub case: CaseId,
    /// The participant: the id of the entry's stamp.
    pub participant: EntryId,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Somebody came to the meeting, or did not.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSipAttendance {
    /// The case.
    pub case: CaseId,
    /// The participant: the id of the entry's stamp.
    pub participant: EntryId,
    /// Came, or was absent.
    pub came: bool,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// A pre-meeting (förmöte) was held, by the actor's unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPreMeeting {
    /// The case.
    pub case: CaseId,
    /// What it settled, of the eight points that a pre-meeting has; more can be ticked later.
    #[serde(default)]
    pub points: Vec<MeetingPoint>,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Something was gone through: one of a pre-meeting's eight points at the last one, one of the
/// meeting's nine at the meeting.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TickSipPoint {
    /// The case.
    pub case: CaseId,
    /// What.
    pub point: MeetingPoint,
    /// When.
    #[serde(default)]
    pub occurred_at: HappenedAt,
}

/// Asks what people wrote about the meeting, on behalf of a unit that takes part. Every reading is
/// logged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadSipMeeting {
    /// The case.
    pub case: CaseId,
}

/// What people wrote about a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipMeetingTexts {
    /// The meeting that is planned or was held; absent: none is.
    pub meeting: Option<EntryId>,
    /// The room, the address or the link.
    pub place: Option<FreeText>,
    /// The patient's own people that are asked.
    pub people: Vec<SipPerson>,
}

/// One of the patient's own people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SipPerson {
    /// The participant.
    pub participant: EntryId,
    /// Who it is.
    pub who: FreeText,
}
