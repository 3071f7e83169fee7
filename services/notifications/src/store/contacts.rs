//! Contact points.

use std::collections::{BTreeSet, HashMap};

use contracts::commands::Language;
use contracts::reach::{Role, UnitReach};
use contracts::{AlertId, ContactPointId, HsaId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::delivery::{Channel, Channels};
use crate::domain::digest::DigestTimes;
use crate::domain::email::EmailAddress;
use crate::domain::phone::PhoneNumber;
use crate::domain::roster::Checked;
use crate::templates::words;

/// A contact point that is told.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) id: ContactPointId,
    /// The ways that are not known to be bad.
    pub(crate) channels: Channels,
    /// When news that may wait come to it.
    pub(crate) digest: DigestTimes,
}

/// The contact points in use of units in roles.
pub(crate) async fn find<'a>(
    tx: &mut PgConnection,
    wanted: BTreeSet<(&'a HsaId, Role)>,
) -> Result<HashMap<(&'a HsaId, Role), Vec<Recipient>>, sqlx::Error> {
    let units: Vec<&str> = wanted.iter().map(|(unit, _)| unit.as_str()).collect();
    let roles: Vec<&str> = wanted.iter().map(|(_, role)| role.as_str()).collect();
    let rows = sqlx::query!(
        r#"select w.place as "place!", c.contact_point_id,
                  c.email is not null and not c.email_bad as "email!",
                  c.phone is not null and not c.phone_bad as "phone!", c.digest
             from unnest($1::text[], $2::text[]) with ordinality as w (unit_id, role, place)
             join contact_point c using (unit_id, role) where c.active order by w.place"#,
        &units as &[&str],
        &roles as &[&str]
    )
    .fetch_all(tx)
    .await?;
    let mut found: HashMap<_, Vec<Recipient>> = HashMap::new();
    let mut rows = rows.into_iter().peekable();
    for (place, who) in (1..).zip(wanted) {
        while let Some(row) = rows.next_if(|row| row.place == place) {
            found.entry(who).or_default().push(Recipient {
                id: ContactPointId(row.contact_point_id),
                channels: Channels { email: row.email, sms: row.phone },
                digest: DigestTimes::stored(row.digest),
            });
        }
    }
    Ok(found)
}

/// Until the transaction ends nobody else imports these units. In the order given.
pub(crate) async fn lock_units(tx: &mut PgConnection, units: &[&str]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended(unit_id, 0))
           from unnest($1::text[]) as t (unit_id)",
        units as &[&str]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Replaces the contact points of units; the units for which that made a difference.
