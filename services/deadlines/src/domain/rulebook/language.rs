//! The words of the language that lines are written in: what starts a duty, what else must hold, and
//! what proves it. Each is data; what the facts must look like stands beside each word.

use contracts::Party;
use contracts::assignment::{AnnexKind, Confirmed, EntryKind};
use contracts::case::{CheckKind, ConsentScope, FormAnswer, Intervention};
use contracts::track::Track;
use serde::Deserialize;

/// What starts a duty. What starts it can be taken back: that ends the duty as no longer owed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The admission itself; the clock runs from when it happened.
    Admission,
    /// Each judgement of need; the clock runs from when the need was noticed.
    Need,
    /// Each reception of the notice by the owner; the clock runs from then.
    Reception,
    /// The notice is there: each judgement of need for the ward, each reception for the others.
    Notice,
    /// Each ready notice; the clock runs from when it was sent, that is, recorded (2017:612,
    /// 4 kap., counts from the notice and not from the patient's being ready).
    Ready,
    /// Each discharge; the clock runs from when it happened.
    Discharge,
    /// One of these tracks was set; the clock runs from when that was recorded. Setting another of
    /// them, or the same again, starts nothing new; setting any other one ends it.
    Track(Vec<Track>),
    /// Each proposal to change the track, for those who are asked.
    TrackChange,
    /// Each proposal that everybody who was asked has approved, from the last approval on.
    TrackChangeApproved,
    /// Each time that somebody noticed the need of a plan (SIP).
    SipNeed,
    /// Each call to a plan.
    SipCalled,
    /// Each meeting that was held; the clock runs from when it was.
    SipHeld,
    /// Each day that was set for the follow-up of a plan, by the plan or by an earlier follow-up. A new
    /// version of the plan sets another day.
    FollowUpDay,
}

/// What else must hold. A duty begins when it first does, and is no longer owed when it does no more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Both the region's open care and the municipality are concerned.
    BothPrincipals,
    /// The owner has received the notice; the ward always has.
    OwnerConcerned,
    /// One of these parties is concerned, by the judgement of need.
    Concerned(Vec<Party>),
    /// The judgement says: often in hospital of late, without other need.
    FrequentPatient,
    /// The track is one of these.
    Tracks(Vec<Track>),
    /// The track is one of these, or none is set yet.
    TracksOrNone(Vec<Track>),
    /// The patient consents to this.
    Consent(ConsentScope),
    /// The newest planning form has one of these answers.
    Answers(Vec<FormAnswer>),
    /// The newest planning form has one of these interventions.
    Interventions(Vec<Intervention>),
}

/// What fulfils a duty. A proof that was taken back is none: of entries that were revoked, withdrawn,
/// cancelled or said anew the first one counts as long as one after the other stood without a gap, to
/// this day. What stands already when the duty begins counts. "Not needed" counts like "done".
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// A judgement of need is recorded, whatever it says.
    NeedJudged,
    /// Every concerned unit can read name, identity number, address and estimated discharge.
    NoticeComplete,
    /// The patient's answer about this is recorded, be it no.
    Consent(ConsentScope),
    /// The owner has named a care contact, or recorded that none is needed.
    CareContact,
    /// The owner has named a care contact; "not needed" is not enough.
    CareContactNamed,
    /// The owner has named a lead officer, or recorded that none is needed.
    LeadOfficer,
    /// The owner has reported the patient's current support.
    SupportReport,
    /// A track is set.
    TrackSet,
    /// The track is set by the proposal that was approved.
    TrackChanged,
    /// The owner has answered the proposal, by yes or no.
    TrackAnswered,
    /// The ward has seen to all of these.
    Checks(Vec<CheckKind>),
    /// The notice of discharge, with destination and day.
    DischargeNotice,
    /// A planning entry of the owner's of this kind, not withdrawn.
    Entry(EntryKind),
    /// The owner confirms this.
    Confirmation(Confirmed),
    /// An annex of this kind, by anybody, not withdrawn.
    Annex(AnnexKind),
    /// A message of the owner's, sent after the duty began, not withdrawn.
    Message,
    /// The owner has followed up what it does at home.
    FollowUp,
    /// The call to a SIP is sent and not cancelled. As for everything of a plan, "declined by the
    /// patient" and "not needed" end the duty without fulfilling it.
    SipCalled,
    /// The same, whoever of the parties sent it.
    SipCalledByAnybody,
    /// All eight points of a pre-meeting are settled.
    PreMeetingPoints,
    /// A meeting was held.
    SipHeld,
    /// Somebody of the owner's came to a meeting that was held.
    Attended,
    /// All nine points of a meeting are gone through.
    MeetingPoints,
    /// A plan is made.
    PlanMade,
    /// Every party of the newest plan has confirmed it.
    PlanConfirmed,
    /// The plan was followed up after its day was set.
    PlanFollowedUp,
    /// The owner took part in that follow-up.
    FollowUpAttended,
    /// The owner of the plan has registered the meeting that started the duty.
    Registration,
    /// The case is closed by hand.
    Closed,
}

impl Trigger {
    /// The tracks that it names.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        match self {
            Self::Track(tracks) => tracks,
            _ => &[],
        }
    }

    /// Holds a code that this version does not know.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Track(tracks) if tracks.is_empty())
    }
}

impl Condition {
    /// The tracks that it names.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        match self {
            Self::Tracks(tracks) | Self::TracksOrNone(tracks) => tracks,
            _ => &[],
        }
    }

    /// Holds nothing, or a code that this version does not know.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            Self::BothPrincipals | Self::OwnerConcerned | Self::FrequentPatient => false,
            Self::Concerned(parties) => bad(parties, Party::Unknown),
            Self::Tracks(tracks) | Self::TracksOrNone(tracks) => tracks.is_empty(),
            Self::Consent(scope) => *scope == ConsentScope::Unknown,
            Self::Answers(answers) => bad(answers, FormAnswer::Unknown),
            Self::Interventions(all) => bad(all, Intervention::Unknown),
        }
    }
}

impl Predicate {
    /// Holds nothing, or a code that this version does not know.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            Self::Consent(scope) => *scope == ConsentScope::Unknown,
            Self::Checks(checks) => bad(checks, CheckKind::Unknown),
            Self::Entry(kind) => *kind == EntryKind::Unknown,
            Self::Confirmation(what) => *what == Confirmed::Unknown,
            Self::Annex(kind) => *kind == AnnexKind::Unknown,
            _ => false,
        }
    }
}

fn bad<T: Copy + PartialEq>(codes: &[T], unknown: T) -> bool {
    codes.is_empty() || codes.contains(&unknown)
}
