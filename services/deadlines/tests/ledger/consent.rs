//! Consent with scope and end: what stands on it goes with it.

use contracts::case::{Consent, ConsentAnswer, ConsentScope};

use super::*;

/// A plan is needed and the patient has said yes to one, until a day.
fn consented(until: Option<&str>) -> Play {
    let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, SOCIAL]);
    play.region = "vastra_gotaland";
    play.sip_needed("2027-03-02 10:00");
    let stamp = play.stamp("2027-03-02 11:00", "2027-03-02 11:00");
    play.case().consents.push(Consent {
        scopes: [ConsentScope::Plan].into(),
        expires_at: until.map(at),
        ..Consent::new(stamp, ConsentAnswer::Given)
    });
    play
}

#[test]
fn consent_to_something_else_is_none() {
    let mut play = consented(None);
    play.case().consents[0].scopes = [ConsentScope::Information].into();
    assert_eq!(play.shown("2027-03-02 12:00", "N01", Owner::OpenCare), "none");
}

#[test]
fn consent_to_a_plan_asks_for_one_until_it_is_withdrawn() {
    let mut play = consented(None);
    assert_eq!(play.shown("2027-03-02 12:00", "N01", Owner::OpenCare), "open");
    assert_eq!(play.shown("2027-03-02 12:00", "N01", Owner::Municipality), "open");
    let stamp = play.stamp("2027-03-03 11:00", "2027-03-03 11:00");
    play.case().consents.push(Consent {
        scopes: [ConsentScope::Plan].into(),
        ..Consent::new(stamp, ConsentAnswer::Withdrawn)
    });
    assert_eq!(play.shown("2027-03-03 12:00", "N01", Owner::OpenCare), "none");
}

#[test]
fn a_withdrawal_for_one_party_ends_nothing_that_stands_on_the_consent_of_the_others() {
    let mut play = consented(None);
    let stamp = play.stamp("2027-03-03 11:00", "2027-03-03 11:00");
    play.case().consents.push(Consent {
        parties: [SOCIAL].into(),
        ..Consent::new(stamp, ConsentAnswer::Withdrawn)
    });
    assert_eq!(play.shown("2027-03-03 12:00", "N01", Owner::OpenCare), "open");
}

#[test]
fn an_expired_consent_ends_what_stood_on_it_when_its_time_comes_and_not_before() {
    let mut play = consented(Some("2027-03-10 10:00"));
    assert_eq!(play.shown("2027-03-09 12:00", "N01", Owner::OpenCare), "open");
    assert_eq!(play.shown("2027-03-10 10:00", "N01", Owner::OpenCare), "none");
    play.pass("2027-03-02 12:00", "2027-03-10 10:00");
    let stored = &play.stored.as_ref().unwrap().ledger;
    assert!(stored.shown.is_empty());
}

#[test]
fn a_frequent_patients_notice_is_no_longer_owed_when_the_consent_has_expired() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[]);
    let stamp = play.stamp("2026-06-02 11:00", "2026-06-02 11:00");
    let given = Consent::new(stamp, ConsentAnswer::Given);
    play.case().consents.push(Consent { expires_at: Some(at("2026-06-03 06:00")), ..given });
    assert_eq!(play.state("2026-06-03 05:00", "K02"), Open);
    play.pass("2026-06-02 11:00", "2026-06-04 10:00");
    let duty = play.stored.as_ref().unwrap().ledger.obligations[0].clone();
    assert_eq!((duty.state, duty.ended.unwrap().reason), (Cancelled, "consent_expired".to_owned()));
    assert_eq!(play.kinds("K02"), [StepKind::Reminder][..0]);
}

#[test]
fn a_frequent_patient_who_consents_for_social_services_alone_concerns_nobody() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[]);
    let stamp = play.stamp("2026-06-02 11:00", "2026-06-02 11:00");
    let given = Consent::new(stamp, ConsentAnswer::Given);
    play.case().consents.push(Consent { parties: [SOCIAL].into(), ..given });
    assert!(play.derived("2026-06-02 12:00").ledger.obligations.is_empty());
    assert!(play.case().concerned().is_empty());
}
