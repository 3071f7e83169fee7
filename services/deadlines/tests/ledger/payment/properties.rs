//! What holds for every history.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use contracts::commands::PaymentDay;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Deed {
    Judged(bool, bool, bool),
    Estimated(bool),
    Routed(u8),
    RouteEnded(u8),
    Ready,
    ReadyRevoked,
    Called,
    CallCancelled,
    Declined,
    Discharged,
    DischargeRevoked,
    Died,
    Hindered(u16),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => any::<(bool, bool, bool)>().prop_map(|(a, b, c)| Deed::Judged(a, b, c)),
        1 => any::<bool>().prop_map(Deed::Estimated),
        2 => (0..3_u8).prop_map(Deed::Routed),
        1 => (0..3_u8).prop_map(Deed::RouteEnded),
        5 => Just(Deed::Ready),
        3 => Just(Deed::ReadyRevoked),
        3 => Just(Deed::Called),
        1 => Just(Deed::CallCancelled),
        1 => Just(Deed::Declined),
        1 => Just(Deed::Discharged),
        1 => Just(Deed::DischargeRevoked),
        1 => Just(Deed::Died),
        2 => (0..6_000_u16).prop_map(Deed::Hindered),
    ]
}

/// Around a night on which the clocks are changed: minutes after this.
const BEGINNINGS: [&str; 3] = ["2026-03-22 08:00", "2026-06-01 08:00", "2026-10-18 08:00"];

fn minutes(beginning: &str, count: i64) -> String {
    let local = chrono::NaiveDateTime::parse_from_str(beginning, "%Y-%m-%d %H:%M").unwrap();
    (local + TimeDelta::minutes(count)).format("%Y-%m-%d %H:%M").to_string()
}

fn party(number: u8) -> contracts::Party {
    match number {
        0 => OPEN_CARE,
        1 => HEALTH,
        _ => SOCIAL,
    }
}

fn happens(play: &mut Play, deed: Deed, now: &str, beginning: &str, count: i64) {
    let ready = play.case().ready.last().is_some_and(contracts::Revocable::in_force);
    match deed {
        Deed::Judged(a, b, c) => {
            let named = [(a, OPEN_CARE), (b, HEALTH), (c, SOCIAL)];
            let parties: Vec<_> =
                named.into_iter().filter(|(yes, _)| *yes).map(|(_, party)| party).collect();
            play.judged(now, now, &parties);
        }
        Deed::Estimated(yes) => play.estimated(now, yes.then_some(now)),
        Deed::Routed(number) => play.routed(now, party(number)),
        Deed::RouteEnded(number) => {
            let of = |route: &&contracts::assignment::Route| {
                route.party == party(number) && route.ended.is_none()
            };
            if play.assignment().routes.iter().any(|route| of(&route)) {
                play.route_ended(now, party(number));
            }
        }
        Deed::Ready if !ready => play.ready(now),
        Deed::ReadyRevoked if ready => play.ready_revoked(now),
        Deed::Called => play.called(now),
        Deed::CallCancelled if !play.sip().calls.is_empty() => play.call_cancelled(now),
        Deed::Declined => play.sip_ended(now, SipEndKind::DeclinedByPatient),
        Deed::Discharged if play.case().discharge().is_none() => play.discharged(now, now),
        Deed::DischargeRevoked if play.case().discharge().is_some() => play.discharge_revoked(now),
        Deed::Died => play.died(now),
        Deed::Hindered(longer) => {
            let until = minutes(beginning, count + i64::from(longer));
            hindered(play, now, Some(&until), HindranceKind::Unavailable);
        }
        _ => {}
    }
}

/// Most histories begin with everything in order, so that something is to be paid.
fn history() -> impl Strategy<Value = (Play, String)> {
    let deeds = prop::collection::vec((deed(), 0..3_000_u16), 1..20);
    (prop::sample::select(BEGINNINGS.to_vec()), deeds).prop_map(|(beginning, deeds)| {
        let mut play = Play::received(beginning, &[OPEN_CARE, HEALTH]);
        play.called(beginning);
        let mut count = 0;
        for (deed, later) in deeds {
            count += i64::from(later);
            let now = minutes(beginning, count);
            happens(&mut play, deed, &now, beginning, count);
        }
        (play, minutes(beginning, count + 10_000))
    })
}

fn paid(play: &Play, now: &str) -> BTreeSet<NaiveDate> {
    shown(play, now).days.into_iter().filter(|day| day.payable).map(|day| day.day).collect()
}

