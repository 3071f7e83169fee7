//! Meetings: what is published of them goes into the snapshot, what people write about them into
//! tables of their own.

use contracts::Sip;
use contracts::commands::{
    AskSipParticipant, CancelSipMeeting, Done, ReadSipMeeting, RecordPreMeeting,
    RecordSipAttendance, RecordSipHeld, RevokeSipHeld, SetSipMeeting, SetSipTime, SipMeetingTexts,
    TickSipPoint, WithdrawSipParticipant,
};
use messaging::{Call, CommandError, access};
use sqlx::PgConnection;

use super::{change, change_together, find, must_be_allowed, reported};
use crate::domain::meeting::{self, Setting, planned};
use crate::domain::people::{self, Invitee};
use crate::domain::{points, reading};
use crate::store::texts;

pub(super) async fn set(
    tx: &mut PgConnection,
    call: &Call,
    SetSipMeeting { case, starts_at, ends_at, form, place }: SetSipMeeting,
) -> Result<Done, CommandError> {
    let stamp = reported(call, None)?;
    let (setting, id) = (Setting { starts_at, ends_at, form }, stamp.id);
    let before = match planned(&find(tx, case).await?) {
        Some(meeting) => texts::find_place(tx, meeting.stamp.id).await?,
        None => None,
    };
    let how = |sip: &mut Sip| meeting::set(sip, setting, before != place, stamp);
    let done = change_together(tx, call, case, "meeting_set", how).await?;
    if let Some(place) = place.filter(|_| done.changed) {
        texts::insert_place(tx, id, case, &place).await?;
    }
    Ok(done)
}

pub(super) async fn set_time(
    tx: &mut PgConnection,
    call: &Call,
    SetSipTime { case, starts_at }: SetSipTime,
) -> Result<Done, CommandError> {
    let stamp = reported(call, None)?;
    let id = stamp.id;
    let before = match planned(&find(tx, case).await?) {
        Some(meeting) => texts::find_place(tx, meeting.stamp.id).await?,
        None => None,
    };
    let how = |sip: &mut Sip| meeting::set_time(sip, starts_at, stamp);
    let done = change(tx, call, case, "time_set", how).await?;
    if let Some(place) = before.filter(|_| done.changed) {
        texts::insert_place(tx, id, case, &place).await?;
    }
    Ok(done)
}

pub(super) async fn cancel(
    tx: &mut PgConnection,
    call: &Call,
    CancelSipMeeting { case, occurred_at }: CancelSipMeeting,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change_together(tx, call, case, "meeting_cancelled", |sip| Ok(meeting::cancel(sip, stamp)))
        .await
}

pub(super) async fn record_held(
    tx: &mut PgConnection,
    call: &Call,
    RecordSipHeld { case, occurred_at }: RecordSipHeld,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change(tx, call, case, "sip_held", |sip| meeting::record_held(sip, stamp)).await
}

/// Whoever is asked may read, so only a unit that takes part asks others.
pub(super) async fn ask(
    tx: &mut PgConnection,
    call: &Call,
    AskSipParticipant { case, role, party, unit, staff, who, occurred_at }: AskSipParticipant,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    let id = stamp.id;
    let invitee = Invitee { role, party, unit, staff, is_named: who.is_some() };
    let how = |sip: &mut Sip| people::ask(sip, invitee, stamp);
    let done = change_together(tx, call, case, "participant_asked", how).await?;
    if let Some(who) = who.filter(|_| done.changed) {
        texts::insert_person(tx, id, case, &who).await?;
    }
    Ok(done)
}

pub(super) async fn revoke_held(
    tx: &mut PgConnection,
    call: &Call,
    RevokeSipHeld { case }: RevokeSipHeld,
) -> Result<Done, CommandError> {
    let (stamp, unit) = (reported(call, None)?, &call.actor()?.unit);
    change(tx, call, case, "held_revoked", |sip| {
        // In a case to which nobody has called, nobody takes part.
        if sip.call().is_some() {
            reading::must_take_part(sip, unit)?;
        }
        meeting::revoke_held(sip, &stamp)
    })
    .await
}

pub(super) async fn withdraw(
    tx: &mut PgConnection,
    call: &Call,
    WithdrawSipParticipant { case, participant, occurred_at }: WithdrawSipParticipant,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    let how = |sip: &mut Sip| people::withdraw(sip, participant, stamp);
    change_together(tx, call, case, "participant_withdrawn", how).await
}

pub(super) async fn record_attendance(
    tx: &mut PgConnection,
    call: &Call,
    RecordSipAttendance { case, participant, came, occurred_at }: RecordSipAttendance,
) -> Result<Done, CommandError> {
    let (stamp, now) = (reported(call, occurred_at)?, call.now);
    let how = |sip: &mut Sip| people::record_attendance(sip, participant, came, stamp, now);
    change_together(tx, call, case, "attendance_recorded", how).await
}

pub(super) async fn record_pre_meeting(
    tx: &mut PgConnection,
    call: &Call,
    RecordPreMeeting { case, points, occurred_at }: RecordPreMeeting,
) -> Result<Done, CommandError> {
    let (stamp, unit) = (reported(call, occurred_at)?, &call.actor()?.unit);
    let how = |sip: &mut Sip| points::record_pre_meeting(sip, unit, &points, &stamp);
    change(tx, call, case, "pre_meeting_held", how).await
}

pub(super) async fn tick(
    tx: &mut PgConnection,
    call: &Call,
    TickSipPoint { case, point, occurred_at }: TickSipPoint,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    change_together(tx, call, case, "point_done", |sip| points::tick(sip, point, stamp)).await
}

/// What people wrote about the meeting.
pub(super) async fn read(
    tx: &mut PgConnection,
    call: &Call,
    ReadSipMeeting { case }: ReadSipMeeting,
) -> Result<SipMeetingTexts, CommandError> {
    let actor = call.actor()?;
    let sip = find(tx, case).await?;
    reading::must_take_part(&sip, &actor.unit)?;
    must_be_allowed(tx, call, &sip).await?;
    access::note(tx, call, [case]).await?;
    let Some(meeting) = sip.meeting() else {
        return Ok(SipMeetingTexts { meeting: None, place: None, people: Vec::new() });
    };
    let asked = meeting.participants.iter().filter(|one| one.withdrawn.is_none());
    let asked: Vec<_> = asked.map(|one| one.stamp.id.0).collect();
    Ok(SipMeetingTexts {
        meeting: Some(meeting.stamp.id),
        place: texts::find_place(tx, meeting.stamp.id).await?,
        people: texts::find_people(tx, &asked).await?,
    })
}
