//! What is done about the coordinated plan, at the table where the parties meet and before and after.

use chrono::{DateTime, NaiveDate, Utc};
use contracts::Party;
use contracts::sip::{MeetingForm, MeetingPoint, NoticedBy};

/// What somebody does about the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Somebody sees that a plan is needed.
    NoteNeed(NoticedBy),
    /// And that it is not.
    RevokeNeed,
    /// It is to be the plan of psychiatric compulsory care.
    ForCompulsoryCare,
    Call,
    Decline,
    NotNeeded,
    /// The call is taken back.
    CancelCall,
    /// A time alone.
    SetTime(DateTime<Utc>),
    /// The first time from then on at which all are at work, and how they meet.
    SetMeeting(DateTime<Utc>, MeetingForm),
    /// Somebody of a unit is asked to come; open care leads.
    Ask(Party, &'static str),
    /// The patient is.
    AskPatient,
    /// Somebody of the patient's own is.
    AskRelative,
    /// Nobody of the unit need come.
    Withdraw(&'static str),
    /// All that is settled before is settled.
    PreMeeting,
    Held,
    /// Who came.
    RecordAttendance,
    /// Gone through at the meeting.
    Tick(MeetingPoint),
    /// The plan, or its next version, to be followed up on that day.
    MakePlan(NaiveDate),
    /// The newest version, which the unit reads first.
    Confirm(Party),
    /// The contact is registered, by who owns the plan or by another.
    Register {
        owner: bool,
    },
    FollowUp,
}

impl Table {
    /// What it is called when it has happened; none for what happens all the time.
    pub(crate) fn told(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Ask(..)
            | Self::AskPatient
            | Self::AskRelative
            | Self::RecordAttendance
            | Self::Tick(_) => return None,
            Self::NoteNeed(_) => ("behov av SIP uppmärksammat", "need of a SIP noticed"),
            Self::RevokeNeed => ("behov av SIP återtaget", "need of a SIP taken back"),
            Self::ForCompulsoryCare => ("vårdplan vid tvångsvård", "compulsory care's plan"),
            Self::Call => ("kallat till SIP", "called to SIP"),
            Self::Decline => ("patienten avböjde SIP", "patient declined SIP"),
            Self::NotNeeded => ("SIP behövs inte", "SIP not needed"),
            Self::CancelCall => ("kallelse till SIP återtagen", "call to SIP cancelled"),
            Self::SetTime(_) => ("tid för SIP bestämd", "time set for SIP"),
            Self::SetMeeting(..) => ("SIP-möte bestämt", "SIP meeting set"),
            Self::Withdraw(_) => ("avbokad från SIP-möte", "withdrawn from SIP meeting"),
            Self::PreMeeting => ("förmöte inför SIP", "pre-meeting held"),
            Self::Held => ("SIP genomförd", "SIP held"),
            Self::MakePlan(_) => ("plan upprättad", "plan made"),
            Self::Confirm(_) => ("plan bekräftad", "plan confirmed"),
            Self::Register { .. } => ("SIP registrerad", "SIP registered"),
            Self::FollowUp => ("plan uppföljd", "plan followed up"),
        })
    }
}
