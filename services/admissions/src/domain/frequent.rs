//! Who comes often: several stays within three months (Dalarna guideline, Målgrupp). How many are
//! several no guideline says, so it is a setting of the region.

use std::num::NonZeroU16;

use chrono::{DateTime, Months, Utc};
use contracts::case::{Case, Frequent};
use contracts::{EntryId, Stamp};

use super::stay::Stay;

/// From when on stays count for one that began then.
pub(crate) fn counts_from(began: DateTime<Utc>) -> DateTime<Utc> {
    began.checked_sub_months(Months::new(3)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Until when a stay that began then counts for later ones.
pub(crate) fn counts_until(began: DateTime<Utc>) -> DateTime<Utc> {
    began.checked_add_months(Months::new(3)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Notes whether the patient has come often: this stay and the `earlier` ones are several. What was found
/// of somebody else goes when the stay turns out to be another person's. False when nothing changed.
pub(crate) fn note(case: &mut Case, earlier: u16, several: NonZeroU16, now: DateTime<Utc>) -> bool {
    let stays = earlier.saturating_add(1);
    if stays < several.get() {
        return case.frequent.take().is_some();
    }
    let id = EntryId::derive("frequent", &[&case.case_id.to_string()]);
    let stamp = Stamp { id, occurred_at: now, recorded_at: now, by: None };
    let found = case.frequent.get_or_insert(Frequent { stamp, stays: 0 });
    let is_other = found.stays != stays;
    found.stays = stays;
    is_other
}

/// Whether a message is a reason to count: the stay is new, or is another person's or begins at
/// another time than it was known to.
pub(crate) fn is_to_count(before: Option<&Stay>, after: &Stay) -> bool {
    let is_known = after.patient.identity.is_some() && after.began().is_some();
    let is_same = before.is_some_and(|before| {
        let is_same = before.patient.identity == after.patient.identity
            && before.patient.authority == after.patient.authority
            && before.patient.merged == after.patient.merged;
        is_same && before.began() == after.began()
    });
    is_known && !is_same
}

#[cfg(test)]
mod tests;
