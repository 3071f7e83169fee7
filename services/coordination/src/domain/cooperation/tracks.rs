//! The change of a track: proposed with a motive, approved or refused by the others, then carried out
//! by the ward (Örebro, Vägledning för rött spår).

use contracts::assignment::{ProposalState, TrackAnswer, TrackChange};
use contracts::commands::Refusal;
use contracts::{Assignment, Case, EntryId, Stamp, Track};

use super::{Acting, no_such, not_yours, parties_of};

/// Proposes another track.
pub(crate) fn propose(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    to: Track,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    let from = acting.case.planning.track().cloned();
    if from.as_ref() == Some(&to) {
        return Err(Refusal::new(
            "is_so_already",
            "Ärendet har redan det spåret.",
            "The case has that track already.",
        )
        .at("/to"));
    }
    if waits(assignment, acting.case).is_some() {
        return Err(Refusal::new(
            "proposal_waits",
            "Ett förslag väntar redan på svar eller på avdelningen.",
            "A proposal waits for answers or for the ward already.",
        ));
    }
    let mut asked = parties_of(assignment);
    asked.retain(|party| *party != acting.party);
    assignment.cooperation.track_changes.push(TrackChange {
        stamp,
        party: acting.party,
        unit: acting.unit.clone(),
        from,
        to,
        asked,
        answers: Vec::new(),
        withdrawn: None,
    });
    Ok(true)
}

/// Answers a proposal for the acting party; a later answer replaces an earlier one as long as the
/// proposal waits. False when that is the answer already.
pub(crate) fn answer(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    proposal: EntryId,
    approved: bool,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    let is_carried_out = is_carried_out(acting.case, proposal);
    let change = find(assignment, proposal)?;
    if change.withdrawn.is_some() || is_carried_out {
        return Err(Refusal::new(
            "proposal_over",
            "Förslaget är återtaget eller genomfört.",
            "The proposal was withdrawn or carried out.",
        )
        .at("/proposal"));
    }
    if !change.asked.contains(&acting.party) {
        return Err(Refusal::new(
            "not_asked",
            "Parten är inte tillfrågad.",
            "The party is not asked.",
        )
        .at("/proposal"));
    }
    if change.answer(acting.party) == Some(approved) {
        return Ok(false);
    }
    let (party, unit) = (acting.party, acting.unit.clone());
    change.answers.push(TrackAnswer { stamp, party, unit, approved });
    Ok(true)
}

/// Withdraws a proposal of the acting party.
pub(crate) fn withdraw(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    proposal: EntryId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let change = find(assignment, proposal)?;
    if change.party != acting.party {
        return Err(not_yours("/proposal"));
    }
    Ok(super::end(&mut change.withdrawn, stamp))
}

fn find(assignment: &mut Assignment, proposal: EntryId) -> Result<&mut TrackChange, Refusal> {
    let mut changes = assignment.cooperation.track_changes.iter_mut();
    changes.find(|one| one.stamp.id == proposal).ok_or_else(|| no_such("/proposal"))
}

/// The proposal that somebody has still to answer, or the ward to carry out. A refused one waits for
/// nobody.
fn waits<'a>(assignment: &'a Assignment, case: &Case) -> Option<&'a TrackChange> {
    let mut changes = assignment.cooperation.track_changes.iter();
    changes.find(|change| match assignment.state_of(change) {
        ProposalState::Asked => true,
        ProposalState::Approved => !is_carried_out(case, change.stamp.id),
        ProposalState::Refused | ProposalState::Withdrawn => false,
    })
}

fn is_carried_out(case: &Case, proposal: EntryId) -> bool {
    case.planning.tracks.iter().any(|set| set.change == Some(proposal))
}
