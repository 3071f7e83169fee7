//! The planning of the way home, as the ward states it: track, form, checks, notice of discharge,
//! leaves. Each function says whether something changed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use contracts::case::{
    Case, Check, CheckKind, Destination, DischargeNotice, FormAnswer, Intervention, Outcome,
    PlanningForm, TrackSet,
};
use contracts::commands::{HappenedAt, Refusal};
use contracts::{EntryId, HsaId, Stamp, Track};

use super::entries;
use super::orders::{Order, open};

/// Sets the track. False when it is that already and carries out no proposal.
pub(crate) fn set_track(
    case: &mut Case,
    track: Track,
    change: Option<EntryId>,
    order: Order,
) -> Result<bool, Refusal> {
    open(case)?;
    let tracks = &mut case.planning.tracks;
    let is_carried_out = change.is_none_or(|id| tracks.iter().any(|set| set.change == Some(id)));
    if tracks.last().is_some_and(|last| last.track == track) && is_carried_out {
        return Ok(false);
    }
    let stamp = Stamp::now(order.entry, order.now, Some(order.by));
    tracks.push(TrackSet { stamp, track, change });
    Ok(true)
}

/// Fills in the form. False when it says that already.
pub(crate) fn fill_form(
    case: &mut Case,
    unit: HsaId,
    answers: BTreeSet<FormAnswer>,
    interventions: BTreeSet<Intervention>,
    order: Order,
) -> Result<bool, Refusal> {
    open(case)?;
    if answers.contains(&FormAnswer::Unknown) {
        return Err(unknown("/answers"));
    }
    if interventions.contains(&Intervention::Unknown) {
        return Err(unknown("/interventions"));
    }
    let forms = &mut case.planning.forms;
    let says_so =
        |form: &PlanningForm| form.answers == answers && form.interventions == interventions;
    if forms.last().is_some_and(says_so) {
        return Ok(false);
    }
    let stamp = Stamp::now(order.entry, order.now, Some(order.by));
    forms.push(PlanningForm { stamp, unit, answers, interventions });
    Ok(true)
}

/// The ward has seen to something. False when that is said already.
pub(crate) fn record_check(
    case: &mut Case,
    what: CheckKind,
    outcome: Outcome,
    at: HappenedAt,
    order: Order,
) -> Result<bool, Refusal> {
    open(case)?;
    if what == CheckKind::Unknown {
        return Err(unknown("/what"));
    }
    if outcome == Outcome::Unknown {
        return Err(unknown("/outcome"));
    }
    let stamp = order.stamp(case, at)?;
    if let Some(standing) = standing(case, what) {
        if standing.outcome == outcome {
            return Ok(false);
        }
        standing.revoked = Some(stamp.clone());
    }
    case.planning.checks.push(Check { stamp, what, outcome, revoked: None });
    Ok(true)
}

/// Takes a check back.
pub(crate) fn revoke_check(
    case: &mut Case,
    what: CheckKind,
    order: Order,
) -> Result<bool, Refusal> {
    let stamp = Stamp::now(order.entry, order.now, Some(order.by));
    let standing = standing(case, what).ok_or_else(|| {
        Refusal::new("not_checked", "Det är inte angivet som gjort.", "That is not stated as done.")
            .at("/what")
    })?;
    standing.revoked = Some(stamp);
    Ok(true)
}

fn standing(case: &mut Case, what: CheckKind) -> Option<&mut Check> {
    let mut newest_first = case.planning.checks.iter_mut().rev();
    newest_first.find(|check| check.what == what && check.revoked.is_none())
}

/// Sends the notice of discharge; it replaces the one in force. False when that says the same.
pub(crate) fn send_discharge_notice(
    case: &mut Case,
    destination: Destination,
    discharged_on: NaiveDate,
    order: Order,
) -> Result<bool, Refusal> {
    open(case)?;
    if destination == Destination::Unknown {
        return Err(unknown("/destination"));
    }
    let says_so = |notice: &DischargeNotice| {
        notice.destination == destination && notice.discharged_on == discharged_on
    };
    if case.planning.discharge_notice().is_some_and(says_so) {
        return Ok(false);
    }
    let stamp = Stamp::now(order.entry, order.now, Some(order.by));
    end_discharge_notice(case, &stamp);
    let notice = DischargeNotice { stamp, destination, discharged_on, revoked: None };
    case.planning.discharge_notices.push(notice);
    Ok(true)
}

/// Takes the notice of discharge back. False when none is in force.
pub(crate) fn withdraw_discharge_notice(case: &mut Case, order: Order) -> bool {
    end_discharge_notice(case, &Stamp::now(order.entry, order.now, Some(order.by)))
}

fn end_discharge_notice(case: &mut Case, stamp: &Stamp) -> bool {
    let mut notices = case.planning.discharge_notices.iter_mut();
    let standing = notices.find(|notice| notice.revoked.is_none());
    standing.map(|notice| notice.revoked = Some(stamp.clone())).is_some()
}

/// The patient goes on leave. False when that is known.
pub(crate) fn start_leave(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    open(case)?;
    if case.discharge().is_some() {
        return Err(super::orders::already_discharged());
    }
    let stamp = order.stamp(case, at)?;
    Ok(entries::start_leave(case, stamp))
}

/// The patient is back. False when no leave goes on.
pub(crate) fn end_leave(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    let stamp = order.stamp(case, at)?;
    if case.leave().is_some_and(|leave| stamp.occurred_at < leave.stamp.occurred_at) {
        return Err(Refusal::new(
            "before_the_leave",
            "Tidpunkten ligger före permissionens början.",
            "The time lies before the leave began.",
        )
        .at("/occurred_at"));
    }
    Ok(entries::end_leave(case, stamp))
}

fn unknown(field: &str) -> Refusal {
    Refusal::new(
        "unknown_value",
        "Värdet är inte känt i den här versionen.",
        "The value is not known in this release.",
    )
    .at(field)
}

#[cfg(test)]
mod tests;
