//! What a stay has to do with its patient's other ones.

use chrono::{DateTime, Utc};
use contracts::CaseId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::patients::kind_name;
use crate::domain::frequent;
use crate::domain::readmission::{self, Last};
use crate::domain::stay::{Fact, Stay};
use crate::hospital_message::Identity;

/// What is found of a patient's other stays when one has begun.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    /// How many began in the three months before, up to as many as are counted.
    pub(crate) stays: u16,
    /// How they stood.
    pub(crate) last: Last,
    /// The stay's hospital has merged its number since it was said.
    pub(crate) is_merged: bool,
    /// Stays that began within three months after it and were told of before.
    pub(crate) later: Vec<CaseId>,
}

/// What the database says of it.
struct Row {
    stays: i64,
    goes_on: bool,
    ended: Option<DateTime<Utc>>,
    is_merged: bool,
    later: Vec<Uuid>,
}

impl Row {
    fn into_earlier(self) -> Earlier {
        Earlier {
            stays: u16::try_from(self.stays).unwrap_or(u16::MAX),
            last: match self.ended {
                _ if self.goes_on => Last::GoesOn,
                Some(at) => Last::Ended(at),
                None => Last::None,
            },
            is_merged: self.is_merged,
            later: self.later.into_iter().map(CaseId).collect(),
        }
    }
}

/// What is asked of each stay.
#[derive(Default)]
struct Asked<'s> {
    ids: Vec<Uuid>,
    hospitals: Vec<&'s str>,
    /// When the hospital said the number.
    said_at: Vec<Option<DateTime<Utc>>>,
    /// From when on other stays count for who comes often, and for who is back.
    since: Vec<DateTime<Utc>>,
    year: Vec<DateTime<Utc>>,
    until: Vec<DateTime<Utc>>,
    /// Until when it counts for others.
    later: Vec<DateTime<Utc>>,
}

impl<'s> Asked<'s> {
    fn of(stays: &[&'s Stay]) -> Self {
        let mut asked = Self::default();
        for (stay, began) in stays.iter().filter_map(|stay| Some((stay, stay.began()?))) {
            asked.ids.push(stay.case.case_id.0);
            asked.hospitals.push(stay.case.hospital.as_str());
            asked.said_at.push(stay.stated.at.get(&Fact::Identity).copied());
            asked.since.push(frequent::counts_from(began));
            asked.year.push(readmission::looks_back_to(began));
            asked.until.push(began);
            asked.later.push(frequent::counts_until(began));
        }
        asked
    }
}

/// How many of the stays that began last are looked at for when they ended.
const LOOKED_AT: i64 = 5;

/// Looks back from each of these saved stays, which have begun, to the same patient's others, by the
/// identity number: no more than `most` are counted, and where none are, no later ones are told. In the
/// order given.
pub(crate) async fn look_back(
    tx: &mut PgConnection,
    stays: &[&Stay],
    most: u16,
) -> Result<Vec<Earlier>, sqlx::Error> {
    let asked = Asked::of(stays);
    let rows = sqlx::query_as!(
        Row,
        r#"select (select count(*) from (
                    select from patient e
                     where (e.identity_value, e.identity_kind) = (p.identity_value, p.identity_kind)
                       and e.identity_authority is not distinct from p.identity_authority
                       and e.began between t.since and t.until and e.case_id <> p.case_id
                     limit $5) as earlier) as "stays!",
                  coalesce(last.ended = 'infinity', false) as "goes_on!",
                  nullif(last.ended, 'infinity') as "ended?",
                  exists (select from identity_merge m
                           where (m.prior_value, m.prior_kind) = (p.identity_value, p.identity_kind)
                             and m.prior_authority is not distinct from p.identity_authority
                             and m.hospital = t.hospital and m.stated_at >= t.said_at)
                    as "is_merged!",
                  array(select l.case_id from patient l
                         where (l.identity_value, l.identity_kind) = (p.identity_value, p.identity_kind)
                           and l.identity_authority is not distinct from p.identity_authority
                           and l.began > t.until and l.began <= t.later
                           and l.case_id <> p.case_id
                         order by l.began limit $10) as "later!"
             from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[],
                         $7::text[], $8::timestamptz[], $9::timestamptz[])
                    with ordinality
                    as t (case_id, since, year, until, hospital, said_at, later, nth)
             join patient p using (case_id)
             cross join lateral (
               select max(coalesce((
                        select max((d #>> '{stamp,occurred_at}')::timestamptz)
                          from json_array_elements(c.snapshot -> 'discharges') as d
                         where d -> 'revoked' is null), 'infinity')) as ended
                 from (select e.case_id from patient e
                        where (e.identity_value, e.identity_kind) = (p.identity_value, p.identity_kind)
                          and e.identity_authority is not distinct from p.identity_authority
                          and e.began between t.year and t.until and e.case_id <> p.case_id
                        order by e.began desc limit $6) as latest
                 join hospital_case c using (case_id)) as last
            order by nth"#,
        &asked.ids,
        &asked.since,
        &asked.year,
        &asked.until,
        i64::from(most),
        LOOKED_AT,
        &asked.hospitals as &[&str],
        &asked.said_at as &[Option<DateTime<Utc>>],
        &asked.later,
        if most == 0 { 0 } else { MOST_LATER }
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Row::into_earlier).collect())
}

/// Most later stays of a patient that are looked at again when an earlier one turns out to be different.
const MOST_LATER: i64 = 20;

/// The stays of these patients that began after such a moment, for as long as an earlier stay counts for
/// them.
pub(crate) async fn later(
    tx: &mut PgConnection,
    patients: &[(Identity, DateTime<Utc>)],
) -> Result<Vec<CaseId>, sqlx::Error> {
    let (mut kinds, mut values, mut authorities) = (Vec::new(), Vec::new(), Vec::new());
    let (mut from, mut until) = (Vec::new(), Vec::new());
    for (identity, began) in patients {
        kinds.push(kind_name(identity.number.kind()));
        values.push(identity.number.expose());
        authorities.push(identity.authority.as_deref());
        from.push(*began);
        until.push(frequent::counts_until(*began));
    }
    let ids = sqlx::query_scalar!(
        r#"select distinct later.case_id as "case_id!"
             from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
                    as t (kind, value, authority, since, until)
             cross join lateral (
               select p.case_id from patient p
                where p.identity_value = t.value and p.identity_kind = t.kind
                  and p.identity_authority is not distinct from t.authority
                  and p.began between t.since and t.until
                order by p.began limit $6) as later
            order by 1"#,
        &kinds as &[&str],
        &values as &[&str],
        &authorities as &[Option<&str>],
        &from,
        &until,
        MOST_LATER
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(CaseId).collect())
}
