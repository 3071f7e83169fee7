//! What the service can be told to do and asked, one function per use case, each inside the
//! transaction that stores its answer.

mod planning;
mod queries;

use std::sync::Arc;

use contracts::commands::{
    CancelDischarge, Command, CompareCases, CountCases, DischargePatient, DismissMessage, Done,
    EndLeave, FillForm, FindCase, GiveReady, JudgeNeed, ListCases, ListRefused, ListSenders,
    ReadNotice, RecordCheck, RecordConsent, RecordDeath, Refusal, RegisteredSender, ReplayMessage,
    RevokeCheck, RevokeDeath, RevokeReady, SendDischargeNotice, SetEstimate, SetTrack, StartLeave,
    WithdrawDischargeNotice, WithdrawNeed,
};
use contracts::{Case, CaseId, Party};
use messaging::{Answer, Call, CommandError, Outgoing, Serve, answer, outbox};
use sqlx::PgConnection;

use crate::domain::orders::{self, Order};
use crate::domain::stay::{Fact, is_live};
use crate::ingest::{self, IngestError};
use crate::outcome::{Fault, Verdict};
use crate::profile::Senders;
use crate::store::{cases, kept, notices};

/// The table of commands and queries.
pub(crate) struct Commands {
    pub(crate) senders: Arc<Senders>,
}

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[
        JudgeNeed::VERB,
        WithdrawNeed::VERB,
        RecordConsent::VERB,
        SetEstimate::VERB,
        GiveReady::VERB,
        RevokeReady::VERB,
        DischargePatient::VERB,
        CancelDischarge::VERB,
        SetTrack::VERB,
        FillForm::VERB,
        RecordCheck::VERB,
        RevokeCheck::VERB,
        SendDischargeNotice::VERB,
        WithdrawDischargeNotice::VERB,
        StartLeave::VERB,
        EndLeave::VERB,
        RecordDeath::VERB,
        RevokeDeath::VERB,
        ReplayMessage::VERB,
        DismissMessage::VERB,
    ];
    const QUERIES: &'static [&'static str] = &[
        ReadNotice::VERB,
        FindCase::VERB,
        ListCases::VERB,
        ListRefused::VERB,
        CountCases::VERB,
        CompareCases::VERB,
        ListSenders::VERB,
    ];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        match call.verb.as_str() {
            JudgeNeed::VERB => answer(&judge_need(tx, call, call.read()?).await?),
            WithdrawNeed::VERB => answer(&withdraw_need(tx, call, call.read()?).await?),
            RecordConsent::VERB => answer(&record_consent(tx, call, call.read()?).await?),
            SetEstimate::VERB => answer(&set_estimate(tx, call, call.read()?).await?),
            GiveReady::VERB => answer(&give_ready(tx, call, call.read()?).await?),
            RevokeReady::VERB => answer(&revoke_ready(tx, call, call.read()?).await?),
            DischargePatient::VERB => answer(&discharge(tx, call, call.read()?).await?),
            RecordDeath::VERB => answer(&record_death(tx, call, call.read()?).await?),
            RevokeDeath::VERB => answer(&revoke_death(tx, call, call.read()?).await?),
            ReplayMessage::VERB => answer(&self.replay(tx, call, call.read()?).await?),
            DismissMessage::VERB => answer(&dismiss(tx, call, call.read()?).await?),
            ListSenders::VERB => answer(&registered(&self.senders)),
            verb if Self::QUERIES.contains(&verb) => queries::serve(tx, call).await,
            _ => answer(&planning::serve(tx, call).await?),
        }
    }
}

impl Commands {
    /// Handles a kept message once more. Its sender may have changed its profile since, or the
    /// admission that it needed has come.
    async fn replay(
        &self,
        tx: &mut PgConnection,
        call: &Call,
        ReplayMessage { id }: ReplayMessage,
    ) -> Result<Done, CommandError> {
        let kept = kept::lock_for_replay(tx, id, call.trace).await?.ok_or_else(no_such_message)?;
        let outcome = match ingest::again(tx, &self.senders, vec![kept], call.now).await {
            Ok(mut outcomes) => outcomes.pop().ok_or_else(no_such_message)?,
            Err(IngestError::Snapshot(error)) => return Err(error.into()),
            Err(error) => return Err(sqlx::Error::Protocol(error.to_string()).into()),
        };
        if outcome.verdict != Verdict::Refused {
            return Ok(Done { changed: outcome.verdict == Verdict::Accepted });
        }
        let reasons = outcome.faults.iter().map(Fault::reason);
        let (sv, en): (Vec<_>, Vec<_>) = reasons.map(|reason| (reason.sv, reason.en)).unzip();
        Err(Refusal::new("still_refused", sv.join(" "), en.join(" ")).into())
    }
}

fn registered(senders: &Senders) -> Vec<RegisteredSender> {
    let registered = senders.all().iter().map(|sender| RegisteredSender {
        sender: sender.token.clone(),
        hospital: sender.hospital.clone(),
    });
    registered.collect()
}

/// Closes a refusal that needs nothing more.
async fn dismiss(
    tx: &mut PgConnection,
    call: &Call,
    what: DismissMessage,
) -> Result<Done, CommandError> {
    let by = &call.actor()?.staff;
    if let Some(accepted) = what.corrected_by
        && !kept::corrects(tx, accepted, what.id).await?
    {
        return Err(Refusal::new(
            "not_a_correction",
            "Det är inget mottaget meddelande från samma avsändare.",
            "It is no accepted message of the same sender.",
        )
        .at("/corrected_by")
        .into());
    }
    if !kept::dismiss(tx, what, by, call.now).await? {
        return Err(no_such_message().into());
    }
    Ok(Done { changed: true })
}

