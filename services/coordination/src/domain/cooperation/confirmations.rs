//! What each party confirms before and after the patient goes home.

use contracts::assignment::{Confirmation, Confirmed};
use contracts::case::Outcome;
use contracts::commands::Refusal;
use contracts::{Assignment, Party, Stamp};

use super::Acting;

/// Confirms something for the acting party. False when that is said already.
pub(crate) fn confirm(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    what: Confirmed,
    outcome: Outcome,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    if !is_of(what, acting.party) || outcome == Outcome::Unknown {
        return Err(Refusal::new(
            "not_this_party",
            "Det är inte den här partens sak att bekräfta.",
            "That is not this party's to confirm.",
        )
        .at("/what"));
    }
    let (party, unit) = (acting.party, acting.unit.clone());
    let all = &mut assignment.cooperation.confirmations;
    let standing = all.iter_mut().rev().find(|one| is(one, party, what));
    if let Some(standing) = standing {
        if standing.outcome == outcome {
            return Ok(false);
        }
        standing.revoked = Some(stamp.clone());
    }
    all.push(Confirmation { stamp, party, unit, what, outcome, revoked: None });
    Ok(true)
}

/// Takes a confirmation of the acting party back.
pub(crate) fn revoke(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    what: Confirmed,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let mut all = assignment.cooperation.confirmations.iter_mut().rev();
    let standing = all.find(|one| is(one, acting.party, what)).ok_or_else(|| {
        Refusal::new(
            "not_confirmed",
            "Parten har inte bekräftat det.",
            "The party has not confirmed that.",
        )
        .at("/what")
    })?;
    standing.revoked = Some(stamp);
    Ok(true)
}

fn is(one: &Confirmation, party: Party, what: Confirmed) -> bool {
    one.party == party && one.what == what && one.revoked.is_none()
}

/// Whose confirmation it is (Dalarna guideline, Utskrivningsklar and Hemgång).
fn is_of(what: Confirmed, party: Party) -> bool {
    match what {
        Confirmed::HomeReady | Confirmed::ReceptionAtHome => party != Party::Unknown,
        Confirmed::StartSecured | Confirmed::CareStarted => party.is_municipal(),
        Confirmed::MedicalResponsibility => party == Party::OpenCare,
        Confirmed::HandoverReceived => party != Party::Ward,
        Confirmed::Unknown => false,
    }
}
