//! Tracks that were set, and proposals to change them.

use contracts::assignment::{ProposalState, TrackChange};
use contracts::case::TrackSet;
use contracts::track::Track;
use contracts::{Case, Owner};

use super::Origin;
use crate::domain::derive::standing::reason;
use crate::domain::facts::View;

/// Each time that the track became one of these, up to when it became another.
pub(super) fn set<'a>(tracks: &[Track], case: &'a Case, found: &mut impl FnMut(Origin<'a>)) {
    let mut begun: Option<&TrackSet> = None;
    for one in &case.planning.tracks {
        match begun {
            None if tracks.contains(&one.track) => begun = Some(one),
            Some(first) if !tracks.contains(&one.track) => {
                found(Origin::recorded(&first.stamp, Some(&one.stamp), reason::TRACK_CHANGED));
                begun = None;
            }
            _ => {}
        }
    }
    if let Some(first) = begun {
        found(Origin::recorded(&first.stamp, None, reason::TRACK_CHANGED));
    }
}

fn changes(view: View<'_>) -> &[TrackChange] {
    view.assignment.map_or(&[], |all| all.cooperation.track_changes.as_slice())
}

/// What the owner's parties are asked. Nobody need answer a proposal that was withdrawn, or that
/// somebody has refused.
pub(super) fn proposals<'a>(owner: Owner, view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    let asked = |change: &&TrackChange| change.asked.iter().any(|party| owner.includes(*party));
    for change in changes(view).iter().filter(asked) {
        let refusal = || {
            let refused = state(change, view) == ProposalState::Refused;
            let mut answers = change.answers.iter().filter(|answer| refused && !answer.approved);
            answers.next_back().map(|answer| &answer.stamp)
        };
        let (ended, why) = match &change.withdrawn {
            Some(withdrawn) => (Some(withdrawn), reason::PROPOSAL_WITHDRAWN),
            None => (refusal(), reason::PROPOSAL_REFUSED),
        };
        found(Origin::recorded(&change.stamp, ended, why));
    }
}

/// Proposals that are approved, from the last approval on.
pub(super) fn approved<'a>(view: View<'a>, found: &mut impl FnMut(Origin<'a>)) {
    for change in changes(view) {
        if state(change, view) == ProposalState::Approved {
            let origin = Origin::recorded(change.last_said(), None, "");
            found(Origin { entry: change.stamp.id, ..origin });
        }
    }
}

fn state(change: &TrackChange, view: View<'_>) -> ProposalState {
    view.assignment.map_or_else(|| change.state(), |all| all.state_of(change))
}
