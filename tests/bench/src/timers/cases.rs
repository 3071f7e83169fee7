//! Ordinary cases: open care and social services have got the notice, and social services have told of
//! their support. That leaves four duties to be done: the care contact (K06, and by law LAW-2-5), the
//! lead officer (K07) and open care's report (K08). K06 and K07 remind at the same instant, twenty
//! hours after the reception.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::assignment::{Route, SupportReport};
use contracts::case::{Estimate, Need, Place};
use contracts::reach::{Hours, Role};
use contracts::{Assignment, Case, CaseId, CaseRef, EntryId, HsaId, Party, Stamp, UnitReach};

use crate::region;

/// Duties to be done in each case.
pub(super) const OPEN: usize = 4;
/// Of these, those that are due at one instant.
pub(super) const DUE: usize = 2;
/// From the reception to that instant.
pub(super) const AFTER: TimeDelta = TimeDelta::hours(20);

/// What the owners of a case say of it.
pub(super) struct Facts {
    pub(super) case: Case,
    pub(super) assignment: Assignment,
}

fn stamp(at: DateTime<Utc>) -> Stamp {
    Stamp { id: EntryId(chassis::new_id()), occurred_at: at, recorded_at: at, by: None }
}

/// A case received at an instant.
pub(super) fn received(number: usize, at: DateTime<Utc>) -> anyhow::Result<Facts> {
    let code = region::municipality(number);
    let (centre, social) =
        (region::id(&region::care_centre(code))?, region::id(&region::social_services(code))?);
    let case_id = CaseId(chassis::new_id());
    let ward = region::id(&region::ward(1))?;
    let admitted = stamp(at);
    let parties = [Party::OpenCare, Party::SocialServices];
    let case_ref = CaseRef::from_random(chassis::new_id().as_u128());
    let case = Case::new(case_id, case_ref, region::id(&region::hospital(1))?, admitted.clone());
    let case = Case {
        ward: Some(ward.clone()),
        municipality: Some(code.parse().context("use a municipality's code")?),
        listed_care_centre: Some(centre.clone()),
        identified: Some(admitted.clone()),
        places: vec![Place { stamp: admitted, ward: Some(ward) }],
        estimates: vec![Estimate::new(stamp(at), Some(at + TimeDelta::days(5)))],
        needs: vec![Need {
            stamp: stamp(at),
            parties: parties.into(),
            frequent_patient: false,
            withdrawn: None,
        }],
        ..case
    };
    let route =
        |party, unit: &HsaId| Route { stamp: stamp(at), party, unit: unit.clone(), ended: None };
    let [open_care, social_services] = parties;
    let assignment = Assignment {
        routes: vec![route(open_care, &centre), route(social_services, &social)],
        support_reports: vec![SupportReport {
            stamp: stamp(at),
            party: social_services,
            unit: social,
        }],
        ..Assignment::new(case_id)
    };
    Ok(Facts { case, assignment })
}

/// Everybody can be told, day and night.
pub(super) fn reaches() -> anyhow::Result<Vec<UnitReach>> {
    let units = region::units(1)?;
    let reach = |unit: HsaId| UnitReach {
        unit,
        roles: vec![Role::Unit, Role::Manager, Role::Principal],
        hours: Hours { always: true, ..Hours::default() },
    };
    Ok(units.into_iter().map(|unit| reach(unit.unit)).collect())
}
