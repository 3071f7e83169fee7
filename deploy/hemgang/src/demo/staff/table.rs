//! What the parties do about the coordinated plan.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use contracts::assignment::NotNeededReason;
use contracts::commands::{
    AskSipParticipant, CallSip, CancelSip, ConfirmSipPlan, DeclineSip, MakeSipPlan, NoteSipNeed,
    ProposeSipTimes, ReadSipMeeting, ReadSipPlan, RecordPreMeeting, RecordSipAttendance,
    RecordSipFollowUp, RecordSipHeld, RegisterSipContact, RevokeSipNeed, SetSipKind, SetSipMeeting,
    SetSipTime, ShowSip, SipIntervention, SipNotNeeded, SipPlanContent, SipTimeParticipant,
    SipTimeQuestion, TickSipPoint, WithdrawSipParticipant,
};
use contracts::sip::{FreeText, MeetingForm, MeetingPoint, ParticipantRole, PlanKind, Principal};
use contracts::{CaseId, Party};

use super::{Acting, Outcome, TEXT, member};
use crate::demo::table::Table;

/// How long a meeting is.
const MINUTES: u16 = 60;

pub(super) async fn act(by: &Acting<'_>, does: Table, case: CaseId) -> anyhow::Result<Outcome> {
    let occurred_at = None;
    let outcome = match does {
        Table::NoteNeed(noticed) => {
            let noticed_by = Some(noticed);
            by.tell(NoteSipNeed { case, noticed_by, occurred_at }).await
        }
        Table::RevokeNeed => by.tell(RevokeSipNeed { case, occurred_at }).await,
        Table::ForCompulsoryCare => {
            let kind = PlanKind::CompulsoryPsychiatricCare;
            by.tell(SetSipKind { case, kind, occurred_at }).await
        }
        Table::Call => by.tell(CallSip { case, occurred_at }).await,
        Table::Decline => by.tell(DeclineSip { case, occurred_at }).await,
        Table::NotNeeded => {
            let reason = NotNeededReason::NoFurtherNeed;
            by.tell(SipNotNeeded { case, reason, occurred_at }).await
        }
        Table::CancelCall => by.tell(CancelSip { case, occurred_at }).await,
        Table::SetTime(starts_at) => by.tell(SetSipTime { case, starts_at }).await,
        Table::SetMeeting(earliest, form) => set_meeting(by, case, earliest, form).await?,
        Table::Ask(party, unit) => {
            let role = match party {
                Party::OpenCare => ParticipantRole::Leader,
                _ => ParticipantRole::Staff,
            };
            let staff = (party == Party::OpenCare).then(|| by.actor.staff.clone());
            let (party, unit) = (Some(party), Some(unit.parse()?));
            by.tell(AskSipParticipant { party, unit, staff, ..somebody(case, role) }).await
        }
        Table::AskPatient => by.tell(somebody(case, ParticipantRole::Patient)).await,
        Table::AskRelative => {
            let who = Some(text()?);
            let role = ParticipantRole::PatientsOwn;
            by.tell(AskSipParticipant { who, ..somebody(case, role) }).await
        }
        Table::Withdraw(unit) => withdraw(by, case, unit).await,
        Table::PreMeeting => {
            let points = MeetingPoint::BEFORE.to_vec();
            by.tell(RecordPreMeeting { case, points, occurred_at }).await
        }
        Table::Held => by.tell(RecordSipHeld { case, occurred_at }).await,
        Table::RecordAttendance => record_attendance(by, case).await,
        Table::Tick(point) => by.tell(TickSipPoint { case, point, occurred_at }).await,
        Table::MakePlan(follow_up_on) => make_plan(by, case, follow_up_on).await?,
        Table::Confirm(party) => confirm(by, case, party).await,
        Table::Register { owner } => {
            let (staff, visit_type) = (None, None);
            by.tell(RegisterSipContact { case, staff, owner, visit_type, occurred_at }).await
        }
        Table::FollowUp => follow_up(by, case).await,
    };
    Ok(outcome)
}

fn text() -> anyhow::Result<FreeText> {
    Ok(TEXT.parse()?)
}

fn somebody(case: CaseId, role: ParticipantRole) -> AskSipParticipant {
    let (party, unit, staff, who, occurred_at) = (None, None, None, None, None);
    AskSipParticipant { case, role, party, unit, staff, who, occurred_at }
}

