//! Counting a month's figures.
//!
//! A month may be tens of thousands of cases, and an answer has a few seconds. So each question counts
//! on from where the one before came to, in batches, and the answer says so until all cases have been
//! looked at. What has been counted is kept for the day: whoever asks is told the same, and nobody sees
//! what one case has changed by asking before and after.

use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use contracts::commands::{Figure, MOST_FIGURES, Refusal, ShowStatistics, StatisticsPage};
use sqlx::PgConnection;

use crate::domain::calendar::{DoubledHour, local_date, local_to_utc};
use crate::domain::payment::Policies;
use crate::domain::statistics::{Counting, contributions, definitions, figures, is_preliminary};
use crate::rulebooks::Agreement;
use crate::store::{self, Count};

/// Changes when anything is counted in another way than before.
const FORMULA: i32 = 2;

/// How long one question counts (real time); who asks waits for ten seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers with the figures, or with how far they have been counted.
pub(crate) async fn show(
    tx: &mut PgConnection,
    agreement: &Agreement,
    policies: &Policies,
    asked: ShowStatistics,
    now: DateTime<Utc>,
) -> Result<StatisticsPage, sqlx::Error> {
    let month = asked.month.with_day(1).unwrap_or(asked.month);
    let (rulebooks, region) = (&agreement.rulebooks, &agreement.region);
    let counting = Counting { month, now, rulebooks, policies, region };
    let count = count(tx, &counting).await?;
    let mut page = StatisticsPage {
        region: region.to_string(),
        now,
        month,
        counted_at: count.counted_at,
        looked_at: count.looked_at.unsigned_abs(),
        unread: count.unread.unsigned_abs(),
        preliminary: is_preliminary(month, count.counted_at.unwrap_or(now)),
        definitions: Vec::new(),
        figures: Vec::new(),
        next: None,
    };
    if count.counted_at.is_some() {
        if asked.after == 0 {
            page.definitions = definitions(&count.sums, rulebooks);
        }
        (page.figures, page.next) = page_of(figures(&count.sums, asked.by), asked.after);
    }
    Ok(page)
}

/// Counts on, and keeps how far it came.
async fn count(tx: &mut PgConnection, counting: &Counting<'_>) -> Result<Count, sqlx::Error> {
    let started = Instant::now();
    let is_ours = store::lock_count(tx, counting.month).await?;
    let kept = store::find_count(tx, counting.month).await?;
    let kept = kept.filter(|kept| holds(kept, counting.now));
    let mut count = kept.unwrap_or_else(|| Count::begin(FORMULA, counting.now));
    // While another counts, whoever asks hears how far that had come.
    if count.counted_at.is_some() || !is_ours {
        return Ok(count);
    }
    let bounds = bounds(counting.month);
    while count.counted_at.is_none() && started.elapsed() < PATIENCE {
        let looked = store::look(tx, count.after, bounds).await?;
        for known in store::load_to_count(tx, &looked.candidates).await?.into_values() {
            match known {
                Some((facts, ledger)) => {
                    count.sums.add(contributions(&facts, ledger.as_ref(), counting));
                }
                None => count.unread += 1,
            }
        }
        count.looked_at += looked.cases;
        match looked.last {
            Some(last) => count.after = last,
            None => count.counted_at = Some(counting.now),
        }
    }
    store::save_count(tx, counting.month, &count).await?;
    Ok(count)
}

/// What was counted holds for the day on which it was begun: half of it from one day and half from another
/// would be neither's.
fn holds(count: &Count, now: DateTime<Utc>) -> bool {
    count.formula == FORMULA && local_date(count.begun_at) == local_date(now)
}

/// The month's beginning and end in Sweden.
fn bounds(month: NaiveDate) -> [DateTime<Utc>; 2] {
    let next = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
    [month, next].map(|day| local_to_utc(day.and_time(NaiveTime::MIN), DoubledHour::Earlier))
}

fn page_of(figures: Vec<Figure>, after: u32) -> (Vec<Figure>, Option<u32>) {
    let next = after.saturating_add(MOST_FIGURES.into());
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let more = index(next) < figures.len();
    let page = figures.into_iter().skip(index(after)).take(MOST_FIGURES.into()).collect();
    (page, more.then_some(next))
}

/// A month that has not begun has no figures.
pub(crate) fn check(asked: ShowStatistics, now: DateTime<Utc>) -> Result<(), Refusal> {
    if asked.month.with_day(1).is_none_or(|first| local_date(now) < first) {
        return Err(Refusal::new(
            "in_the_future",
            "Månaden har inte börjat.",
            "The month has not begun.",
        )
        .at("/month"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_holds_on_the_day_on_which_it_was_begun_be_it_finished_or_not() {
        let begun = |at: &str| Count::begin(FORMULA, at.parse().unwrap());
        let now = "2026-12-01T09:00:00Z".parse().unwrap();
        assert!(holds(&begun("2026-11-30T23:30:00Z"), now), "the first of December in Sweden");
        assert!(!holds(&begun("2026-11-30T22:30:00Z"), now));
        assert!(!holds(&Count::begin(FORMULA - 1, now), now));
    }
}
