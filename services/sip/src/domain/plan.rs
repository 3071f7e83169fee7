//! The plan's versions, and who confirms which.
//!
//! Two who write at once: the first one's version stands, the other is told who wrote it, reads it and
//! writes the next one.

use std::collections::BTreeSet;

use contracts::commands::{MOST_LINES, Refusal, SipPlanContent};
use contracts::sip::{Participant, Plan, PlanConfirmation, Principal};
use contracts::{HsaId, Party, Sip, Stamp};

use super::local_time;

/// Makes the next version; its number.
pub(crate) fn make(
    sip: &mut Sip,
    based_on: u32,
    content: &SipPlanContent,
    unit: &HsaId,
    stamp: Stamp,
) -> Result<u32, Refusal> {
    check(content, &stamp)?;
    if sip.end().is_some() {
        return Err(ended());
    }
    let newest = sip.plan().map_or(0, |plan| plan.version);
    if based_on != newest {
        return Err(written_since(sip, based_on));
    }
    let version = newest.saturating_add(1);
    let parties: BTreeSet<Party> = content.interventions.iter().map(|one| one.party).collect();
    sip.plans.push(Plan {
        stamp,
        version,
        unit: unit.clone(),
        overall: content.overall,
        parties: parties.into_iter().collect(),
        interventions: u16::try_from(content.interventions.len()).unwrap_or(u16::MAX),
        follow_up_on: content.follow_up_on,
        confirmations: Vec::new(),
    });
    Ok(version)
}

/// A party confirms the version that it has read. False when it has confirmed it already.
pub(crate) fn confirm(
    sip: &mut Sip,
    version: u32,
    party: Party,
    unit: &HsaId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    if !acts_for(sip, unit, party) {
        return Err(Refusal::new(
            "another_party",
            "Enheten deltar inte för den parten. Partens egen enhet bekräftar.",
            "The unit does not take part for that party. The party's own unit confirms.",
        )
        .at("/party"));
    }
    let newest = sip.plan().map(|plan| plan.version).ok_or_else(no_plan)?;
    if version != newest {
        return Err(replaced(sip, version, newest));
    }
    let plan = sip.plans.last_mut().ok_or_else(no_plan)?;
    if !plan.parties.contains(&party) {
        return Err(Refusal::new(
            "party_does_nothing",
            "Parten har ingen insats i planen och behöver inte bekräfta den.",
            "The party has no intervention in the plan and need not confirm it.",
        )
        .at("/party"));
    }
    if plan.confirmations.iter().any(|one| one.party == party) {
        return Ok(false);
    }
    plan.confirmations.push(PlanConfirmation { stamp, party, unit: unit.clone() });
    Ok(true)
}

/// Where somebody is asked for a party, only their units speak for it; else a unit that is asked for
/// no other party is believed.
fn acts_for(sip: &Sip, unit: &HsaId, party: Party) -> bool {
    let asked = sip.meetings.iter().flat_map(|meeting| &meeting.participants);
    let asked = asked.filter(|one| one.withdrawn.is_none());
    let is_unit = |one: &&Participant| one.unit.as_ref() == Some(unit);
    let mut for_party = asked.clone().filter(|one| one.party == Some(party)).peekable();
    if for_party.peek().is_some() {
        return for_party.any(|one| is_unit(&one));
    }
    !asked.clone().any(|one| is_unit(&one))
}

fn check(content: &SipPlanContent, stamp: &Stamp) -> Result<(), Refusal> {
    let unknown = |field: &str| {
        let (sv, en) = ("Värdet är okänt här.", "The value is unknown here.");
        Err(Refusal::new("unknown_value", sv, en).at(field))
    };
    if content.overall == Principal::Unknown {
        return unknown("/plan/overall");
    }
    let strange = content.interventions.iter().position(|one| one.party == Party::Unknown);
    if let Some(at) = strange {
        return unknown(&format!("/plan/interventions/{at}/party"));
    }
    if content.interventions.is_empty() {
        return Err(Refusal::new(
            "no_interventions",
            "En plan har minst en insats.",
            "A plan has one intervention at least.",
        )
        .at("/plan/interventions"));
    }
    if content.interventions.len().max(content.goals.len()) > MOST_LINES {
        return Err(Refusal::new(
            "too_many",
            format!("Högst {MOST_LINES} mål och {MOST_LINES} insatser."),
            format!("At most {MOST_LINES} goals and {MOST_LINES} interventions."),
        )
        .at("/plan"));
    }
    if content.follow_up_on < local_time::date(stamp.occurred_at) {
        return Err(Refusal::new(
            "follow_up_in_the_past",
            "Uppföljningen ligger före planen. Ange en dag efter den.",
            "The follow-up lies before the plan. State a day after it.",
        )
        .at("/plan/follow_up_on"));
    }
    Ok(())
}

pub(super) fn ended() -> Refusal {
    Refusal::new(
        "ended",
        "Patienten har avböjt, eller så behövs ingen plan. Kalla på nytt om det har ändrats.",
        "The patient has declined, or no plan is needed. Call again if that has changed.",
    )
}

fn written_since(sip: &Sip, based_on: u32) -> Refusal {
    let Some(newest) = sip.plan() else {
        return Refusal::new(
            "no_such_version",
            "Ingen plan är upprättad än. Utgå från version 0.",
            "No plan is made yet. Base it on version 0.",
        )
        .at("/based_on");
    };
    let (version, by) = (newest.version, author(newest));
    Refusal::new(
        "written_since",
        format!(
            "Version {version} har skrivits av {by}; du utgick från {based_on}. Läs den först."
        ),
        format!(
            "Version {version} was written by {by}; yours is based on {based_on}. Read it first."
        ),
    )
    .at("/based_on")
}

fn replaced(sip: &Sip, version: u32, newest: u32) -> Refusal {
    let by = sip.plan().map_or_else(String::new, author);
    if version > newest || version == 0 {
        return Refusal::new(
            "no_such_version",
            format!("Den versionen finns inte; den senaste är {newest}."),
            format!("There is no such version; the newest is {newest}."),
        )
        .at("/version");
    }
    Refusal::new(
        "replaced",
        format!(
            "Version {version} har ersatts av version {newest}, skriven av {by}. Läs den först."
        ),
        format!(
            "Version {version} was replaced by version {newest}, written by {by}. Read it first."
        ),
    )
    .at("/version")
}

/// Who wrote a version, by HSA-id.
fn author(plan: &Plan) -> String {
    plan.stamp.by.as_ref().map_or_else(|| plan.unit.to_string(), |by| by.as_str().to_owned())
}

pub(crate) fn no_plan() -> Refusal {
    Refusal::new("no_plan", "Ingen plan är upprättad.", "No plan is made.")
}

#[cfg(test)]
mod tests;
