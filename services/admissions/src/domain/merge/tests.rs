use contracts::identity::{IdentityKind, PersonalIdentity};
use contracts::{CaseId, CaseRef};
use proptest::prelude::*;

use super::*;
use crate::domain::apply::{Ids, apply};
use crate::hospital_message::{CaseKey, HospitalMessage, Kind, PatientStatement};
use crate::stated::Stated;

const NUMBERS: [&str; 5] =
    ["189102279800", "189001019802", "192201029283", "192301098311", "192401019183"];

fn at(hour: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + i64::from(hour) * 3_600, 0).unwrap()
}

fn now() -> DateTime<Utc> {
    at(1_000)
}

fn person(which: usize) -> Identity {
    let number = PersonalIdentity::new(IdentityKind::Personal, NUMBERS[which]).unwrap();
    Identity { number, authority: None }
}

fn hospital() -> HsaId {
    "SE2321000180-1001".parse().unwrap()
}

fn merge(prior: usize, survivor: usize, hour: u32) -> Merge {
    Merge {
        hospital: hospital(),
        prior: person(prior),
        survivor: person(survivor),
        protected: false,
        stated_at: at(hour),
        message: Uuid::from_u128(hour.into()),
    }
}

fn says(kind: Kind, which: usize, hour: u32) -> HospitalMessage {
    let name = crate::hospital_message::PersonName { family: Some("T".into()), given: None };
    let address = crate::hospital_message::PostalAddress {
        lines: vec!["S".into()],
        postal_code: None,
        city: None,
    };
    HospitalMessage {
        message_id: hour.to_string(),
        kind,
        case_key: CaseKey::VisitNumber("V-1".to_owned().into()),
        stated_at: at(hour),
        occurred_at: at(hour),
        inpatient: Some(true),
        patient: PatientStatement {
            identity: Stated::Value(person(which)),
            name: Stated::Value(name.into()),
            address: Stated::Value(address.into()),
            municipality: Stated::Value("2080".parse().unwrap()),
            ..PatientStatement::default()
        },
        ward: Stated::Absent,
        admitted_at: None,
        planned: Stated::Absent,
        discharged_at: Stated::Absent,
        estimate: Stated::Absent,
        diagnoses: Stated::Absent,
        need: Stated::Absent,
        consent: None,
    }
}

fn hear(stay: Option<Stay>, message: &HospitalMessage) -> Stay {
    let hour: u128 = message.message_id.parse().unwrap();
    let ids = Ids {
        message: Uuid::from_u128(10_000 + hour),
        case: CaseId(Uuid::from_u128(1)),
        case_ref: CaseRef::from_random(1),
        hospital: hospital(),
    };
    apply(stay, message, &ids, now()).unwrap().stay
}

/// A stay of the first patient, admitted in hour 0.
fn stay() -> Stay {
    hear(None, &says(Kind::Admit, 0, 0))
}

fn number(stay: &Stay) -> &str {
    stay.patient.identity.as_ref().unwrap().expose()
}

/// A word about the stay, or a merge, in an hour of its own.
#[derive(Clone, Copy, Debug)]
enum Event {
    Says(usize),
    Merges(usize, usize),
}

/// Which patient it is when all of it comes in the order of its own times.
fn in_order(events: &[Event]) -> &'static str {
    let mut which = 0;
    for event in events {
        which = match event {
            Event::Says(said) => *said,
            Event::Merges(prior, survivor) if which == *prior => *survivor,
            Event::Merges(..) => which,
        };
    }
    NUMBERS[which]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..5_usize).prop_map(Event::Says),
        (0..5_usize, 1..5_usize).prop_map(|(prior, on)| Event::Merges(prior, (prior + on) % 5)),
    ];
    prop::collection::vec(event, 1..12)
}

proptest! {
    #[test]
    fn in_whatever_order_and_however_often_messages_and_merges_come_it_is_the_same_patient(
        events in events(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 30),
        shuffled in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let again = order.iter().map(|index| index.index(events.len()));
        let all = shuffled.iter().copied().filter(|nth| *nth < events.len());
        let (mut stay, mut merges) = (stay(), Vec::new());
        for nth in again.take(events.len()).chain(all) {
            let hour = u32::try_from(nth).unwrap() + 1;
            match events[nth] {
                Event::Says(which) => stay = hear(Some(stay), &says(Kind::Update, which, hour)),
                Event::Merges(prior, survivor) => merges.push(merge(prior, survivor, hour)),
            }
            follow(&mut stay, &merges, now());
        }
        prop_assert_eq!(number(&stay), in_order(&events));
        let settled = stay.clone();
        prop_assert_eq!(follow(&mut stay, &merges, now()), None);
        prop_assert_eq!(settled, stay);
    }
}

#[test]
fn a_merge_is_entered_as_a_change_of_identity_at_its_own_time_and_once() {
    let mut stay = stay();
    assert_eq!(follow(&mut stay, &[merge(0, 1, 5)], now()), Some("identity_changed"));
    let entry = &stay.case.reidentified[0];
    assert_eq!((entry.stamp.occurred_at, entry.stamp.recorded_at), (at(5), now()));
    assert!(entry.complete);
    assert_eq!(follow(&mut stay, &[merge(0, 1, 5), merge(0, 1, 6)], now()), None);
    assert_eq!(stay.case.reidentified.len(), 1);
}

#[test]
fn an_older_message_does_not_bring_the_number_back_and_a_newer_one_does() {
    let mut stay = stay();
    follow(&mut stay, &[merge(0, 1, 5)], now());
    let stay = hear(Some(stay), &says(Kind::Update, 0, 4));
    assert_eq!(number(&stay), NUMBERS[1]);
    assert_eq!(stay.case.reidentified.len(), 1, "nobody is told of what did not change");
    let stay = hear(Some(stay), &says(Kind::Update, 0, 6));
    assert_eq!(number(&stay), NUMBERS[0]);
}

#[test]
fn another_hospitals_merge_is_no_merge_here() {
    let mut stay = stay();
    let elsewhere = Merge { hospital: "SE2321000180-1002".parse().unwrap(), ..merge(0, 1, 5) };
    assert_eq!(follow(&mut stay, &[elsewhere], now()), None);
    assert_eq!(number(&stay), NUMBERS[0]);
}

#[test]
fn merges_of_one_instant_that_lead_in_a_circle_come_to_an_end() {
    let mut stay = stay();
    follow(&mut stay, &[merge(0, 1, 5), merge(1, 0, 5)], now());
    assert_eq!(number(&stay), NUMBERS[0]);
}

#[test]
fn a_protected_survivor_is_protected_at_once_unless_something_newer_is_said() {
    let protected = Merge { protected: true, ..merge(0, 1, 5) };
    let mut stay = stay();
    assert!(stay.case.municipality.is_some());
    follow(&mut stay, std::slice::from_ref(&protected), now());
    assert!(stay.case.protected && stay.case.municipality.is_none());
    let mut newer = says(Kind::Update, 0, 8);
    newer.patient.identity = Stated::Absent;
    newer.patient.protected = Some(false);
    let mut stay = hear(Some(stay), &newer);
    follow(&mut stay, &[protected], now());
    assert!(!stay.case.protected && stay.case.municipality.is_some());
    assert_eq!(number(&stay), NUMBERS[1]);
}
