//! Why a duty is due when it is, how it stands, and why a line of the rulebook gives no duty, in
//! words for people.

mod wanting;
mod words;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Ledger;
use contracts::commands::Explanation;
use contracts::ledger::{Obligation, ObligationState, Proof, Words};

use self::words::{both, ending, missing, told_at};
use super::calendar::{
    english_day, english_hours, english_time, swedish_day, swedish_hours, swedish_time,
};
use super::derive::in_full;
use super::facts::Facts;
use super::rulebook::{Clock, Rule, Rulebook, Rulebooks, Trigger};

/// The reasons of every duty in `ledger`, and of every line of today's rulebook of `region` that
/// gave this case none; ordered by line, then by start. Nothing to say as long as the case is not
/// there.
#[must_use]
pub fn explain(
    facts: &Facts,
    ledger: &Ledger,
    rulebooks: &Rulebooks,
    region: &str,
    now: DateTime<Utc>,
) -> Vec<Explanation> {
    let shown = in_full(facts, rulebooks, region, now);
    let mut duties: Vec<&Obligation> = ledger.obligations.iter().chain(&shown).collect();
    duties.sort_by_key(|duty| (&duty.rule, duty.started_at, duty.id));
    let mut all: Vec<Explanation> = duties
        .into_iter()
        .map(|duty| of_duty(duty, rulebooks.named(&duty.rulebook), now))
        .collect();
    let book = rulebooks.in_force(region, now);
    if let (Some(view), Some(book)) = (facts.view(), book) {
        let given = ledger.obligations.iter().chain(&shown).map(|duty| &duty.rule);
        let gave_none = |rule: &&Rule| !given.clone().any(|given| *given == rule.id);
        all.extend(book.rules.iter().filter(gave_none).map(|rule| Explanation {
            obligation: None,
            rule: rule.id.clone(),
            source: rule.source.clone(),
            reasons: vec![wanting::why_not(rule, view, book)],
        }));
    }
    all.sort_by(|one, other| one.rule.cmp(&other.rule));
    all
}

fn of_duty(duty: &Obligation, book: Option<&Rulebook>, now: DateTime<Utc>) -> Explanation {
    let line = book.and_then(|book| Some((book, book.rule(&duty.rule)?)));
    let mut reasons = Vec::new();
    if let Some((book, rule)) = line {
        reasons.push(start(&rule.trigger, duty.started_at));
        reasons.push(clock(duty, rule, book));
    }
    reasons.extend(standing(duty, now));
    Explanation {
        obligation: Some(duty.clone()),
        rule: duty.rule.clone(),
        source: line.map_or_else(String::new, |(_, rule)| rule.source.clone()),
        reasons,
    }
}

fn start(trigger: &Trigger, at: DateTime<Utc>) -> Words {
    match trigger {
        Trigger::Admission => told_at("Inskriven", "Admitted on", at),
        Trigger::Need => told_at("Behovet uppmärksammat", "Need noticed on", at),
        Trigger::Reception => told_at("Mottaget", "Received on", at),
        Trigger::Notice => told_at("Inskrivningsmeddelande", "Notice of", at),
        Trigger::Ready => told_at("Meddelat utskrivningsklar", "Ready notice sent on", at),
        Trigger::Discharge => told_at("Utskriven", "Discharged on", at),
        Trigger::Track(_) => told_at("Spåret satt", "The track was set on", at),
        Trigger::TrackChange => told_at("Spårbyte föreslaget", "Change of track proposed on", at),
        Trigger::TrackChangeApproved => {
            told_at("Spårbytet godkänt", "Change of track approved on", at)
        }
        Trigger::SipNeed => told_at("Behov av SIP uppmärksammat", "Need of a SIP noticed on", at),
        Trigger::SipCalled => told_at("Kallat till SIP", "Called to a SIP on", at),
        Trigger::SipHeld => told_at("SIP-möte hållet", "SIP meeting held on", at),
        Trigger::FollowUpDay => told_at("Dag för uppföljning satt", "Follow-up set on", at),
    }
}

