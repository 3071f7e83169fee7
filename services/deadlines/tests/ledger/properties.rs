//! What holds for every history: facts in any order give the same ledger, and the ladder never
//! tells too much.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Ledger;
use contracts::case::ConsentAnswer;
use contracts::ledger::NewsKind::EstimateChanged;
use contracts::ledger::{ObligationState, StepOutcome};
use contracts::reach::{Hours, Role};
use contracts::sip::SipEndKind;
use deadlines::domain::derive::in_full;
use deadlines::domain::{Around, Derived, Facts, Plan, StepsTaken, advance, derive, next_instant};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::play::{reach, unit_of};

mod work;

use work::Work;

/// Something that happens some minutes after what happened before it.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Judged(u8),
    NeedWithdrawn,
    Consent(bool),
    Identified,
    Estimated(bool),
    Routed(Party),
    RouteEnded(Party),
    Unrouted(Party),
    CareContact(bool),
    LeadOfficer(Party),
    Supported(Party),
    Ready,
    ReadyRevoked,
    Called,
    CallCancelled,
    SipEnded,
    Discharged(u16),
    DischargeRevoked,
    Died,
    AdmissionCancelled,
    CancellationRevoked,
    Moved,
    /// What the parties do on the way home.
    Work(Work),
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(OPEN_CARE), Just(HEALTH), Just(SOCIAL)]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (0..8_u8).prop_map(Deed::Judged),
        1 => Just(Deed::NeedWithdrawn),
        1 => any::<bool>().prop_map(Deed::Consent),
        2 => Just(Deed::Identified),
        2 => any::<bool>().prop_map(Deed::Estimated),
        4 => party().prop_map(Deed::Routed),
        2 => party().prop_map(Deed::RouteEnded),
        1 => party().prop_map(Deed::Unrouted),
        2 => any::<bool>().prop_map(Deed::CareContact),
        2 => party().prop_map(Deed::LeadOfficer),
        2 => party().prop_map(Deed::Supported),
        3 => Just(Deed::Ready),
        2 => Just(Deed::ReadyRevoked),
        2 => Just(Deed::Called),
        1 => Just(Deed::CallCancelled),
        1 => Just(Deed::SipEnded),
        2 => (0..3000_u16).prop_map(Deed::Discharged),
        1 => Just(Deed::DischargeRevoked),
        1 => Just(Deed::Died),
        1 => Just(Deed::AdmissionCancelled),
        1 => Just(Deed::CancellationRevoked),
        1 => Just(Deed::Moved),
        12 => work::work().prop_map(Deed::Work),
    ]
}

fn minutes(count: i64) -> String {
    let local = NaiveDateTime::parse_from_str("2026-06-02 10:00", "%Y-%m-%d %H:%M").unwrap();
    (local + TimeDelta::minutes(count)).format("%Y-%m-%d %H:%M").to_string()
}

/// A history of up to some weeks: the play at its end, when that is, and every version of its facts
/// on the way, the empty one first.
#[derive(Clone, Debug)]
struct History {
    play: Play,
    end: String,
    versions: Vec<Facts>,
}

impl std::fmt::Debug for Play {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.facts.fmt(f)
    }
}

fn history() -> impl Strategy<Value = History> {
    let deeds = prop::collection::vec((deed(), 1..2500_i64), 1..25);
    (deeds, reaches(), work::region()).prop_map(|(deeds, reaches, region)| {
        let mut play = Play::admitted("2026-06-02 10:00");
        play.moved("2026-06-02 10:00", "AVD");
        work::follow(&mut play, region);
        play.reach.extend(reaches);
        let mut versions = vec![play.facts.clone()];
        let mut now = 0;
        for (deed, later) in deeds {
            now += later;
            happens(&mut play, deed, now);
            versions.push(play.facts.clone());
        }
        History { play, end: minutes(now), versions }
    })
}

/// Each unit has some roles and is open at day or always.
fn reaches() -> impl Strategy<Value = deadlines::domain::Reach> {
    let roles = [Role::Unit, Role::Manager, Role::Principal, Role::OnCall];
    let one = (prop::sample::subsequence(roles.to_vec(), 0..=4), any::<bool>());
    prop::collection::vec(one, 4).prop_map(|units| {
        let parties = [Party::Ward, OPEN_CARE, HEALTH, SOCIAL];
        let reaches = parties.into_iter().zip(units).map(|(party, (roles, always))| {
            let hours = Hours { always, ..Hours::default() };
            (unit_of(party), reach(&unit_of(party), &roles, hours))
        });
        reaches.collect()
    })
}

