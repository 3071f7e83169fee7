//! What people write about a patient. It is read by whoever takes part, and never published.

use contracts::commands::SipPerson;
use contracts::sip::FreeText;
use contracts::{CaseId, EntryId, StaffId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A text as it is stored; what is stored was one once.
pub(super) fn text(column: &str, stored: &str) -> Result<FreeText, sqlx::Error> {
    let index = column.to_owned();
    stored.parse().map_err(|source| sqlx::Error::ColumnDecode { index, source: Box::new(source) })
}

/// A member of staff as she is stored.
pub(super) fn staff(stored: &str) -> Result<StaffId, sqlx::Error> {
    let index = "staff_id".to_owned();
    stored.parse().map_err(|source| sqlx::Error::ColumnDecode { index, source: Box::new(source) })
}

/// Keeps the place of a meeting.
pub(crate) async fn insert_place(
    tx: &mut PgConnection,
    meeting: EntryId,
    case: CaseId,
    place: &FreeText,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into meeting_text (meeting_id, case_id, place) values ($1, $2, $3)",
        meeting.0,
        case.0,
        place.as_str()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The place of a meeting.
pub(crate) async fn find_place(
    tx: &mut PgConnection,
    meeting: EntryId,
) -> Result<Option<FreeText>, sqlx::Error> {
    let stored =
        sqlx::query_scalar!("select place from meeting_text where meeting_id = $1", meeting.0)
            .fetch_optional(tx)
            .await?;
    stored.map(|stored| text("place", &stored)).transpose()
}

/// Keeps the name of one of the patient's own people.
pub(crate) async fn insert_person(
    tx: &mut PgConnection,
    participant: EntryId,
    case: CaseId,
    name: &FreeText,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into participant_text (participant_id, case_id, name) values ($1, $2, $3)",
        participant.0,
        case.0,
        name.as_str()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Their names, of those that have one.
pub(crate) async fn find_people(
    tx: &mut PgConnection,
    participants: &[Uuid],
) -> Result<Vec<SipPerson>, sqlx::Error> {
    let rows = sqlx::query!(
        "select participant_id, name from participant_text
          where participant_id = any($1) order by participant_id",
        participants
    )
    .fetch_all(tx)
    .await?;
    let people = rows.into_iter().map(|row| {
        Ok(SipPerson { participant: EntryId(row.participant_id), who: text("name", &row.name)? })
    });
    people.collect()
}