fn clock(duty: &Obligation, rule: &Rule, book: &Rulebook) -> Words {
    let times = rule.clock.times(book.calendar(duty.owner), duty.started_at, duty.due);
    if let Some(window) = times.window {
        return both(format!("{}.", window.swedish()), format!("{}.", window.english()));
    }
    match (rule.clock, times.due) {
        (Clock::AtDischarge, Some(due)) => {
            told_at("Skulle vara gjort före utskrivningen", "Due before the discharge on", due)
        }
        (Clock::AtDischarge, None) => {
            both("Ska vara gjort före utskrivningen.", "Due before the discharge.")
        }
        (Clock::CalendarDays { days }, Some(due)) => {
            let last = due.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(due);
            both(
                format!("Dag {days} efter den dagen: gäller till och med {}.", swedish_day(last)),
                format!("Day {days} after that day: due by the end of {}.", english_day(last)),
            )
        }
        (Clock::Hours { hours } | Clock::HoursOrNextWeekday { hours, .. }, Some(due)) => both(
            format!(
                "{}, helger inräknade: gäller till {}.",
                swedish_hours(hours),
                swedish_time(due)
            ),
            format!("{}, weekends included: due by {}.", english_hours(hours), english_time(due)),
        ),
        (Clock::SameDay, Some(due)) => {
            let day = due.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(due);
            both(
                format!("Samma dag: gäller till och med {}.", swedish_day(day)),
                format!("The same day: due by the end of {}.", english_day(day)),
            )
        }
        (Clock::OnDay, Some(due)) => {
            let day = due.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(due);
            both(
                format!("Den dag som bestämdes: gäller till och med {}.", swedish_day(day)),
                format!("The day that was set: due by the end of {}.", english_day(day)),
            )
        }
        (_, _) => both("Källan anger ingen tidsgräns.", "The source states no time limit."),
    }
}

fn standing(duty: &Obligation, now: DateTime<Utc>) -> Vec<Words> {
    let proven = |proof: &Proof, (sv, en): (&str, &str)| {
        let at = proof.occurred_at;
        let told = both(
            format!("Uppfyllt {}{sv}.", swedish_time(at)),
            format!("Met on {}{en}.", english_time(at)),
        );
        let recorded = told_at("Registrerat", "Recorded on", proof.recorded_at);
        let late = proof.recorded_at - at >= TimeDelta::minutes(1);
        [Some(told), late.then_some(recorded)].into_iter().flatten().collect()
    };
    let in_time = if duty.due.is_some() { (", i tid", ", in time") } else { ("", "") };
    match (duty.state, &duty.proof, &duty.ended, duty.due) {
        (ObligationState::Met, Some(proof), ..) => proven(proof, in_time),
        (ObligationState::MetLate, Some(proof), ..) => proven(proof, (", för sent", ", late")),
        (ObligationState::Cancelled, _, Some(ended), _) => {
            vec![ending("Gäller inte längre", "No longer owed", ended)]
        }
        (ObligationState::StillMissed, _, Some(ended), _) => {
            vec![ending("Blev aldrig gjort", "Never done", ended)]
        }
        (ObligationState::Missed, _, _, Some(due)) => {
            let late = told_at("Försenat sedan", "Overdue since", due);
            [late].into_iter().chain(missing(&duty.missing)).collect()
        }
        (ObligationState::Open, ..) => {
            let is_past = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
            let amber = if is_past(duty.due) {
                Some(both(
                    "Tiden har gått ut. Det kontrolleras att inget besked är på väg.",
                    "The time has run out. It is made sure that no proof is on its way.",
                ))
            } else {
                is_past(duty.target).then(|| {
                    both(
                        "De timmarna har gått, men det är ännu i tid.",
                        "Those hours have passed, but it is still in time.",
                    )
                })
            };
            let open = both("Ännu inte gjort.", "Not done yet.");
            [Some(open), amber].into_iter().flatten().chain(missing(&duty.missing)).collect()
        }
        _ => Vec::new(),
    }
}
