use contracts::case::{Discharge, Need, NoticeRead};
use contracts::{CaseId, CaseRef, Unit};
use uuid::Uuid;

use super::*;

const CENTRE: &str = "SE2321000180-VC01";
const HOME_CARE: &str = "SE2120002239-HSV1";

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-24T{hour:02}:00:00Z").parse().unwrap()
}

fn stamp(id: u128, hour: u32) -> Stamp {
    Stamp::now(EntryId(Uuid::from_u128(id)), at(hour), None)
}

fn case(parties: &[Party]) -> Case {
    let id = CaseId(Uuid::from_u128(1));
    let hospital = "SE2321000180-LASAR".parse().unwrap();
    Case {
        municipality: Some("2080".parse().unwrap()),
        listed_care_centre: Some(CENTRE.parse().unwrap()),
        needs: vec![Need {
            stamp: stamp(3, 8),
            parties: parties.iter().copied().collect(),
            frequent_patient: false,
            withdrawn: None,
        }],
        ..Case::new(id, CaseRef::from_random(1), hospital, stamp(2, 7))
    }
}

fn unit(id: &str, party: Party) -> Unit {
    let serves = if party.is_municipal() { vec!["2080".parse().unwrap()] } else { vec![] };
    let unit = id.parse().unwrap();
    Unit { unit, party, name: id.to_owned(), municipality: None, serves, active: true }
}

fn directory() -> Directory {
    Directory::new([unit(CENTRE, Party::OpenCare), unit(HOME_CARE, Party::MunicipalHealthCare)])
}

fn routed(case: &Case) -> Assignment {
    follow(Assignment::new(case.case_id), case, &directory(), at(9))
}

fn units(assignment: &Assignment) -> Vec<&str> {
    assignment.current_routes().map(|route| route.unit.as_str()).collect()
}

#[test]
fn municipal_health_care_brings_the_listed_care_centre_with_it() {
    assert_eq!(units(&routed(&case(&[Party::MunicipalHealthCare]))), [CENTRE, HOME_CARE]);
}

#[test]
fn an_admission_without_need_is_routed_to_nobody() {
    let mut without = case(&[]);
    without.needs.clear();
    assert!(units(&routed(&without)).is_empty());
}

#[test]
fn following_the_same_case_again_changes_nothing() {
    let case = case(&[Party::MunicipalHealthCare, Party::SocialServices]);
    let once = routed(&case);
    assert_eq!(follow(once.clone(), &case, &directory(), at(15)), once);
}

/// Ids of everything that was decided, ends included.
fn ids(assignment: &Assignment) -> Vec<EntryId> {
    let routes = assignment.routes.iter().map(|route| (&route.stamp, &route.ended));
    let unrouted = assignment.unrouted.iter().map(|one| (&one.stamp, &one.ended));
    routes
        .chain(unrouted)
        .flat_map(|(stamp, ended)| std::iter::once(stamp).chain(ended.as_ref()))
        .map(|stamp| stamp.id)
        .collect()
}

/// A case as it is corrected again and again: other care centres, none, other parties.
fn corrected() -> Vec<Case> {
    let listed = [Some(CENTRE), Some("SE2321000180-VC02"), None, Some(CENTRE), None];
    let parties: [&[Party]; 3] =
        [&[Party::OpenCare], &[Party::MunicipalHealthCare], &[Party::SocialServices]];
    listed
        .iter()
        .flat_map(|listed| parties.iter().map(move |parties| (listed, parties)))
        .map(|(listed, parties)| {
            let mut case = case(parties);
            case.listed_care_centre = listed.map(|listed| listed.parse().unwrap());
            case
        })
        .collect()
}

fn two_centres() -> Directory {
    Directory::new([
        unit(CENTRE, Party::OpenCare),
        unit("SE2321000180-VC02", Party::OpenCare),
        unit(HOME_CARE, Party::MunicipalHealthCare),
    ])
}

fn followed(from: &Assignment, cases: &[Case], hour: u32) -> Assignment {
    cases.iter().zip(hour..).fold(from.clone(), |assignment, (case, hour)| {
        follow(assignment, case, &two_centres(), at(hour))
    })
}

#[test]
fn deciding_again_from_the_same_facts_at_another_time_gives_the_same_ids() {
    let (cases, new) = (corrected(), Assignment::new(case(&[]).case_id));
    for restored_to in 0..=cases.len() {
        let (before, lost) = cases.split_at(restored_to);
        let kept = followed(&new, before, 0);
        let (first, again) = (followed(&kept, lost, 1), followed(&kept, lost, 8));
        assert_eq!(ids(&first), ids(&again), "restored to {restored_to}");
    }
}

#[test]
fn every_later_decision_has_an_id_of_its_own() {
    let assignment = followed(&Assignment::new(case(&[]).case_id), &corrected(), 0);
    let all = ids(&assignment);
    let different: BTreeSet<EntryId> = all.iter().copied().collect();
    assert!(assignment.routes.len() > 5, "{}", assignment.routes.len());
    assert_eq!(different.len(), all.len());
}