pub(crate) async fn replace(
    tx: &mut PgConnection,
    units: &[&str],
    contacts: &[Checked<'_>],
) -> Result<BTreeSet<String>, sqlx::Error> {
    let ids: Vec<Uuid> = contacts.iter().map(|one| one.id.0).collect();
    let mut changed = upsert(tx, &ids, contacts).await?;
    let gone = sqlx::query_scalar!(
        "update contact_point set active = false
          where active and unit_id = any($1) and contact_point_id <> all($2) returning unit_id",
        units as &[&str],
        &ids
    )
    .fetch_all(tx)
    .await?;
    changed.extend(gone);
    Ok(changed)
}

async fn upsert(
    tx: &mut PgConnection,
    ids: &[Uuid],
    contacts: &[Checked<'_>],
) -> Result<BTreeSet<String>, sqlx::Error> {
    let units: Vec<&str> = contacts.iter().map(|one| one.unit.as_str()).collect();
    let roles: Vec<&str> = contacts.iter().map(|one| one.contact.role.as_str()).collect();
    let names: Vec<&str> = contacts.iter().map(|one| one.contact.name.as_str()).collect();
    let emails: Vec<Option<&str>> =
        contacts.iter().map(|one| one.email.as_ref().map(EmailAddress::as_str)).collect();
    let phones: Vec<Option<&str>> =
        contacts.iter().map(|one| one.phone.as_ref().map(PhoneNumber::as_str)).collect();
    let languages: Vec<&str> =
        contacts.iter().map(|one| words::tag(one.contact.language)).collect();
    // An array of arrays has rows of one length: each goes as the text of one.
    let digests: Vec<String> = contacts.iter().map(|one| one.digest.to_string()).collect();
    let rows = sqlx::query_scalar!(
        "insert into contact_point as c
           (contact_point_id, unit_id, role, name, email, phone, language, digest, active)
         select contact_point_id, unit_id, role, name, email, phone, language, digest::time[], true
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::text[])
                  as t (contact_point_id, unit_id, role, name, email, phone, language, digest)
          order by contact_point_id
         on conflict (contact_point_id) do update
           set email = excluded.email, phone = excluded.phone, language = excluded.language,
               digest = excluded.digest, active = true,
               email_bad = c.email_bad and c.email is not distinct from excluded.email,
               phone_bad = c.phone_bad and c.phone is not distinct from excluded.phone
           where (c.email, c.phone, c.language, c.digest, c.active)
                 is distinct from (excluded.email, excluded.phone, excluded.language,
                                   excluded.digest, true)
         returning unit_id",
        ids,
        &units as &[&str],
        &roles as &[&str],
        &names as &[&str],
        &emails as &[Option<&str>],
        &phones as &[Option<&str>],
        &languages as &[&str],
        &digests,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Locks the units of alerts' recipients, in their order.
pub(crate) async fn lock_units_of(
    tx: &mut PgConnection,
    marks: &[(AlertId, Channel, bool)],
) -> Result<(), sqlx::Error> {
    let alerts: Vec<Uuid> = marks.iter().map(|(alert, ..)| alert.0).collect();
    let units = sqlx::query_scalar!(
        "select distinct unit_id from alert where alert_id = any($1) order by unit_id",
        &alerts
    )
    .fetch_all(&mut *tx)
    .await?;
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    lock_units(tx, &units).await
}

/// Writes down of alerts' recipients whether a channel is bad; the units of those that turned.
pub(crate) async fn mark(
    tx: &mut PgConnection,
    marks: &[(AlertId, Channel, bool)],
) -> Result<BTreeSet<String>, sqlx::Error> {
    let alerts: Vec<Uuid> = marks.iter().map(|(alert, ..)| alert.0).collect();
    let emails: Vec<bool> = marks.iter().map(|(_, c, _)| *c == Channel::Email).collect();
    let bad: Vec<bool> = marks.iter().map(|(.., bad)| *bad).collect();
    let rows = sqlx::query_scalar!(
        "update contact_point c
            set email_bad = case when t.email then t.bad else c.email_bad end,
                phone_bad = case when t.email then c.phone_bad else t.bad end
           from unnest($1::uuid[], $2::bool[], $3::bool[]) as t (alert_id, email, bad)
           join alert a using (alert_id)
          where c.contact_point_id = a.contact_point_id
            and case when t.email then c.email_bad else c.phone_bad end <> t.bad
         returning c.unit_id",
        &alerts,
        &emails,
        &bad
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// The roles in which units have somebody who would be told. `sms`: a provider is set up.
pub(crate) async fn roles(
    tx: &mut PgConnection,
    units: &[&str],
    sms: bool,
) -> Result<HashMap<String, Vec<Role>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distinct unit_id, to_jsonb(role) as "role!: Json<Role>" from contact_point
            where unit_id = any($1) and active
              and ((email is not null and not email_bad)
                   or ($2 and phone is not null and not phone_bad))"#,
        units as &[&str],
        sms
    )
    .fetch_all(tx)
    .await?;
    let mut found: HashMap<String, Vec<Role>> = HashMap::new();
    for row in rows {
        found.entry(row.unit_id).or_default().push(row.role.0);
    }
    for roles in found.values_mut() {
        roles.sort_unstable();
    }
    Ok(found)
}

/// How units are reached, as it was last told.
pub(crate) async fn reaches(
    tx: &mut PgConnection,
    units: &[&str],
) -> Result<Vec<UnitReach>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<UnitReach>" from unit_reach
            where unit_id = any($1) order by unit_id"#,
        units as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(reach)| reach).collect())
}

/// Saves how units are reached; those that were new or different.
pub(crate) async fn save_reaches(
    tx: &mut PgConnection,
    reaches: &[UnitReach],
) -> Result<BTreeSet<String>, sqlx::Error> {
    let ids: Vec<&str> = reaches.iter().map(|reach| reach.unit.as_str()).collect();
    let snapshots: Vec<Json<&UnitReach>> = reaches.iter().map(Json).collect();
    let changed = sqlx::query_scalar!(
        "insert into unit_reach as u (unit_id, snapshot)
         select * from unnest($1::text[], $2::jsonb[]) as t (unit_id, snapshot) order by unit_id
         on conflict (unit_id) do update set snapshot = excluded.snapshot
           where u.snapshot <> excluded.snapshot
         returning unit_id",
        &ids as &[&str],
        &snapshots as &[Json<&UnitReach>]
    )
    .fetch_all(tx)
    .await?;
    Ok(changed.into_iter().collect())
}

/// The language that is stored under a tag.
pub(super) fn language(tag: &str) -> Language {
    words::from_tag(Some(tag))
}
