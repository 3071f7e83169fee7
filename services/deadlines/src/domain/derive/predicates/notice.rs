//! Whether every concerned unit can read the notice.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::case::Need;
use contracts::ledger::Proof;
use contracts::{Case, EntryId, Party};

use super::Answer;
use crate::domain::derive::origins::Origin;
use crate::domain::facts::{Life, View};

/// The first moment at which the judgement was in force, the patient identified, a discharge
/// estimated and each concerned party's unit able to read it: all four at once (2017:612, 2 kap.
/// 1–3 §§). Sending is that moment, whenever what is sent had happened.
pub(super) fn complete(origin: &Origin<'_>, view: View<'_>) -> Answer {
    let Some(need) = origin.need else {
        return Answer::default();
    };
    let mut parties = need.concerned();
    if parties.is_empty() {
        parties.insert(Party::OpenCare);
    }
    let case = view.case;
    let complete_at = |at: DateTime<Utc>| {
        let newest_first = case.estimates.iter().rev();
        let known = case.identified.as_ref().is_some_and(|s| s.recorded_at <= at);
        let estimated = newest_first
            .filter(|estimate| estimate.stamp.recorded_at <= at)
            .map(|estimate| estimate.at.is_some())
            .next();
        let readable = |party| {
            let mut routes = view.routes().iter().filter(|route| route.party == party);
            routes.any(|route| Life::of(route).holds_at(at))
        };
        known && estimated == Some(true) && parties.iter().copied().all(readable)
    };
    let from = concerned_since(need, &parties, case).unwrap_or(origin.life.from);
    let complete = moments(origin, from, view).into_iter().find(|(at, _)| complete_at(*at));
    Answer {
        proof: complete.map(|(at, entry)| Proof { entry, occurred_at: at, recorded_at: at }),
        end: None,
        missing: notice_missing(view, parties.into_iter().collect()),
    }
}

/// Since when judgements that follow each other without a break have concerned all these parties: a
/// judgement that only takes a party away asks for no new notice. `None` for a first one.
fn concerned_since(need: &Need, parties: &BTreeSet<Party>, case: &Case) -> Option<DateTime<Utc>> {
    let mut since = None;
    let mut from = need.stamp.recorded_at;
    let earlier = case.needs.iter().rev().skip_while(|one| one.stamp.id != need.stamp.id).skip(1);
    for one in earlier {
        let until = one.withdrawn.as_ref().map(|stamp| stamp.recorded_at);
        if until.is_some_and(|until| until < from) || !parties.is_subset(&one.concerned()) {
            break;
        }
        from = one.stamp.recorded_at;
        since = Some(from);
    }
    since
}

/// When something that the notice needs was recorded, oldest first, none before `from`.
fn moments(
    origin: &Origin<'_>,
    from: DateTime<Utc>,
    view: View<'_>,
) -> Vec<(DateTime<Utc>, EntryId)> {
    let stamps = view.case.identified.iter();
    let stamps = stamps.chain(view.case.estimates.iter().map(|estimate| &estimate.stamp));
    let stamps = stamps.chain(view.routes().iter().map(|route| &route.stamp));
    let mut moments: Vec<_> = stamps
        .map(|stamp| (stamp.recorded_at, stamp.id))
        .filter(|(at, _)| from < *at)
        .chain([(from, origin.entry)])
        .collect();
    moments.sort();
    moments
}

fn notice_missing(view: View<'_>, parties: Vec<Party>) -> Vec<&'static str> {
    let has_unit = |party| view.assignment.is_some_and(|all| all.route_of(party).is_some());
    let checks = [
        ("identity", view.case.is_identified()),
        ("estimate", view.case.estimate().is_some()),
        ("route", parties.into_iter().all(has_unit)),
    ];
    let missing = checks.into_iter().filter(|(_, there)| !there);
    missing.map(|(code, _)| code).collect()
}