fn shuffled(play: &Play) -> Play {
    let mut other = play.clone();
    other.facts.case.iter_mut().for_each(|case| {
        case.ready.extend(case.ready.clone());
        case.ready.reverse();
        case.needs.reverse();
        case.estimates.extend(case.estimates.clone());
        case.estimates.reverse();
        case.discharges.reverse();
        case.deaths.reverse();
    });
    other.facts.assignment.iter_mut().for_each(|assignment| {
        assignment.routes.reverse();
        assignment.routes.extend(assignment.routes.clone());
        assignment.cooperation.hindrances.reverse();
    });
    other.facts.sip.iter_mut().for_each(|sip| {
        sip.calls.reverse();
        sip.ends.extend(sip.ends.clone());
    });
    other
}

proptest! {
    #[test]
    fn the_order_and_the_number_of_entries_mean_nothing((play, now) in history()) {
        prop_assert_eq!(shown(&play, &now), shown(&shuffled(&play), &now));
    }

    #[test]
    fn every_calendar_day_is_listed_once_and_has_a_reason_or_is_paid((play, now) in history()) {
        let days: Vec<PaymentDay> = shown(&play, &now).days;
        for pair in days.windows(2) {
            prop_assert_eq!(pair[0].day.succ_opt(), Some(pair[1].day));
        }
        for day in days {
            prop_assert_eq!(day.payable, day.reasons.is_empty());
        }
    }

    #[test]
    fn each_notice_has_its_free_days_before_any_is_paid((play, now) in history()) {
        let paid = paid(&play, &now);
        for notice in &play.facts.case.as_ref().unwrap().ready {
            let sent = deadlines::domain::calendar::local_date(notice.stamp.recorded_at);
            let free = sent.iter_days().take(3);
            prop_assert!(free.into_iter().all(|day| !paid.contains(&day)), "{sent}: {paid:?}");
        }
    }

    #[test]
    fn each_notice_counts_the_days_until_the_next_one_and_none_twice((play, now) in history()) {
        let notices = play.facts.case.as_ref().unwrap().ready.clone();
        let sent: Vec<NaiveDate> = notices
            .iter()
            .map(|one| deadlines::domain::calendar::local_date(one.stamp.recorded_at))
            .collect();
        let mut by_notice = BTreeSet::new();
        for (at, notice) in notices.iter().enumerate() {
            let mut alone = play.clone();
            alone.case().ready = vec![notice.clone()];
            let before_next = |day: &NaiveDate| sent.get(at + 1).is_none_or(|next| day < next);
            by_notice.extend(paid(&alone, &now).into_iter().filter(before_next));
        }
        prop_assert_eq!(by_notice, paid(&play, &now));
    }

    #[test]
    fn what_was_to_be_paid_yesterday_is_so_a_year_later((play, now) in history()) {
        let later = paid(&play, "2027-09-01 12:00");
        let now_paid = paid(&play, &now);
        prop_assert!(now_paid.is_subset(&later));
        let before = |day: &&NaiveDate| **day < deadlines::domain::calendar::local_date(at(&now));
        let then: BTreeSet<NaiveDate> = later.iter().filter(before).copied().collect();
        prop_assert_eq!(now_paid, then);
    }

    #[test]
    fn a_longer_hindrance_never_gives_more_days(
        (play, now) in history(),
        more in 0..5_000_i64,
        ends in any::<bool>(),
    ) {
        let mut longer = play.clone();
        for hindrance in &mut longer.assignment().cooperation.hindrances {
            hindrance.stamp.occurred_at -= TimeDelta::minutes(more / 2);
            match &mut hindrance.ended {
                Some(ended) if ends => ended.occurred_at += TimeDelta::minutes(more),
                ended => *ended = None,
            }
        }
        prop_assert!(paid(&longer, &now).is_subset(&paid(&play, &now)));
    }

    #[test]
    fn the_months_together_hold_every_paid_day_once((play, now) in history()) {
        let sum: u32 = (1..=12)
            .filter_map(|month| NaiveDate::from_ymd_opt(2026, month, 1))
            .flat_map(|month| {
                let facts = &play.facts;
                deadlines::domain::payment::month_of(facts, policies(), "se", month, at(&now))
            })
            .map(|row| row.payable_days)
            .sum();
        prop_assert_eq!(usize::try_from(sum).unwrap(), paid(&play, &now).len());
    }
}