async fn judge_need(
    tx: &mut PgConnection,
    call: &Call,
    what: JudgeNeed,
) -> Result<Done, CommandError> {
    let change = Change { case: what.case, fact: Some(Fact::Need), what: "need_judged" };
    change.make(tx, call, |case, order| orders::judge_need(case, what, order)).await
}

async fn withdraw_need(
    tx: &mut PgConnection,
    call: &Call,
    WithdrawNeed { case }: WithdrawNeed,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: Some(Fact::Need), what: "need_withdrawn" };
    change.make(tx, call, |case, order| Ok(orders::withdraw_need(case, order))).await
}

async fn record_consent(
    tx: &mut PgConnection,
    call: &Call,
    what: RecordConsent,
) -> Result<Done, CommandError> {
    let change = Change { case: what.case, fact: Some(Fact::Consent), what: "consent_recorded" };
    change.make(tx, call, |case, order| orders::record_consent(case, what, order)).await
}

async fn set_estimate(
    tx: &mut PgConnection,
    call: &Call,
    SetEstimate { case, at, certainty }: SetEstimate,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: Some(Fact::Estimate), what: "estimate_changed" };
    change.make(tx, call, |case, order| orders::set_estimate(case, at, certainty, order)).await
}

async fn give_ready(
    tx: &mut PgConnection,
    call: &Call,
    GiveReady { case, occurred_at }: GiveReady,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: None, what: "ready_given" };
    change.make(tx, call, |case, order| orders::give_ready(case, occurred_at, order)).await
}

async fn revoke_ready(
    tx: &mut PgConnection,
    call: &Call,
    RevokeReady { case, occurred_at }: RevokeReady,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: None, what: "ready_revoked" };
    change.make(tx, call, |case, order| orders::revoke_ready(case, occurred_at, order)).await
}

async fn discharge(
    tx: &mut PgConnection,
    call: &Call,
    DischargePatient { case, occurred_at }: DischargePatient,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: Some(Fact::Discharge), what: "patient_discharged" };
    change.make(tx, call, |case, order| orders::discharge(case, occurred_at, order)).await
}

async fn record_death(
    tx: &mut PgConnection,
    call: &Call,
    RecordDeath { case, occurred_at }: RecordDeath,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: Some(Fact::Death), what: "death_recorded" };
    change.make(tx, call, |case, order| orders::record_death(case, occurred_at, order)).await
}

async fn revoke_death(
    tx: &mut PgConnection,
    call: &Call,
    RevokeDeath { case, occurred_at }: RevokeDeath,
) -> Result<Done, CommandError> {
    let change = Change { case, fact: Some(Fact::Death), what: "death_revoked" };
    change.make(tx, call, |case, order| orders::revoke_death(case, occurred_at, order)).await
}

/// A change of one case by somebody's decision.
struct Change {
    case: CaseId,
    /// What hospitals' messages can state as well: this decision is the newest word of it.
    fact: Option<Fact>,
    what: &'static str,
}

impl Change {
    /// Locks the case, changes it, and says so. `how` returns false when nothing changed.
    async fn make(
        self,
        tx: &mut PgConnection,
        call: &Call,
        how: impl FnOnce(&mut Case, Order) -> Result<bool, Refusal>,
    ) -> Result<Done, CommandError> {
        let actor = call.actor()?;
        let order = Order { entry: call.entry_id(), by: actor.staff.clone(), now: call.now };
        let found = cases::lock_case(tx, self.case).await?;
        let (mut case, mut stated) = found.ok_or_else(no_such_case)?;
        if self.is_the_wards() {
            not_for_another_party(notices::party_of(tx, self.case, &actor.unit).await?)?;
        }
        let changed = how(&mut case, order)?;
        if let Some(fact) = self.fact {
            stated.decided(fact, call.now);
            if fact == Fact::Death {
                stated.decided(Fact::Disposition, call.now);
            }
        }
        cases::update_cases(tx, &[(&case, &stated)]).await?;
        if changed {
            publish(tx, call, &case, self.what).await?;
        }
        Ok(Done { changed })
    }
}

impl Change {
    /// Consents and deaths are recorded by whoever hears of them; all else is the ward's word.
    fn is_the_wards(&self) -> bool {
        !matches!(self.what, "consent_recorded" | "death_recorded" | "death_revoked")
    }
}

/// A unit to which the case is routed for another party is not its ward. Which of a hospital's units is,
/// this service does not know: that is held off by who may send commands at all.
fn not_for_another_party(party: Option<Party>) -> Result<(), Refusal> {
    match party {
        None | Some(Party::Ward) => Ok(()),
        Some(_) => Err(Refusal::new(
            "not_the_ward",
            "Det anger slutenvården; enheten har ärendet för en annan part.",
            "That is for the ward to state; the unit has the case for another party.",
        )),
    }
}

async fn publish(
    tx: &mut PgConnection,
    call: &Call,
    case: &Case,
    what: &'static str,
) -> Result<(), CommandError> {
    let snapshot = Outgoing::new(case, what, is_live(case), call.trace)?;
    Ok(outbox::put(tx, vec![snapshot], call.now).await?)
}

fn no_such_case() -> Refusal {
    Refusal::new("no_such_case", "Ärendet är inte känt här.", "The case is not known here.")
        .at("/case")
}

fn no_such_message() -> Refusal {
    Refusal::new(
        "no_such_message",
        "Det finns inget sådant meddelande som väntar på att hanteras igen.",
        "There is no such message that waits to be handled again.",
    )
    .at("/id")
}
