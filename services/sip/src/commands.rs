//! What the service can be told to do, one function per use case, each inside the transaction that
//! stores its answer.

use contracts::assignment::NotNeededReason;
use contracts::commands::{
    CallSip, CancelSip, Command, DeclineSip, Done, HappenedAt, LIST_KNOWN_CASES, ListKnownCases,
    NoteSipNeed, RecordSipHeld, Refusal, SetSipTime, ShowSip, SipNotNeeded,
};
use contracts::sip::SipEndKind;
use contracts::{CaseId, Sip, Stamp};
use messaging::{Answer, Call, CommandError, Outgoing, Serve, answer, outbox};
use sqlx::PgConnection;

use crate::{domain, store};

/// The table of commands and queries.
pub(crate) struct Commands;

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[
        NoteSipNeed::VERB,
        CallSip::VERB,
        SetSipTime::VERB,
        RecordSipHeld::VERB,
        CancelSip::VERB,
        DeclineSip::VERB,
        SipNotNeeded::VERB,
    ];
    const QUERIES: &'static [&'static str] = &[ShowSip::VERB, LIST_KNOWN_CASES];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        let done = match call.verb.as_str() {
            NoteSipNeed::VERB => {
                let NoteSipNeed { case, occurred_at } = call.read()?;
                let stamp = reported(call, occurred_at)?;
                change(tx, call, case, "need_noted", |sip| Ok(domain::note_need(sip, stamp)))
                    .await?
            }
            CallSip::VERB => {
                let CallSip { case, occurred_at } = call.read()?;
                let (stamp, unit) = (reported(call, occurred_at)?, &call.actor()?.unit);
                change(tx, call, case, "sip_called", |sip| Ok(domain::call(sip, unit, stamp)))
                    .await?
            }
            SetSipTime::VERB => {
                let SetSipTime { case, starts_at } = call.read()?;
                let stamp = reported(call, None)?;
                change(tx, call, case, "time_set", |sip| domain::set_time(sip, starts_at, stamp))
                    .await?
            }
            RecordSipHeld::VERB => {
                let RecordSipHeld { case, occurred_at } = call.read()?;
                let stamp = reported(call, occurred_at)?;
                change(tx, call, case, "sip_held", |sip| domain::record_held(sip, stamp)).await?
            }
            CancelSip::VERB => {
                let CancelSip { case, occurred_at } = call.read()?;
                let stamp = reported(call, occurred_at)?;
                change(tx, call, case, "sip_cancelled", |sip| domain::cancel(sip, &stamp)).await?
            }
            DeclineSip::VERB => {
                let DeclineSip { case, occurred_at } = call.read()?;
                let stamp = reported(call, occurred_at)?;
                let (kind, reason) =
                    (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
                change(tx, call, case, "sip_declined", |sip| domain::end(sip, kind, reason, stamp))
                    .await?
            }
            SipNotNeeded::VERB => {
                let SipNotNeeded { case, reason, occurred_at } = call.read()?;
                let (kind, stamp) = (SipEndKind::NotNeeded, reported(call, occurred_at)?);
                change(tx, call, case, "sip_not_needed", |s| domain::end(s, kind, reason, stamp))
                    .await?
            }
            LIST_KNOWN_CASES => {
                let ListKnownCases { after } = call.read()?;
                return answer(&store::list_known_cases(tx, after).await?);
            }
            _ => return show(tx, call).await,
        };
        answer(&done)
    }
}

async fn show(tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
    let ShowSip { case } = call.read()?;
    store::lock_case(tx, case).await?.ok_or_else(no_such_case)?;
    answer(&store::find_sip(tx, case).await?.unwrap_or_else(|| Sip::new(case)))
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
        store::save_sip(tx, &sip).await?;
        let snapshot = Outgoing::new(&sip, kind, !ended, call.trace)?;
        outbox::put(tx, vec![snapshot], call.now).await?;
    }
    Ok(Done { changed })
}

fn reported(call: &Call, occurred_at: HappenedAt) -> Result<Stamp, CommandError> {
    let by = call.actor()?.staff.clone();
    Ok(Stamp::reported(call.entry_id(), occurred_at, call.now, Some(by))?)
}

fn no_such_case() -> Refusal {
    Refusal::new("no_such_case", "Ärendet är inte känt här.", "The case is not known here.")
        .at("/case")
}
