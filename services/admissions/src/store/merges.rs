//! Which numbers hospitals have merged into which.

use contracts::{CaseId, HsaId};
use sqlx::PgConnection;

use super::patients::{kind_name, number};
use crate::domain::merge::Merge;
use crate::hospital_message::Identity;

/// Numbers of hospitals' patients.
#[derive(Default)]
struct Numbers<'n> {
    hospitals: Vec<&'n str>,
    kinds: Vec<&'static str>,
    values: Vec<&'n str>,
    authorities: Vec<Option<&'n str>>,
}

impl<'n> Numbers<'n> {
    fn of(numbers: impl Iterator<Item = (&'n HsaId, &'n Identity)>) -> Self {
        let mut all = Self::default();
        for (hospital, identity) in numbers {
            all.hospitals.push(hospital.as_str());
            all.kinds.push(kind_name(identity.number.kind()));
            all.values.push(identity.number.expose());
            all.authorities.push(identity.authority.as_deref());
        }
        all
    }
}

/// Remembers merges, each once. Whoever saves a stay of such a number at the same moment is waited for,
/// or waits and then finds the merge.
pub(crate) async fn remember(tx: &mut PgConnection, merges: &[Merge]) -> Result<(), sqlx::Error> {
    let of = |identity: fn(&Merge) -> &Identity| {
        Numbers::of(merges.iter().map(move |merge| (&merge.hospital, identity(merge))))
    };
    let (prior, survivor) = (of(|merge| &merge.prior), of(|merge| &merge.survivor));
    let protected: Vec<_> = merges.iter().map(|merge| merge.protected).collect();
    let stated_at: Vec<_> = merges.iter().map(|merge| merge.stated_at).collect();
    let messages: Vec<_> = merges.iter().map(|merge| merge.message).collect();
    sqlx::query!(
        "with locked as materialized (
           select count(pg_advisory_xact_lock(hashtext('patient'), one.key)) as locks
             from (select distinct hashtext(number) as key from unnest($3::text[]) as number
                    order by key) as one)
         insert into identity_merge
           (hospital, prior_kind, prior_value, prior_authority, kind, value, authority, protected,
            stated_at, message)
         select t.*
           from locked,
                unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::bool[], $9::timestamptz[], $10::uuid[])
                  as t (hospital, prior_kind, prior_value, prior_authority, kind, value, authority,
                        protected, stated_at, message)
          where locks >= 0
            and not exists (select from identity_merge m
                             where m.message = t.message and m.hospital = t.hospital
                               and m.prior_value = t.prior_value and m.prior_kind = t.prior_kind)",
        &prior.hospitals as &[&str],
        &prior.kinds as &[&str],
        &prior.values as &[&str],
        &prior.authorities as &[Option<&str>],
        &survivor.kinds as &[&str],
        &survivor.values as &[&str],
        &survivor.authorities as &[Option<&str>],
        &protected,
        &stated_at,
        &messages,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The stays whose number may be another one by these merges: the hospitals' stays of whoever has one of
/// the numbers, or had one that was merged into it.
pub(crate) async fn concerned(
    tx: &mut PgConnection,
    merges: &[Merge],
) -> Result<Vec<CaseId>, sqlx::Error> {
    let prior = Numbers::of(merges.iter().map(|merge| (&merge.hospital, &merge.prior)));
    let ids = sqlx::query_scalar!(
        r#"with recursive led (hospital, kind, value, authority) as (
             select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
             union
             select m.hospital, m.prior_kind, m.prior_value, m.prior_authority
               from led join identity_merge m
                 on m.hospital = led.hospital and m.value = led.value and m.kind = led.kind
                and m.authority is not distinct from led.authority)
           select c.case_id as "case_id!"
             from led join patient p
               on p.identity_value = led.value and p.identity_kind = led.kind
              and p.identity_authority is not distinct from led.authority
             join hospital_case c on c.case_id = p.case_id and c.hospital = led.hospital
           union
           select c.case_id
             from led join patient p
               on p.own_value = led.value and p.own_kind = led.kind
              and p.own_authority is not distinct from led.authority
             join hospital_case c on c.case_id = p.case_id and c.hospital = led.hospital
           order by 1"#,
        &prior.hospitals as &[&str],
        &prior.kinds as &[&str],
        &prior.values as &[&str],
        &prior.authorities as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(CaseId).collect())
}

/// Every merge that leads on from one of these numbers, directly or by others.
pub(crate) async fn leading_on(
    tx: &mut PgConnection,
    numbers: &[(HsaId, Identity)],
) -> Result<Vec<Merge>, sqlx::Error> {
    let from = Numbers::of(numbers.iter().map(|(hospital, identity)| (hospital, identity)));
    let rows = sqlx::query!(
        r#"with recursive led as (
             select m.* from unnest($1::text[], $2::text[], $3::text[], $4::text[])
                               as t (hospital, kind, value, authority)
               join identity_merge m
                 on m.hospital = t.hospital and m.prior_value = t.value and m.prior_kind = t.kind
                and m.prior_authority is not distinct from t.authority
             union
             select m.* from led join identity_merge m
                 on m.hospital = led.hospital and m.prior_value = led.value
                and m.prior_kind = led.kind
                and m.prior_authority is not distinct from led.authority)
           select hospital as "hospital!", prior_kind, prior_value, prior_authority, kind, value,
                  authority, protected as "protected!", stated_at as "stated_at!",
                  message as "message!"
             from led"#,
        &from.hospitals as &[&str],
        &from.kinds as &[&str],
        &from.values as &[&str],
        &from.authorities as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?;
    let mut merges = Vec::with_capacity(rows.len());
    for row in rows {
        let prior = number(row.prior_kind.as_deref(), row.prior_value.as_deref())?;
        let survivor = number(row.kind.as_deref(), row.value.as_deref())?;
        let hospital = row.hospital.parse().ok();
        let Some(((prior, survivor), hospital)) = prior.zip(survivor).zip(hospital) else {
            continue;
        };
        merges.push(Merge {
            hospital,
            prior: Identity { number: prior, authority: row.prior_authority },
            survivor: Identity { number: survivor, authority: row.authority },
            protected: row.protected,
            stated_at: row.stated_at,
            message: row.message,
        });
    }
    Ok(merges)
}
