//! Cases and their patients.

use std::collections::BTreeMap;

use chassis::db::json_text;
use chrono::{DateTime, Utc};
use contracts::case::Case;
use contracts::commands::CaseCounts;
use contracts::{CaseId, CaseRef, HsaId};
use serde_json::value::RawValue;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::patients::PatientRow;
use crate::domain::stay::{Fact, Said, StatedAt, Stay};

/// What tells one stay from another: the hospital, and the digest of its key.
pub(crate) type Key = (HsaId, Vec<u8>);

/// When each fact was stated, as it is stored.
type At = BTreeMap<Fact, DateTime<Utc>>;

/// Somebody was judged to be needed. That nobody is was judged as well, and is no need.
fn has_need(case: &Case) -> bool {
    case.need().is_some_and(|need| need.frequent_patient || !need.parties.is_empty())
}

/// Locks the stays of these keys, in id order, and returns what is known of them.
pub(crate) async fn lock_stays(
    tx: &mut PgConnection,
    keys: &[Key],
) -> Result<Vec<(Key, Stay)>, sqlx::Error> {
    let hospitals: Vec<&str> = keys.iter().map(|(hospital, _)| hospital.as_str()).collect();
    let digests: Vec<&[u8]> = keys.iter().map(|(_, digest)| digest.as_slice()).collect();
    let rows = sqlx::query_as!(
        StayRow,
        r#"select c.case_key, c.snapshot as "snapshot: Json<Case>",
                  c.stated as "stated: Json<At>", c.said as "said: Json<Said>",
                  p.identity_kind, p.identity_value, p.identity_authority, p.own_kind, p.own_value,
                  p.own_authority, p.merged_at, p.name, p.address,
                  p.diagnoses as "diagnoses: Json<Vec<String>>", p.protected, p.municipality,
                  p.care_centre
             from hospital_case c join patient p using (case_id)
            where (c.hospital, c.case_key) in (select * from unnest($1::text[], $2::bytea[]))
            order by c.case_id for update"#,
        &hospitals as &[&str],
        &digests as &[&[u8]],
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(StayRow::into_stay).collect()
}

/// Locks these stays, in id order.
pub(crate) async fn lock_stays_by_id(
    tx: &mut PgConnection,
    cases: &[CaseId],
) -> Result<Vec<(Key, Stay)>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let rows = sqlx::query_as!(
        StayRow,
        r#"select c.case_key, c.snapshot as "snapshot: Json<Case>",
                  c.stated as "stated: Json<At>", c.said as "said: Json<Said>",
                  p.identity_kind, p.identity_value, p.identity_authority, p.own_kind, p.own_value,
                  p.own_authority, p.merged_at, p.name, p.address,
                  p.diagnoses as "diagnoses: Json<Vec<String>>", p.protected, p.municipality,
                  p.care_centre
             from hospital_case c join patient p using (case_id)
            where c.case_id = any($1) order by c.case_id for update"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(StayRow::into_stay).collect()
}

/// A stay's columns.
struct StayRow {
    case_key: Vec<u8>,
    snapshot: Json<Case>,
    stated: Json<At>,
    said: Json<Said>,
    identity_kind: Option<String>,
    identity_value: Option<String>,
    identity_authority: Option<String>,
    own_kind: Option<String>,
    own_value: Option<String>,
    own_authority: Option<String>,
    merged_at: Option<DateTime<Utc>>,
    name: Option<String>,
    address: Option<String>,
    diagnoses: Option<Json<Vec<String>>>,
    protected: bool,
    municipality: Option<String>,
    care_centre: Option<String>,
}

impl StayRow {
    fn into_stay(self) -> Result<(Key, Stay), sqlx::Error> {
        let key = (self.snapshot.hospital.clone(), self.case_key);
        let patient = PatientRow {
            identity_kind: self.identity_kind,
            identity_value: self.identity_value,
            identity_authority: self.identity_authority,
            own_kind: self.own_kind,
            own_value: self.own_value,
            own_authority: self.own_authority,
            merged_at: self.merged_at,
            name: self.name,
            address: self.address,
            diagnoses: self.diagnoses,
            protected: self.protected,
            municipality: self.municipality,
            care_centre: self.care_centre,
        };
        let stated = StatedAt { at: self.stated.0, said: self.said.0 };
        Ok((key, Stay { case: self.snapshot.0, patient: patient.into_patient()?, stated }))
    }
}

/// What cases hold in columns of type `json`.
#[derive(Default)]
struct Texts {
    snapshots: Vec<String>,
    stated: Vec<String>,
    said: Vec<String>,
}

impl Texts {
    fn of<'a>(cases: impl Iterator<Item = (&'a Case, &'a StatedAt)>) -> Result<Self, sqlx::Error> {
        let mut texts = Self::default();
        for (case, stated) in cases {
            texts.snapshots.push(json_text(case)?);
            texts.stated.push(json_text(&stated.at)?);
            texts.said.push(json_text(&stated.said)?);
        }
        Ok(texts)
    }
}