#[test]
fn a_unit_that_is_found_at_once_after_a_restore_has_the_reception_that_it_had() {
    // Of what a restored database has forgotten only the last is said again.
    let mut listed = case(&[Party::OpenCare]);
    let elsewhere = Some("SE2321000180-VC02".parse().unwrap());
    let first = follow(Assignment::new(listed.case_id), &listed, &two_centres(), at(9));
    listed.listed_care_centre = elsewhere;
    let moved = follow(first, &listed, &two_centres(), at(10));
    let at_once = follow(Assignment::new(listed.case_id), &listed, &two_centres(), at(15));
    let id = |assignment: &Assignment| assignment.current_routes().next().unwrap().stamp.id;
    assert_eq!(id(&moved), id(&at_once));
}

#[test]
fn a_party_without_a_unit_stands_as_unrouted_until_one_is_found() {
    let case = case(&[Party::SocialServices]);
    let before = routed(&case);
    assert_eq!(before.unrouted[0].reason, UnroutedReason::UnservedMunicipality);
    let found = Directory::new([unit("SE2120002239-SOC1", Party::SocialServices)]);
    let after = follow(before, &case, &found, at(10));
    assert_eq!(units(&after), ["SE2120002239-SOC1"]);
    assert!(after.unrouted[0].ended.is_some());
}

#[test]
fn a_protected_identity_is_left_to_a_person() {
    let mut case = case(&[Party::OpenCare]);
    case.protected = true;
    let assignment = routed(&case);
    assert!(units(&assignment).is_empty());
    assert_eq!(assignment.unrouted[0].reason, UnroutedReason::Protected);
}

#[test]
fn a_corrected_listing_moves_the_case() {
    let mut case = case(&[Party::OpenCare]);
    let before = routed(&case);
    case.listed_care_centre = Some("SE2321000180-VC02".parse().unwrap());
    let both =
        Directory::new([unit(CENTRE, Party::OpenCare), unit("SE2321000180-VC02", Party::OpenCare)]);
    let after = follow(before, &case, &both, at(10));
    assert_eq!(units(&after), ["SE2321000180-VC02"]);
    assert!(after.routes[0].ended.is_some());
}

#[test]
fn what_a_person_routed_stays_whatever_the_hospital_corrects() {
    let mut case = case(&[Party::OpenCare]);
    let mut assignment = routed(&case);
    let by = Some("SE2321000180-ANNA".parse().unwrap());
    route(&mut assignment, Party::OpenCare, &CENTRE.parse().unwrap(), at(10), by);
    case.listed_care_centre = Some("SE2321000180-VC02".parse().unwrap());
    let other = Directory::new([unit("SE2321000180-VC02", Party::OpenCare)]);
    assert_eq!(units(&follow(assignment, &case, &other, at(11))), [CENTRE]);
}

#[test]
fn a_protection_that_is_heard_of_later_takes_the_case_back_from_those_found_by_itself() {
    let mut case = case(&[Party::OpenCare]);
    let before = routed(&case);
    case.protected = true;
    case.listed_care_centre = None;
    let after = follow(before, &case, &directory(), at(10));
    assert!(units(&after).is_empty());
    assert_eq!(after.unrouted[0].reason, UnroutedReason::Protected);
}

#[test]
fn a_listing_that_leads_nowhere_takes_nothing_away() {
    let mut case = case(&[Party::OpenCare]);
    let before = routed(&case);
    case.listed_care_centre = None;
    assert_eq!(units(&follow(before, &case, &directory(), at(10))), [CENTRE]);
}

#[test]
fn a_withdrawn_need_ends_the_routes() {
    let mut case = case(&[Party::OpenCare]);
    let before = routed(&case);
    case.needs[0].withdrawn = Some(stamp(9, 11));
    let after = follow(before, &case, &directory(), at(12));
    assert!(units(&after).is_empty());
    assert_eq!(after.routes.len(), 1);
}

#[test]
fn a_closed_case_is_routed_to_nobody_any_more() {
    let mut case = case(&[Party::SocialServices]);
    let before = routed(&case);
    case.discharges.push(Discharge { stamp: stamp(8, 12), revoked: None });
    let found = Directory::new([unit("SE2120002239-SOC1", Party::SocialServices)]);
    let after = follow(before, &case, &found, at(12) + chrono::TimeDelta::days(30));
    assert!(units(&after).is_empty());
    assert!(after.unrouted[0].ended.is_some());
}

#[test]
fn a_route_given_by_hand_stays_when_the_case_changes() {
    let mut case = case(&[Party::OpenCare]);
    let mut assignment = routed(&case);
    let other: HsaId = "SE2321000180-VC02".parse().unwrap();
    route(&mut assignment, Party::OpenCare, &other, at(10), None);
    case.listed_care_centre = None;
    let after = follow(assignment, &case, &directory(), at(11));
    assert_eq!(units(&after), ["SE2321000180-VC02"]);
}

#[test]
fn the_first_reading_of_a_unit_is_its_receipt_once() {
    let mut case = case(&[Party::OpenCare]);
    case.reads.push(NoticeRead { stamp: stamp(5, 10), unit: CENTRE.parse().unwrap() });
    let once = routed(&case);
    let twice = follow(once.clone(), &case, &directory(), at(12));
    assert_eq!(once.receipts.len(), 1);
    assert_eq!(twice, once);
}
