//! When somebody can meet at all, as periods.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use contracts::commands::{Refusal, SipHours, SipPeriod, SipWeekly};

use super::periods;
use crate::domain::local_time;

/// The periods of somebody's hours that touch `whole`.
pub(super) fn of(hours: &SipHours, whole: SipPeriod, days_off: &[NaiveDate]) -> Vec<SipPeriod> {
    match hours {
        SipHours::Always => vec![whole],
        SipHours::Only(times) => periods::merged(times.clone()),
        SipHours::Office => by_week(&office(), whole, days_off),
        SipHours::Weekly(weekly) => by_week(weekly, whole, days_off),
    }
}

/// Whether days off concern them.
pub(super) fn have_days_off(hours: &SipHours) -> bool {
    matches!(hours, SipHours::Office | SipHours::Weekly(_))
}

/// Weekdays 08.00 to 16.30.
fn office() -> Vec<SipWeekly> {
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    (1..=5).map(|weekday| SipWeekly { weekday, from: at(8, 0), until: at(16, 30) }).collect()
}

fn by_week(weekly: &[SipWeekly], whole: SipPeriod, days_off: &[NaiveDate]) -> Vec<SipPeriod> {
    let last = local_time::date(whole.until);
    let days = local_time::date(whole.from).iter_days().take_while(|day| *day <= last);
    let days = days.filter(|day| !days_off.contains(day));
    let all = days.flat_map(|day| weekly.iter().filter_map(move |one| on(*one, day)));
    periods::merged(all.collect())
}

/// The hours as they fall on a day. In October's night the doubled hour is inside as a whole.
fn on(weekly: SipWeekly, day: NaiveDate) -> Option<SipPeriod> {
    if day.weekday().number_from_monday() != u32::from(weekly.weekday) {
        return None;
    }
    let from = local_time::opening(day.and_time(weekly.from));
    let until = if weekly.until == NaiveTime::MIN {
        local_time::opening(day.succ_opt()?.and_time(NaiveTime::MIN))
    } else {
        local_time::closing(day.and_time(weekly.until))
    };
    Some(SipPeriod { from, until })
}

/// Hours that can be meant.
pub(super) fn check(hours: &SipHours, person: usize) -> Result<(), Refusal> {
    let field = format!("/question/participants/{person}/hours");
    match hours {
        SipHours::Office | SipHours::Always => Ok(()),
        SipHours::Only(times) => periods::check(times, &field),
        SipHours::Weekly(weekly) => {
            let fault = weekly.iter().position(|one| {
                let is_day = Weekday::try_from(one.weekday.wrapping_sub(1)).is_ok();
                !is_day || (one.until != NaiveTime::MIN && one.until <= one.from)
            });
            match fault {
                None => Ok(()),
                Some(at) => Err(Refusal::new(
                    "hours",
                    "Veckodagen är 1 till 7, och tiden slutar efter att den har börjat.",
                    "The weekday is 1 to 7, and the time ends after it has begun.",
                )
                .at(&format!("{field}/{at}"))),
            }
        }
    }
}
