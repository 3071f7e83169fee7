//! Red, from Örebro's rules: the track is changed when all agree, the parties meet at the hospital
//! before she goes home, and follow the plan up on the day that was set.

use contracts::assignment::{AnnexKind, EntryKind};
use contracts::case::{CheckKind, ConsentAnswer, FormAnswer, Intervention, Outcome};
use contracts::commands::{
    AnswerTrackProposal, FillForm, ProposeTrack, ReadEntries, RecordConsent, RecordPreMeeting,
    ShowAssignment, TickSipPoint,
};
use contracts::ledger::{ObligationState, StepKind};
use contracts::sip::{MeetingForm, MeetingPoint};
use contracts::{EntryId, Owner, Party};
use test_support::{SOON, eventually};

use super::books::{Book, FROM_THE_START, IN_DALARNA, IN_YELLOW_AND_RED, Lines};
use super::common::{ADMISSION, Stay, TEXT, admitted};
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, SOCIAL, WARD};

const EVERYWHERE: Lines = &[
    "K43 open_care 02-08 00:00 met",
    "LAW-2-5 open_care 02-05 10:00 met",
    "LAW-3-2 ward 02-06 00:00 met",
    "SIP-FOLLOW-UP open_care 02-17 00:00 met",
];
const OREBRO: Book = Book {
    region: "orebro",
    proposes: Some(("red", "Trakealvård")),
    duties: &["R01 open_care 02-05 10:00 met"],
    shown: &[&[
        "R02 open_care",
        "R03 open_care",
        "R04 ward, open_care, municipal_health_care",
        "R05 ward",
        "R06 ward",
        "R07 open_care, municipal_health_care",
        "R08 open_care",
        "R09 open_care",
        "R10 ward, open_care, municipal_health_care",
        "R10.2 open_care",
        "R13 ward, open_care, social_services",
        "R14 ward",
        "R15 ward",
    ]],
    steps: &["R01 reminder_at_ready", "SIP-FOLLOW-UP reminder"],
};
const DALARNA: Book = Book {
    region: "dalarna",
    proposes: Some(("red", "Mottagande personal behöver utbildning")),
    duties: &[
        "K12 municipal_health_care 02-05 10:00 met",
        "K12 open_care 02-05 10:00 met",
        "K12 social_services 02-05 10:00 met",
        "K25 ward 02-05 10:00 met",
        "K30 ward 02-05 10:00 met",
        "K31 ward 02-05 10:00 met",
        "K35 municipal_health_care 02-06 00:00 met",
        "K35 social_services 02-06 00:00 met",
    ],
    shown: &[
        IN_DALARNA,
        IN_YELLOW_AND_RED,
        &[
            "K20.2 ward",
            "K21 ward",
            "K32.2 ward",
            "K45 open_care, municipal_health_care, social_services",
        ],
    ],
    steps: &[
        "K25 reminder_at_ready",
        "K30 reminder_at_ready",
        "K31 reminder_at_ready",
        "SIP-FOLLOW-UP reminder",
    ],
};

impl Stay<'_> {
    /// Municipal health care proposes the red track.
    async fn proposes_red(self) -> EntryId {
        let (case, to, motive) = (self.case, "red".parse().unwrap(), TEXT.to_owned());
        self.system.act(&ProposeTrack { case, to, motive }, HOME_HEALTH).await;
        let assignment = self.system.caller.ask(&ShowAssignment { case }).await.unwrap();
        assignment.cooperation.track_changes.last().unwrap().stamp.id
    }

    async fn answers(self, unit: &str, proposal: EntryId, approved: bool) {
        let reason = if approved { String::new() } else { TEXT.to_owned() };
        let answer = AnswerTrackProposal { case: self.case, proposal, approved, reason };
        self.system.act(&answer, unit).await;
    }

    /// What the red track asks for before the meeting.
    async fn is_prepared(self) {
        let Self { system, case } = self;
        self.write(CARE_CENTRE, EntryKind::Mapping).await;
        self.add_annex(WARD, AnnexKind::RiskPlan).await;
        for what in [
            CheckKind::TrainingNeedDecided,
            CheckKind::InterventionDefined,
            CheckKind::StaffTrained,
        ] {
            self.check(what, Outcome::Done).await;
        }
        for unit in [CARE_CENTRE, HOME_HEALTH] {
            self.write(unit, EntryKind::HomeCareJudgement).await;
        }
        self.is_called().await;
        let points = MeetingPoint::BEFORE.to_vec();
        system.act(&RecordPreMeeting { case, points, occurred_at: None }, CARE_CENTRE).await;
    }

    /// The meeting, at the hospital.
    async fn meets_at_the_hospital(self) {
        self.meets().await;
        for point in MeetingPoint::AT_MEETING {
            let tick = TickSipPoint { case: self.case, point, occurred_at: None };
            self.system.act(&tick, CARE_CENTRE).await;
        }
        self.add_annex(CARE_CENTRE, AnnexKind::EmergencyPlan).await;
        self.makes_a_plan("2027-02-16").await;
    }
}

