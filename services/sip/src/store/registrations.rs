//! Registrations of the contact, for a month's list.

use chrono::NaiveDate;
use contracts::commands::{MOST_REGISTRATIONS, SipRegistrationKey, SipRegistrationRow};
use contracts::sip::Registration;
use contracts::{CaseId, EntryId, HsaId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::registration::{CAUSE, FEE, PAYMENT, PROCEDURE, visit_form, visit_words};

/// Days from one up to, and without, another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days {
    pub(crate) from: NaiveDate,
    pub(crate) until: NaiveDate,
}

/// Keeps a registration.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    case: CaseId,
    held_on: NaiveDate,
    registration: &Registration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into registration
           (entry_id, case_id, held_on, unit_id, staff_id, visit_type, owner)
         values ($1, $2, $3, $4, $5, $6, $7)",
        registration.stamp.id.0,
        case.0,
        held_on,
        registration.unit.as_str(),
        registration.staff.as_str(),
        visit_words(registration.visit_type),
        registration.owner
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes one out of the lists; the snapshot keeps it.
pub(crate) async fn delete(
    tx: &mut PgConnection,
    registration: EntryId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from registration where entry_id = $1", registration.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// A unit's registrations of some days, page by page.
pub(crate) async fn list(
    tx: &mut PgConnection,
    unit: &HsaId,
    days: Days,
    after: Option<SipRegistrationKey>,
) -> Result<Vec<SipRegistrationRow>, sqlx::Error> {
    let after = after.map_or((days.from, Uuid::nil()), |key| (key.held_on, key.registration.0));
    let rows = sqlx::query!(
        "select entry_id, case_id, held_on, staff_id, visit_type, owner from registration
          where unit_id = $1 and held_on >= $2 and held_on < $3 and (held_on, entry_id) > ($4, $5)
          order by held_on, entry_id limit $6",
        unit.as_str(),
        days.from,
        days.until,
        after.0,
        after.1,
        i64::from(MOST_REGISTRATIONS)
    )
    .fetch_all(tx)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let by_owner = |word: &str| row.owner.then(|| word.to_owned());
        Ok(SipRegistrationRow {
            registration: EntryId(row.entry_id),
            case: CaseId(row.case_id),
            held_on: row.held_on,
            unit: unit.clone(),
            staff: super::texts::staff(&row.staff_id)?,
            visit_type: row.visit_type,
            visit_form: visit_form(row.owner).to_owned(),
            cause: by_owner(CAUSE),
            fee: by_owner(FEE),
            payment: by_owner(PAYMENT),
            procedure: by_owner(PROCEDURE),
        })
    });
    rows.collect()
}
