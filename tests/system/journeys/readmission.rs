//! Back within thirty days, with a protected identity: a person chooses who is told, and who may read
//! what follows from each word of the patient.

use contracts::assignment::{AnnexKind, EntryKind};
use contracts::case::{ConsentAnswer, Readmission};
use contracts::commands::{
    DeclineSip, JudgeNeed, ListUnrouted, NoteSipNeed, RecordConsent, RouteCase,
};
use contracts::envelope::RawEvent;
use contracts::ledger::ObligationState;
use contracts::{Case, CaseId, Owner, Party};
use test_support::{SOON, eventually};

use super::books::{Book, IN_DALARNA, IN_GREEN, Lines};
use super::common::{ADMISSION, OUTSIDE, Stay};
use super::reading::{EVERYTHING, NOTHING, THE_LEAST};
use crate::support::System;
use crate::support::hl7::Adt;
use crate::support::units::{CARE_CENTRE, SOCIAL, WARD};

const EVERYWHERE: Lines = &[
    "K02 ward 02-03 08:30 met",
    "K02 ward 02-03 10:00 met",
    "K06 open_care 02-03 10:00 route_ended",
    "K06 open_care 02-03 13:00 met",
    "K07 municipality 02-03 13:00 met",
    "K08 municipal_health_care - met",
    "K08 open_care - met",
    "K08 open_care - route_ended",
    "K08 social_services - met",
    "K43 open_care 02-08 00:00 sip_declined",
    "LAW-2-5 open_care 02-04 13:00 met",
    "LAW-2-5 open_care - route_ended",
];
const DALARNA: Book = Book {
    region: "dalarna",
    proposes: None,
    duties: &[
        "K12 municipal_health_care 02-04 13:00 met",
        "K12 open_care 02-04 13:00 met",
        "K12 open_care - route_ended",
        "K12 social_services 02-04 13:00 met",
        "K25 ward 02-04 13:00 met",
        "K30 ward 02-04 13:00 met",
        "K31 ward 02-04 13:00 met",
        "K34 municipal_health_care 02-05 00:00 met",
        "K34 social_services 02-05 00:00 met",
    ],
    shown: &[IN_DALARNA, IN_GREEN, &["K04 ward"]],
    steps: &[],
};
const VASTRA_GOTALAND: Book =
    Book { region: "vastra_gotaland", proposes: None, duties: &[], shown: &[], steps: &[] };

impl Stay<'_> {
    async fn says(self, answer: ConsentAnswer, parties: &[Party]) {
        let parties = parties.iter().copied().collect();
        let consent = RecordConsent { parties, ..RecordConsent::new(self.case, answer) };
        self.system.act(&consent, WARD).await;
    }

    async fn is_judged(self, parties: &[Party]) {
        let (case, parties) = (self.case, parties.iter().copied().collect());
        let need = JudgeNeed { case, parties, frequent_patient: true, noticed_at: None };
        self.system.act(&need, WARD).await;
    }

    async fn is_routed(self, party: Party, unit: &str) {
        let route = RouteCase { case: self.case, party, unit: unit.parse().unwrap() };
        self.system.act(&route, WARD).await;
    }

    async fn waits_for_a_person(self, parties: &[Party]) {
        eventually("no unit is chosen", SOON, async || {
            let unrouted = self.system.caller.ask(&ListUnrouted {}).await;
            let unrouted = unrouted.map_err(|error| error.to_string())?;
            let own = unrouted.into_iter().find(|one| one.case_id == self.case);
            let waiting = own.iter().flat_map(|own| &own.unrouted).filter(|u| u.ended.is_none());
            let waiting: Vec<Party> = waiting.map(|unrouted| unrouted.party).collect();
            if waiting == parties { Ok(()) } else { Err(format!("{waiting:?}")) }
        })
        .await;
    }
}

/// Three weeks ago Tova was here for two days, and needed nothing afterwards.
async fn was_here_before(region: &'static str) -> (System, CaseId) {
    let system = System::start_in(region, "2027-01-12 09:00").await;
    let admission = Adt {
        at: "202701120900",
        admitted_at: "202701120830",
        estimate: "20270114",
        need: "",
        ..ADMISSION
    };
    system.send(&admission).await;
    let case = system.case_admitted("2027-01-12 08:30").await.case_id;
    system.set_time("2027-01-14 15:00");
    let discharge =
        Adt { trigger: "A03", control_id: "2", at: "202701141500", ..admission.clone() };
    system.send(&discharge).await;
    let earlier = system.case_admitted("2027-01-12 08:30").await;
    assert!(earlier.discharge().is_some() && earlier.concerned().is_empty());
    assert_eq!(earlier.readmission, Some(Readmission::No));
    (system, case)
}

/// She is back, protected, and for the second time in three months: the ward is asked to judge her need.
async fn is_back(system: &System) -> Case {
    system.set_time("2027-02-02 09:00");
    let again = Adt {
        control_id: "3",
        visit: "V2",
        need: "",
        admission_type: "E",
        protected: true,
        ..ADMISSION
    };
    system.send(&again).await;
    let case = system.case_admitted("2027-02-02 08:30").await;
    assert!(case.protected && case.need().is_none());
    assert_eq!(case.frequent.as_ref().map(|frequent| frequent.stays), Some(2));
    assert_eq!(case.readmission, Some(Readmission::Unplanned));
    let asked = system.receives("avd@", 1).await;
    assert!(asked[0].text.contains(&case.case_ref.to_string()), "{}", asked[0].text);
    case
}

