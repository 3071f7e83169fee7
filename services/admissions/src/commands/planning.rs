//! Commands about the planning of the way home.

use contracts::commands::{
    CancelDischarge, Command as _, Done, EndLeave, FillForm, RecordCheck, Refusal, RevokeCheck,
    SendDischargeNotice, SetTrack, StartLeave, WithdrawDischargeNotice,
};
use messaging::{Call, CommandError};
use sqlx::PgConnection;

use super::Change;
use crate::domain::stay::Fact;
use crate::domain::{orders, planning};
use crate::store::notices;

pub(super) async fn serve(tx: &mut PgConnection, call: &Call) -> Result<Done, CommandError> {
    let change = |case, what| Change { case, fact: None, what };
    match call.verb.as_str() {
        SetTrack::VERB => {
            let SetTrack { case, track, change: carries_out } = call.read()?;
            if let Some(proposal) = carries_out
                && notices::agreed_track(tx, case, proposal).await?.as_ref() != Some(&track)
            {
                return Err(not_agreed().into());
            }
            change(case, "track_set")
                .make(tx, call, |case, order| planning::set_track(case, track, carries_out, order))
                .await
        }
        FillForm::VERB => {
            let FillForm { case, answers, interventions } = call.read()?;
            let unit = call.actor()?.unit.clone();
            change(case, "form_filled")
                .make(tx, call, |case, order| {
                    planning::fill_form(case, unit, answers, interventions, order)
                })
                .await
        }
        RecordCheck::VERB => {
            let RecordCheck { case, what, outcome, occurred_at } = call.read()?;
            change(case, "check_recorded")
                .make(tx, call, |case, order| {
                    planning::record_check(case, what, outcome, occurred_at, order)
                })
                .await
        }
        RevokeCheck::VERB => {
            let RevokeCheck { case, what } = call.read()?;
            change(case, "check_revoked")
                .make(tx, call, |case, order| planning::revoke_check(case, what, order))
                .await
        }
        SendDischargeNotice::VERB => {
            let SendDischargeNotice { case, destination, discharged_on } = call.read()?;
            change(case, "discharge_notice_sent")
                .make(tx, call, |case, order| {
                    planning::send_discharge_notice(case, destination, discharged_on, order)
                })
                .await
        }
        WithdrawDischargeNotice::VERB => {
            let WithdrawDischargeNotice { case } = call.read()?;
            change(case, "discharge_notice_withdrawn")
                .make(tx, call, |case, order| Ok(planning::withdraw_discharge_notice(case, order)))
                .await
        }
        _ => leave_or_discharge(tx, call).await,
    }
}

fn not_agreed() -> Refusal {
    Refusal::new(
        "not_agreed",
        "Alla tillfrågade har inte godkänt förslaget, eller så gäller det ett annat spår.",
        "Not all who were asked have approved the proposal, or it is about another track.",
    )
    .at("/change")
}

async fn leave_or_discharge(tx: &mut PgConnection, call: &Call) -> Result<Done, CommandError> {
    let change = |case, what| Change { case, fact: None, what };
    match call.verb.as_str() {
        StartLeave::VERB => {
            let StartLeave { case, occurred_at } = call.read()?;
            change(case, "leave_started")
                .make(tx, call, |case, order| planning::start_leave(case, occurred_at, order))
                .await
        }
        EndLeave::VERB => {
            let EndLeave { case, occurred_at } = call.read()?;
            change(case, "leave_ended")
                .make(tx, call, |case, order| planning::end_leave(case, occurred_at, order))
                .await
        }
        CancelDischarge::VERB => {
            let CancelDischarge { case } = call.read()?;
            let change = Change { case, fact: Some(Fact::Discharge), what: "discharge_cancelled" };
            change.make(tx, call, |case, order| Ok(orders::cancel_discharge(case, order))).await
        }
        _ => Err(Refusal::new("unknown_verb", "Okänt kommando.", "Unknown command.").into()),
    }
}
