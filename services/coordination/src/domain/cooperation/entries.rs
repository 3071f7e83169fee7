//! Planning entries: written, replaced and withdrawn without anything being erased.

use contracts::assignment::{EntryKind, PlanningEntry};
use contracts::commands::Refusal;
use contracts::{Assignment, EntryId, Party, Stamp};

use super::{Acting, no_such, not_yours};

/// Writes an entry.
pub(crate) fn write(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    kind: EntryKind,
    corrects: Option<EntryId>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    acting.goes_on()?;
    if !is_of(kind, acting.party) {
        return Err(Refusal::new(
            "not_this_party",
            "Den sortens planering är inte den här partens uppgift.",
            "That kind of planning is not this party's task.",
        )
        .at("/kind"));
    }
    let entries = &mut assignment.cooperation.entries;
    if let Some(corrects) = corrects {
        let earlier = entries.iter().find(|entry| entry.stamp.id == corrects);
        let earlier = earlier.ok_or_else(|| no_such("/corrects"))?;
        if earlier.party != acting.party || earlier.kind != kind {
            return Err(not_yours("/corrects"));
        }
    }
    let (party, unit) = (acting.party, acting.unit.clone());
    entries.push(PlanningEntry { stamp, party, unit, kind, corrects, withdrawn: None });
    Ok(true)
}

/// Withdraws an entry of the acting unit.
pub(crate) fn withdraw(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    entry: EntryId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let mut entries = assignment.cooperation.entries.iter_mut();
    let entry = entries.find(|one| one.stamp.id == entry).ok_or_else(|| no_such("/entry"))?;
    if entry.unit != *acting.unit {
        return Err(not_yours("/entry"));
    }
    Ok(super::end(&mut entry.withdrawn, stamp))
}

/// Whose task a kind of planning is (Dalarna guideline, Vårdtid and Utskrivningsklar; Örebro,
/// Vägledning för rött spår).
fn is_of(kind: EntryKind, party: Party) -> bool {
    match kind {
        EntryKind::StatusAndNeed => party == Party::Ward,
        EntryKind::TakeoverPlan | EntryKind::Mapping => party == Party::OpenCare,
        EntryKind::PlannedSupport => party != Party::Ward,
        EntryKind::ReceptionPlan | EntryKind::PossibleSupport => party.is_municipal(),
        EntryKind::HomeCareJudgement => {
            matches!(party, Party::OpenCare | Party::MunicipalHealthCare)
        }
        EntryKind::HomecomingPlan | EntryKind::Responsibilities => party != Party::Unknown,
        EntryKind::Unknown => false,
    }
}
