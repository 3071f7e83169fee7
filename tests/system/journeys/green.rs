//! Green: home within the day. Örebro has criteria for the red track alone, so the base holds.

use contracts::assignment::NotNeededReason;
use contracts::case::{ConsentAnswer, FormAnswer};
use contracts::commands::{FillForm, ReadMessages, RecordConsent, SipNotNeeded};

use super::books::{Book, FROM_THE_START, IN_DALARNA, IN_GREEN, Lines};
use super::common::{ADMISSION, Stay, admitted};
use crate::support::hl7::Adt;
use crate::support::units::{CARE_CENTRE, SOCIAL, WARD};

const EVERYWHERE: Lines = &[
    "K43 open_care 02-06 00:00 sip_not_needed",
    "LAW-2-5 open_care 02-02 15:00 met",
    "LAW-3-2 ward 02-03 00:00 met",
];
const DALARNA: Book = Book {
    region: "dalarna",
    proposes: Some(("green", "Känd i kommunen, samma eller likartade insatser som tidigare")),
    duties: &[
        "K12 municipal_health_care 02-02 15:00 met",
        "K12 open_care 02-02 15:00 met",
        "K12 social_services 02-02 15:00 met",
        "K25 ward 02-02 15:00 met",
        "K30 ward 02-02 15:00 met",
        "K31 ward 02-02 15:00 met",
        "K34 municipal_health_care 02-03 00:00 met",
        "K34 social_services 02-03 00:00 met",
    ],
    shown: &[IN_DALARNA, IN_GREEN],
    steps: &[],
};
const OREBRO: Book = Book { region: "orebro", proposes: None, duties: &[], shown: &[], steps: &[] };

async fn home_within_the_day(book: Book) {
    let admission = Adt { estimate: "20270202", ..ADMISSION };
    let (system, case) = admitted(book.region, &admission).await;
    let stay = Stay { system: &system, case };
    let (answers, interventions) =
        ([FormAnswer::KnownInMunicipality, FormAnswer::SameSupport].into(), [].into());
    system.act(&FillForm { case, answers, interventions }, WARD).await;
    book.proposes(stay).await;
    stay.set_track("green", None).await;
    system.act(&RecordConsent::new(case, ConsentAnswer::Given), WARD).await;
    stay.is_planned().await;
    system.set_time("2027-02-02 13:00");
    // What is seen to before she is ready needs no reminder.
    stay.is_home_ready("2027-02-02").await;
    stay.is_ready().await;
    let reason = NotNeededReason::NoFurtherNeed;
    system.act(&SipNotNeeded { case, reason, occurred_at: None }, CARE_CENTRE).await;
    system.set_time("2027-02-02 15:00");
    stay.goes_home().await;
    system.set_time("2027-02-05 10:00");
    stay.is_followed_up().await;
    stay.is_closed().await;
    let read = system.act(&ReadMessages { case }, SOCIAL).await;
    assert_eq!(read.iter().filter(|message| message.content.is_some()).count(), 4);
    book.ends(system, case, &[], &[FROM_THE_START, EVERYWHERE]).await;
}

#[tokio::test]
async fn green_home_within_the_day_nobody_owes_anything_and_nobody_was_ever_reminded() {
    home_within_the_day(DALARNA).await;
}

#[tokio::test]
async fn green_by_orebros_rules_asks_for_no_more_than_the_act() {
    home_within_the_day(OREBRO).await;
}
