use proptest::prelude::*;

use super::*;
use crate::demo::act::Word;
use crate::demo::person::Number;
use crate::demo::standing::Standing;
use crate::demo::table::Table;
use crate::demo::talk::Talk;
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
    let needy = (0..2_000).map(stay).filter(|stay| !stay.concerned().is_empty());
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
    fn every_stay_ends_for_good_once(number in 0_u64..1_000_000) {
        let plan = of(&stay(number));
        let count = |which: fn(&Said) -> bool| {
            let said = plan.iter().filter_map(|step| match &step.act {
                Act::Hospital(said) => Some(said),
                Act::Staff { .. } => None,
            });
            said.filter(|said| which(said)).count()
        };
        let ends = count(|said| matches!(said, Said::Discharged | Said::Died | Said::Cancelled));
        prop_assert_eq!(ends, 1 + count(|said| *said == Said::DischargeCancelled));
    }

    #[test]
    fn nothing_more_is_done_after_a_death_or_when_the_admission_never_was(
        number in 0_u64..1_000_000,
    ) {
        let plan = of(&stay(number));
        let ended = plan.iter().position(|step| {
            matches!(step.act, Act::Hospital(Said::Died | Said::Cancelled))
        });
        prop_assert!(ended.is_none_or(|ended| ended + 1 == plan.len()));
    }

    #[test]
    fn nobody_outside_the_hospital_acts_without_a_need(number in 0_u64..100_000) {
        let stay = stay(number);
        let plan = of(&stay);
        let outside = deeds(&plan).filter(|(_, deed)| !matches!(deed, Deed::JudgeNeed(..)));
        prop_assert!(!stay.concerned().is_empty() || outside.count() == 0);
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
        let called = deeds(plan).find(|(_, deed)| *deed == Table::Call.into());
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
        home.is_none_or(|home| checks.map(|(at, _)| at).all(|at| at < home.at))
    });
    assert_eq!(all, 100);
}

/// How often in 2,000 stays a hospital says something like that.
fn said(which: impl Fn(&Said) -> bool) -> usize {
    let plans = (0..2_000).map(|number| of(&stay(number)));
    let all = plans.flatten().filter(|step| match &step.act {
        Act::Hospital(said) => which(said),
        Act::Staff { .. } => false,
    });
    all.count()
}

/// How often staff do something like that.
fn done(which: impl Fn(Deed) -> bool) -> usize {
    let plans: Vec<_> = (0..2_000).map(|number| of(&stay(number))).collect();
    plans.iter().flat_map(|plan| deeds(plan)).filter(|(_, deed)| which(*deed)).count()
}

#[test]
fn hospitals_put_right_take_back_and_find_out() {
    for (what, times) in [
        ("cancelled admission", said(|said| *said == Said::Cancelled)),
        ("cancelled discharge", said(|said| *said == Said::DischargeCancelled)),
        ("death", said(|said| *said == Said::Died)),
        ("correction", said(|said| *said == Said::Corrected)),
        ("number", said(|said| *said == Said::Identified)),
        ("protected identity", said(|said| *said == Said::Protected)),
        ("leave", said(|said| *said == Said::OnLeave)),
    ] {
        // Two thousand stays are six weeks: not never, and of nothing too much.
        assert!((5..200).contains(&times), "{what}: {times}");
    }
}

#[test]
fn everything_that_parties_can_write_is_written_and_taken_back() {
    let is = |deed, wanted: Talk| deed == Deed::Talk(wanted);
    for wanted in [Talk::Ask, Talk::ReadMessages, Talk::Answer, Talk::WithdrawMessage] {
        assert!(done(|deed| is(deed, wanted)) >= 5, "{wanted:?}");
    }
    for wanted in [Talk::ReadEntries, Talk::ReadAnnex, Talk::WithdrawAnnex] {
        assert!(done(|deed| is(deed, wanted)) >= 5, "{wanted:?}");
    }
    assert!(done(|deed| matches!(deed, Deed::Talk(Talk::Correct(_)))) >= 5);
    assert!(done(|deed| matches!(deed, Deed::Talk(Talk::Withdraw(_)))) >= 5);
    assert!(done(|deed| matches!(deed, Deed::RecordConsent(Word::Until(_)))) >= 5);
    assert!(done(|deed| deed == Deed::RecordConsent(Word::TakenBack)) >= 5);
}

