//! Commands about what the parties plan, confirm, ask and answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::commands::{
    AddAnnex, AnswerTrackProposal, CloseCase, Command as _, Confirm, Done, EndHindrance, EntryText,
    ProposeTrack, RecordFollowUp, Refusal, ReopenCase, RevokeConfirmation, SendMessage,
    StateHindrance, WithdrawAnnex, WithdrawEntry, WithdrawMessage, WithdrawTrackProposal,
    WriteEntry,
};
use contracts::{Assignment, CaseId};
use messaging::{Answer, Call, CommandError, answer};
use serde::Serialize;
use sqlx::PgConnection;

use super::{change, reported};
use crate::domain::cooperation::annexes::{self, File};
use crate::domain::cooperation::{
    Acting, check_text, closing, confirmations, entries, messages, tracks,
};
use crate::store::texts;

pub(super) async fn serve(tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
    let done = match call.verb.as_str() {
        WriteEntry::VERB => write_entry(tx, call, call.read()?).await?,
        ProposeTrack::VERB => propose_track(tx, call, call.read()?).await?,
        AnswerTrackProposal::VERB => answer_track_proposal(tx, call, call.read()?).await?,
        SendMessage::VERB => send_message(tx, call, call.read()?).await?,
        AddAnnex::VERB => add_annex(tx, call, call.read()?).await?,
        _ => without_text(tx, call).await?,
    };
    answer(&done)
}

/// Commands that leave no text behind.
async fn without_text(tx: &mut PgConnection, call: &Call) -> Result<Done, CommandError> {
    match call.verb.as_str() {
        Confirm::VERB => {
            let Confirm { case, what, outcome, occurred_at } = call.read()?;
            let stamp = reported(call, occurred_at)?;
            act(tx, call, case, "confirmed", |acting, assignment| {
                confirmations::confirm(acting, assignment, what, outcome, stamp)
            })
            .await
        }
        RevokeConfirmation::VERB => {
            let RevokeConfirmation { case, what } = call.read()?;
            let stamp = reported(call, None)?;
            act(tx, call, case, "confirmation_revoked", |acting, assignment| {
                confirmations::revoke(acting, assignment, what, stamp)
            })
            .await
        }
        RecordFollowUp::VERB => {
            let RecordFollowUp { case, outcome, occurred_at } = call.read()?;
            let stamp = reported(call, occurred_at)?;
            act(tx, call, case, "followed_up", |acting, assignment| {
                closing::follow_up(acting, assignment, outcome, stamp)
            })
            .await
        }
        StateHindrance::VERB => {
            let StateHindrance { case, kind, occurred_at } = call.read()?;
            let stamp = reported(call, occurred_at)?;
            act(tx, call, case, "hindrance_stated", |acting, assignment| {
                closing::state_hindrance(acting, assignment, kind, stamp)
            })
            .await
        }
        EndHindrance::VERB => {
            let EndHindrance { case, kind, occurred_at } = call.read()?;
            let stamp = reported(call, occurred_at)?;
            act(tx, call, case, "hindrance_ended", |acting, assignment| {
                closing::end_hindrance(acting, assignment, kind, stamp)
            })
            .await
        }
        _ => taken_back_or_closed(tx, call).await,
    }
}

async fn taken_back_or_closed(tx: &mut PgConnection, call: &Call) -> Result<Done, CommandError> {
    let stamp = reported(call, None)?;
    match call.verb.as_str() {
        WithdrawEntry::VERB => {
            let WithdrawEntry { case, entry } = call.read()?;
            act(tx, call, case, "entry_withdrawn", |acting, assignment| {
                entries::withdraw(acting, assignment, entry, stamp)
            })
            .await
        }
        WithdrawTrackProposal::VERB => {
            let WithdrawTrackProposal { case, proposal } = call.read()?;
            act(tx, call, case, "track_proposal_withdrawn", |acting, assignment| {
                tracks::withdraw(acting, assignment, proposal, stamp)
            })
            .await
        }
        WithdrawMessage::VERB => {
            let WithdrawMessage { case, message } = call.read()?;
            act(tx, call, case, "message_withdrawn", |acting, assignment| {
                messages::withdraw(acting, assignment, message, stamp)
            })
            .await
        }
        WithdrawAnnex::VERB => {
            let WithdrawAnnex { case, annex } = call.read()?;
            act(tx, call, case, "annex_withdrawn", |acting, assignment| {
                annexes::withdraw(acting, assignment, annex, stamp)
            })
            .await
        }
        CloseCase::VERB => {
            let CloseCase { case } = call.read()?;
            act(tx, call, case, "case_closed", |acting, assignment| {
                closing::close(acting, assignment, stamp)
            })
            .await
        }
        ReopenCase::VERB => {
            let ReopenCase { case } = call.read()?;
            act(tx, call, case, "case_reopened", |acting, assignment| {
                closing::reopen(acting, assignment, stamp)
            })
            .await
        }
        _ => Err(super::unknown_verb().into()),
    }
}

