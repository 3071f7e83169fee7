//! What staff do about the way home: plan, ask, confirm, follow up.

use chrono_tz::Europe::Stockholm;
use contracts::assignment::{ProposalState, TrackChange};
use contracts::case::{Destination, FormAnswer, Outcome as Said};
use contracts::commands::{
    AnswerTrackProposal, CloseCase, Confirm, EndHindrance, FillForm, ProposeTrack, RecordCheck,
    RecordFollowUp, ReopenCase, RevokeCheck, RevokeConfirmation, SendDischargeNotice, SetTrack,
    ShowAssignment, StateHindrance, WithdrawDischargeNotice, WithdrawTrackProposal,
};
use contracts::{CaseId, EntryId, Track};

use super::{Acting, Outcome, TEXT};
use crate::demo::way::Homeward;

pub(super) async fn act(by: &Acting<'_>, does: Homeward, case: CaseId) -> anyhow::Result<Outcome> {
    let occurred_at = None;
    Ok(match does {
        Homeward::FillForm { way, often } => {
            let (mut answers, interventions) = (way.answers(), way.interventions());
            answers.extend(often.then_some(FormAnswer::FrequentPatient));
            by.tell(FillForm { case, answers, interventions }).await
        }
        Homeward::SetTrack(way) => {
            by.tell(SetTrack { case, track: way.track()?, change: None }).await
        }
        Homeward::Check(what) => {
            by.tell(RecordCheck { case, what, outcome: Said::Done, occurred_at }).await
        }
        Homeward::SendDischargeNotice(at) => {
            let discharged_on = at.with_timezone(&Stockholm).date_naive();
            let destination = Destination::Home;
            by.tell(SendDischargeNotice { case, destination, discharged_on }).await
        }
        Homeward::RevokeCheck(what) => by.tell(RevokeCheck { case, what }).await,
        Homeward::WithdrawDischargeNotice => by.tell(WithdrawDischargeNotice { case }).await,
        Homeward::RevokeConfirmation(what) => by.tell(RevokeConfirmation { case, what }).await,
        Homeward::Confirm(what) => {
            by.tell(Confirm { case, what, outcome: Said::Done, occurred_at }).await
        }
        Homeward::StateHindrance(kind) => by.tell(StateHindrance { case, kind, occurred_at }).await,
        Homeward::EndHindrance(kind) => by.tell(EndHindrance { case, kind, occurred_at }).await,
        Homeward::RecordFollowUp => {
            by.tell(RecordFollowUp { case, outcome: Said::Done, occurred_at }).await
        }
        Homeward::CloseCase => by.tell(CloseCase { case }).await,
        Homeward::ReopenCase => by.tell(ReopenCase { case }).await,
        Homeward::ProposeTrack(way) => {
            let (to, motive) = (way.track()?, TEXT.to_owned());
            by.tell(ProposeTrack { case, to, motive }).await
        }
        Homeward::AnswerProposal(approved) => answer_proposal(by, case, approved).await,
        Homeward::CarryOutProposal => carry_out_proposal(by, case).await,
        Homeward::WithdrawProposal => withdraw_proposal(by, case).await,
    })
}

async fn answer_proposal(by: &Acting<'_>, case: CaseId, approved: bool) -> Outcome {
    let asked = match proposal(by, case, ProposalState::Asked).await {
        Ok(Some((proposal, _))) => proposal,
        Ok(None) => return Outcome::Refused,
        Err(outcome) => return outcome,
    };
    let reason = TEXT.to_owned();
    by.tell(AnswerTrackProposal { case, proposal: asked, approved, reason }).await
}

async fn carry_out_proposal(by: &Acting<'_>, case: CaseId) -> Outcome {
    match proposal(by, case, ProposalState::Approved).await {
        Ok(Some((proposal, track))) => {
            by.tell(SetTrack { case, track, change: Some(proposal) }).await
        }
        Ok(None) => Outcome::Refused,
        Err(outcome) => outcome,
    }
}

async fn withdraw_proposal(by: &Acting<'_>, case: CaseId) -> Outcome {
    match proposal(by, case, ProposalState::Asked).await {
        Ok(Some((proposal, _))) => by.tell(WithdrawTrackProposal { case, proposal }).await,
        Ok(None) => Outcome::Refused,
        Err(outcome) => outcome,
    }
}

/// The newest proposal that stands so.
async fn proposal(
    by: &Acting<'_>,
    case: CaseId,
    state: ProposalState,
) -> Result<Option<(EntryId, Track)>, Outcome> {
    let assignment = by.ask(&ShowAssignment { case }).await?;
    let mut newest_first = assignment.cooperation.track_changes.into_iter().rev();
    let stands = newest_first.find(|change: &TrackChange| change.state() == state);
    Ok(stands.map(|change| (change.stamp.id, change.to)))
}
