//! Whether somebody would be told at a given instant.

use chrono::{DateTime, Utc, Weekday, WeekdaySet};
use contracts::reach::{Hours, Role};
use contracts::{HsaId, UnitReach};

use crate::domain::calendar::{Calendar, DatedException, OfficeHours};
use crate::domain::facts::Reach;

/// What becomes of a step at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// This role is told.
    Told(Role),
    /// All are closed and without on-call until this later instant.
    Waits(DateTime<Utc>),
    /// No unit has anybody to tell.
    Nobody,
}

/// One open unit is enough, then one on-call; else the first opening is waited for. Whether there is
/// nobody at all does not depend on the hour.
pub(super) fn telling(units: &[HsaId], role: Role, reach: &Reach, at: DateTime<Utc>) -> Telling {
    let units = || units.iter().filter_map(|unit| reach.get(unit));
    let has = |unit: &UnitReach, role| unit.roles.contains(&role);
    let mut opening: Option<DateTime<Utc>> = None;
    for unit in units().filter(|unit| has(unit, role)) {
        match next_opening(&unit.hours, at) {
            Some(opens) if opens <= at => return Telling::Told(role),
            Some(opens) => opening = Some(opening.map_or(opens, |first| first.min(opens))),
            None => {}
        }
    }
    let is_closed = |unit: &UnitReach| next_opening(&unit.hours, at).is_none_or(|opens| at < opens);
    if units().any(|unit| has(unit, Role::OnCall) && is_closed(unit)) {
        return Telling::Told(Role::OnCall);
    }
    match opening {
        Some(opens) => Telling::Waits(opens),
        // Nobody has the role, so it is for those who are on call, at any hour.
        None if units().any(|unit| has(unit, Role::OnCall)) => Telling::Told(Role::OnCall),
        None => Telling::Nobody,
    }
}

/// How a unit is told of a step at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In the step's role: now, or when it opens and finds what has come.
    Role,
    /// It is closed or has nobody in the role, and its on-call is told.
    OnCall,
}

/// The way to a unit; `None` when it has nobody in the role and nobody on call.
pub(super) fn way_to(unit: &HsaId, role: Role, reach: &Reach, at: DateTime<Utc>) -> Option<Way> {
    let unit = reach.get(unit)?;
    let is_open = next_opening(&unit.hours, at).is_some_and(|opens| opens <= at);
    match (unit.roles.contains(&role), unit.roles.contains(&Role::OnCall)) {
        (true, on_call) if is_open || !on_call => Some(Way::Role),
        (_, true) => Some(Way::OnCall),
        _ => None,
    }
}

/// The first instant from `at` on at which a unit is there; `None` when it never is. Hours that are
/// none, closing before they open, hold nothing back.
fn next_opening(hours: &Hours, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    if hours.always {
        return Some(at);
    }
    let Ok(office) = OfficeHours::new(hours.opens, hours.closes) else {
        return Some(at);
    };
    let closed = hours.closed.iter().map(|date| (*date, DatedException::Closed));
    let calendar = Calendar {
        hours: vec![(WeekdaySet::from_array([Mon, Tue, Wed, Thu, Fri]), office)],
        exceptions: closed.collect(),
    };
    calendar.next_opening(at).ok()
}
