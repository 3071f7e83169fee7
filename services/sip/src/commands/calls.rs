//! Need, kind of plan, call, and the ends that come instead of a plan.

use contracts::assignment::NotNeededReason;
use contracts::commands::{
    CallSip, CancelSip, DeclineSip, Done, NoteSipNeed, Refusal, RevokeSipNeed, SetSipKind,
    SipNotNeeded,
};
use contracts::sip::SipEndKind;
use contracts::{CaseId, Sip};
use messaging::{Call, CommandError};
use sqlx::PgConnection;

use super::{change, reported};
use crate::domain::{need, reading};

pub(super) async fn note_need(
    tx: &mut PgConnection,
    call: &Call,
    NoteSipNeed { case, noticed_by, occurred_at }: NoteSipNeed,
) -> Result<Done, CommandError> {
    let (stamp, unit) = (reported(call, occurred_at)?, &call.actor()?.unit);
    let how = |sip: &mut Sip| need::note_need(sip, noticed_by, unit, stamp);
    change(tx, call, case, "need_noted", how).await
}

pub(super) async fn revoke_need(
    tx: &mut PgConnection,
    call: &Call,
    RevokeSipNeed { case, occurred_at }: RevokeSipNeed,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change(tx, call, case, "need_revoked", |sip| need::revoke_need(sip, &stamp)).await
}

pub(super) async fn set_kind(
    tx: &mut PgConnection,
    call: &Call,
    SetSipKind { case, kind, occurred_at }: SetSipKind,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change(tx, call, case, "kind_set", |sip| need::set_kind(sip, kind, stamp)).await
}

pub(super) async fn call_sip(
    tx: &mut PgConnection,
    call: &Call,
    CallSip { case, occurred_at }: CallSip,
) -> Result<Done, CommandError> {
    let (stamp, unit) = (reported(call, occurred_at)?, &call.actor()?.unit);
    change(tx, call, case, "sip_called", |sip| Ok(need::call(sip, unit, stamp))).await
}

pub(super) async fn cancel(
    tx: &mut PgConnection,
    call: &Call,
    CancelSip { case, occurred_at }: CancelSip,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    let unit = &call.actor()?.unit;
    change_once_called(tx, call, case, "sip_cancelled", |sip| need::cancel(sip, unit, &stamp)).await
}

pub(super) async fn decline(
    tx: &mut PgConnection,
    call: &Call,
    DeclineSip { case, occurred_at }: DeclineSip,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    let (kind, reason) = (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
    let how = |sip: &mut Sip| need::end(sip, kind, reason, stamp);
    change_once_called(tx, call, case, "sip_declined", how).await
}

pub(super) async fn not_needed(
    tx: &mut PgConnection,
    call: &Call,
    SipNotNeeded { case, reason, occurred_at }: SipNotNeeded,
) -> Result<Done, CommandError> {
    let (kind, stamp) = (SipEndKind::NotNeeded, reported(call, occurred_at)?);
    let how = |sip: &mut Sip| need::end(sip, kind, reason, stamp);
    change_once_called(tx, call, case, "sip_not_needed", how).await
}

/// Once somebody has called, only who takes part ends it.
async fn change_once_called(
    tx: &mut PgConnection,
    call: &Call,
    case: CaseId,
    kind: &'static str,
    how: impl FnOnce(&mut Sip) -> Result<bool, Refusal>,
) -> Result<Done, CommandError> {
    let unit = &call.actor()?.unit;
    change(tx, call, case, kind, |sip| {
        if sip.open_calls().next().is_some() {
            reading::must_take_part(sip, unit)?;
        }
        how(sip)
    })
    .await
}
