//! The meeting: when, how, who, what was gone through.

use chrono::{DateTime, Utc};
use contracts::commands::{
    AskSipParticipant, CancelSipMeeting, ReadSipMeeting, RecordPreMeeting, RecordSipAttendance,
    RecordSipHeld, RevokeSipHeld, SetSipMeeting, SetSipTime, SipMeetingTexts, TickSipPoint,
    WithdrawSipParticipant,
};
use contracts::sip::{FreeText, MeetingForm, MeetingPoint, ParticipantRole};
use contracts::{CaseId, EntryId, HsaId, Party, StaffId};

use super::super::super::failure::Failure;
use super::super::super::report::Report;
use super::super::super::{when, words};
use super::super::{Desk, Happened};
use super::names;

#[derive(clap::Subcommand)]
pub(in super::super) enum Deed {
    /// Set or move the meeting's time; the rest stays.
    Time {
        /// When it begins, as `2026-11-24 14:00` in Swedish time.
        #[arg(value_name = "TIME", value_parser = when::parse)]
        starts_at: DateTime<Utc>,
    },
    /// Set or move the meeting; what is left out is not stated any more.
    Meeting {
        /// When it begins, as `2026-11-24 14:00` in Swedish time.
        #[arg(value_name = "TIME", value_parser = when::parse)]
        starts_at: DateTime<Utc>,
        /// When it ends.
        #[arg(long, value_name = "TIME", value_parser = when::parse)]
        until: Option<DateTime<Utc>>,
        /// How people meet.
        #[arg(long, value_parser = words::one_of(names::FORMS))]
        form: Option<MeetingForm>,
        /// The room, the address or the link, where nobody else can see the command line.
        #[arg(long)]
        place: Option<FreeText>,
    },
    /// Cancel the meeting alone; the call stands.
    CancelMeeting(Happened),
    /// The meeting was held.
    Held(Happened),
    /// The meeting that was held last was not: that was recorded by mistake.
    NotHeld,
    /// Ask somebody to the meeting.
    #[command(subcommand)]
    Ask(Invitee),
    /// Somebody is no longer asked; `show sip --output json` has the participants' ids.
    Withdraw(Participant),
    /// Somebody came to the meeting.
    Came(Participant),
    /// Somebody did not come to the meeting.
    Absent(Participant),
    /// A pre-meeting (förmöte) was held.
    PreMeeting {
        /// What it settled; more can be ticked later.
        #[arg(long = "point", value_parser = words::one_of(names::POINTS))]
        points: Vec<MeetingPoint>,
        #[command(flatten)]
        happened: Happened,
    },
    /// A point was gone through, at the pre-meeting or at the meeting.
    Tick {
        #[arg(value_parser = words::one_of(names::POINTS))]
        point: MeetingPoint,
        #[command(flatten)]
        happened: Happened,
    },
    /// Read the place and the names of the patient's own people. The reading is logged.
    ReadMeeting,
}

#[derive(clap::Subcommand)]
pub(in super::super) enum Invitee {
    /// The patient.
    Patient,
    /// A relative, or somebody else whom the patient wishes to be there.
    Relative {
        /// Who it is, where nobody else can see the command line.
        #[arg(long)]
        who: Option<FreeText>,
    },
    /// Whoever leads the meeting.
    Leader(OfUnit),
    /// Staff.
    Staff(OfUnit),
}

#[derive(clap::Args)]
pub(in super::super) struct OfUnit {
    /// Of which party.
    #[arg(long, value_parser = words::one_of(names::PARTIES))]
    party: Party,
    /// Of which unit.
    #[arg(long, value_name = "HSA-ID")]
    from: HsaId,
    /// Who; the unit chooses when absent.
    #[arg(long, value_name = "HSA-ID")]
    person: Option<StaffId>,
}

#[derive(clap::Args)]
pub(in super::super) struct Participant {
    /// The participant.
    id: EntryId,
    #[command(flatten)]
    happened: Happened,
}

impl Invitee {
    fn command(self, case: CaseId) -> AskSipParticipant {
        let (role, of, who) = match self {
            Self::Patient => (ParticipantRole::Patient, None, None),
            Self::Relative { who } => (ParticipantRole::PatientsOwn, None, who),
            Self::Leader(of) => (ParticipantRole::Leader, Some(of), None),
            Self::Staff(of) => (ParticipantRole::Staff, Some(of), None),
        };
        let (party, unit, staff) =
            of.map_or((None, None, None), |of| (Some(of.party), Some(of.from), of.person));
        AskSipParticipant { case, role, party, unit, staff, who, occurred_at: None }
    }
}

impl Deed {
    pub(super) async fn do_it(self, case: CaseId, desk: &Desk) -> Result<Report, Failure> {
        match self {
            Self::Time { starts_at } => desk.tell(SetSipTime { case, starts_at }).await,
            Self::Meeting { starts_at, until: ends_at, form, place } => {
                desk.tell(SetSipMeeting { case, starts_at, ends_at, form, place }).await
            }
            Self::CancelMeeting(Happened { at: occurred_at }) => {
                desk.tell(CancelSipMeeting { case, occurred_at }).await
            }
            Self::Held(Happened { at: occurred_at }) => {
                desk.tell(RecordSipHeld { case, occurred_at }).await
            }
            Self::NotHeld => desk.tell(RevokeSipHeld { case }).await,
            Self::Ask(invitee) => desk.tell(invitee.command(case)).await,
            Self::Withdraw(Participant { id: participant, happened }) => {
                let occurred_at = happened.at;
                desk.tell(WithdrawSipParticipant { case, participant, occurred_at }).await
            }
            Self::Came(who) => desk.tell(attendance(case, &who, true)).await,
            Self::Absent(who) => desk.tell(attendance(case, &who, false)).await,
            Self::PreMeeting { points, happened: Happened { at: occurred_at } } => {
                desk.tell(RecordPreMeeting { case, points, occurred_at }).await
            }
            Self::Tick { point, happened: Happened { at: occurred_at } } => {
                desk.tell(TickSipPoint { case, point, occurred_at }).await
            }
            Self::ReadMeeting => {
                let texts = desk.system.tell(&ReadSipMeeting { case }, &desk.signature).await?;
                Report::new(&texts, text(&texts))
            }
        }
    }
}

fn attendance(of: CaseId, who: &Participant, came: bool) -> RecordSipAttendance {
    let (participant, occurred_at) = (who.id, who.happened.at);
    RecordSipAttendance { case: of, participant, came, occurred_at }
}

fn text(texts: &SipMeetingTexts) -> String {
    let place = texts.place.as_ref().map_or("–", FreeText::as_str);
    let mut text = format!("plats / place  {place}");
    for person in &texts.people {
        text.push_str("\npatientens egna / patient's own  ");
        text.push_str(person.who.as_str());
    }
    text
}
