//! The municipality's payment (2017:612, 5 kap.): which days after a ready notice it is to pay.
//!
//! Made from facts, a policy and the day alone: asked again years later the answer about a day that
//! was over is the same, unless somebody has corrected what was so on it. What somebody must have been
//! told counts from when it was recorded, since nobody could act on it before: the notices, the call to
//! a plan. What was so counts from when it happened: discharge, death, a notice that was wrong,
//! open care's services that were missing.
//!
//! A day counts whole or not at all. What spoke against it for a moment speaks against the day.

mod basis;
mod policy;
mod stay;
mod words;

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use contracts::commands::{
    MOST_PAYMENT_DAYS, PaymentDay, PaymentDays, PaymentReason, PaymentWords,
};
use contracts::ledger::Words;

use super::calendar::{end_of_day, local_date};
use super::facts::Facts;

pub use basis::{add_up, month_of};
pub use policy::{Average, Counted, EMBEDDED, Policies, Policy, PolicyRule, Start};
pub use words::in_words;

use stay::{Notice, Stay};

/// The days of a case from its first ready notice on; `None` while the case itself is not known.
#[must_use]
pub fn payment_days(
    facts: &Facts,
    policies: &Policies,
    region: &str,
    now: DateTime<Utc>,
) -> Option<PaymentDays> {
    let stay = Stay::new(facts, policies, region)?;
    let all = days(&stay, now);
    let most = usize::from(MOST_PAYMENT_DAYS);
    let listed: Vec<PaymentDay> = all.clone().take(most).map(|day| stay.day(day, now)).collect();
    let last = stay.notices.last();
    let today = stay.day(local_date(now), now);
    let running = last.is_some() && !today.reasons.iter().any(|one| *one != NOT_OVER);
    let reasons: BTreeSet<PaymentReason> =
        listed.iter().flat_map(|day| day.reasons.iter().copied()).collect();
    Some(PaymentDays {
        case: stay.view.case.case_id,
        case_ref: stay.view.case.case_ref,
        municipality: stay.view.case.municipality.clone(),
        policy: last.map(|notice| notice.policy.name().to_owned()),
        more: all.count() > most,
        days: listed,
        running,
        why: why(&stay, &today, running),
        reasons: reasons
            .into_iter()
            .map(|reason| PaymentWords { reason, words: in_words(reason) })
            .collect(),
    })
}

const NOT_OVER: PaymentReason = PaymentReason::DayNotOver;

/// From the day of the first notice to the day on which the last one ended, or today.
fn days(stay: &Stay<'_>, now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + Clone + use<> {
    let first = stay.notices.first().map(Notice::day);
    let last = stay.notices.last().map(|notice| {
        let ended = stay.ended(notice).map_or(now, |ended| ended.min(now));
        local_date(ended).max(notice.day())
    });
    let day = move |count| first?.checked_add_days(Days::new(count));
    (0..).map_while(day).take_while(move |day| last.is_some_and(|last| *day <= last))
}

impl Stay<'_> {
    /// A day and what speaks against it. Before the first notice there is nothing to pay.
    fn day(&self, day: NaiveDate, now: DateTime<Utc>) -> PaymentDay {
        let sent_by_then = self.notices.iter().rev().find(|notice| notice.day() <= day);
        let Some(notice) = sent_by_then.or(self.notices.first()) else {
            let reasons = vec![PaymentReason::ReadyNotReceived];
            return PaymentDay { day, notice: self.view.case.admitted.id, payable: false, reasons };
        };
        let mut reasons = self.against_day(notice, day);
        match &notice.policy.rule {
            PolicyRule::Individual(start) => {
                let first_day = notice.sent_at.map(|sent| start.first_day(sent));
                if first_day.is_none_or(|first| day < first) {
                    reasons.insert(PaymentReason::BeforeStart);
                }
            }
            PolicyRule::Average(_) => {
                reasons.insert(PaymentReason::DecidedByAverage);
            }
        }
        if now < end_of_day(day) {
            reasons.insert(NOT_OVER);
        }
        let payable = reasons.is_empty();
        PaymentDay { day, notice: notice.entry, payable, reasons: reasons.into_iter().collect() }
    }
}

fn why(stay: &Stay<'_>, today: &PaymentDay, running: bool) -> Vec<Words> {
    let mut why = vec![words::payer(stay.view.case), words::placed()];
    match stay.notices.last() {
        None => why.push(words::no_notice()),
        Some(notice) => {
            why.push(words::notice(notice.recorded_at, &notice.policy.title));
            if let (Some(sent), PolicyRule::Individual(start)) =
                (notice.sent_at, &notice.policy.rule)
            {
                why.push(words::first_day(sent, start.first_day(sent)));
            }
            why.push(words::running(running));
            let reasons = today.reasons.iter().filter(|reason| **reason != NOT_OVER);
            why.extend(reasons.map(|reason| in_words(*reason)));
        }
    }
    why
}
