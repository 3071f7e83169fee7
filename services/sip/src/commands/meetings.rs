//! Meetings.

use contracts::commands::{CancelSipMeeting, Done, RecordSipHeld, SetSipTime};
use messaging::{Call, CommandError};
use sqlx::PgConnection;

use super::{change, reported};
use crate::domain::meeting;

pub(super) async fn set_time(
    tx: &mut PgConnection,
    call: &Call,
    SetSipTime { case, starts_at }: SetSipTime,
) -> Result<Done, CommandError> {
    let stamp = reported(call, None)?;
    change(tx, call, case, "time_set", |sip| meeting::set_time(sip, starts_at, stamp)).await
}

pub(super) async fn cancel(
    tx: &mut PgConnection,
    call: &Call,
    CancelSipMeeting { case, occurred_at }: CancelSipMeeting,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change(tx, call, case, "meeting_cancelled", |sip| Ok(meeting::cancel(sip, stamp))).await
}

pub(super) async fn record_held(
    tx: &mut PgConnection,
    call: &Call,
    RecordSipHeld { case, occurred_at }: RecordSipHeld,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change(tx, call, case, "sip_held", |sip| meeting::record_held(sip, stamp)).await
}