async fn write_entry(
    tx: &mut PgConnection,
    call: &Call,
    WriteEntry { case, kind, text, corrects }: WriteEntry,
) -> Result<Done, CommandError> {
    check_text(&text, "/text")?;
    let stamp = reported(call, None)?;
    let done = act(tx, call, case, "entry_written", |acting, assignment| {
        entries::write(acting, assignment, kind, corrects, stamp)
    })
    .await?;
    keep(tx, call, case, &done, &EntryText { kind: Some(kind), text }).await?;
    Ok(done)
}

async fn propose_track(
    tx: &mut PgConnection,
    call: &Call,
    ProposeTrack { case, to, motive }: ProposeTrack,
) -> Result<Done, CommandError> {
    check_text(&motive, "/motive")?;
    let stamp = reported(call, None)?;
    let done = act(tx, call, case, "track_proposed", |acting, assignment| {
        tracks::propose(acting, assignment, to, stamp)
    })
    .await?;
    keep(tx, call, case, &done, &EntryText { kind: None, text: motive }).await?;
    Ok(done)
}

async fn answer_track_proposal(
    tx: &mut PgConnection,
    call: &Call,
    AnswerTrackProposal { case, proposal, approved, reason }: AnswerTrackProposal,
) -> Result<Done, CommandError> {
    // Who refuses says why.
    if !approved || !reason.is_empty() {
        check_text(&reason, "/reason")?;
    }
    let stamp = reported(call, None)?;
    let kind = if approved { "track_approved" } else { "track_refused" };
    let done = act(tx, call, case, kind, |acting, assignment| {
        tracks::answer(acting, assignment, proposal, approved, stamp)
    })
    .await?;
    keep(tx, call, case, &done, &EntryText { kind: None, text: reason }).await?;
    Ok(done)
}

async fn send_message(
    tx: &mut PgConnection,
    call: &Call,
    SendMessage { case, to, answers, corrects, content }: SendMessage,
) -> Result<Done, CommandError> {
    let stamp = reported(call, None)?;
    let new = messages::New { to, answers, corrects, content: &content };
    let done = act(tx, call, case, "message_sent", |acting, assignment| {
        messages::send(acting, assignment, &new, stamp)
    })
    .await?;
    keep(tx, call, case, &done, &content).await?;
    Ok(done)
}

async fn add_annex(
    tx: &mut PgConnection,
    call: &Call,
    AddAnnex { case, kind, name, media_type, content }: AddAnnex,
) -> Result<Done, CommandError> {
    let bytes = STANDARD.decode(content.as_bytes()).map_err(|_| not_base64())?;
    let file = File { name: name.trim(), media_type: &media_type, bytes: &bytes };
    let stamp = reported(call, None)?;
    let entry = stamp.id;
    let done = act(tx, call, case, "annex_added", |acting, assignment| {
        annexes::add(acting, assignment, kind, file, stamp)
    })
    .await?;
    texts::insert_annex(tx, entry, case, file).await?;
    Ok(done)
}

/// Changes the assignment on behalf of the actor's unit.
async fn act(
    tx: &mut PgConnection,
    call: &Call,
    case: CaseId,
    kind: &'static str,
    how: impl FnOnce(Acting<'_>, &mut Assignment) -> Result<bool, Refusal>,
) -> Result<Done, CommandError> {
    let unit = &call.actor()?.unit;
    change(tx, call, case, kind, |case, assignment| {
        how(Acting::new(case, assignment, unit)?, assignment)
    })
    .await
}

/// Keeps the text of the entry that a command has made.
async fn keep(
    tx: &mut PgConnection,
    call: &Call,
    case: CaseId,
    done: &Done,
    text: &impl Serialize,
) -> Result<(), CommandError> {
    if done.changed {
        texts::insert_text(tx, call.entry_id(), case, &call.actor()?.unit, text).await?;
    }
    Ok(())
}

fn not_base64() -> Refusal {
    Refusal::new(
        "not_base64",
        "Innehållet ska vara kodat med Base64.",
        "The content must be encoded as Base64.",
    )
    .at("/content")
}
