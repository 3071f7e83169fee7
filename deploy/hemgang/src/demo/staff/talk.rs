//! What the parties write, ask, answer, attach and read.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::assignment::{Annex, AnnexKind, EntryKind, Message, PlanningEntry};
use contracts::commands::{
    AddAnnex, MessageContent, ReadAnnex, ReadEntries, ReadMessages, SendMessage, ShowAssignment,
    WithdrawAnnex, WithdrawEntry, WithdrawMessage, WriteEntry,
};
use contracts::{Assignment, CaseId, EntryId};

use super::{Acting, Outcome, TEXT};
use crate::demo::talk::Talk;

pub(super) async fn act(by: &Acting<'_>, does: Talk, case: CaseId) -> Outcome {
    match does {
        Talk::Write(kind) => write(by, case, kind, None).await,
        Talk::Correct(kind) => match entry(by, case, kind).await {
            Ok(entry) => write(by, case, kind, Some(entry)).await,
            Err(outcome) => outcome,
        },
        Talk::Withdraw(kind) => match entry(by, case, kind).await {
            Ok(entry) => by.tell(WithdrawEntry { case, entry }).await,
            Err(outcome) => outcome,
        },
        Talk::ReadEntries => by.tell(ReadEntries { case }).await,
        Talk::Ask => send(by, case, None, sbar()).await,
        Talk::ReadMessages => by.tell(ReadMessages { case }).await,
        Talk::Answer => {
            let is_theirs = |message: &&Message| message.unit != by.actor.unit;
            match message(by, case, is_theirs).await {
                Ok(message) => {
                    let content = MessageContent::General { text: TEXT.to_owned() };
                    send(by, case, Some(message), content).await
                }
                Err(outcome) => outcome,
            }
        }
        Talk::WithdrawMessage => {
            let is_own = |message: &&Message| message.unit == by.actor.unit;
            match message(by, case, is_own).await {
                Ok(message) => by.tell(WithdrawMessage { case, message }).await,
                Err(outcome) => outcome,
            }
        }
        Talk::Attach(kind) => attach(by, case, kind).await,
        Talk::ReadAnnex => match annex(by, case, |it| it.unit != by.actor.unit).await {
            Ok(annex) => by.tell(ReadAnnex { case, annex }).await,
            Err(outcome) => outcome,
        },
        Talk::WithdrawAnnex => match annex(by, case, |it| it.unit == by.actor.unit).await {
            Ok(annex) => by.tell(WithdrawAnnex { case, annex }).await,
            Err(outcome) => outcome,
        },
    }
}

async fn write(
    by: &Acting<'_>,
    case: CaseId,
    kind: EntryKind,
    corrects: Option<EntryId>,
) -> Outcome {
    by.tell(WriteEntry { case, kind, text: TEXT.to_owned(), corrects }).await
}

async fn send(
    by: &Acting<'_>,
    case: CaseId,
    answers: Option<EntryId>,
    content: MessageContent,
) -> Outcome {
    let to = BTreeSet::new();
    by.tell(SendMessage { case, to, answers, corrects: None, content }).await
}

fn sbar() -> MessageContent {
    let text = || TEXT.to_owned();
    MessageContent::Sbar {
        situation: text(),
        background: text(),
        assessment: text(),
        recommendation: text(),
    }
}

async fn attach(by: &Acting<'_>, case: CaseId, kind: AnnexKind) -> Outcome {
    let (name, media_type) = ("demo.txt".to_owned(), "text/plain".to_owned());
    by.tell(AddAnnex { case, kind, name, media_type, content: STANDARD.encode(TEXT) }).await
}

/// The unit's own newest entry of a kind.
async fn entry(by: &Acting<'_>, case: CaseId, kind: EntryKind) -> Result<EntryId, Outcome> {
    let own = |entry: &&PlanningEntry| {
        entry.unit == by.actor.unit && entry.kind == kind && entry.withdrawn.is_none()
    };
    let assignment = assignment(by, case).await?;
    let newest = assignment.cooperation.entries.iter().rfind(own);
    newest.map(|entry| entry.stamp.id).ok_or(Outcome::Refused)
}

async fn message(
    by: &Acting<'_>,
    case: CaseId,
    which: impl Fn(&&Message) -> bool,
) -> Result<EntryId, Outcome> {
    let assignment = assignment(by, case).await?;
    let standing = assignment.cooperation.messages.iter().filter(|it| it.withdrawn.is_none());
    let newest = standing.rev().find(which);
    newest.map(|message| message.stamp.id).ok_or(Outcome::Refused)
}

async fn annex(
    by: &Acting<'_>,
    case: CaseId,
    which: impl Fn(&Annex) -> bool,
) -> Result<EntryId, Outcome> {
    let assignment = assignment(by, case).await?;
    let standing = assignment.cooperation.annexes.iter().filter(|it| it.withdrawn.is_none());
    let newest = standing.rev().find(|annex| which(annex));
    newest.map(|annex| annex.stamp.id).ok_or(Outcome::Refused)
}

async fn assignment(by: &Acting<'_>, case: CaseId) -> Result<Assignment, Outcome> {
    by.ask(&ShowAssignment { case }).await
}
