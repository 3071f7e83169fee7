//! What a person can decide about a case, and when that is refused. Each function says whether
//! something changed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::case::{Case, Certainty, Consent, ConsentAnswer, ConsentScope, Estimate};
use contracts::commands::{HappenedAt, JudgeNeed, RecordConsent, Refusal};
use contracts::{EntryId, Party, StaffId, Stamp};

use super::entries::{self, Judgement};

/// Who decides, and when.
pub(crate) struct Order {
    /// The id of the entry that it makes.
    pub(crate) entry: EntryId,
    /// The member of staff.
    pub(crate) by: StaffId,
    /// Domain time.
    pub(crate) now: DateTime<Utc>,
}

impl Order {
    /// The stamp of what happened then, or now; not in the future, not before the admission.
    pub(super) fn stamp(self, case: &Case, happened_at: HappenedAt) -> Result<Stamp, Refusal> {
        let stamp = Stamp::reported(self.entry, happened_at, self.now, Some(self.by))?;
        if stamp.occurred_at < case.admitted.occurred_at {
            return Err(before_admission("/occurred_at"));
        }
        Ok(stamp)
    }
}

/// Records who is needed after discharge. The need was noticed at the admission unless a later
/// moment is stated (2017:612, 2 kap. 1 §): a need noticed at admission and recorded late is late.
pub(crate) fn judge_need(case: &mut Case, what: JudgeNeed, order: Order) -> Result<bool, Refusal> {
    open(case)?;
    let parties: BTreeSet<Party> = what.parties;
    if !parties.iter().all(|party| Party::OUTSIDE.contains(party)) {
        return Err(Refusal::new(
            "not_a_party",
            "Behovet kan bara gälla öppenvård, kommunal hälso- och sjukvård och socialtjänst.",
            "The need can name open care, municipal health care and social services only.",
        )
        .at("/parties"));
    }
    let noticed_at = what.noticed_at.unwrap_or(case.admitted.occurred_at);
    if noticed_at < case.admitted.occurred_at {
        return Err(before_admission("/noticed_at"));
    }
    let stamp = Stamp::reported(order.entry, Some(noticed_at), order.now, Some(order.by))
        .map_err(|refusal| refusal.at("/noticed_at"))?;
    let judged = Judgement {
        parties,
        frequent_patient: what.frequent_patient,
        is_time_stated: what.noticed_at.is_some(),
    };
    Ok(entries::judge_need(case, judged, stamp))
}

/// Takes the judgement in force back.
pub(crate) fn withdraw_need(case: &mut Case, order: Order) -> bool {
    let stamp = Stamp::now(order.entry, order.now, Some(order.by));
    entries::withdraw_need(case, &stamp)
}

/// Records what the patient said to the sharing of information.
pub(crate) fn record_consent(
    case: &mut Case,
    what: RecordConsent,
    order: Order,
) -> Result<bool, Refusal> {
    let RecordConsent { answer, scopes, parties, expires_at, occurred_at, .. } = what;
    if answer == ConsentAnswer::Unknown {
        return Err(Refusal::new(
            "unknown_answer",
            "Svaret ska vara ja, nej eller återkallat.",
            "The answer must be given, refused or withdrawn.",
        )
        .at("/answer"));
    }
    if scopes.contains(&ConsentScope::Unknown) || parties.contains(&Party::Unknown) {
        return Err(Refusal::new(
            "unknown_value",
            "Värdet är inte känt i den här versionen.",
            "The value is not known in this release.",
        )
        .at(if parties.contains(&Party::Unknown) { "/parties" } else { "/scopes" }));
    }
    let stamp = Stamp::reported(order.entry, occurred_at, order.now, Some(order.by))?;
    if expires_at.is_some_and(|end| end <= stamp.occurred_at) {
        return Err(Refusal::new(
            "ends_before_it_begins",
            "Samtycket skulle upphöra innan det gavs.",
            "The consent would end before it was given.",
        )
        .at("/expires_at"));
    }
    Ok(entries::record_consent(case, Consent { stamp, answer, scopes, parties, expires_at }))
}

/// Sets or changes the estimated discharge.
pub(crate) fn set_estimate(
    case: &mut Case,
    at: DateTime<Utc>,
    certainty: Option<Certainty>,
    order: Order,
) -> Result<bool, Refusal> {
    open(case)?;
    if at < case.admitted.occurred_at {
        return Err(before_admission("/at"));
    }
    let stamp = Stamp::now(order.entry, order.now, Some(order.by));
    Ok(entries::set_estimate(case, Estimate { stamp, at: Some(at), certainty }))
}

/// The patient no longer needs care in hospital (utskrivningsklar).
pub(crate) fn give_ready(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    open(case)?;
    if case.discharge().is_some() {
        return Err(already_discharged());
    }
    let stamp = order.stamp(case, at)?;
    if entries::say(&mut case.ready, stamp) {
        return Ok(true);
    }
    Err(Refusal::new(
        "already_ready",
        "Patienten är redan anmäld som utskrivningsklar.",
        "The patient is ready for discharge already.",
    ))
}

/// The patient needs care in hospital again.
pub(crate) fn revoke_ready(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    let stamp = order.stamp(case, at)?;
    if entries::take_back(&mut case.ready, stamp) {
        return Ok(true);
    }
    Err(Refusal::new(
        "not_ready",
        "Patienten är inte anmäld som utskrivningsklar.",
        "The patient is not ready for discharge.",
    ))
}

/// The stay has ended.
pub(crate) fn discharge(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    open(case)?;
    if case.discharge().is_some() {
        return Err(already_discharged());
    }
    let stamp = order.stamp(case, at)?;
    Ok(entries::discharge(case, stamp))
}

/// The discharge did not happen after all.
pub(crate) fn cancel_discharge(case: &mut Case, order: Order) -> bool {
    entries::revoke_discharge(case, Stamp::now(order.entry, order.now, Some(order.by)))
}

/// The patient has died.
pub(crate) fn record_death(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    let stamp = order.stamp(case, at)?;
    Ok(entries::say(&mut case.deaths, stamp))
}

/// The patient has not died.
pub(crate) fn revoke_death(case: &mut Case, at: HappenedAt, order: Order) -> Result<bool, Refusal> {
    let stamp = order.stamp(case, at)?;
    if entries::take_back(&mut case.deaths, stamp) {
        return Ok(true);
    }
    Err(Refusal::new(
        "not_dead",
        "Patienten är inte registrerad som avliden.",
        "The patient is not recorded as dead.",
    ))
}

/// Nothing more is decided about a stay that never was, or of somebody who has died.
pub(super) fn open(case: &Case) -> Result<(), Refusal> {
    if !case.ended() {
        return Ok(());
    }
    Err(Refusal::new(
        "case_ended",
        "Inskrivningen är återtagen eller patienten avliden.",
        "The admission was cancelled or the patient has died.",
    ))
}

pub(super) fn already_discharged() -> Refusal {
    Refusal::new(
        "already_discharged",
        "Patienten är redan utskriven.",
        "The patient has been discharged already.",
    )
}

fn before_admission(field: &str) -> Refusal {
    Refusal::new(
        "before_admission",
        "Tidpunkten ligger före inskrivningen.",
        "The time lies before the admission.",
    )
    .at(field)
}

#[cfg(test)]
mod tests;
