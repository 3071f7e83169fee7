//! The basis of a month's payment, per municipality: sums over cases, so that pages can be added up.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use contracts::MunicipalityCode;
use contracts::commands::{AverageLimit, CaseBasis, MunicipalityBasis, PaymentReason, ReasonDays};

use super::policy::{Average, Policies, Policy, PolicyRule};
use super::stay::{Notice, Stay};
use super::{days, local_date};
use crate::domain::facts::Facts;

/// What a case comes to in the month of `month`, per policy that its notices follow. Nothing when it has
/// no day in it from a ready notice on.
#[must_use]
pub fn month_of(
    facts: &Facts,
    policies: &Policies,
    region: &str,
    month: NaiveDate,
    now: DateTime<Utc>,
) -> Vec<MunicipalityBasis> {
    let Some(stay) = Stay::new(facts, policies, region) else { return Vec::new() };
    let mut rows: BTreeMap<&str, MunicipalityBasis> = BTreeMap::new();
    for day in days(&stay, now).filter(|day| is_in(month, *day)) {
        let day = stay.day(day, now);
        let Some(notice) = stay.notices.iter().find(|notice| notice.entry == day.notice) else {
            continue;
        };
        let row = rows.entry(notice.policy.name()).or_insert_with(|| empty(&stay, notice.policy));
        let known = notice.policy.amount(day.day).map(u64::from);
        for case in &mut row.cases {
            if day.payable {
                case.payable.push(day.day);
            }
            day.reasons.iter().for_each(|reason| count(&mut case.not_payable, *reason));
        }
        if day.payable {
            row.payable_days += 1;
            row.amount = row.amount.zip(known).map(|(sum, amount)| sum + amount);
        }
    }
    if let Some(notice) = stay.notices.last()
        && let Some(row) = rows.get_mut(notice.policy.name())
    {
        stay_in(&stay, notice, month, now, row);
    }
    rows.into_values().collect()
}

fn is_in(month: NaiveDate, day: NaiveDate) -> bool {
    (day.year(), day.month()) == (month.year(), month.month())
}

fn empty(stay: &Stay<'_>, policy: &Policy) -> MunicipalityBasis {
    let case = stay.view.case;
    MunicipalityBasis {
        municipality: case.municipality.clone(),
        policy: policy.name().to_owned(),
        model: policy.model(),
        cases: vec![CaseBasis {
            case: case.case_id,
            case_ref: case.case_ref,
            payable: Vec::new(),
            not_payable: Vec::new(),
            stay_days: None,
        }],
        payable_days: 0,
        amount: matches!(policy.rule, PolicyRule::Individual(_)).then_some(0),
        limit: match policy.rule {
            PolicyRule::Individual(_) => None,
            PolicyRule::Average(Average { more_than_days, decided_over_months, .. }) => {
                Some(AverageLimit { more_than_days, months: decided_over_months })
            }
        },
        stays: 0,
        stay_days: 0,
        long_stays: 0,
    }
}

fn count(all: &mut Vec<ReasonDays>, reason: PaymentReason) {
    match all.iter_mut().find(|one| one.reason == reason) {
        Some(one) => one.days += 1,
        None => all.push(ReasonDays { reason, days: 1 }),
    }
}

/// A stay under a policy by average that ended in the month. It counts when the municipality had its
/// notices and the plan was called to, where it was due; what hindered open care is not taken off.
fn stay_in(
    stay: &Stay<'_>,
    notice: &Notice<'_>,
    month: NaiveDate,
    now: DateTime<Utc>,
    row: &mut MunicipalityBasis,
) {
    let PolicyRule::Average(average) = &notice.policy.rule else { return };
    let discharge = stay.discharge().filter(|at| *at <= now && is_in(month, local_date(*at)));
    let (Some(discharge), Some(sent)) = (discharge, notice.sent_at) else { return };
    let before = discharge.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(discharge);
    if stay.against(notice, before).into_iter().any(speaks_against_a_stay) {
        return;
    }
    let long = local_date(discharge).signed_duration_since(local_date(sent)).num_days();
    let long = u32::try_from(long).unwrap_or(0);
    row.stays += 1;
    row.stay_days += long;
    row.long_stays += u32::from(average.long_stay_days.is_some_and(|most| most < long));
    for case in &mut row.cases {
        case.stay_days = Some(long);
    }
}

fn speaks_against_a_stay(reason: PaymentReason) -> bool {
    let of_open_care = [
        PaymentReason::OpenCareUnavailable,
        PaymentReason::OpenCareUnclear,
        PaymentReason::OpenCareOther,
    ];
    !of_open_care.contains(&reason)
}

/// Adds rows up, one per municipality and policy, in that order.
#[must_use]
pub fn add_up(rows: impl IntoIterator<Item = MunicipalityBasis>) -> Vec<MunicipalityBasis> {
    let mut sums: BTreeMap<(Option<MunicipalityCode>, String), MunicipalityBasis> = BTreeMap::new();
    for row in rows {
        let key = (row.municipality.clone(), row.policy.clone());
        let Some(sum) = sums.get_mut(&key) else {
            sums.insert(key, row);
            continue;
        };
        sum.amount = sum.amount.zip(row.amount).map(|(one, other)| one + other);
        sum.payable_days += row.payable_days;
        sum.stays += row.stays;
        sum.stay_days += row.stay_days;
        sum.long_stays += row.long_stays;
        sum.cases.extend(row.cases);
    }
    sums.into_values().collect()
}
