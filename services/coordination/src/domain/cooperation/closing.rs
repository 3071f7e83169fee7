//! After the patient has gone home: follow-up and closing. And what keeps the municipality from having
//! to pay.

use contracts::assignment::{FollowUp, Hindrance, HindranceKind};
use contracts::case::Outcome;
use contracts::commands::Refusal;
use contracts::{Assignment, Party, Revocable, Stamp};

use super::Acting;
use crate::domain::appointments::not_concerned;

/// The acting party has followed up what it does for the patient. Each time is an entry of its own.
pub(crate) fn follow_up(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    outcome: Outcome,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    if acting.party == Party::Ward || outcome == Outcome::Unknown {
        return Err(not_concerned());
    }
    is_discharged(acting)?;
    let (party, unit) = (acting.party, acting.unit.clone());
    assignment.cooperation.follow_ups.push(FollowUp { stamp, party, unit, outcome });
    Ok(true)
}

/// Open care's services are not available, or unclear (2017:612, 5 kap. 5 §). False when that is said
/// already.
pub(crate) fn state_hindrance(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    kind: HindranceKind,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    may_state(acting)?;
    let all = &mut assignment.cooperation.hindrances;
    if all.iter().any(|one| one.kind == kind && one.ended.is_none()) {
        return Ok(false);
    }
    all.push(Hindrance { stamp, unit: acting.unit.clone(), kind, ended: None });
    Ok(true)
}

/// It is so no longer.
pub(crate) fn end_hindrance(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    kind: HindranceKind,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    may_state(acting)?;
    let mut all = assignment.cooperation.hindrances.iter_mut();
    let standing = all.find(|one| one.kind == kind && one.ended.is_none());
    let Some(standing) = standing else { return Ok(false) };
    if stamp.occurred_at < standing.stamp.occurred_at {
        return Err(Refusal::new(
            "before_it_began",
            "Tidpunkten ligger före hindrets början.",
            "The time lies before the hindrance began.",
        )
        .at("/occurred_at"));
    }
    standing.ended = Some(stamp);
    Ok(true)
}

/// Closes the case. Open care does that (Dalarna guideline, Uppföljning), or whoever has the case where
/// open care has no part. False when it is closed already.
pub(crate) fn close(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    may_close(acting, assignment)?;
    is_discharged(acting)?;
    if assignment.cooperation.closed_at().is_some() {
        return Ok(false);
    }
    assignment.cooperation.closings.push(Revocable { stamp, revoked: None });
    Ok(true)
}

/// Opens a case that was closed by hand. False when it is not.
pub(crate) fn reopen(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    may_close(acting, assignment)?;
    let mut closings = assignment.cooperation.closings.iter_mut();
    let standing = closings.find(|closing| closing.in_force());
    Ok(standing.is_some_and(|closing| super::end(&mut closing.revoked, stamp)))
}

fn may_close(acting: Acting<'_>, assignment: &Assignment) -> Result<(), Refusal> {
    let open_care = assignment.route_of(Party::OpenCare).is_some();
    let may = match acting.party {
        Party::OpenCare => true,
        Party::MunicipalHealthCare | Party::SocialServices => !open_care,
        Party::Ward | Party::Unknown => false,
    };
    if may { Ok(()) } else { Err(not_concerned()) }
}

fn may_state(acting: Acting<'_>) -> Result<(), Refusal> {
    if acting.party == Party::Ward { Err(not_concerned()) } else { Ok(()) }
}

fn is_discharged(acting: Acting<'_>) -> Result<(), Refusal> {
    if acting.case.discharge().is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        "not_discharged",
        "Patienten är inte utskriven.",
        "The patient has not been discharged.",
    ))
}