/// The meeting is at the first time from then on that `sip` proposes for people who are at work.
async fn set_meeting(
    by: &Acting<'_>,
    case: CaseId,
    earliest: DateTime<Utc>,
    form: MeetingForm,
) -> anyhow::Result<Outcome> {
    let question = SipTimeQuestion {
        minutes: MINUTES,
        participants: vec![SipTimeParticipant::default()],
        earliest: Some(earliest),
        discharge_at: None,
        ready_at: None,
        latest: None,
        days_off: Vec::new(),
    };
    let question = ProposeSipTimes { question, count: Some(1), every_minutes: None };
    let starts_at = match by.ask(&question).await {
        Ok(proposed) => proposed.times.first().map_or(earliest, |time| time.from),
        Err(outcome) => return Ok(outcome),
    };
    let ends_at = Some(starts_at + TimeDelta::minutes(MINUTES.into()));
    let (form, place) = (Some(form), Some(text()?));
    Ok(by.tell(SetSipMeeting { case, starts_at, ends_at, form, place }).await)
}

async fn withdraw(by: &Acting<'_>, case: CaseId, unit: &str) -> Outcome {
    let sip = match by.ask(&ShowSip { case }).await {
        Ok(sip) => sip,
        Err(outcome) => return outcome,
    };
    let mut asked = sip.meeting().into_iter().flat_map(|meeting| &meeting.participants);
    let theirs = asked.find(|one| one.unit.as_ref().is_some_and(|theirs| theirs.as_str() == unit));
    let Some(participant) = theirs.map(|one| one.stamp.id) else { return Outcome::Refused };
    by.tell(WithdrawSipParticipant { case, participant, occurred_at: None }).await
}

/// All came, but now and then one of the patient's own.
async fn record_attendance(by: &Acting<'_>, case: CaseId) -> Outcome {
    let sip = match by.ask(&ShowSip { case }).await {
        Ok(sip) => sip,
        Err(outcome) => return outcome,
    };
    let asked = sip.meeting().into_iter().flat_map(|meeting| &meeting.participants);
    for one in asked.filter(|one| one.withdrawn.is_none()) {
        let participant = one.stamp.id;
        let was_there =
            one.role != ParticipantRole::PatientsOwn || !participant.0.as_u128().is_multiple_of(4);
        let attendance =
            RecordSipAttendance { case, participant, came: was_there, occurred_at: None };
        let outcome = by.part(&participant.to_string()).tell(attendance).await;
        if outcome != Outcome::Done {
            return outcome;
        }
    }
    Outcome::Done
}

/// The plan, or its next version: each party at the table but the ward does something in it.
async fn make_plan(
    by: &Acting<'_>,
    case: CaseId,
    follow_up_on: NaiveDate,
) -> anyhow::Result<Outcome> {
    let sip = match by.ask(&ShowSip { case }).await {
        Ok(sip) => sip,
        Err(outcome) => return Ok(outcome),
    };
    let based_on = sip.plan().map_or(0, |plan| plan.version);
    let asked = sip.meeting().into_iter().flat_map(|meeting| &meeting.participants);
    let mut interventions = Vec::new();
    for one in asked.filter(|one| one.withdrawn.is_none()) {
        let Some((party, unit)) = one.party.zip(one.unit.as_ref()) else { continue };
        if party != Party::Ward {
            let staff = member(unit.as_str(), u64::from(based_on))?.parse()?;
            interventions.push(SipIntervention { what: text()?, party, staff });
        }
    }
    let goals = (0..=based_on).map(|_| text()).collect::<anyhow::Result<_>>()?;
    let plan = SipPlanContent { overall: Principal::Region, follow_up_on, goals, interventions };
    Ok(by.tell(MakeSipPlan { case, based_on, plan, occurred_at: None }).await)
}

/// A unit reads where and with whom it was, and the newest version, and confirms that.
async fn confirm(by: &Acting<'_>, case: CaseId, party: Party) -> Outcome {
    let meeting = by.part("meeting").tell(ReadSipMeeting { case }).await;
    if meeting != Outcome::Done {
        return meeting;
    }
    match by.part("plan").call(&ReadSipPlan { case, version: None }).await {
        Ok(read) => {
            let version = read.published.version;
            by.tell(ConfirmSipPlan { case, version, party, occurred_at: None }).await
        }
        Err(outcome) => outcome,
    }
}

/// All that do something in the plan follow it up.
async fn follow_up(by: &Acting<'_>, case: CaseId) -> Outcome {
    let parties = match by.ask(&ShowSip { case }).await {
        Ok(sip) => sip.plan().map(|plan| plan.parties.clone()).unwrap_or_default(),
        Err(outcome) => return outcome,
    };
    by.tell(RecordSipFollowUp { case, parties, next_on: None, occurred_at: None }).await
}
