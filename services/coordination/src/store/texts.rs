//! What people have written, and who has read it.

use std::collections::HashMap;

use chassis::db::json_text;
use contracts::{CaseId, EntryId, HsaId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::cooperation::annexes::File;

/// Keeps what an entry says.
pub(crate) async fn insert_text(
    tx: &mut PgConnection,
    entry: EntryId,
    case: CaseId,
    unit: &HsaId,
    content: &impl Serialize,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into written (entry_id, case_id, unit_id, content)
         values ($1, $2, $3, $4::text::json)",
        entry.0,
        case.0,
        unit.as_str(),
        json_text(content)?
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What these entries say, as far as it is of this type.
pub(crate) async fn load_texts<T: DeserializeOwned>(
    tx: &mut PgConnection,
    entries: impl Iterator<Item = EntryId>,
) -> Result<HashMap<EntryId, T>, sqlx::Error> {
    let ids: Vec<Uuid> = entries.map(|entry| entry.0).collect();
    let rows = sqlx::query!(
        r#"select entry_id, content::text as "content!" from written where entry_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let read = rows.into_iter().map(|row| (row.entry_id, serde_json::from_str(&row.content)));
    Ok(read.filter_map(|(id, content)| Some((EntryId(id), content.ok()?))).collect())
}

/// Keeps an annex.
pub(crate) async fn insert_annex(
    tx: &mut PgConnection,
    entry: EntryId,
    case: CaseId,
    file: File<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into annex (entry_id, case_id, name, media_type, content)
         values ($1, $2, $3, $4, $5)",
        entry.0,
        case.0,
        file.name,
        file.media_type,
        file.bytes
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An annex as it is kept.
pub(crate) struct KeptAnnex {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) content: Vec<u8>,
}

/// An annex of a case.
pub(crate) async fn find_annex(
    tx: &mut PgConnection,
    case: CaseId,
    annex: EntryId,
) -> Result<Option<KeptAnnex>, sqlx::Error> {
    sqlx::query_as!(
        KeptAnnex,
        "select name, media_type, content from annex where entry_id = $1 and case_id = $2",
        annex.0,
        case.0
    )
    .fetch_optional(tx)
    .await
}