/// The track is yellow. Municipal health care asks for red; social services refuse, and agree when they
/// are asked again.
async fn the_track_is_changed(book: Book, stay: Stay<'_>) {
    let Stay { system, case } = stay;
    let asks = |owners: &'static [Owner]| async move {
        let open = stay.shows("R13").await?.map(|line| line.open).unwrap_or_default();
        let expected = if book.region == "orebro" { owners } else { &[] };
        if open == expected { Ok(()) } else { Err(format!("{open:?}")) }
    };
    system.set_time("2027-02-03 10:00");
    let first = stay.proposes_red().await;
    let others = &[Owner::Ward, Owner::OpenCare, Owner::SocialServices];
    eventually("the others are asked", SOON, || asks(others)).await;
    stay.answers(WARD, first, true).await;
    stay.answers(SOCIAL, first, false).await;
    eventually("nobody is asked further", SOON, || asks(&[])).await;
    let read = system.act(&ReadEntries { case }, HOME_HEALTH).await;
    let refused = read.iter().rfind(|entry| entry.party == Party::SocialServices);
    let why = refused.and_then(|entry| entry.content.as_ref());
    assert!(why.is_some_and(|why| why.kind.is_none() && why.text == TEXT), "the others read why");

    system.set_time("2027-02-03 13:00");
    let second = stay.proposes_red().await;
    eventually("they are asked again", SOON, || asks(others)).await;
    for unit in [WARD, CARE_CENTRE, SOCIAL] {
        stay.answers(unit, second, true).await;
    }
    eventually("all have answered", SOON, || asks(&[])).await;
    stay.set_track("red", Some(second)).await;
    stay.send_message(WARD).await;
}

async fn a_change_of_track_and_a_meeting_at_the_hospital(book: Book) {
    let (system, case) = admitted(book.region, &ADMISSION).await;
    let stay = Stay { system: &system, case };
    let (answers, interventions) =
        ([FormAnswer::StaffTrainingNeeded].into(), [Intervention::TrachealCare].into());
    system.act(&FillForm { case, answers, interventions }, WARD).await;
    book.proposes(stay).await;
    stay.set_track("yellow", None).await;
    system.act(&RecordConsent::new(case, ConsentAnswer::Given), WARD).await;
    stay.is_planned().await;
    the_track_is_changed(book, stay).await;
    system.set_time("2027-02-03 15:00");
    stay.is_prepared().await;
    stay.is_to_meet("2027-02-04 13:00", MeetingForm::Ward).await;
    stay.calendars_have_it("2027-02-04 13:00").await;
    system.set_time("2027-02-04 09:00");
    stay.is_ready().await;
    // The call came before.
    system.duty_is(case, "K43", ObligationState::Met).await;
    book.takes(StepKind::ReminderAtReady, stay).await;
    // Of the ward's three duties in one mail; open care's is named in the notice that it got.
    system.is_quiet().await;
    let reminders = ["avd@", "vc@"].map(|mailbox| {
        let subjects = system.received(mailbox).into_iter().filter_map(|mail| mail.subject);
        subjects.filter(|subject| subject.contains(", före utskrivningen")).count()
    });
    assert_eq!(reminders, [usize::from(book.region == DALARNA.region), 0]);
    system.set_time("2027-02-04 14:00");
    stay.meets_at_the_hospital().await;
    stay.is_home_ready("2027-02-05").await;
    system.set_time("2027-02-05 10:00");
    stay.goes_home().await;
    system.set_time("2027-02-08 10:00");
    stay.is_followed_up().await;
    system.set_time("2027-02-15 12:00");
    book.takes(StepKind::Reminder, stay).await;
    system.set_time("2027-02-16 10:00");
    stay.follows_the_plan_up().await;
    stay.is_closed().await;
    book.ends(system, case, &[], &[FROM_THE_START, EVERYWHERE]).await;
}

#[tokio::test]
async fn red_the_track_is_changed_when_all_agree_and_the_plan_is_made_before_she_goes_home() {
    a_change_of_track_and_a_meeting_at_the_hospital(OREBRO).await;
}

#[tokio::test]
async fn red_by_dalarnas_rules_asks_nobody_about_the_change() {
    a_change_of_track_and_a_meeting_at_the_hospital(DALARNA).await;
}
