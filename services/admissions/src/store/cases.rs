//! Cases and their patients.

use contracts::case::Case;
use contracts::commands::CaseCounts;
use contracts::identity::{IdentityKind, PersonalIdentity};
use contracts::{CaseId, CaseRef, HsaId, MunicipalityCode};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::stay::{Patient, StatedAt, Stay};
use crate::private::Private;

/// What tells one stay from another: the hospital, and the digest of its key.
pub(crate) type Key = (HsaId, Vec<u8>);

/// A patient's columns.
struct PatientRow {
    identity_kind: Option<String>,
    identity_value: Option<String>,
    identity_authority: Option<String>,
    name: Option<String>,
    address: Option<String>,
    diagnoses: Option<Json<Vec<String>>>,
    protected: bool,
    municipality: Option<String>,
    care_centre: Option<String>,
}

impl PatientRow {
    fn into_patient(self) -> Result<Patient, sqlx::Error> {
        let identity = match (self.identity_kind.as_deref().and_then(kind), self.identity_value) {
            (Some(kind), Some(value)) => Some(
                PersonalIdentity::new(kind, &value).map_err(|_| unreadable("identity_value"))?,
            ),
            _ => None,
        };
        Ok(Patient {
            identity,
            authority: self.identity_authority,
            name: self.name.map(Private::new),
            address: self.address.map(Private::new),
            diagnoses: self.diagnoses.map(|Json(all)| Private::new(all)),
            protected: self.protected,
            municipality: checked(self.municipality, "municipality")?,
            care_centre: checked(self.care_centre, "care_centre")?,
        })
    }
}

/// A column that was written checked reads back checked.
fn checked<T: std::str::FromStr>(
    text: Option<String>,
    column: &'static str,
) -> Result<Option<T>, sqlx::Error> {
    text.map(|text| text.parse().map_err(|_| unreadable(column))).transpose()
}

fn unreadable(column: &'static str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "not as it was written".into() }
}

const fn kind_name(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Personal => "personal",
        IdentityKind::Coordination => "coordination",
        IdentityKind::Reserve => "reserve",
    }
}

fn kind(name: &str) -> Option<IdentityKind> {
    use IdentityKind::{Coordination, Personal, Reserve};
    [Personal, Coordination, Reserve].into_iter().find(|kind| kind_name(*kind) == name)
}

