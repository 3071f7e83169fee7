//! Finding a time for the meeting. Calendars are read, used and forgotten: questions are not stored.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::HsaId;
use crate::ledger::Words;

/// Who is to meet, for how long, and between which moments.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipTimeQuestion {
    /// How long the meeting is.
    pub minutes: u16,
    /// Who is to be there.
    pub participants: Vec<SipTimeParticipant>,
    /// Not before; absent: now.
    #[serde(default)]
    pub earliest: Option<DateTime<Utc>>,
    /// The discharge that is expected: a plan of the red track is made before it.
    #[serde(default)]
    pub discharge_at: Option<DateTime<Utc>>,
    /// The ready notice: the meeting ends within the third calendar day after its day.
    #[serde(default)]
    pub ready_at: Option<DateTime<Utc>>,
    /// Another moment by which the meeting has to have ended.
    #[serde(default)]
    pub latest: Option<DateTime<Utc>>,
    /// Days on which nobody works office hours or hours by the week: public holidays and the like.
    #[serde(default)]
    pub days_off: Vec<NaiveDate>,
}

/// Somebody who is to be there.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipTimeParticipant {
    /// Their unit; absent for the patient's side.
    #[serde(default)]
    pub unit: Option<HsaId>,
    /// When they can meet at all.
    #[serde(default)]
    pub hours: SipHours,
    /// When they are busy, as typed in.
    #[serde(default)]
    pub busy: Vec<SipPeriod>,
    /// Their calendars as iCalendar texts (RFC 5545): events, or free and busy times.
    #[serde(default)]
    pub calendars: Vec<String>,
}

impl std::fmt::Debug for SipTimeParticipant {
    /// Without the calendars, which say what people do.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SipTimeParticipant").field("unit", &self.unit).finish_non_exhaustive()
    }
}

/// When somebody can meet at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SipHours {
    /// Weekdays 08.00 to 16.30.
    #[default]
    Office,
    /// Always: a patient on a ward.
    Always,
    /// Certain hours of certain weekdays.
    Weekly(Vec<SipWeekly>),
    /// Certain times alone.
    Only(Vec<SipPeriod>),
}

/// Hours of a weekday, on the clock on the wall in Sweden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SipWeekly {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// From.
    pub from: NaiveTime,
    /// Until, on the same day; 00:00 is the end of the day.
    pub until: NaiveTime,
}

/// Some time.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct SipPeriod {
    /// From.
    pub from: DateTime<Utc>,
    /// Until.
    pub until: DateTime<Utc>,
}

/// Asks for the earliest times at which all can meet.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSipTimes {
    /// Who, how long, between when.
    pub question: SipTimeQuestion,
    /// How many; absent: five.
    #[serde(default)]
    pub count: Option<u8>,
    /// Meetings begin at full quarters of an hour, or this many minutes apart: 5, 10, 15, 30 or 60.
    #[serde(default)]
    pub every_minutes: Option<u8>,
}

/// The earliest times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposedSipTimes {
    /// Earliest first.
    pub times: Vec<SipPeriod>,
    /// Where there are none: times of the next two weeks at which the fewest cannot come, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<NearSipTime>,
    /// Up to which moment was looked.
    pub looked_until: DateTime<Utc>,
}

/// A time that does not suit everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NearSipTime {
    /// When.
    pub time: SipPeriod,
    /// What is against it.
    pub against: Vec<AgainstSipTime>,
}

/// Asks why a certain time is not possible.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainSipTime {
    /// Who, how long, between when.
    pub question: SipTimeQuestion,
    /// When the meeting would begin.
    pub starts_at: DateTime<Utc>,
}

/// Why a time is not possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedSipTime {
    /// It is possible: there is nothing against it.
    pub possible: bool,
    /// What is against it.
    pub against: Vec<AgainstSipTime>,
}

/// Something that is against a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgainstSipTime {
    /// What.
    pub reason: AgainstReason,
    /// Whom it concerns: the place in the question, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<u16>,
    /// The time that is against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<SipPeriod>,
    /// For people.
    pub words: Words,
}

/// What can be against a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgainstReason {
    /// Before the earliest moment.
    TooEarly,
    /// Not over before the discharge.
    AfterDischarge,
    /// Not over within three days after the ready notice.
    AfterThreeDays,
    /// Not over by the latest moment.
    TooLate,
    /// Somebody is busy.
    Busy,
    /// Outside somebody's hours.
    OutsideHours,
    /// On a day off.
    DayOff,
    /// A reason that this version does not know.
    #[serde(other)]
    Unknown,
}
