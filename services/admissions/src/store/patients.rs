//! Patients: never published, never logged.

use chrono::{DateTime, Utc};
use contracts::identity::{IdentityKind, PersonalIdentity};
use contracts::{CaseId, HsaId, MunicipalityCode};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::stay::{Merged, Patient, Stay};
use crate::hospital_message::Identity;
use crate::private::Private;

/// A patient's columns.
pub(super) struct PatientRow {
    pub(super) identity_kind: Option<String>,
    pub(super) identity_value: Option<String>,
    pub(super) identity_authority: Option<String>,
    pub(super) own_kind: Option<String>,
    pub(super) own_value: Option<String>,
    pub(super) own_authority: Option<String>,
    pub(super) merged_at: Option<DateTime<Utc>>,
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
        let own = number(self.own_kind.as_deref(), self.own_value.as_deref())?;
        let own = own.map(|number| Identity { number, authority: self.own_authority });
        let merged = own.zip(self.merged_at).map(|(own, at)| Merged { own, at });
        Ok(Patient {
            identity: number(self.identity_kind.as_deref(), self.identity_value.as_deref())?,
            authority: self.identity_authority,
            merged,
            name: self.name.map(Private::new),
            address: self.address.map(Private::new),
            diagnoses: self.diagnoses.map(|Json(all)| Private::new(all)),
            protected: self.protected,
            municipality: checked(self.municipality, "municipality")?,
            care_centre: checked(self.care_centre, "care_centre")?,
        })
    }
}

/// A number that was written reads back.
pub(super) fn number(
    kind: Option<&str>,
    value: Option<&str>,
) -> Result<Option<PersonalIdentity>, sqlx::Error> {
    let kind = kind.and_then(self::kind);
    let number = kind.zip(value).map(|(kind, value)| PersonalIdentity::new(kind, value));
    number.transpose().map_err(|_| unreadable("identity_value"))
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

pub(super) const fn kind_name(kind: IdentityKind) -> &'static str {
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
        r#"select identity_kind, identity_value, identity_authority, own_kind, own_value,
                  own_authority, merged_at, name, address,
                  diagnoses as "diagnoses: Json<Vec<String>>", protected, municipality, care_centre
             from patient where case_id = $1"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    row.map(PatientRow::into_patient).transpose()
}

/// Saves the patients of locked cases. Until the transaction ends nobody else saves a stay of whoever has
/// one of the numbers in `looked_at`: so two who look back at the same moment see each other's stays.
pub(crate) async fn save(
    tx: &mut PgConnection,
    stays: &[&Stay],
    looked_at: &[&str],
) -> Result<(), sqlx::Error> {
    if stays.is_empty() {
        return Ok(());
    }
    let mut rows = Columns::default();
    for stay in stays {
        rows.push(stay);
    }
    sqlx::query!(
        "with locked as materialized (
           select count(pg_advisory_xact_lock(hashtext('patient'), one.key)) as locks
             from (select distinct hashtext(number) as key from unnest($16::text[]) as number
                    order by key) as one)
         insert into patient
           (case_id, identity_kind, identity_value, identity_authority, name, address, diagnoses,
            protected, municipality, care_centre, began, own_kind, own_value, own_authority,
            merged_at)
         select t.*
           from locked,
                unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                       $6::text[], $7::jsonb[], $8::bool[], $9::text[], $10::text[],
                       $11::timestamptz[], $12::text[], $13::text[], $14::text[],
                       $15::timestamptz[]) as t
          where locks >= 0
         on conflict (case_id) do update
           set identity_kind = excluded.identity_kind, identity_value = excluded.identity_value,
               identity_authority = excluded.identity_authority, name = excluded.name,
               address = excluded.address, diagnoses = excluded.diagnoses,
               protected = excluded.protected, municipality = excluded.municipality,
               care_centre = excluded.care_centre, began = excluded.began,
               own_kind = excluded.own_kind, own_value = excluded.own_value,
               own_authority = excluded.own_authority, merged_at = excluded.merged_at",
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
        &rows.own_kind as &[Option<&str>],
        &rows.own_value as &[Option<&str>],
        &rows.own_authority as &[Option<&str>],
        &rows.merged_at as &[Option<DateTime<Utc>>],
        looked_at as &[&str],
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
    began: Vec<Option<DateTime<Utc>>>,
    own_kind: Vec<Option<&'p str>>,
    own_value: Vec<Option<&'p str>>,
    own_authority: Vec<Option<&'p str>>,
    merged_at: Vec<Option<DateTime<Utc>>>,
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
        let own = patient.merged.as_ref().map(|merged| &merged.own);
        self.own_kind.push(own.map(|own| kind_name(own.number.kind())));
        self.own_value.push(own.map(|own| own.number.expose()));
        self.own_authority.push(own.and_then(|own| own.authority.as_deref()));
        self.merged_at.push(patient.merged.as_ref().map(|merged| merged.at));
    }
}
