//! Which units get the notice of a case.
//!
//! A route is a *reception*: from its recording on, the unit can read the notice and its clocks
//! run, even while the estimated discharge is still missing. A route is never moved; it ends, and
//! another begins. A party for which no unit is found stands as unrouted until somebody routes it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::assignment::{Receipt, Route, Unrouted, UnroutedReason};
use contracts::{Assignment, Case, EntryId, HsaId, Party, StaffId, Stamp};

use super::directory::Directory;

/// The assignment as it follows from what `admissions` says of the case. Doing it again changes
/// nothing.
pub(crate) fn follow(
    mut assignment: Assignment,
    case: &Case,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Assignment {
    let concerned = case.concerned();
    end_what_is_past(&mut assignment, &concerned, now);
    if case.closed(now) {
        // Who had the case keeps it; nobody gets it any more.
        end_unrouted(&mut assignment, now, |_| true);
        return assignment;
    }
    for party in concerned {
        let current = assignment.route_of(party);
        match (current, directory.unit_for(case, party)) {
            // What a person has decided stands.
            (Some(current), _) if current.stamp.by.is_some() => {}
            (Some(current), Ok(_)) if directory.fits(case, party, &current.unit) => {}
            (_, Ok(unit)) => route(&mut assignment, party, unit, now, None),
            // A corrected listing that leads nowhere takes nothing away from who has the case, but a
            // protected identity does: from then on a person chooses.
            (Some(_), Err(reason)) if reason != UnroutedReason::Protected => {}
            (_, Err(reason)) => {
                end_routes(&mut assignment, now, None, |route| route.party == party);
                leave_unrouted(&mut assignment, party, reason, now);
            }
        }
    }
    for read in &case.reads {
        if !assignment.receipts.iter().any(|receipt| receipt.stamp.id == read.stamp.id) {
            let (stamp, unit) = (read.stamp.clone(), read.unit.clone());
            assignment.receipts.push(Receipt { stamp, unit });
        }
    }
    assignment
}

/// Routes a party to a unit; ends the party's earlier route, and its standing as unrouted.
pub(crate) fn route(
    assignment: &mut Assignment,
    party: Party,
    unit: &HsaId,
    now: DateTime<Utc>,
    by: Option<StaffId>,
) {
    end_routes(assignment, now, by.as_ref(), |route| route.party == party);
    end_unrouted(assignment, now, |unrouted| unrouted.party == party);
    let earlier = assignment.routes.iter().filter(|r| r.party == party && r.unit == *unit).count();
    let id = entry("route", assignment, &[party.as_str(), unit.as_str()], earlier);
    let stamp = Stamp::now(id, now, by);
    assignment.routes.push(Route { stamp, party, unit: unit.clone(), ended: None });
}

fn leave_unrouted(
    assignment: &mut Assignment,
    party: Party,
    reason: UnroutedReason,
    now: DateTime<Utc>,
) {
    let stands = |unrouted: &Unrouted| {
        unrouted.party == party && unrouted.reason == reason && unrouted.ended.is_none()
    };
    if assignment.unrouted.iter().any(stands) {
        return;
    }
    end_unrouted(assignment, now, |unrouted| unrouted.party == party);
    let same = |one: &&Unrouted| one.party == party && one.reason == reason;
    let earlier = assignment.unrouted.iter().filter(same).count();
    let id = entry("unrouted", assignment, &[party.as_str(), &format!("{reason:?}")], earlier);
    let stamp = Stamp::now(id, now, None);
    assignment.unrouted.push(Unrouted { stamp, party, reason, ended: None });
}

fn end_what_is_past(assignment: &mut Assignment, concerned: &BTreeSet<Party>, now: DateTime<Utc>) {
    end_routes(assignment, now, None, |route| !concerned.contains(&route.party));
    end_unrouted(assignment, now, |unrouted| !concerned.contains(&unrouted.party));
}

fn end_routes(
    assignment: &mut Assignment,
    now: DateTime<Utc>,
    by: Option<&StaffId>,
    which: impl Fn(&Route) -> bool,
) {
    for route in assignment.routes.iter_mut().filter(|r| r.ended.is_none() && which(r)) {
        let id = EntryId::derive("route_ended", &[&route.stamp.id.to_string()]);
        route.ended = Some(Stamp::now(id, now, by.cloned()));
    }
}

fn end_unrouted(
    assignment: &mut Assignment,
    now: DateTime<Utc>,
    which: impl Fn(&Unrouted) -> bool,
) {
    for unrouted in assignment.unrouted.iter_mut().filter(|u| u.ended.is_none() && which(u)) {
        let id = EntryId::derive("unrouted_ended", &[&unrouted.stamp.id.to_string()]);
        unrouted.ended = Some(Stamp::now(id, now, None));
    }
}

/// The same decision made again gets the same id, be it that a restored database has forgotten it:
/// nothing of the clock is in it, and what is counted are the earlier decisions of the same content,
/// which no list ever loses. So a restored unit's reception is the one that it was told of.
fn entry(kind: &str, assignment: &Assignment, parts: &[&str], earlier: usize) -> EntryId {
    let (case, earlier) = (assignment.case_id.to_string(), earlier.to_string());
    let mut all = vec![case.as_str(), earlier.as_str()];
    all.extend_from_slice(parts);
    EntryId::derive(kind, &all)
}

#[cfg(test)]
mod tests;