/// She comes often and needs nothing else: until she consents there is nothing to do for anybody, then
/// for open care, and as soon as she takes it back for nobody again.
async fn comes_often(stay: Stay<'_>) {
    let Stay { system, case } = stay;
    stay.is_judged(&[]).await;
    system.is_quiet().await;
    let ledger = stay.ledger().await.unwrap();
    assert!(ledger.obligations.is_empty() && ledger.shown.is_empty());
    assert!(ledger.news.iter().all(|news| news.withdrawn), "nobody is asked any more");
    assert_eq!(system.received("@").len(), 1);

    system.set_time("2027-02-02 10:00");
    stay.says(ConsentAnswer::Given, &[]).await;
    stay.waits_for_a_person(&[Party::OpenCare]).await;
    system.duty_is(case, "K02", ObligationState::Open).await;
    system.receives("avd@", 2).await;
    stay.lets_read([NOTHING; 3]).await;

    stay.is_routed(Party::OpenCare, CARE_CENTRE).await;
    system.duty_is(case, "K06", ObligationState::Open).await;
    system.duty_is(case, "K02", ObligationState::Met).await;
    system.receives("vc@", 1).await;
    stay.write(WARD, EntryKind::StatusAndNeed).await;
    stay.send_message(WARD).await;
    // It waits to be read.
    system.receives("vc@", 2).await;
    stay.add_annex(WARD, AnnexKind::Other).await;
    stay.lets_read([EVERYTHING, NOTHING, NOTHING]).await;

    system.set_time("2027-02-02 11:00");
    stay.says(ConsentAnswer::Withdrawn, &[]).await;
    stay.lets_read([NOTHING; 3]).await;
    system.duty_is(case, "K06", ObligationState::Cancelled).await;
    system.receives("vc@", 3).await;
}

/// The doctor judges that she will need help: the act has the least told without consent, and the rest
/// goes with each word of hers.
async fn needs_help(book: Book, stay: Stay<'_>) {
    let Stay { system, case } = stay;
    system.set_time("2027-02-02 13:00");
    stay.is_judged(&[Party::MunicipalHealthCare, Party::SocialServices]).await;
    stay.waits_for_a_person(&Party::OUTSIDE).await;
    for (party, unit) in Party::OUTSIDE.into_iter().zip(OUTSIDE) {
        stay.is_routed(party, unit).await;
    }
    system.duty_is(case, "K07", ObligationState::Open).await;
    stay.is_planned().await;
    stay.lets_read([THE_LEAST; 3]).await;

    system.set_time("2027-02-02 14:00");
    system.act(&NoteSipNeed { case, noticed_by: None, occurred_at: None }, SOCIAL).await;
    stay.says(ConsentAnswer::Given, &[Party::OpenCare, Party::MunicipalHealthCare]).await;
    stay.lets_read([EVERYTHING, EVERYTHING, THE_LEAST]).await;
    book.asks_for_a_plan(true, stay).await;
    system.set_time("2027-02-02 15:00");
    stay.says(ConsentAnswer::Given, &[]).await;
    stay.lets_read([EVERYTHING; 3]).await;
    system.set_time("2027-02-02 16:00");
    stay.says(ConsentAnswer::Withdrawn, &[]).await;
    stay.lets_read([THE_LEAST; 3]).await;
    book.asks_for_a_plan(false, stay).await;
}

impl Book {
    /// Waits until a plan is asked for, or not: in Västra Götaland while she consents to one.
    async fn asks_for_a_plan(&self, consents: bool, stay: Stay<'_>) {
        let asks = consents && self.region == VASTRA_GOTALAND.region;
        eventually("the consent to a plan is known", SOON, async || {
            let open = stay.shows("N01").await?.map(|line| line.open).unwrap_or_default();
            let expected: &[Owner] =
                if asks { &[Owner::OpenCare, Owner::Municipality] } else { &[] };
            if open == expected { Ok(()) } else { Err(format!("{open:?}")) }
        })
        .await;
    }
}

/// Neither municipality nor care centre of the protected stay stands in what `admissions` has said.
async fn whereabouts_are_not_published(system: &System, case: CaseId) {
    let mut said = 0;
    for message in system.stream("HEMGANG_ADMISSIONS").await {
        let event: RawEvent = serde_json::from_slice(&message.payload).unwrap();
        if event.subject == case.to_string() {
            let case: Case = serde_json::from_str(event.data.get()).unwrap();
            assert_eq!((case.municipality, case.listed_care_centre), (None, None));
            said += 1;
        }
    }
    assert!(said > 0);
}

async fn back_within_thirty_days(book: Book) {
    let (system, earlier) = was_here_before(book.region).await;
    let case = is_back(&system).await.case_id;
    let stay = Stay { system: &system, case };
    comes_often(stay).await;
    needs_help(book, stay).await;

    stay.set_track("green", None).await;
    system.act(&DeclineSip { case, occurred_at: None }, CARE_CENTRE).await;
    system.set_time("2027-02-04 09:00");
    stay.is_home_ready("2027-02-04").await;
    stay.is_ready().await;
    system.set_time("2027-02-04 13:00");
    stay.goes_home().await;
    system.set_time("2027-02-05 10:00");
    stay.is_followed_up().await;
    stay.is_closed().await;
    whereabouts_are_not_published(&system, case).await;
    let before = system.ledger(earlier).await.unwrap();
    assert!(before.obligations.is_empty() && before.news.is_empty(), "that stay is over");
    book.ends(system, case, &[earlier], &[EVERYWHERE]).await;
}

#[tokio::test]
async fn back_and_protected_a_person_routes_and_each_word_of_hers_decides_who_reads() {
    back_within_thirty_days(DALARNA).await;
}

#[tokio::test]
async fn back_and_protected_in_vastra_gotaland_a_plan_is_asked_for_while_she_consents() {
    back_within_thirty_days(VASTRA_GOTALAND).await;
}