/// Adds cases; how many of them could be. Fewer than were given: somebody else has opened one of
/// them at the same moment (or chance has given out a short name twice).
pub(crate) async fn insert_cases(
    tx: &mut PgConnection,
    cases: &[(&Key, &Stay)],
) -> Result<u64, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|(_, stay)| stay.case.case_id.0).collect();
    let refs: Vec<String> = cases.iter().map(|(_, stay)| stay.case.case_ref.compact()).collect();
    let hospitals: Vec<&str> = cases.iter().map(|((hospital, _), _)| hospital.as_str()).collect();
    let digests: Vec<&[u8]> = cases.iter().map(|((_, digest), _)| digest.as_slice()).collect();
    let with_need: Vec<bool> = cases.iter().map(|(_, stay)| has_need(&stay.case)).collect();
    let texts = Texts::of(cases.iter().map(|(_, stay)| (&stay.case, &stay.stated)))?;
    let inserted = sqlx::query!(
        "insert into hospital_case
           (case_id, case_ref, hospital, case_key, with_need, snapshot, stated, said)
         select case_id, case_ref, hospital, case_key, with_need, snapshot::json, stated::json,
                said::json
           from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bool[], $6::text[],
                       $7::text[], $8::text[])
                  as t (case_id, case_ref, hospital, case_key, with_need, snapshot, stated, said)
         on conflict do nothing",
        &ids,
        &refs,
        &hospitals as &[&str],
        &digests as &[&[u8]],
        &with_need,
        &texts.snapshots,
        &texts.stated,
        &texts.said,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected())
}

/// Saves locked cases.
pub(crate) async fn update_cases(
    tx: &mut PgConnection,
    cases: &[(&Case, &StatedAt)],
) -> Result<(), sqlx::Error> {
    if cases.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = cases.iter().map(|(case, _)| case.case_id.0).collect();
    let with_need: Vec<bool> = cases.iter().map(|(case, _)| has_need(case)).collect();
    let texts = Texts::of(cases.iter().copied())?;
    sqlx::query!(
        "update hospital_case c
            set with_need = t.with_need, snapshot = t.snapshot::json, stated = t.stated::json,
                said = t.said::json
           from unnest($1::uuid[], $2::bool[], $3::text[], $4::text[], $5::text[])
                  as t (case_id, with_need, snapshot, stated, said)
          where c.case_id = t.case_id",
        &ids,
        &with_need,
        &texts.snapshots,
        &texts.stated,
        &texts.said,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Locks a case and returns what is known of it.
pub(crate) async fn lock_case(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<(Case, StatedAt)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select snapshot as "snapshot: Json<Case>", stated as "stated: Json<At>",
                  said as "said: Json<Said>"
             from hospital_case where case_id = $1 for update"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.snapshot.0, StatedAt { at: row.stated.0, said: row.said.0 })))
}

/// The case of a short name.
pub(crate) async fn find_case(
    tx: &mut PgConnection,
    case_ref: CaseRef,
) -> Result<Option<Case>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Case>" from hospital_case where case_ref = $1"#,
        case_ref.compact()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|Json(case)| case))
}

/// The newest cases that were opened before one, if it is given, as they are published: as many as
/// are asked for and fit into an answer, but one at least.
pub(crate) async fn list_cases(
    tx: &mut PgConnection,
    before: Option<CaseId>,
    limit: i64,
) -> Result<Vec<Box<RawValue>>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot::text as "snapshot!" from hospital_case
            where opened < coalesce((select opened from hospital_case where case_id = $1),
                                    9223372036854775807)
            order by opened desc limit $2"#,
        before.map(|case| case.0),
        limit.min(super::MOST_LISTED)
    )
    .fetch_all(tx)
    .await?;
    published(rows)
}

/// Of those with a judged need, the same as [`list_cases`].
pub(crate) async fn list_cases_with_need(
    tx: &mut PgConnection,
    before: Option<CaseId>,
    limit: i64,
) -> Result<Vec<Box<RawValue>>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot::text as "snapshot!" from hospital_case
            where with_need
              and opened < coalesce((select opened from hospital_case where case_id = $1),
                                    9223372036854775807)
            order by opened desc limit $2"#,
        before.map(|case| case.0),
        limit.min(super::MOST_LISTED)
    )
    .fetch_all(tx)
    .await?;
    published(rows)
}

fn published(rows: Vec<String>) -> Result<Vec<Box<RawValue>>, sqlx::Error> {
    let fit = super::fitting(rows, String::len).map(RawValue::from_string);
    fit.collect::<Result<_, _>>().map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Figures, each from an index alone.
pub(crate) async fn count(tx: &mut PgConnection) -> Result<CaseCounts, sqlx::Error> {
    sqlx::query_as!(
        CaseCounts,
        r#"select (select count(*) from hospital_case) as "cases!",
                  (select count(*) from hospital_case where with_need) as "with_need!",
                  (select count(*) from raw_message where outcome = 'refused') as "refused!""#
    )
    .fetch_one(tx)
    .await
}
