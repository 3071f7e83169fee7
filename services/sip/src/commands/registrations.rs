//! Registering the contact, and a month's list of it.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use contracts::CaseId;
use contracts::commands::{
    Done, ExportSipRegistrations, Refusal, RegisterSipContact, SipRegistrationRow,
    WithdrawSipRegistration,
};
use messaging::{Call, CommandError, access};
use sqlx::PgConnection;

use super::{change, change_together, reported};
use crate::domain::local_time;
use crate::domain::registration::{self, Contact};
use crate::store::registrations::{self, Days};

pub(super) async fn register(
    tx: &mut PgConnection,
    call: &Call,
    RegisterSipContact { case, staff, owner, visit_type, occurred_at }: RegisterSipContact,
) -> Result<Done, CommandError> {
    let (stamp, actor) = (reported(call, occurred_at)?, call.actor()?);
    let unit = actor.unit.clone();
    let staff = staff.unwrap_or_else(|| actor.staff.clone());
    let contact = Contact { unit, staff, owner, visit_type };
    let mut registered = None;
    let done = change_together(tx, call, case, "contact_registered", |sip| {
        let held = sip.held_meeting().map(|meeting| local_time::date(meeting.starts_at));
        registered = registration::register(sip, contact, stamp)?.zip(held);
        Ok(registered.is_some())
    })
    .await?;
    if let Some((registration, held_on)) = registered {
        registrations::insert(tx, case, held_on, &registration).await?;
    }
    Ok(done)
}

pub(super) async fn withdraw(
    tx: &mut PgConnection,
    call: &Call,
    WithdrawSipRegistration { case, registration }: WithdrawSipRegistration,
) -> Result<Done, CommandError> {
    let (stamp, unit) = (reported(call, None)?, &call.actor()?.unit);
    let done = change(tx, call, case, "registration_withdrawn", |sip| {
        registration::withdraw(sip, unit, registration, stamp)
    })
    .await?;
    registrations::delete(tx, registration).await?;
    Ok(done)
}

/// What the actor's unit has registered in a month.
pub(super) async fn export(
    tx: &mut PgConnection,
    call: &Call,
    ExportSipRegistrations { month, after }: ExportSipRegistrations,
) -> Result<Vec<SipRegistrationRow>, CommandError> {
    let actor = call.actor()?;
    let days = days_of(month).ok_or_else(|| {
        Refusal::new("invalid", "Månaden finns inte.", "There is no such month.").at("/month")
    })?;
    let rows = registrations::list(tx, &actor.unit, days, after).await?;
    let cases: BTreeSet<CaseId> = rows.iter().map(|row| row.case).collect();
    access::note(tx, call, cases).await?;
    Ok(rows)
}

fn days_of(month: NaiveDate) -> Option<Days> {
    let from = month.with_day(1)?;
    Some(Days { from, until: from.checked_add_months(Months::new(1))? })
}