#[test]
fn wards_judge_estimate_and_take_back_and_units_say_what_they_have_seen() {
    for wanted in [Deed::WithdrawNeed, Deed::Acknowledge, Deed::ReplaceCareContact] {
        assert!(done(|deed| deed == wanted) >= 5, "{wanted:?}");
    }
    assert!(done(|deed| matches!(deed, Deed::SetEstimate(_))) >= 5);
    assert!(done(|deed| matches!(deed, Deed::JudgeNeed(_, true))) >= 5);
}

type Wanted = fn(&Table) -> bool;

#[test]
fn a_plan_is_noticed_called_to_met_about_made_confirmed_and_followed_up() {
    let has = |deed, wanted: Wanted| matches!(deed, Deed::Table(it) if wanted(&it));
    let wanted: [(&str, Wanted); 11] = [
        ("need", |it| matches!(it, Table::NoteNeed(_))),
        ("compulsory care", |it| *it == Table::ForCompulsoryCare),
        ("declined", |it| *it == Table::Decline),
        ("not needed", |it| *it == Table::NotNeeded),
        ("call cancelled", |it| *it == Table::CancelCall),
        ("meeting", |it| matches!(it, Table::SetMeeting(..))),
        ("somebody withdrawn", |it| matches!(it, Table::Withdraw(_))),
        ("pre-meeting", |it| *it == Table::PreMeeting),
        ("confirmed", |it| matches!(it, Table::Confirm(_))),
        ("registered", |it| matches!(it, Table::Register { .. })),
        ("followed up", |it| *it == Table::FollowUp),
    ];
    for (what, wanted) in wanted {
        assert!(done(|deed| has(deed, wanted)) >= 5, "{what}");
    }
    for number in 0..2_000 {
        let plan = of(&stay(number));
        let first =
            |which: Wanted| deeds(&plan).find(|(_, deed)| has(*deed, which)).map(|(at, _)| at);
        let held = first(|it| *it == Table::Held);
        let made = first(|it| matches!(it, Table::MakePlan(_)));
        let confirmed = first(|it| matches!(it, Table::Confirm(_)));
        assert!(made.is_none() || (held <= made && (confirmed.is_none() || made <= confirmed)));
    }
}

#[test]
fn who_is_told_by_hand_waits_for_that() {
    for number in 0..4_000 {
        let stay = stay(number);
        let plan = of(&stay);
        let routed = deeds(&plan).find(|(_, deed)| matches!(deed, Deed::Route(..)));
        let protected = plan.iter().find(|step| step.act == Act::Hospital(Said::Protected));
        let Some(((routed, _), protected)) = routed.zip(protected) else { continue };
        let outside = deeds_of(&plan, &stay).filter(|at| (protected.at..routed).contains(at));
        assert_eq!(outside.count(), 0, "{number}");
    }
}

/// When units outside the hospital do something.
fn deeds_of<'a>(plan: &'a [Step], stay: &'a Stay) -> impl Iterator<Item = DateTime<Utc>> {
    plan.iter().filter_map(move |step| match step.act {
        Act::Staff { unit, .. } => {
            let parties = stay.concerned().into_iter();
            let is_outside = parties.filter_map(|party| stay.unit_of(party)).any(|it| it == unit);
            is_outside.then_some(step.at)
        }
        Act::Hospital(_) => None,
    })
}

#[test]
fn nobody_with_a_personal_number_lies_in_two_beds() {
    let mut until: std::collections::HashMap<&str, DateTime<Utc>> = [].into();
    for number in 0..6_000 {
        let stay = stay(number);
        let plan = of(&stay);
        let left = plan.iter().rfind(|step| matches!(step.act, Act::Hospital(_))).unwrap();
        let Number::Personal(person) = Standing::after(&stay, left).number else { continue };
        let before = until.insert(person, left.at);
        assert!(before.is_none_or(|before| before < stay.admitted_at), "{number}");
    }
}

#[test]
fn the_ward_judges_the_need_of_whoever_comes_often() {
    for number in 0..6_000 {
        let stay = stay(number);
        let plan = of(&stay);
        let judged = deeds(&plan).filter(|(_, deed)| matches!(deed, Deed::JudgeNeed(..)));
        assert_eq!(judged.count(), usize::from(stay.comes_often()), "{number}");
    }
}

#[test]
fn hl7_and_json_say_the_number_that_is_known_then() {
    let found = (0..400).map(stay).find(|stay| stay.found.is_some()).unwrap();
    let plan = of(&found);
    let identified = plan.iter().position(|step| step.act == Act::Hospital(Said::Identified));
    let identified = identified.unwrap();
    let number = |step| Standing::after(&found, step).number;
    assert!(matches!(number(&plan[0]), Number::Reserve(_)));
    assert!(matches!(number(&plan[identified]), Number::Personal(_)));
}
