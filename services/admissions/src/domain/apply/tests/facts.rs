//! Single facts of a stay, which a newer statement replaces: the estimate and the need.

use super::*;

#[test]
fn an_older_message_changes_only_facts_that_no_newer_one_has_stated() {
    let older = HospitalMessage { ward: ward(3), ..estimate(25, 10) };
    let case = case_after(&[admission(), estimate(20, 12), older]);
    assert_eq!(case.estimate().unwrap().to_rfc3339(), "2026-11-20T11:00:00+00:00");
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2003");
}

#[test]
fn a_clock_that_is_far_ahead_does_not_make_later_news_look_old() {
    let ahead = HospitalMessage { stated_at: at(24 * 365), ..estimate(20, 12) };
    let case = case_after(&[admission(), ahead, estimate(25, 7 * 24)]);
    assert_eq!(case.estimate().unwrap().to_rfc3339(), "2026-11-25T11:00:00+00:00");
}

#[test]
fn an_estimate_that_is_stated_again_is_entered_once() {
    let (stay, what) = after(&[admission(), estimate(20, 12), estimate(20, 13)]);
    assert_eq!(what[1..], [Some("estimate_changed"), None]);
    assert_eq!(stay.case.estimates.len(), 1);
}

#[test]
fn an_estimate_that_is_removed_is_there_no_more() {
    let removed = HospitalMessage { estimate: Stated::Removed, ..update(13) };
    let case = case_after(&[admission(), estimate(20, 12), removed]);
    assert_eq!((case.estimate(), case.estimates.len()), (None, 2));
}

#[test]
fn a_need_was_noticed_at_the_admission_unless_a_later_moment_is_stated() {
    let judged = HospitalMessage { need: need(&[Party::OpenCare]), ..update(30) };
    assert_eq!(case_after(&[admission(), judged.clone()]).needs[0].stamp.occurred_at, at(8));
    for (stated, expected) in [(20, 20), (2, 8), (999, 7 * 24)] {
        let mut later = judged.clone();
        if let Stated::Value(need) = &mut later.need {
            need.noticed_at = Some(at(stated));
        }
        let case = case_after(&[admission(), later]);
        assert_eq!(case.needs[0].stamp.occurred_at, at(expected), "{stated}");
    }
}

#[test]
fn a_corrected_admission_takes_the_need_that_was_noticed_at_it_along() {
    let judged = HospitalMessage { need: need(&[Party::OpenCare]), ..admission() };
    let corrected = HospitalMessage { admitted_at: Some(at(6)), ..update(12) };
    let case = case_after(&[judged, corrected]);
    assert_eq!(case.needs[0].stamp.occurred_at, at(6));
}

#[test]
fn a_judgement_replaces_the_one_before_and_the_same_again_is_none() {
    let judged = |parties: &[Party], hour| HospitalMessage { need: need(parties), ..update(hour) };
    let (stay, what) = after(&[
        admission(),
        judged(&[Party::OpenCare], 10),
        judged(&[Party::OpenCare], 11),
        judged(&[Party::SocialServices], 12),
        HospitalMessage { need: Stated::Removed, ..update(13) },
    ]);
    let judged = Some("need_judged");
    assert_eq!(what[1..], [judged, None, judged, Some("need_withdrawn")]);
    assert_eq!(stay.case.needs.len(), 2);
    assert!(stay.case.need().is_none());
}
