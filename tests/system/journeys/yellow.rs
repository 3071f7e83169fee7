//! Yellow: ready, taken back and given again, and the SIP called one hour before it would be late.

use contracts::case::ConsentAnswer;
use contracts::commands::{RecordConsent, RegisterSipContact, RevokeReady};
use contracts::ledger::{ObligationState, StepKind};
use contracts::sip::MeetingForm;

use super::books::{Book, FROM_THE_START, IN_DALARNA, IN_YELLOW_AND_RED, Lines};
use super::common::{ADMISSION, Stay, admitted};
use crate::support::units::{CARE_CENTRE, WARD};

const EVERYWHERE: Lines = &[
    "K43 open_care 02-07 00:00 ready_revoked",
    "K43 open_care 02-08 00:00 met",
    "LAW-2-5 open_care 02-10 10:00 met",
    "LAW-3-2 ward 02-11 00:00 met",
    "SIP-FOLLOW-UP open_care 03-10 00:00 met",
];
const DALARNA: Book = Book {
    region: "dalarna",
    proposes: None,
    duties: &[
        "K12 municipal_health_care 02-10 10:00 met",
        "K12 open_care 02-10 10:00 met",
        "K12 social_services 02-10 10:00 met",
        "K25 ward 02-10 10:00 met",
        "K25 ward - ready_revoked",
        "K30 ward 02-10 10:00 met",
        "K30 ward - ready_revoked",
        "K31 ward 02-10 10:00 met",
        "K31 ward - ready_revoked",
        "K35 municipal_health_care 02-11 00:00 met",
        "K35 social_services 02-11 00:00 met",
    ],
    shown: &[IN_DALARNA, IN_YELLOW_AND_RED],
    steps: &[
        "K25 reminder_at_ready",
        "K25 reminder_at_ready",
        "K30 reminder_at_ready",
        "K30 reminder_at_ready",
        "K31 reminder_at_ready",
        "K31 reminder_at_ready",
        "SIP-FOLLOW-UP reminder",
    ],
};
const REGISTERED: Book = Book {
    region: "registreringsregion",
    proposes: None,
    duties: &[],
    shown: &[&["P04 open_care", "P07 open_care"]],
    steps: &["SIP-FOLLOW-UP reminder"],
};

async fn called_in_the_last_hour(book: Book) {
    let (system, case) = admitted(book.region, &ADMISSION).await;
    let stay = Stay { system: &system, case };
    stay.set_track("yellow", None).await;
    system.act(&RecordConsent::new(case, ConsentAnswer::Given), WARD).await;
    stay.is_planned().await;
    system.set_time("2027-02-03 10:00");
    stay.is_ready().await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    book.takes(StepKind::ReminderAtReady, stay).await;
    system.set_time("2027-02-03 14:00");
    system.act(&RevokeReady { case, occurred_at: None }, WARD).await;
    system.duty_is(case, "K43", ObligationState::Cancelled).await;
    // Given again on Thursday: the call is due when Sunday ends.
    system.set_time("2027-02-04 11:00");
    stay.is_ready().await;
    system.duty_is(case, "K43", ObligationState::Open).await;
    book.takes(StepKind::ReminderAtReady, stay).await;
    system.set_time("2027-02-07 23:00");
    stay.is_called().await;
    system.duty_is(case, "K43", ObligationState::Met).await;
    system.set_time("2027-02-08 12:00");
    stay.is_to_meet("2027-02-09 10:00", MeetingForm::Video).await;
    system.set_time("2027-02-09 11:00");
    stay.meets().await;
    stay.makes_a_plan("2027-03-09").await;
    let (staff, visit_type, occurred_at) = (None, None, None);
    let contact = RegisterSipContact { case, staff, owner: true, visit_type, occurred_at };
    system.act(&contact, CARE_CENTRE).await;
    stay.is_home_ready("2027-02-10").await;
    system.set_time("2027-02-10 10:00");
    stay.goes_home().await;
    system.set_time("2027-02-12 10:00");
    stay.is_followed_up().await;
    // The case would have closed before the day that was set for the plan.
    system.set_time("2027-03-08 12:00");
    book.takes(StepKind::Reminder, stay).await;
    system.set_time("2027-03-09 10:00");
    stay.follows_the_plan_up().await;
    stay.is_closed().await;
    book.ends(system, case, &[], &[FROM_THE_START, EVERYWHERE]).await;
}

#[tokio::test]
async fn yellow_ready_taken_back_and_given_again_and_the_sip_called_in_the_last_hour() {
    called_in_the_last_hour(DALARNA).await;
}

#[tokio::test]
async fn yellow_where_the_meeting_is_registered() {
    called_in_the_last_hour(REGISTERED).await;
}
