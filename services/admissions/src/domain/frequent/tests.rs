use contracts::identity::{IdentityKind, PersonalIdentity};
use contracts::{CaseId, CaseRef, Revocable};
use uuid::Uuid;

use super::*;
use crate::domain::stay::{Patient, StatedAt};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn stay() -> Stay {
    let hospital = "SE2321000180-1001".parse().unwrap();
    let began = Stamp::now(EntryId(Uuid::from_u128(2)), at("2026-11-17T08:00:00Z"), None);
    let case = Case::new(CaseId(Uuid::from_u128(1)), CaseRef::from_random(1), hospital, began);
    let identity = PersonalIdentity::new(IdentityKind::Personal, "191212121212").unwrap();
    let patient = Patient { identity: Some(identity), ..Patient::default() };
    Stay { case, patient, stated: StatedAt::default() }
}

fn note_stays(earlier: u16, several: u16) -> Option<u16> {
    let mut case = stay().case;
    let several = NonZeroU16::new(several).unwrap();
    note(&mut case, earlier, several, at("2026-11-17T08:01:00Z"));
    case.frequent.map(|frequent| frequent.stays)
}

#[test]
fn several_stays_are_as_many_as_the_region_says_this_one_included() {
    assert_eq!(note_stays(1, 3), None);
    assert_eq!(note_stays(2, 3), Some(3));
    assert_eq!(note_stays(u16::MAX, 3), Some(u16::MAX));
}

#[test]
fn what_was_found_of_another_person_goes_with_that_person() {
    let (mut case, several) = (stay().case, NonZeroU16::new(3).unwrap());
    assert!(note(&mut case, 2, several, at("2026-11-17T08:01:00Z")));
    assert!(!note(&mut case, 2, several, at("2026-11-18T08:01:00Z")));
    assert!(note(&mut case, 0, several, at("2026-11-18T08:01:00Z")));
    assert_eq!(case.frequent, None);
}

#[test]
fn three_months_before_the_last_of_may_are_the_last_of_february() {
    assert_eq!(counts_from(at("2026-05-31T10:00:00Z")), at("2026-02-28T10:00:00Z"));
}

#[test]
fn a_stay_is_counted_for_when_it_is_new_or_becomes_another_persons() {
    let mut named = stay();
    assert!(is_to_count(None, &named));
    assert!(!is_to_count(Some(&stay()), &named));
    let mut nameless = stay();
    nameless.patient.identity = None;
    assert!(is_to_count(Some(&nameless), &named));
    assert!(!is_to_count(None, &nameless));
    named.case.cancellations.push(Revocable { stamp: named.case.admitted.clone(), revoked: None });
    assert!(!is_to_count(None, &named));
}
