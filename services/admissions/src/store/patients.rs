//! Patients: never published, never logged.

use chrono::{DateTime, Utc};
use contracts::identity::{IdentityKind, PersonalIdentity};
use contracts::{CaseId, HsaId, MunicipalityCode};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::frequent;
use crate::domain::readmission::{self, Last};
use crate::domain::stay::{Patient, Stay};
use crate::private::Private;

/// A patient's columns.
pub(super) struct PatientRow {
    pub(super) identity_kind: Option<String>,
    pub(super) identity_value: Option<String>,
    pub(super) identity_authority: Option<String>,
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    pub(super) diagnoses: Option<Json<Vec<String>>>,
    pub(super) protected: bool,
    pub(super) municipality: Option<String>,
    pub(super) care_centre: Option<String>,
}

impl PatientRow {
    /// The patient; fails when a column does not hold what was written.
    pub(super) fn into_patient(self) -> Result<Patient, sqlx::Error> {
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

/// The patient of a locked case.
pub(crate) async fn find(
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

/// Saves the patients of locked cases.
pub(crate) async fn save(tx: &mut PgConnection, stays: &[&Stay]) -> Result<(), sqlx::Error> {
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
            protected, municipality, care_centre, began)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                              $6::text[], $7::jsonb[], $8::bool[], $9::text[], $10::text[],
                              $11::timestamptz[])
         on conflict (case_id) do update
           set identity_kind = excluded.identity_kind, identity_value = excluded.identity_value,
               identity_authority = excluded.identity_authority, name = excluded.name,
               address = excluded.address, diagnoses = excluded.diagnoses,
               protected = excluded.protected, municipality = excluded.municipality,
               care_centre = excluded.care_centre, began = excluded.began",
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
        &rows.began as &[Option<DateTime<Utc>>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What is found of a patient's other stays when one has begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier {
    /// How many began in the three months before, up to as many as are counted.
    pub(crate) stays: u16,
    /// How they stood.
    pub(crate) last: Last,
}

/// How many of the stays that began last are looked at for when they ended.
const LOOKED_AT: i64 = 5;

/// Looks back from each of these saved stays, which have begun, to the same patient's others, by the
/// identity number: no more than `most` are counted. In the order given.
pub(crate) async fn look_back(
    tx: &mut PgConnection,
    stays: &[&Stay],
    most: u16,
) -> Result<Vec<Earlier>, sqlx::Error> {
    let (mut ids, mut from, mut year, mut until) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (stay, began) in stays.iter().filter_map(|stay| Some((stay, stay.began()?))) {
        ids.push(stay.case.case_id.0);
        from.push(frequent::counts_from(began));
        year.push(readmission::looks_back_to(began));
        until.push(began);
    }
    let rows = sqlx::query!(
        r#"select (select count(*) from (
                    select from patient e
                     where e.identity_value = p.identity_value
                       and e.identity_kind = p.identity_kind
                       and e.identity_authority is not distinct from p.identity_authority
                       and e.began between t.since and t.until and e.case_id <> p.case_id
                     limit $5) as earlier) as "stays!",
                  coalesce(last.ended = 'infinity', false) as "goes_on!",
                  nullif(last.ended, 'infinity') as "ended?"
             from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
                    with ordinality as t (case_id, since, year, until, nth)
             join patient p using (case_id)
             cross join lateral (
               select max(coalesce((
                        select max((d #>> '{stamp,occurred_at}')::timestamptz)
                          from json_array_elements(c.snapshot -> 'discharges') as d
                         where d -> 'revoked' is null), 'infinity')) as ended
                 from (select e.case_id from patient e
                        where e.identity_value = p.identity_value
                          and e.identity_kind = p.identity_kind
                          and e.identity_authority is not distinct from p.identity_authority
                          and e.began between t.year and t.until and e.case_id <> p.case_id
                        order by e.began desc limit $6) as latest
                 join hospital_case c using (case_id)) as last
            order by nth"#,
        &ids,
        &from,
        &year,
        &until,
        i64::from(most),
        LOOKED_AT
    )
    .fetch_all(tx)
    .await?;
    let earlier = rows.into_iter().map(|row| Earlier {
        stays: u16::try_from(row.stays).unwrap_or(u16::MAX),
        last: match row.ended {
            _ if row.goes_on => Last::GoesOn,
            Some(at) => Last::Ended(at),
            None => Last::None,
        },
    });
    Ok(earlier.collect())
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
    began: Vec<Option<DateTime<Utc>>>,
}

impl<'p> Columns<'p> {
    fn push(&mut self, stay: &'p Stay) {
        let Stay { case, patient, .. } = stay;
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
        self.began.push(stay.began());
    }
}
