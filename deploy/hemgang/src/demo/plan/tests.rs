use proptest::prelude::*;

use super::*;
use crate::demo::way::Homeward;

fn stay(number: u64) -> Stay {
    Stay::of("2026-11-17T06:00:00Z".parse().unwrap(), number).unwrap()
}

fn deeds(plan: &[Step]) -> impl Iterator<Item = (DateTime<Utc>, Deed)> {
    plan.iter().filter_map(|step| match step.act {
        Act::Staff { does, .. } => Some((step.at, does)),
        Act::Hospital(_) => None,
    })
}

fn share(of: impl Fn(&[Step]) -> bool) -> usize {
    let needy = (0..2_000).map(stay).filter(|stay| !stay.parties.is_empty());
    let plans: Vec<_> = needy.map(|stay| super::of(&stay)).collect();
    plans.iter().filter(|plan| of(plan)).count() * 100 / plans.len()
}

proptest! {
    #[test]
    fn the_same_stay_has_the_same_plan(number in 0_u64..1_000_000) {
        prop_assert_eq!(of(&stay(number)), of(&stay(number)));
    }

    #[test]
    fn a_plan_begins_with_the_admission_and_is_over_in_time(number in 0_u64..1_000_000) {
        let stay = stay(number);
        let plan = of(&stay);
        let admission = matches!(plan[0].act, Act::Hospital(Said::Admitted { .. }));
        prop_assert!(admission && plan[0].at == stay.admitted_at);
        prop_assert!(plan.iter().all(|step| step.at < stay.admitted_at + LONGEST));
        prop_assert!(plan.windows(2).all(|pair| pair[0].at <= pair[1].at));
    }

    #[test]
    fn every_stay_ends(number in 0_u64..1_000_000) {
        let ends = of(&stay(number)).into_iter().filter(|step| {
            matches!(step.act, Act::Hospital(Said::Discharged | Said::Died | Said::Cancelled))
        });
        prop_assert_eq!(ends.count(), 1);
    }

    #[test]
    fn nobody_outside_the_hospital_acts_without_a_need(number in 0_u64..100_000) {
        let stay = stay(number);
        if stay.parties.is_empty() {
            prop_assert_eq!(deeds(&of(&stay)).count(), 0);
        }
    }

    #[test]
    fn ready_is_given_revoked_and_given_in_turn(number in 0_u64..100_000) {
        let plan = of(&stay(number));
        let turns: Vec<_> = deeds(&plan)
            .map(|(_, deed)| deed)
            .filter(|deed| matches!(deed, Deed::GiveReady | Deed::RevokeReady))
            .collect();
        let fits = [
            &[][..],
            &[Deed::GiveReady],
            &[Deed::GiveReady, Deed::RevokeReady, Deed::GiveReady],
        ];
        prop_assert!(fits.contains(&&*turns), "{turns:?}");
    }
}

#[test]
fn some_revoke_ready_and_some_call_late() {
    let revoked = share(|plan| deeds(plan).any(|(_, deed)| deed == Deed::RevokeReady));
    assert!((10..20).contains(&revoked), "{revoked}");
    let late = share(|plan| {
        let ready = deeds(plan).filter(|(_, deed)| *deed == Deed::GiveReady).last();
        let called = deeds(plan).find(|(_, deed)| *deed == Deed::CallSip);
        called
            .zip(ready)
            .is_some_and(|((called, _), (ready, _))| called - ready > TimeDelta::days(4))
    });
    assert!((3..25).contains(&late), "{late}");
}

#[test]
fn most_name_a_care_contact_in_a_day_and_some_do_not() {
    let soon = share(|plan| {
        let appointed = |deed| matches!(deed, Deed::AppointCareContact | Deed::AppointLeadOfficer);
        let named = deeds(plan).find(|(_, deed)| appointed(*deed));
        named.is_some_and(|(at, _)| at - plan[0].at < TimeDelta::hours(24))
    });
    assert!((40..95).contains(&soon), "{soon}");
}

#[test]
fn every_process_is_planned_for_and_followed_up() {
    for way in [Way::Green, Way::Yellow, Way::Red] {
        let set = share(|plan| deeds(plan).any(|(_, d)| d == Homeward::SetTrack(way).into()));
        assert!(set >= 10, "{way:?}: {set}");
    }
    let closed = share(|plan| deeds(plan).any(|(_, d)| d == Homeward::CloseCase.into()));
    assert!(closed > 60, "{closed}");
}

#[test]
fn what_is_checked_before_the_patient_leaves_is_checked_before() {
    let is_check = |deed| matches!(deed, Deed::Homeward(Homeward::Check(_)));
    let all = share(|plan| {
        let home = plan.iter().find(|step| step.act == Act::Hospital(Said::Discharged));
        let checks = deeds(plan).filter(|(_, deed)| is_check(*deed));
        home.is_some_and(|home| checks.map(|(at, _)| at).all(|at| at < home.at))
    });
    assert_eq!(all, 100);
}