fn happens(play: &mut Play, deed: Deed, minute: i64) {
    let now = &minutes(minute)[..];
    match deed {
        Deed::Judged(set) => {
            let parties = [OPEN_CARE, HEALTH, SOCIAL].into_iter().enumerate();
            let judged = parties.filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, p)| p);
            play.judged(&minutes(minute - 300), now, &judged.collect::<Vec<_>>());
        }
        Deed::NeedWithdrawn => play.need_withdrawn(now),
        Deed::Consent(true) => play.consent(now, ConsentAnswer::Given),
        Deed::Consent(false) => play.consent(now, ConsentAnswer::Withdrawn),
        Deed::Identified if play.case().identified.is_none() => play.identified(now),
        Deed::Estimated(true) => play.estimated(now, Some(&minutes(minute + 3000))),
        Deed::Estimated(false) => play.estimated(now, None),
        Deed::Routed(party) if play.assignment().route_of(party).is_none() => {
            play.routed(now, party);
        }
        Deed::RouteEnded(party) if play.assignment().route_of(party).is_some() => {
            play.route_ended(now, party);
        }
        Deed::Unrouted(party) => play.unrouted(now, party),
        Deed::CareContact(named) => play.care_contact(now, named),
        Deed::LeadOfficer(party) => play.lead_officer(now, party),
        Deed::Supported(party) => play.support_reported(now, party),
        Deed::Ready if play.case().ready_in_force().is_none() => play.ready(now),
        Deed::ReadyRevoked if play.case().ready_in_force().is_some() => play.ready_revoked(now),
        Deed::Called => play.called(now),
        Deed::CallCancelled if play.sip().calls.last().is_some_and(|c| c.cancelled.is_none()) => {
            play.call_cancelled(now);
        }
        Deed::SipEnded => play.sip_ended(now, SipEndKind::NotNeeded),
        Deed::Discharged(earlier) if play.case().discharge().is_none() => {
            play.discharged(&minutes(minute - i64::from(earlier)), now);
        }
        Deed::DischargeRevoked if play.case().discharge().is_some() => play.discharge_revoked(now),
        Deed::Died => play.died(now),
        Deed::AdmissionCancelled if !play.case().ended() => play.admission_cancelled(now),
        Deed::CancellationRevoked
            if play.case().cancellations.last().is_some_and(contracts::Revocable::in_force) =>
        {
            play.cancellation_revoked(now);
        }
        Deed::Moved => play.moved(now, "AVD2"),
        Deed::Work(one) => work::happens(play, one, now, &minutes(minute + 4000)),
        _ => {}
    }
}

fn derived(
    play: &Play,
    facts: &Facts,
    before: Option<&Ledger>,
    now: DateTime<Utc>,
) -> Option<Derived> {
    let steps = before.map(StepsTaken::of).unwrap_or_default();
    derive(facts, &steps, &play.rulebooks, play.region, now)
}

fn around<'a>(play: &'a Play, of_case: &'a Plan) -> Around<'a> {
    Around {
        rulebooks: &play.rulebooks,
        plan: of_case,
        reach: &play.reach,
        acknowledgements: &play.acknowledgements,
    }
}

/// Lets time pass from `from`, awaking when the ledger says so, until nothing is left to do.
fn run_out(play: &Play, derived: &mut Derived, from: DateTime<Utc>) {
    let around = around(play, &derived.plan);
    let mut next = Some(from);
    let mut awoke = 0;
    while let Some(now) = next {
        awoke += 1;
        assert!(awoke < 500, "the sweep finds no end");
        advance(&mut derived.ledger, &around, now, false);
        next = next_instant(&derived.ledger, &around, now);
        assert!(next.is_none_or(|next| now < next), "awake for nothing at {now}");
    }
}

