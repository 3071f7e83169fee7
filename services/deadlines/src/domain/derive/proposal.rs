//! Which track the newest planning form speaks for.

use contracts::Case;
use contracts::ledger::TrackProposal;

use crate::domain::rulebook::{Rulebooks, TrackReason};

/// The first of the rulebook's tracks for which the form gives a reason, with all of its reasons.
pub(super) fn of(case: &Case, rulebooks: &Rulebooks, region: &str) -> Option<TrackProposal> {
    let form = case.planning.form()?;
    let book = rulebooks.in_force(region, form.stamp.recorded_at)?;
    let holds = |reason: &&TrackReason| reason.holds(form);
    let criteria = book.tracks.iter().find(|track| track.reasons.iter().any(|r| holds(&r)))?;
    Some(TrackProposal {
        track: criteria.track.clone(),
        form: form.stamp.id,
        rulebook: book.name().to_owned(),
        reasons: criteria.reasons.iter().filter(holds).map(|r| r.words.clone()).collect(),
    })
}
