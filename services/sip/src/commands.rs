//! What the service can be told to do, one function per use case, each inside the transaction that
//! stores its answer.

mod calls;
mod meetings;
mod plans;
mod registrations;
mod times;

use contracts::commands::{
    AskSipParticipant, CallSip, CancelSip, CancelSipMeeting, Command, ConfirmSipPlan, DeclineSip,
    Done, ExplainSipTime, ExportSipRegistrations, HappenedAt, LIST_KNOWN_CASES, ListKnownCases,
    MakeSipPlan, NoteSipNeed, ProposeSipTimes, ReadSipMeeting, ReadSipPlan, RecordPreMeeting,
    RecordSipAttendance, RecordSipFollowUp, RecordSipHeld, Refusal, RegisterSipContact,
    RevokeSipHeld, RevokeSipNeed, SetSipKind, SetSipMeeting, SetSipTime, ShowSip, SipNotNeeded,
    TickSipPoint, WithdrawSipParticipant, WithdrawSipRegistration,
};
use contracts::{CaseId, Sip, Stamp};
use messaging::{Answer, Call, CommandError, Outgoing, Serve, answer, outbox};
use sqlx::PgConnection;

use crate::domain::reading;
use crate::store;

/// The table of commands and queries.
pub(crate) struct Commands;

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[
        NoteSipNeed::VERB,
        RevokeSipNeed::VERB,
        SetSipKind::VERB,
        CallSip::VERB,
        CancelSip::VERB,
        DeclineSip::VERB,
        SipNotNeeded::VERB,
        SetSipTime::VERB,
        SetSipMeeting::VERB,
        CancelSipMeeting::VERB,
        RecordSipHeld::VERB,
        RevokeSipHeld::VERB,
        AskSipParticipant::VERB,
        WithdrawSipParticipant::VERB,
        RecordSipAttendance::VERB,
        RecordPreMeeting::VERB,
        TickSipPoint::VERB,
        MakeSipPlan::VERB,
        ConfirmSipPlan::VERB,
        RecordSipFollowUp::VERB,
        RegisterSipContact::VERB,
        WithdrawSipRegistration::VERB,
    ];
    const QUERIES: &'static [&'static str] = &[
        ShowSip::VERB,
        ReadSipMeeting::VERB,
        ReadSipPlan::VERB,
        ExportSipRegistrations::VERB,
        ProposeSipTimes::VERB,
        ExplainSipTime::VERB,
        LIST_KNOWN_CASES,
    ];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        match call.verb.as_str() {
            NoteSipNeed::VERB => answer(&calls::note_need(tx, call, call.read()?).await?),
            RevokeSipNeed::VERB => answer(&calls::revoke_need(tx, call, call.read()?).await?),
            SetSipKind::VERB => answer(&calls::set_kind(tx, call, call.read()?).await?),
            CallSip::VERB => answer(&calls::call_sip(tx, call, call.read()?).await?),
            CancelSip::VERB => answer(&calls::cancel(tx, call, call.read()?).await?),
            DeclineSip::VERB => answer(&calls::decline(tx, call, call.read()?).await?),
            SipNotNeeded::VERB => answer(&calls::not_needed(tx, call, call.read()?).await?),
            SetSipTime::VERB => answer(&meetings::set_time(tx, call, call.read()?).await?),
            CancelSipMeeting::VERB => answer(&meetings::cancel(tx, call, call.read()?).await?),
            RecordSipHeld::VERB => answer(&meetings::record_held(tx, call, call.read()?).await?),
            RevokeSipHeld::VERB => answer(&meetings::revoke_held(tx, call, call.read()?).await?),
            SetSipMeeting::VERB => answer(&meetings::set(tx, call, call.read()?).await?),
            AskSipParticipant::VERB => answer(&meetings::ask(tx, call, call.read()?).await?),
            WithdrawSipParticipant::VERB => {
                answer(&meetings::withdraw(tx, call, call.read()?).await?)
            }
            RecordSipAttendance::VERB => {
                answer(&meetings::record_attendance(tx, call, call.read()?).await?)
            }
            RecordPreMeeting::VERB => {
                answer(&meetings::record_pre_meeting(tx, call, call.read()?).await?)
            }
            TickSipPoint::VERB => answer(&meetings::tick(tx, call, call.read()?).await?),
            ReadSipMeeting::VERB => answer(&meetings::read(tx, call, call.read()?).await?),
            MakeSipPlan::VERB => answer(&plans::make(tx, call, call.read()?).await?),
            ConfirmSipPlan::VERB => answer(&plans::confirm(tx, call, call.read()?).await?),
            RecordSipFollowUp::VERB => {
                answer(&plans::record_follow_up(tx, call, call.read()?).await?)
            }
            ReadSipPlan::VERB => answer(&plans::read(tx, call, call.read()?).await?),
            RegisterSipContact::VERB => {
                answer(&registrations::register(tx, call, call.read()?).await?)
            }
            WithdrawSipRegistration::VERB => {
                answer(&registrations::withdraw(tx, call, call.read()?).await?)
            }
            ExportSipRegistrations::VERB => {
                answer(&registrations::export(tx, call, call.read()?).await?)
            }
            ProposeSipTimes::VERB => {
                answer(&times::look(call.read()?, call.now, times::propose).await?)
            }
            ExplainSipTime::VERB => {
                answer(&times::look(call.read()?, call.now, times::explain).await?)
            }
            ShowSip::VERB => {
                let ShowSip { case } = call.read()?;
                answer(&find(tx, case).await?)
            }
            LIST_KNOWN_CASES => {
                let ListKnownCases { after } = call.read()?;
                answer(&store::list_known_cases(tx, after).await?)
            }
            _ => Err(Refusal::new("unknown_verb", "Okänt kommando.", "Unknown command.").into()),
        }
    }
}

