//! Meetings: when, in which form, who is asked and who came, and what was gone through. The place, as
//! people write it, stays with `sip`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EntryId, HsaId, Party, StaffId, Stamp};

/// A meeting with a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Meeting {
    /// When the time was set.
    pub stamp: Stamp,
    /// When the meeting begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends; absent: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// How people meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<MeetingForm>,
    /// The meeting that this one was moved from: for calendars it is the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<EntryId>,
    /// Who is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Participant>,
    /// What was gone through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<PointDone>,
    /// It was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Stamp>,
    /// It was cancelled, or moved to another time; of one that was held: it was not, that was recorded by
    /// mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Stamp>,
}

impl Meeting {
    /// A meeting of which only the beginning is known.
    #[must_use]
    pub fn new(stamp: Stamp, starts_at: DateTime<Utc>) -> Self {
        Self {
            stamp,
            starts_at,
            ends_at: None,
            form: None,
            moved_from: None,
            participants: Vec::new(),
            points: Vec::new(),
            held: None,
            cancelled: None,
        }
    }
}

/// How people meet; the registration's visit type follows from it (region's routine for the
/// registration of SIP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingForm {
    /// On the ward.
    Ward,
    /// At a reception of open care's.
    Reception,
    /// At the patient's home.
    Home,
    /// By video.
    Video,
    /// By telephone.
    Telephone,
    /// A form that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Who takes part as what. The patient's own people have no name here.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantRole {
    /// The patient.
    Patient,
    /// A relative or somebody else whom the patient wishes to be there.
    PatientsOwn,
    /// Leads the meeting.
    Leader,
    /// Staff of a party.
    Staff,
    /// A role that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Somebody who is asked to a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Participant {
    /// When and by whom asked.
    pub stamp: Stamp,
    /// As what.
    pub role: ParticipantRole,
    /// Of which party; absent for the patient's side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<Party>,
    /// Of which unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<HsaId>,
    /// Which member of staff; absent: the unit chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<StaffId>,
    /// Whether they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendance: Option<Attendance>,
    /// No longer asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

/// Whether somebody came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attendance {
    /// When it was recorded and by whom.
    pub stamp: Stamp,
    /// Came, or was absent.
    pub came: bool,
}

/// A meeting before the meeting, in which what is unclear is settled (Örebro, Vägledning SIP vid rött
/// spår).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreMeeting {
    /// When it was held and who recorded it.
    pub stamp: Stamp,
    /// The unit.
    pub unit: HsaId,
    /// What was settled.
    #[serde(default)]
    pub points: Vec<PointDone>,
}

/// Something was gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PointDone {
    /// When and by whom.
    pub stamp: Stamp,
    /// What.
    pub point: MeetingPoint,
}

/// What a pre-meeting has to settle (the first eight) and a meeting has to discuss (the other nine;
/// Örebro, Vägledning SIP vid rött spår).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MeetingPoint {
    /// The treatment is described.
    Treatment,
    /// Medical safety.
    MedicalSafety,
    /// Risks, how serious, their causes, what is done about them.
    RiskAssessment,
    /// The doctor responsible for the risk assessment and the emergency plan.
    ResponsibleDoctor,
    /// The need for monitoring.
    Monitoring,
    /// The time that special interventions take.
    TimeNeeded,
    /// The competence and training that they take.
    CompetenceNeeded,
    /// Patient and relatives know of the risks at home and accept them.
    RisksAccepted,
    /// Advanced and extensive care at home, and who answers for what.
    AdvancedCare,
    /// Whether it suits municipal health care, and what is done in an emergency.
    Suitability,
    /// Self-care assessed where needed.
    SelfCare,
    /// Takeover of responsibility, follow-up and what is done about risks.
    Takeover,
    /// Care programme, instructions for the treatment.
    CareProgramme,
    /// Training of the municipality's staff.
    StaffTraining,
    /// Prescribed supplies are ordered.
    Supplies,
    /// Medical devices, and who answers for them.
    MedicalDevices,
    /// The preliminary day of discharge.
    DischargeDate,
    /// A point that this version does not know.
    #[serde(other)]
    Unknown,
}

impl MeetingPoint {
    /// What a pre-meeting settles.
    pub const BEFORE: [Self; 8] = [
        Self::Treatment,
        Self::MedicalSafety,
        Self::RiskAssessment,
        Self::ResponsibleDoctor,
        Self::Monitoring,
        Self::TimeNeeded,
        Self::CompetenceNeeded,
        Self::RisksAccepted,
    ];
    /// What a meeting discusses.
    pub const AT_MEETING: [Self; 9] = [
        Self::AdvancedCare,
        Self::Suitability,
        Self::SelfCare,
        Self::Takeover,
        Self::CareProgramme,
        Self::StaffTraining,
        Self::Supplies,
        Self::MedicalDevices,
        Self::DischargeDate,
    ];
}
