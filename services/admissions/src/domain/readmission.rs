//! Who is back soon: 1 to 30 days after the last discharge, at any hospital of the region.
//!
//! Days are Sweden's. A stay that begins on the day on which another one ended, or while it goes on, is
//! no readmission: that is a patient who was moved, to another hospital or in the records, and has not
//! been home.

use chrono::{DateTime, Months, Utc};
use contracts::case::Readmission;

use super::stay::Stay;
use crate::when::day_in_sweden;

/// Days from the discharge up to which who comes back is readmitted.
const WITHIN_DAYS: i64 = 30;

/// From when on the stays before one are looked at. A stay of which nobody ever tells the end would
/// else hide every return for ever.
pub(crate) fn looks_back_to(began: DateTime<Utc>) -> DateTime<Utc> {
    began.checked_sub_months(Months::new(12)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// How a patient's other stays stood when one began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    /// There was none, of late.
    None,
    /// One goes on.
    GoesOn,
    /// The last one ended then.
    Ended(DateTime<Utc>),
}

/// Notes whether a stay is a readmission. False when nothing changed.
pub(crate) fn note(stay: &mut Stay, last: Last) -> bool {
    let Some(began) = stay.began() else { return false };
    let days = match last {
        Last::None | Last::GoesOn => 0,
        Last::Ended(at) => (day_in_sweden(began) - day_in_sweden(at)).num_days(),
    };
    let is_back = (1..=WITHIN_DAYS).contains(&days);
    let found = if is_back { kind(stay) } else { Readmission::No };
    stay.case.readmission.replace(found) != Some(found)
}

/// Names a readmission by whether it was planned, which may be said later. False when nothing changed.
pub(crate) fn name(stay: &mut Stay) -> bool {
    match stay.case.readmission {
        None | Some(Readmission::No) => false,
        Some(was) => {
            let is = kind(stay);
            stay.case.readmission = Some(is);
            was != is
        }
    }
}

fn kind(stay: &Stay) -> Readmission {
    match stay.stated.planned() {
        Some(true) => Readmission::Planned,
        Some(false) => Readmission::Unplanned,
        None => Readmission::NotStated,
    }
}

#[cfg(test)]
mod tests;
