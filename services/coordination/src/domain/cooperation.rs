//! What the parties plan, confirm, ask and answer: who may, and what becomes of it. Each function says
//! whether something changed.

pub(crate) mod annexes;
pub(crate) mod closing;
pub(crate) mod confirmations;
pub(crate) mod entries;
pub(crate) mod messages;
pub(crate) mod tracks;

use chrono::{DateTime, Utc};
use contracts::case::ConsentScope;
use contracts::commands::{LONGEST_TEXT, Refusal};
use contracts::{Assignment, Case, HsaId, Party, Stamp};

use super::appointments::not_concerned;

/// A case, and the unit that acts in it.
#[derive(Clone, Copy)]
pub(crate) struct Acting<'a> {
    pub(crate) case: &'a Case,
    pub(crate) unit: &'a HsaId,
    pub(crate) party: Party,
}

impl<'a> Acting<'a> {
    /// The unit acts for the party that has the case there: the ward itself, or whom the case is
    /// routed to.
    pub(crate) fn new(
        case: &'a Case,
        assignment: &Assignment,
        unit: &'a HsaId,
    ) -> Result<Self, Refusal> {
        let is_ward = case.ward.as_ref() == Some(unit) || case.hospital == *unit;
        let route = || assignment.current_routes().find(|route| route.unit == *unit);
        let party = if is_ward { Some(Party::Ward) } else { route().map(|route| route.party) };
        Ok(Self { case, unit, party: party.ok_or_else(not_concerned)? })
    }

    /// Nothing more is planned or confirmed for a stay that never was, or for somebody who has died.
    fn goes_on(self) -> Result<(), Refusal> {
        if !self.case.ended() {
            return Ok(());
        }
        Err(Refusal::new(
            "case_ended",
            "Inskrivningen är återtagen eller patienten avliden.",
            "The admission was cancelled or the patient has died.",
        ))
    }

    /// Whether the party may read what a party has written: its own always, that of others as far as the
    /// patient allows.
    pub(crate) fn may_read(self, author: Party, now: DateTime<Utc>) -> bool {
        author == self.party || self.case.allows(ConsentScope::Information, self.party, now)
    }
}

/// The parties of a case: the ward, and those that it is routed to.
fn parties_of(assignment: &Assignment) -> Vec<Party> {
    let mut parties: Vec<Party> = assignment.current_routes().map(|route| route.party).collect();
    parties.push(Party::Ward);
    parties.sort_unstable();
    parties.dedup();
    parties
}

/// Something must be written, and it must not be endless.
pub(crate) fn check_text(text: &str, field: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new("empty", "Texten saknas.", "The text is missing.").at(field));
    }
    if text.chars().count() > LONGEST_TEXT {
        let (sv, en) = (
            format!("Texten är längre än {LONGEST_TEXT} tecken."),
            format!("The text is longer than {LONGEST_TEXT} characters."),
        );
        return Err(Refusal::new("too_long", sv, en).at(field));
    }
    Ok(())
}

/// Ends something that goes on; false when it has ended already.
fn end(ended: &mut Option<Stamp>, stamp: Stamp) -> bool {
    let goes_on = ended.is_none();
    if goes_on {
        *ended = Some(stamp);
    }
    goes_on
}

fn no_such(field: &str) -> Refusal {
    Refusal::new(
        "no_such_entry",
        "Det finns ingen sådan uppgift i ärendet.",
        "There is no such entry in the case.",
    )
    .at(field)
}

fn not_yours(field: &str) -> Refusal {
    Refusal::new("not_yours", "Uppgiften är en annan enhets.", "The entry is another unit's.")
        .at(field)
}

#[cfg(test)]
mod tests;
