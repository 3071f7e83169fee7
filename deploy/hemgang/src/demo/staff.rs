//! What staff do, told to the services as a portal would tell it.

mod way_home;

use contracts::assignment::NotNeededReason;
use contracts::case::ConsentAnswer;
use contracts::commands::{
    Actor, AppointCareContact, AppointLeadOfficer, CallSip, CareContactNotNeeded, Command,
    DeclineSip, GiveReady, ReadNotice, RecordConsent, RecordSipHeld, ReportSupport, RevokeReady,
    RouteCase, SetSipTime,
};
use contracts::{CaseId, CommandId};
use messaging::{CallError, Caller};
use uuid::Uuid;

use super::act::{Deed, Step};

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
    let organisation = unit.split('-').next().unwrap_or_default();
    let staff = format!("{organisation}-P{}", step.stay % STAFF);
    let actor = Actor { staff: staff.parse()?, unit: unit.parse()? };
    let staff = actor.staff.clone();
    let name = format!("demo {} {attempt}", step.order);
    let id = CommandId(Uuid::new_v5(&case.0, name.as_bytes()));
    let by = Acting { caller, id, actor };
    let (occurred_at, replaces) = (None, None);
    Ok(match does {
        Deed::ReadNotice => by.tell(ReadNotice { case }).await,
        Deed::AppointCareContact => {
            by.tell(AppointCareContact { case, staff, replaces, occurred_at }).await
        }
        Deed::CareContactNotNeeded => {
            by.tell(CareContactNotNeeded {
                case,
                reason: NotNeededReason::ExistsAlready,
                replaces: None,
                occurred_at: None,
            })
            .await
        }
        Deed::AppointLeadOfficer => {
            by.tell(AppointLeadOfficer { case, staff, replaces, occurred_at }).await
        }
        Deed::ReportSupport => {
            by.tell(ReportSupport {
                case, text: "Påhittat stöd för demonstrationen.".to_owned()
            })
            .await
        }
        Deed::RecordConsent(yes) => {
            let answer = if yes { ConsentAnswer::Given } else { ConsentAnswer::Refused };
            by.tell(RecordConsent { occurred_at, ..RecordConsent::new(case, answer) }).await
        }
        Deed::Route(party, unit) => by.tell(RouteCase { case, party, unit: unit.parse()? }).await,
        Deed::GiveReady => by.tell(GiveReady { case, occurred_at }).await,
        Deed::RevokeReady => by.tell(RevokeReady { case, occurred_at }).await,
        Deed::CallSip => by.tell(CallSip { case, occurred_at }).await,
        Deed::SetSipTime(starts_at) => by.tell(SetSipTime { case, starts_at }).await,
        Deed::RecordSipHeld => by.tell(RecordSipHeld { case, occurred_at }).await,
        Deed::DeclineSip => by.tell(DeclineSip { case, occurred_at }).await,
        Deed::Homeward(does) => return way_home::act(&by, does, case).await,
    })
}

struct Acting<'a> {
    caller: &'a Caller,
    id: CommandId,
    actor: Actor,
}

impl Acting<'_> {
    async fn tell<C: Command>(&self, command: C) -> Outcome {
        match self.caller.call(&command, self.id, &self.actor).await {
            Ok(_) => Outcome::Done,
            Err(CallError::Refused(refusal)) if is_early(&refusal.code) => Outcome::Early,
            Err(CallError::Refused(_)) => Outcome::Refused,
            Err(_) => Outcome::Unanswered,
        }
    }
}

fn is_early(code: &str) -> bool {
    matches!(
        code,
        "no_such_case" | "not_routed" | "not_concerned" | "not_called" | "not_discharged"
    )
}