/// Locks the case and finds its plan.
async fn find(tx: &mut PgConnection, case: CaseId) -> Result<Sip, CommandError> {
    store::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
    Ok(store::find_sip(tx, case).await?.unwrap_or_else(|| Sip::new(case)))
}

/// Locks the case, changes its plan, and says so. `how` returns false when nothing changed.
async fn change(
    tx: &mut PgConnection,
    call: &Call,
    case: CaseId,
    kind: &'static str,
    how: impl FnOnce(&mut Sip) -> Result<bool, Refusal>,
) -> Result<Done, CommandError> {
    let ended = store::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
    let mut sip = store::find_sip(tx, case).await?.unwrap_or_else(|| Sip::new(case));
    let changed = how(&mut sip)?;
    if changed {
        store::save_sips(tx, std::slice::from_ref(&sip)).await?;
        let snapshot = Outgoing::new(&sip, kind, !ended, call.trace)?;
        outbox::put(tx, vec![snapshot], call.now).await?;
    }
    Ok(Done { changed })
}

/// The same for a unit that takes part, and no other.
async fn change_together(
    tx: &mut PgConnection,
    call: &Call,
    case: CaseId,
    kind: &'static str,
    how: impl FnOnce(&mut Sip) -> Result<bool, Refusal>,
) -> Result<Done, CommandError> {
    let unit = &call.actor()?.unit;
    change(tx, call, case, kind, |sip| {
        reading::must_take_part(sip, unit)?;
        how(sip)
    })
    .await
}

/// A refusal unless the patient allows the actor's unit to read what others wrote.
async fn must_be_allowed(
    tx: &mut PgConnection,
    call: &Call,
    sip: &Sip,
) -> Result<(), CommandError> {
    let consents = store::find_consents(tx, sip.case_id).await?;
    Ok(reading::must_be_allowed(sip, &consents, &call.actor()?.unit, call.now)?)
}

fn reported(call: &Call, occurred_at: HappenedAt) -> Result<Stamp, CommandError> {
    let by = call.actor()?.staff.clone();
    Ok(Stamp::reported(call.entry_id(), occurred_at, call.now, Some(by))?)
}

fn no_such_case() -> Refusal {
    Refusal::new("no_such_case", "Ärendet är inte känt här.", "The case is not known here.")
        .at("/case")
}
