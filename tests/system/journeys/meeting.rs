//! The SIP meeting: set, held, its plan made and followed up.

use contracts::Party;
use contracts::commands::{
    AskSipParticipant, CallSip, ConfirmSipPlan, MakeSipPlan, RecordSipAttendance,
    RecordSipFollowUp, RecordSipHeld, SetSipMeeting, ShowSip, SipIntervention, SipPlanContent,
};
use contracts::sip::{FreeText, MeetingForm, ParticipantRole, Principal};

use test_support::{SOON, eventually};

use super::common::{Stay, TEXT};
use crate::support::system::utc;
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, SOCIAL, STAFF, WARD, id};

/// Who comes for which party; the first leads.
const AT_THE_TABLE: [(Party, &str); 4] = [
    (Party::OpenCare, CARE_CENTRE),
    (Party::Ward, WARD),
    (Party::MunicipalHealthCare, HOME_HEALTH),
    (Party::SocialServices, SOCIAL),
];

fn text() -> FreeText {
    TEXT.parse().unwrap()
}

impl Stay<'_> {
    pub(super) async fn is_called(self) {
        self.system.act(&CallSip { case: self.case, occurred_at: None }, CARE_CENTRE).await;
    }

    /// A meeting is set for an hour, and everybody is asked.
    pub(super) async fn is_to_meet(self, local: &str, form: MeetingForm) {
        let (case, starts_at) = (self.case, utc(local));
        let ends_at = Some(starts_at + chrono::TimeDelta::hours(1));
        let (form, place) = (Some(form), Some(text()));
        let meeting = SetSipMeeting { case, starts_at, ends_at, form, place };
        self.system.act(&meeting, CARE_CENTRE).await;
        for (party, unit) in AT_THE_TABLE {
            let leads = unit == CARE_CENTRE;
            self.ask(AskSipParticipant {
                role: if leads { ParticipantRole::Leader } else { ParticipantRole::Staff },
                party: Some(party),
                unit: Some(id(unit)),
                staff: leads.then(|| STAFF.parse().unwrap()),
                ..self.somebody()
            })
            .await;
        }
        self.ask(self.somebody()).await;
        let role = ParticipantRole::PatientsOwn;
        self.ask(AskSipParticipant { role, who: Some(text()), ..self.somebody() }).await;
    }

    fn somebody(self) -> AskSipParticipant {
        let (case, role) = (self.case, ParticipantRole::Patient);
        let (party, unit, staff, who, occurred_at) = (None, None, None, None, None);
        AskSipParticipant { case, role, party, unit, staff, who, occurred_at }
    }

    async fn ask(self, participant: AskSipParticipant) {
        self.system.act(&participant, CARE_CENTRE).await;
    }

    /// The mailboxes of all units have the meeting for their calendars, and not a word of who or where.
    pub(super) async fn calendars_have_it(self, begins: &str) {
        let begins = utc(begins).format("DTSTART:%Y%m%dT%H%M%SZ").to_string();
        for mailbox in ["avd@", "vc@", "hsv@", "soc@"] {
            eventually(&format!("{mailbox} is invited"), SOON, async || {
                let mails = self.system.received(mailbox);
                let mut mails = mails.iter().filter_map(|message| message.mail.as_ref());
                let calendar = mails.find_map(|mail| mail.part("text/calendar"));
                let says = calendar.ok_or("no invitation")?.body.replace("\r\n ", "");
                if says.contains(&begins) { Ok(()) } else { Err("another time") }
            })
            .await;
        }
    }

    /// Everybody comes.
    pub(super) async fn meets(self) {
        let Self { system, case } = self;
        system.act(&RecordSipHeld { case, occurred_at: None }, CARE_CENTRE).await;
        let sip = system.caller.ask(&ShowSip { case }).await.unwrap();
        for one in &sip.meeting().unwrap().participants {
            let (participant, came) = (one.stamp.id, true);
            let attendance = RecordSipAttendance { case, participant, came, occurred_at: None };
            system.act(&attendance, CARE_CENTRE).await;
        }
    }

    /// A plan is made in which each party outside the hospital does something, and each confirms it.
    pub(super) async fn makes_a_plan(self, follow_up_on: &str) {
        let Self { system, case } = self;
        let staff = || STAFF.parse().unwrap();
        let outside = || AT_THE_TABLE.into_iter().filter(|(party, _)| *party != Party::Ward);
        let does = |(party, _)| SipIntervention { what: text(), party, staff: staff() };
        let plan = SipPlanContent {
            overall: Principal::Region,
            follow_up_on: follow_up_on.parse().unwrap(),
            goals: vec![text()],
            interventions: outside().map(does).collect(),
        };
        let plan = MakeSipPlan { case, based_on: 0, plan, occurred_at: None };
        let version = system.act(&plan, CARE_CENTRE).await.version;
        for (party, unit) in outside() {
            system.act(&ConfirmSipPlan { case, version, party, occurred_at: None }, unit).await;
        }
    }

    /// The plan is followed up by all whom it asks of.
    pub(super) async fn follows_the_plan_up(self) {
        let parties = Party::OUTSIDE.to_vec();
        let (next_on, occurred_at) = (None, None);
        let follow_up = RecordSipFollowUp { case: self.case, parties, next_on, occurred_at };
        self.system.act(&follow_up, CARE_CENTRE).await;
    }
}
