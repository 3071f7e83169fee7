//! What staff do, told to the services as a portal would tell it.

mod table;
mod talk;
mod way_home;

use std::collections::BTreeSet;

use anyhow::Context as _;
use contracts::alert::AlertState;
use contracts::assignment::NotNeededReason;
use contracts::case::{Certainty, ConsentAnswer};
use contracts::commands::{
    AcknowledgeAlert, Actor, AppointCareContact, AppointLeadOfficer, CareContactNotNeeded, Command,
    GiveReady, JudgeNeed, LeadOfficerNotNeeded, ListAlerts, ReadNotice, RecordConsent,
    ReportSupport, RevokeReady, RouteCase, SetEstimate, WithdrawNeed,
};
use contracts::{Alert, CaseId, CommandId, Party};
use messaging::{CallError, Caller};
use uuid::Uuid;

use super::act::{Deed, Step, Word};

/// Every text of the demo: it says so itself.
const TEXT: &str = "Påhittad text för demonstrationen.";
/// Units have so many members of staff in the demo.
const STAFF: u64 = 5;

/// What became of a deed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, now or before.
    Done,
    /// Refused; somebody was quicker, or things are different by now.
    Refused,
    /// No answer: to be tried again as it is.
    Unanswered,
    /// What another service has told is not known there yet: to be asked for anew.
    Early,
}

/// Does it. Done again it is the same command, and changes nothing; `attempt` counts how often it
/// was too early, as a refusal is an answer, too, and stays the same.
pub(crate) async fn act(
    caller: &Caller,
    step: &Step,
    unit: &str,
    does: Deed,
    (case, attempt): (CaseId, u32),
) -> anyhow::Result<Outcome> {
    let staff = member(unit, step.stay)?;
    let actor = Actor { staff: staff.parse()?, unit: unit.parse()? };
    let name = format!("demo {} {attempt}", step.order);
    let id = CommandId(Uuid::new_v5(&case.0, name.as_bytes()));
    let by = Acting { caller, id, actor };
    let staff = by.actor.staff.clone();
    let (occurred_at, replaces) = (None, None);
    let reason = NotNeededReason::ExistsAlready;
    Ok(match does {
        Deed::ReadNotice => by.tell(ReadNotice { case }).await,
        Deed::AppointCareContact => {
            by.tell(AppointCareContact { case, staff, replaces, occurred_at }).await
        }
        Deed::ReplaceCareContact => {
            let other = member(unit, step.stay + 1)?.parse()?;
            let replaces = Some(staff);
            by.tell(AppointCareContact { case, staff: other, replaces, occurred_at }).await
        }
        Deed::CareContactNotNeeded => {
            by.tell(CareContactNotNeeded { case, reason, replaces, occurred_at }).await
        }
        Deed::AppointLeadOfficer => {
            by.tell(AppointLeadOfficer { case, staff, replaces, occurred_at }).await
        }
        Deed::LeadOfficerNotNeeded => {
            by.tell(LeadOfficerNotNeeded { case, reason, replaces, occurred_at }).await
        }
        Deed::ReportSupport => by.tell(ReportSupport { case, text: TEXT.to_owned() }).await,
        Deed::JudgeNeed(parties, frequent_patient) => {
            let parties = parties.iter().copied().collect();
            by.tell(JudgeNeed { case, parties, frequent_patient, noticed_at: None }).await
        }
        Deed::WithdrawNeed => by.tell(WithdrawNeed { case }).await,
        Deed::SetEstimate(at) => {
            let certainty = Some(Certainty::Certain);
            by.tell(SetEstimate { case, at, certainty }).await
        }
        Deed::RecordConsent(word) => by.tell(consent(case, word)).await,
        Deed::Route(party, unit) => by.tell(RouteCase { case, party, unit: unit.parse()? }).await,
        Deed::GiveReady => by.tell(GiveReady { case, occurred_at }).await,
        Deed::RevokeReady => by.tell(RevokeReady { case, occurred_at }).await,
        Deed::Acknowledge => by.acknowledge(case).await,
        Deed::Homeward(does) => return way_home::act(&by, does, case).await,
        Deed::Talk(does) => talk::act(&by, does, case).await,
        Deed::Table(does) => return table::act(&by, does, case).await,
    })
}

/// One of a unit's staff.
fn member(unit: &str, number: u64) -> anyhow::Result<String> {
    let organisation = unit.split('-').next().context("a unit without an organisation")?;
    Ok(format!("{organisation}-P{}", number % STAFF))
}

fn consent(case: CaseId, word: Word) -> RecordConsent {
    let given = RecordConsent::new(case, ConsentAnswer::Given);
    match word {
        Word::Yes => given,
        Word::No => RecordConsent::new(case, ConsentAnswer::Refused),
        Word::ToOpenCare => RecordConsent { parties: BTreeSet::from([Party::OpenCare]), ..given },
        Word::Until(end) => RecordConsent { expires_at: Some(end), ..given },
        Word::TakenBack => RecordConsent::new(case, ConsentAnswer::Withdrawn),
    }
}

struct Acting<'a> {
    caller: &'a Caller,
    id: CommandId,
    actor: Actor,
}

impl Acting<'_> {
    async fn tell<C: Command>(&self, command: C) -> Outcome {
        self.call(&command).await.map_or_else(|outcome| outcome, |_| Outcome::Done)
    }

    /// Tells something, and what was answered.
    async fn call<C: Command>(&self, command: &C) -> Result<C::Answer, Outcome> {
        match self.caller.call(command, self.id, &self.actor).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Refused(refusal)) if is_early(&refusal.code) => Err(Outcome::Early),
            Err(CallError::Refused(refusal)) => {
                let (service, verb, code) = (C::SERVICE, C::VERB, refusal.code.as_str());
                tracing::debug!(service, verb, code, "a deed of the demo was refused");
                Err(Outcome::Refused)
            }
            Err(_) => Err(Outcome::Unanswered),
        }
    }

    /// Asks something that nobody acts for.
    async fn ask<C: Command>(&self, query: &C) -> Result<C::Answer, Outcome> {
        self.caller.ask(query).await.map_err(|_| Outcome::Unanswered)
    }

    /// The same, doing a part of the deed that has an id of its own.
    fn part(&self, name: &str) -> Self {
        let id = CommandId(Uuid::new_v5(&self.id.0, name.as_bytes()));
        Self { caller: self.caller, id, actor: self.actor.clone() }
    }

    /// Says that the newest message of a duty was seen, if the unit got one.
    async fn acknowledge(&self, case: CaseId) -> Outcome {
        let alerts = match self.ask(&ListAlerts { case: Some(case), state: None }).await {
            Ok(alerts) => alerts,
            Err(outcome) => return outcome,
        };
        let is_open = |alert: &Alert| {
            let went = matches!(alert.state, AlertState::Sent | AlertState::Delivered);
            went && alert.unit == self.actor.unit && alert.acknowledged.is_none()
        };
        let newest = alerts.into_iter().filter(|alert| alert.obligation.is_some()).rfind(is_open);
        let Some(Alert { alert_id: alert, .. }) = newest else { return Outcome::Refused };
        self.tell(AcknowledgeAlert { alert }).await
    }
}

fn is_early(code: &str) -> bool {
    matches!(
        code,
        "no_such_case" | "not_routed" | "not_concerned" | "not_called" | "not_discharged"
    )
}
