//! The plan's versions, and who confirms which.
//!
//! Two who write at once: the first one's version stands, the other is told who wrote it, reads it and
//! writes the next one.

use std::collections::BTreeSet;

use contracts::commands::{MOST_LINES, Refusal, SipPlanContent};
use contracts::sip::{Plan, PlanConfirmation, Principal};
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
            "Enheten deltar för en annan part. Ange den egna parten.",
            "The unit takes part for another party. State its own.",
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

/// As which parties a unit is asked to the meetings; a unit that is asked nowhere is believed.
fn acts_for(sip: &Sip, unit: &HsaId, party: Party) -> bool {
    let asked = sip.meetings.iter().flat_map(|meeting| &meeting.participants);
    let mut parties = asked.filter(|one| one.unit.as_ref() == Some(unit)).map(|one| one.party);
    let first = parties.next();
    first.is_none_or(|first| first == Some(party) || parties.any(|other| other == Some(party)))
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

fn ended() -> Refusal {
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
mod tests {
    use contracts::assignment::NotNeededReason;
    use contracts::commands::SipIntervention;
    use contracts::sip::SipEndKind;

    use super::super::need;
    use super::super::testing::{called, staff, stamp, unit};
    use super::*;

    pub(crate) fn content() -> SipPlanContent {
        let line = |what: &str, party| {
            let what = what.parse().unwrap();
            SipIntervention { what, party, staff: staff() }
        };
        SipPlanContent {
            overall: Principal::Region,
            follow_up_on: "2027-01-15".parse().unwrap(),
            goals: vec!["gå till brevlådan".parse().unwrap()],
            interventions: vec![
                line("sondmat", Party::MunicipalHealthCare),
                line("såromläggning", Party::OpenCare),
                line("provtagning", Party::OpenCare),
            ],
        }
    }

    fn made() -> Sip {
        let mut sip = called();
        assert_eq!(make(&mut sip, 0, &content(), &unit(), stamp(9)), Ok(1));
        sip
    }

    #[test]
    fn a_plan_names_each_party_once() {
        let plan = made().plan().unwrap().clone();
        assert_eq!(plan.parties, [Party::OpenCare, Party::MunicipalHealthCare]);
        assert_eq!(plan.interventions, 3);
    }

    #[test]
    fn whoever_writes_second_is_told_who_wrote_since() {
        let mut sip = made();
        let refusal = make(&mut sip, 0, &content(), &unit(), stamp(10)).unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("written_since", Some("/based_on"))
        );
        assert!(refusal.message.sv.contains(staff().as_str()), "{}", refusal.message.sv);
        assert_eq!(make(&mut sip, 1, &content(), &unit(), stamp(10)), Ok(2));
        assert_eq!(sip.plans.len(), 2);
    }

    #[test]
    fn each_party_confirms_the_version_that_it_saw() {
        let mut sip = made();
        for (party, done) in [(Party::OpenCare, false), (Party::MunicipalHealthCare, true)] {
            assert_eq!(confirm(&mut sip, 1, party, &unit(), stamp(10)), Ok(true));
            assert_eq!(confirm(&mut sip, 1, party, &unit(), stamp(11)), Ok(false));
            assert_eq!(sip.plan().unwrap().is_confirmed(), done);
        }
    }

    #[test]
    fn an_old_version_is_not_confirmed_and_a_new_one_has_to_be() {
        let mut sip = made();
        confirm(&mut sip, 1, Party::OpenCare, &unit(), stamp(10)).unwrap();
        make(&mut sip, 1, &content(), &unit(), stamp(11)).unwrap();
        let refusal = confirm(&mut sip, 1, Party::OpenCare, &unit(), stamp(12)).unwrap_err();
        assert_eq!(refusal.code, "replaced");
        assert!(sip.plan().unwrap().confirmations.is_empty());
        assert_eq!(sip.plans[0].confirmations.len(), 1, "nothing of the old version is lost");
        let refusal = confirm(&mut sip, 3, Party::OpenCare, &unit(), stamp(12)).unwrap_err();
        assert_eq!(refusal.code, "no_such_version");
    }

    #[test]
    fn who_does_nothing_confirms_nothing() {
        let refusal = confirm(&mut made(), 1, Party::Ward, &unit(), stamp(10)).unwrap_err();
        assert_eq!(refusal.code, "party_does_nothing");
    }

    #[test]
    fn a_plan_does_something_and_is_followed_up_later() {
        let none = SipPlanContent { interventions: vec![], ..content() };
        let refusal = make(&mut called(), 0, &none, &unit(), stamp(9)).unwrap_err();
        assert_eq!(refusal.code, "no_interventions");
        let early = SipPlanContent { follow_up_on: "2026-11-23".parse().unwrap(), ..content() };
        let refusal = make(&mut called(), 0, &early, &unit(), stamp(9)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/plan/follow_up_on"));
    }

    #[test]
    fn there_is_no_plan_against_the_patients_will_and_no_other_kind_once_there_is_one() {
        let mut sip = called();
        let (kind, reason) = (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
        need::end(&mut sip, kind, reason, stamp(9)).unwrap();
        assert_eq!(make(&mut sip, 0, &content(), &unit(), stamp(10)).unwrap_err().code, "ended");
        let kind = contracts::sip::PlanKind::CompulsoryPsychiatricCare;
        assert_eq!(need::set_kind(&mut made(), kind, stamp(10)).unwrap_err().code, "plan_made");
    }
}
