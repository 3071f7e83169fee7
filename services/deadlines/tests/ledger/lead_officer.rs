//! K07, one duty of the municipality, and K08, one per party.

use contracts::reach::{Hours, Role};

use super::*;
use crate::play::reach;

#[test]
fn the_municipality_owes_one_lead_officer_from_its_first_reception() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.routed("2026-06-02 12:00", SOCIAL);
    play.routed("2026-06-02 11:00", HEALTH);
    let duty = play.duty("2026-06-02 13:00", "K07");
    assert_eq!(duty.owner, Owner::Municipality);
    assert_eq!(duty.due, Some(at("2026-06-03 11:00")));
    assert_eq!(duty.units, [unit("KH"), unit("ST")]);
}

#[test]
fn either_of_its_parties_can_name_the_lead_officer() {
    for party in [HEALTH, SOCIAL] {
        let mut play = Play::received("2026-06-02 10:00", &[HEALTH, SOCIAL]);
        play.lead_officer("2026-06-02 12:00", party);
        assert_eq!(play.state("2026-06-02 13:00", "K07"), Met);
    }
}

#[test]
fn open_care_alone_owes_no_lead_officer() {
    let play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    assert!(play.duties("2026-06-02 11:00", "K07").is_empty());
}

#[test]
fn when_the_first_of_two_routes_ends_the_duty_runs_from_the_others_reception() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.routed("2026-06-02 11:00", HEALTH);
    play.routed("2026-06-02 12:00", SOCIAL);
    play.route_ended("2026-06-02 18:00", HEALTH);
    let duties = play.duties("2026-06-02 19:00", "K07");
    let stands = duties.iter().map(|d| (d.state, d.due)).collect::<Vec<_>>();
    assert_eq!(
        stands,
        [(Cancelled, Some(at("2026-06-03 11:00"))), (Open, Some(at("2026-06-03 12:00")))]
    );
    assert_eq!(duties[1].units, [unit("ST")]);
}

#[test]
fn an_officer_named_by_the_party_that_left_still_counts() {
    let mut play = Play::received("2026-06-02 10:00", &[HEALTH, SOCIAL]);
    play.lead_officer("2026-06-02 12:00", HEALTH);
    play.route_ended("2026-06-02 18:00", HEALTH);
    let states = play.duties("2026-06-02 19:00", "K07").into_iter().map(|d| d.state);
    assert!(states.into_iter().all(|state| state == Met));
}

#[test]
fn support_is_reported_per_party_without_a_clock() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    play.support_reported("2026-06-20 10:00", HEALTH);
    let duties = play.duties("2026-06-21 10:00", "K08");
    let stands = duties.iter().map(|d| (d.owner, d.state, d.due)).collect::<Vec<_>>();
    assert_eq!(
        stands,
        [
            (Owner::OpenCare, Open, None),
            (Owner::MunicipalHealthCare, Met, None),
            (Owner::SocialServices, Open, None)
        ]
    );
}

#[test]
fn support_is_shown_and_not_escalated() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.pass("2026-06-02 10:00", "2026-07-30 10:00");
    assert_eq!(play.state("2026-07-30 10:00", "K08"), Open);
    assert!(play.kinds("K08").is_empty());
}

#[test]
fn a_step_at_night_goes_to_the_on_call_of_the_unit_that_has_one_and_waits_in_the_others_box() {
    let mut play = Play::received("2026-06-02 22:00", &[HEALTH, SOCIAL]);
    let on_call = [Role::Unit, Role::OnCall];
    play.reach.insert(unit("KH"), reach(&unit("KH"), &on_call, Hours::default()));
    play.pass("2026-06-02 22:00", "2026-06-03 23:00");
    let stored = &play.stored.as_ref().unwrap().ledger;
    let duty = stored.obligations.iter().find(|duty| duty.rule == "K07").unwrap();
    let last = duty.steps.last().unwrap();
    assert_eq!((last.kind, last.role), (StepKind::Unit, Role::Unit));
    assert_eq!(last.units, [unit("ST"), unit("KH")]);
    assert_eq!(last.on_call, [unit("KH")]);
}