fn kinds(ledger: &Ledger) -> Vec<(contracts::ObligationId, BTreeSet<StepKind>)> {
    let kinds = |o: &contracts::ledger::Obligation| o.steps.iter().map(|step| step.kind).collect();
    ledger.obligations.iter().map(|o| (o.id, kinds(o))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Domain time is held at the end; the steps that were recorded are given.
    #[test]
    fn the_newest_snapshots_and_all_of_them_in_any_order_give_the_same_ledger(
        history in history(),
        deliveries in prop::collection::vec((0..3_u8, any::<Index>()), 0..40),
    ) {
        let History { play, end, versions } = history;
        let now = at(&end);
        let mut recorded = derived(&play, &play.facts, None, now).unwrap();
        advance(&mut recorded.ledger, &around(&play, &recorded.plan), now, false);
        let expected = derived(&play, &play.facts, Some(&recorded.ledger), now).unwrap();

        // Each service's snapshots come when they come; the newest version of each is kept.
        let mut newest = [None, None, None];
        let mut ledger = recorded.ledger.clone();
        let last = [0, 1, 2].map(|service| (service, versions.len() - 1));
        let deliveries = deliveries.iter().map(|(service, index)| (*service, index.index(versions.len())));
        for (service, version) in deliveries.chain(last) {
            let known = &mut newest[usize::from(service)];
            *known = (*known).max(Some(version));
            let facts = Facts {
                case: newest[0].and_then(|at: usize| versions[at].case.clone()),
                assignment: newest[1].and_then(|at: usize| versions[at].assignment.clone()),
                sip: newest[2].and_then(|at: usize| versions[at].sip.clone()),
            };
            if let Some(derived) = derived(&play, &facts, Some(&ledger), now) {
                ledger = derived.ledger;
            }
        }
        prop_assert_eq!(ledger, expected.ledger);
    }

    #[test]
    fn each_step_is_taken_once_and_none_after_a_proof_or_an_end(history in history()) {
        let History { mut play, end, versions } = history;
        play.facts = versions[0].clone();
        let mut before: Option<Ledger> = None;
        let mut now = at("2026-06-02 10:00");
        let each = (at(&end) - now) / i32::try_from(versions.len()).unwrap();
        // Facts are told in their order at even distances, later than they happened or earlier.
        for facts in &versions {
            let mut next = derived(&play, facts, before.as_ref(), now).unwrap();
            let taken = advance(&mut next.ledger, &around(&play, &next.plan), now, false);
            for (duty, step) in taken {
                let duty = next.ledger.obligations.iter().find(|o| o.id == duty).unwrap();
                prop_assert!(duty.state.is_open());
                prop_assert!(duty.proof.is_none() && duty.ended.is_none());
                prop_assert!(step.planned_at <= now && step.taken_at == now);
                let of_kind = duty.steps.iter().filter(|other| other.kind == step.kind);
                prop_assert_eq!(of_kind.count(), 1);
                if step.kind.is_escalation() {
                    prop_assert_eq!(duty.state, ObligationState::Missed);
                }
            }
            before = Some(next.ledger);
            now += each;
        }
    }

    #[test]
    fn steps_that_were_taken_stay_whatever_comes(history in history(), index in any::<Index>()) {
        let History { play, end, versions } = history;
        let now = at(&end);
        let earlier = &versions[index.index(versions.len())];
        let mut stepped = derived(&play, earlier, None, now).unwrap();
        let taken = advance(&mut stepped.ledger, &around(&play, &stepped.plan), now, false);
        let after = derived(&play, &play.facts, Some(&stepped.ledger), now).unwrap().ledger;
        let kept = |(id, step): &(contracts::ObligationId, contracts::ledger::Step)| {
            after.obligations.iter().any(|o| o.id == *id && o.steps.contains(step))
        };
        prop_assert!(taken.iter().all(kept));
    }

    /// Else who hears of each snapshot is told of what others never hear of.
    #[test]
    fn news_stay_whatever_comes(history in history(), index in any::<Index>()) {
        let History { play, end, versions } = history;
        let news = |facts: &Facts| {
            let ledger = derived(&play, facts, None, at(&end)).unwrap().ledger;
            // Changed estimates are told from the first need on, which here may come after the route.
            let news = ledger.news.into_iter().filter(|one| one.kind != EstimateChanged);
            news.map(|one| (one.id, format!("{:?}", one.kind))).collect::<BTreeSet<_>>()
        };
        let (earlier, at_last) = (news(&versions[index.index(versions.len())]), news(&play.facts));
        let gone: Vec<_> = earlier.difference(&at_last).map(|(_, kind)| kind).collect();
        prop_assert!(gone.is_empty(), "{:?}", gone);
    }

    #[test]
    fn one_long_sleep_and_many_short_ones_tell_the_same_steps(
        history in history(),
        slept in 0..20_000_i64,
    ) {
        let History { mut play, end, .. } = history;
        // A closing would end a ladder that was slept through, and so would a consent that expires.
        play.case().discharges.clear();
        play.case().consents.iter_mut().for_each(|consent| consent.expires_at = None);
        let now = at(&end);
        let mut awake = derived(&play, &play.facts, None, now).unwrap();
        let mut asleep = awake.clone();
        run_out(&play, &mut awake, now);
        run_out(&play, &mut asleep, now + TimeDelta::minutes(slept));
        prop_assert_eq!(kinds(&awake.ledger), kinds(&asleep.ledger));
    }

    #[test]
    fn the_sweep_leaves_the_states_that_the_facts_give(history in history(), later in 0..80_000_i64) {
        let History { play, end, .. } = history;
        let now = at(&end);
        let later = now + TimeDelta::minutes(later);
        let mut swept = derived(&play, &play.facts, None, now).unwrap();
        advance(&mut swept.ledger, &around(&play, &swept.plan), later, false);
        let fresh = derived(&play, &play.facts, Some(&swept.ledger), later).unwrap();
        prop_assert_eq!(swept.ledger, fresh.ledger);
    }

    #[test]
    fn escalations_keep_the_rulebooks_distance_unless_nobody_was_reached(history in history()) {
        let History { play, end, .. } = history;
        let mut derived = derived(&play, &play.facts, None, at(&end)).unwrap();
        run_out(&play, &mut derived, at(&end));
        for duty in &derived.ledger.obligations {
            let rule = play.rulebooks.named(&duty.rulebook).unwrap().rule(&duty.rule).unwrap();
            let escalations = duty.steps.iter().filter(|step| step.kind.is_escalation());
            let steps: Vec<_> = escalations.collect();
            for pair in steps.windows(2) {
                let rung = rule.ladder.iter().find(|rung| rung.kind() == pair[1].kind).unwrap();
                let apart = pair[1].taken_at - pair[0].taken_at;
                if pair[0].outcome == StepOutcome::Told {
                    prop_assert!(apart >= TimeDelta::hours(rung.after_hours().into()));
                } else {
                    prop_assert!(apart >= TimeDelta::zero());
                }
            }
        }
    }

    /// Met late is missed and met: both times stand, and in between it was missed.
    #[test]
    fn what_is_met_late_was_missed_and_has_both_times(history in history()) {
        let History { play, end, .. } = history;
        let ledger = derived(&play, &play.facts, None, at(&end)).unwrap().ledger;
        for duty in &ledger.obligations {
            let done = duty.proof.as_ref().map(|proof| proof.occurred_at);
            match duty.state {
                ObligationState::MetLate => prop_assert!(duty.due.unwrap() < done.unwrap()),
                ObligationState::Met => {
                    prop_assert!(duty.due.is_none_or(|due| done.unwrap() <= due));
                }
                _ => prop_assert!(done.is_none()),
            }
        }
    }

    #[test]
    fn cancelling_the_admission_ends_everything(history in history()) {
        let History { mut play, end, .. } = history;
        play.admission_cancelled(&end);
        let ledger = derived(&play, &play.facts, None, at(&end)).unwrap().ledger;
        prop_assert!(!ledger.is_live());
    }

    /// Whatever the clock says, what is owed and what proves it stays; only what is open changes.
    #[test]
    fn a_clock_that_jumps_changes_nothing_but_what_is_open(
        history in history(),
        jump in 0..100_000_i64,
    ) {
        let History { play, end, .. } = history;
        let (now, later) = (at(&end), at(&end) + TimeDelta::minutes(jump));
        let before = derived(&play, &play.facts, None, now).unwrap().ledger;
        let after = derived(&play, &play.facts, None, later).unwrap().ledger;
        prop_assert_eq!(before.obligations.len(), after.obligations.len());
        for (one, other) in before.obligations.iter().zip(&after.obligations) {
            prop_assert_eq!(one.id, other.id);
            prop_assert_eq!((one.started_at, one.due), (other.started_at, other.due));
            prop_assert_eq!(&one.proof, &other.proof);
            prop_assert!(one.state.is_open() || one.state == other.state);
        }
        let back = derived(&play, &play.facts, Some(&after), now).unwrap().ledger;
        prop_assert_eq!(before, back);
    }

    /// What a ledger says in short of a line, and what the line says in full, is the same.
    #[test]
    fn what_is_shown_in_short_stands_in_full(history in history()) {
        let History { play, end, .. } = history;
        let now = at(&end);
        let ledger = derived(&play, &play.facts, None, now).unwrap().ledger;
        let full = in_full(&play.facts, &play.rulebooks, play.region, now);
        for line in ledger.shown.iter().flat_map(|of| &of.lines) {
            for owner in &line.open {
                let mut same = full.iter().filter(|o| o.rule == line.rule && o.owner == *owner);
                prop_assert!(same.any(|duty| duty.state.is_open()));
            }
        }
    }
}