/// Locks the stays of these keys, in id order, and returns what is known of them.
pub(crate) async fn lock_stays(
    tx: &mut PgConnection,
    keys: &[&Key],
) -> Result<Vec<(Key, Stay)>, sqlx::Error> {
    let hospitals: Vec<&str> = keys.iter().map(|(hospital, _)| hospital.as_str()).collect();
    let digests: Vec<&[u8]> = keys.iter().map(|(_, digest)| digest.as_slice()).collect();
    let rows = sqlx::query!(
        r#"select c.case_key, c.snapshot as "snapshot: Json<Case>",
                  c.stated as "stated: Json<StatedAt>",
                  p.identity_kind, p.identity_value, p.identity_authority, p.name, p.address,
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
    rows.into_iter()
        .map(|row| {
            let key = (row.snapshot.hospital.clone(), row.case_key);
            let patient = PatientRow {
                identity_kind: row.identity_kind,
                identity_value: row.identity_value,
                identity_authority: row.identity_authority,
                name: row.name,
                address: row.address,
                diagnoses: row.diagnoses,
                protected: row.protected,
                municipality: row.municipality,
                care_centre: row.care_centre,
            };
            let (Json(case), Json(stated)) = (row.snapshot, row.stated);
            Ok((key, Stay { case, patient: patient.into_patient()?, stated }))
        })
        .collect()
}

/// The patient of a locked case.
pub(crate) async fn find_patient(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<Patient>, sqlx::Error> {
    let row = sqlx::query_as!(
        PatientRow,
        r#"select identity_kind, identity_value, identity_authority, name, address,
                  diagnoses as "diagnoses: Json<Vec<String>>", protected, municipality, care_centre
             from patient where case_id = $1"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    row.map(PatientRow::into_patient).transpose()
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
    let with_need: Vec<bool> = cases.iter().map(|(_, stay)| stay.case.need().is_some()).collect();
    let snapshots: Vec<Json<&Case>> = cases.iter().map(|(_, stay)| Json(&stay.case)).collect();
    let stated: Vec<Json<&StatedAt>> = cases.iter().map(|(_, stay)| Json(&stay.stated)).collect();
    let inserted = sqlx::query!(
        "insert into hospital_case
           (case_id, case_ref, hospital, case_key, with_need, snapshot, stated)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bool[],
                              $6::jsonb[], $7::jsonb[])
         on conflict do nothing",
        &ids,
        &refs,
        &hospitals as &[&str],
        &digests as &[&[u8]],
        &with_need,
        &snapshots as &[Json<&Case>],
        &stated as &[Json<&StatedAt>],
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
    let with_need: Vec<bool> = cases.iter().map(|(case, _)| case.need().is_some()).collect();
    let snapshots: Vec<Json<&Case>> = cases.iter().map(|(case, _)| Json(*case)).collect();
    let stated: Vec<Json<&StatedAt>> = cases.iter().map(|(_, stated)| Json(*stated)).collect();
    sqlx::query!(
        "update hospital_case c
            set with_need = t.with_need, snapshot = t.snapshot, stated = t.stated
           from unnest($1::uuid[], $2::bool[], $3::jsonb[], $4::jsonb[])
                  as t (case_id, with_need, snapshot, stated)
          where c.case_id = t.case_id",
        &ids,
        &with_need,
        &snapshots as &[Json<&Case>],
        &stated as &[Json<&StatedAt>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Saves the patients of locked cases.
pub(crate) async fn save_patients(
    tx: &mut PgConnection,
    stays: &[&Stay],
) -> Result<(), sqlx::Error> {
    if stays.is_empty() {
        return Ok(());
    }
    let mut rows = Columns::default();
    for stay in stays {
        rows.push(stay);
    }
    sqlx::query!(
        "insert into patient
           (case_id, identity_kind, identity_value, identity_authority, name, address, diagnoses,
            protected, municipality, care_centre)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                              $6::text[], $7::jsonb[], $8::bool[], $9::text[], $10::text[])
         on conflict (case_id) do update
           set identity_kind = excluded.identity_kind, identity_value = excluded.identity_value,
               identity_authority = excluded.identity_authority, name = excluded.name,
               address = excluded.address, diagnoses = excluded.diagnoses,
               protected = excluded.protected, municipality = excluded.municipality,
               care_centre = excluded.care_centre",
        &rows.case_id,
        &rows.kind as &[Option<&str>],
        &rows.value as &[Option<&str>],
        &rows.authority as &[Option<&str>],
        &rows.name as &[Option<&str>],
        &rows.address as &[Option<&str>],
        &rows.diagnoses as &[Option<Json<&Vec<String>>>],
        &rows.protected,
        &rows.municipality as &[Option<&str>],
        &rows.care_centre as &[Option<&str>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Columns<'p> {
    case_id: Vec<Uuid>,
    kind: Vec<Option<&'p str>>,
    value: Vec<Option<&'p str>>,
    authority: Vec<Option<&'p str>>,
    name: Vec<Option<&'p str>>,
    address: Vec<Option<&'p str>>,
    diagnoses: Vec<Option<Json<&'p Vec<String>>>>,
    protected: Vec<bool>,
    municipality: Vec<Option<&'p str>>,
    care_centre: Vec<Option<&'p str>>,
}

impl<'p> Columns<'p> {
    fn push(&mut self, Stay { case, patient, .. }: &'p Stay) {
        let identity = patient.identity.as_ref();
        self.case_id.push(case.case_id.0);
        self.kind.push(identity.map(|identity| kind_name(identity.kind())));
        self.value.push(identity.map(PersonalIdentity::expose));
        self.authority.push(patient.authority.as_deref());
        self.name.push(patient.name.as_ref().map(|name| name.expose().as_str()));
        self.address.push(patient.address.as_ref().map(|address| address.expose().as_str()));
        self.diagnoses.push(patient.diagnoses.as_ref().map(|all| Json(all.expose())));
        self.protected.push(patient.protected);
        self.municipality.push(patient.municipality.as_ref().map(MunicipalityCode::as_str));
        self.care_centre.push(patient.care_centre.as_ref().map(HsaId::as_str));
    }
}

/// Locks a case and returns what is known of it.
pub(crate) async fn lock_case(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<(Case, StatedAt)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select snapshot as "snapshot: Json<Case>", stated as "stated: Json<StatedAt>"
             from hospital_case where case_id = $1 for update"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.snapshot.0, row.stated.0)))
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

/// The newest cases: ids are ordered by time.
pub(crate) async fn list_cases(
    tx: &mut PgConnection,
    with_need: bool,
    limit: i64,
) -> Result<Vec<Case>, sqlx::Error> {
    let rows = if with_need {
        sqlx::query_scalar!(
            r#"select snapshot as "snapshot: Json<Case>" from hospital_case
                where with_need order by case_id desc limit $1"#,
            limit
        )
        .fetch_all(tx)
        .await?
    } else {
        sqlx::query_scalar!(
            r#"select snapshot as "snapshot: Json<Case>" from hospital_case
                order by case_id desc limit $1"#,
            limit
        )
        .fetch_all(tx)
        .await?
    };
    Ok(rows.into_iter().map(|Json(case)| case).collect())
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
