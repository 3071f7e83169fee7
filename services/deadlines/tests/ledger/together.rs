//! Steps of one moment that need no message of their own, since another one names their duty.

use contracts::EntryId;
use contracts::ledger::NewsKind::ReadyGiven;
use contracts::ledger::StepKind::{ReminderAtEstimate, ReminderAtReady};
use contracts::reach::{Hours, Role};

use super::*;
use crate::play::reach;

const READY: &str = "2027-01-12 10:00";

/// Dalarna's newest rulebook: three of the ward's duties are due at the discharge, and K12 of each party.
fn play(parties: &[Party]) -> Play {
    let mut play = Play::received("2027-01-11 10:00", parties);
    play.estimated("2027-01-11 10:00", Some("2027-01-15 12:00"));
    play.hears("2027-01-11 10:00");
    play
}

impl Play {
    /// The rule of each step of this kind, and what it is told with.
    fn with(&self, kind: StepKind) -> Vec<(String, EntryId, Option<EntryId>)> {
        let duties = &self.stored.as_ref().unwrap().ledger.obligations;
        let mut all: Vec<_> = duties
            .iter()
            .flat_map(|duty| duty.steps.iter().map(|step| (duty.rule.clone(), step)))
            .filter(|(_, step)| step.kind == kind)
            .map(|(rule, step)| (rule, step.id, step.told_with))
            .collect();
        all.sort();
        all
    }

    fn of(&self, kind: StepKind, rule: &str) -> (EntryId, Option<EntryId>) {
        let of_rule = self.with(kind).into_iter().find(|(of, ..)| of == rule);
        let (_, id, with) = of_rule.unwrap();
        (id, with)
    }

    fn notice(&self, to: &str) -> EntryId {
        let news = &self.stored.as_ref().unwrap().ledger.news;
        news.iter().find(|n| n.kind == ReadyGiven && n.unit == unit(to)).unwrap().id
    }
}

/// Of two steps, each with what it is told with.
fn are_one_message(one: (EntryId, Option<EntryId>), other: (EntryId, Option<EntryId>)) -> bool {
    let with = (one.1, other.1);
    with == (None, Some(one.0)) || with == (Some(other.0), None)
}

#[test]
fn what_a_unit_has_left_at_ready_is_one_message_of_its_several_steps() {
    let mut play = play(&[]);
    play.ready(READY);
    play.sweep(READY);
    let steps = play.with(ReminderAtReady);
    assert!(steps.len() > 1, "{steps:?}");
    let (alone, with): (Vec<_>, Vec<_>) = steps.iter().partition(|(_, _, with)| with.is_none());
    let [(_, first, None)] = alone[..] else { panic!("{alone:?}") };
    assert!(with.iter().all(|(_, _, with)| with == &Some(*first)));
}

#[test]
fn a_ready_notice_that_names_the_duty_reminds_of_it() {
    let mut play = play(&[OPEN_CARE, SOCIAL]);
    play.ready(READY);
    play.hears(READY);
    play.sweep(READY);
    assert_eq!(play.of(ReminderAtReady, "LAW-2-5").1, Some(play.notice("VC")));
    let of_k12 = play.with(ReminderAtReady).into_iter().filter(|(rule, ..)| rule == "K12");
    let with: Vec<_> = of_k12.map(|(_, _, with)| with).collect();
    assert!(with.contains(&Some(play.notice("VC"))) && with.contains(&Some(play.notice("ST"))));
}

#[test]
fn a_duty_that_is_open_again_after_the_notice_is_reminded_of() {
    let mut play = play(&[OPEN_CARE]);
    play.care_contact("2027-01-11 11:00", true);
    play.ready(READY);
    play.sweep(READY);
    // It was done when the notice came, and the appointment is found to have been a mistake.
    play.assignment().care_contacts.clear();
    play.sweep("2027-01-12 11:00");
    assert_eq!(play.of(ReminderAtReady, "LAW-2-5").1, None);
}

#[test]
fn a_duty_that_is_heard_of_after_the_notice_is_reminded_of() {
    let mut play = play(&[OPEN_CARE]);
    play.care_contact("2027-01-11 11:00", true);
    play.ready(READY);
    play.hears(READY);
    play.assignment().care_contacts.clear();
    play.hears(READY);
    play.sweep(READY);
    assert_eq!(play.of(ReminderAtReady, "LAW-2-5").1, None);
}

#[test]
fn a_unit_that_was_closed_when_the_notice_came_is_reminded_when_it_opens() {
    let mut play = play(&[OPEN_CARE]);
    let night = "2027-01-12 22:00";
    play.ready(night);
    play.pass(night, "2027-01-13 08:00");
    let (law, k12) = (play.of(ReminderAtReady, "LAW-2-5"), play.of(ReminderAtReady, "K12"));
    assert!(are_one_message(law, k12), "{law:?}, {k12:?}");
}

#[test]
fn who_is_on_call_got_no_notice_and_is_reminded() {
    let mut play = play(&[OPEN_CARE]);
    let (roles, hours) = ([Role::Unit, Role::OnCall], Hours::default());
    play.reach.insert(unit("VC"), reach(&unit("VC"), &roles, hours));
    let night = "2027-01-12 22:00";
    play.ready(night);
    play.sweep(night);
    let (law, k12) = (play.of(ReminderAtReady, "LAW-2-5"), play.of(ReminderAtReady, "K12"));
    assert!(are_one_message(law, k12), "{law:?}, {k12:?}");
}

#[test]
fn at_the_estimate_there_is_no_notice_and_the_steps_go_together() {
    let mut play = play(&[OPEN_CARE]);
    play.pass("2027-01-11 10:00", "2027-01-15 13:00");
    let of_centre: Vec<_> = play
        .with(ReminderAtEstimate)
        .into_iter()
        .filter(|(rule, ..)| rule == "LAW-2-5" || rule == "K12")
        .collect();
    assert_eq!(of_centre.iter().filter(|(_, _, with)| with.is_none()).count(), 1, "{of_centre:?}");
}
