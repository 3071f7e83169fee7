//! Messages in threads, from one unit to parties of the case.

use std::collections::BTreeSet;

use contracts::assignment::{Message, MessageForm, MessageReceipt};
use contracts::commands::{MessageContent, Refusal};
use contracts::{Assignment, EntryId, HsaId, Party, Stamp};

use super::{Acting, check_text, no_such, not_yours, parties_of};

/// A message that somebody wants to send.
pub(crate) struct New<'a> {
    pub(crate) to: BTreeSet<Party>,
    pub(crate) answers: Option<EntryId>,
    pub(crate) corrects: Option<EntryId>,
    pub(crate) content: &'a MessageContent,
}

/// Sends a message. Also of a case that has ended: that is when people have to be told.
pub(crate) fn send(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    new: &New<'_>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let form = check(new.content)?;
    let to = recipients(acting, assignment, &new.to)?;
    let find = |id: EntryId, field: &str| {
        let mut all = assignment.cooperation.messages.iter();
        all.find(|message| message.stamp.id == id).ok_or_else(|| no_such(field))
    };
    let corrected = new.corrects.map(|id| find(id, "/corrects")).transpose()?;
    if corrected.is_some_and(|message| message.unit != *acting.unit) {
        return Err(not_yours("/corrects"));
    }
    let answered = new.answers.map(|id| find(id, "/answers")).transpose()?;
    if answered.is_some_and(|message| !takes_part(message, acting.party)) {
        return Err(no_such("/answers"));
    }
    let thread = answered.or(corrected).map_or(stamp.id, |message| message.thread);
    assignment.cooperation.messages.push(Message {
        stamp,
        thread,
        party: acting.party,
        unit: acting.unit.clone(),
        to,
        form,
        corrects: new.corrects,
        receipts: Vec::new(),
        withdrawn: None,
    });
    Ok(true)
}

/// Withdraws a message of the acting unit.
pub(crate) fn withdraw(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    message: EntryId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let mut all = assignment.cooperation.messages.iter_mut();
    let message = all.find(|one| one.stamp.id == message).ok_or_else(|| no_such("/message"))?;
    if message.unit != *acting.unit {
        return Err(not_yours("/message"));
    }
    Ok(super::end(&mut message.withdrawn, stamp))
}

/// Notes that a unit has read these messages; its own need no receipt, and only the first reading is
/// one. `stamp` gives each receipt its stamp.
pub(crate) fn read(
    acting: Acting<'_>,
    assignment: &mut Assignment,
    which: &BTreeSet<EntryId>,
    stamp: impl Fn(EntryId) -> Stamp,
) -> bool {
    let mut changed = false;
    let all = assignment.cooperation.messages.iter_mut();
    for message in all.filter(|message| which.contains(&message.stamp.id)) {
        if message.party != acting.party && !has_read(message, acting.unit) {
            let (stamp, unit) = (stamp(message.stamp.id), acting.unit.clone());
            message.receipts.push(MessageReceipt { stamp, unit });
            changed = true;
        }
    }
    changed
}

/// Whether a party sent the message, or it is to it.
pub(crate) fn takes_part(message: &Message, party: Party) -> bool {
    message.party == party || message.to.contains(&party)
}

fn has_read(message: &Message, unit: &HsaId) -> bool {
    message.receipts.iter().any(|receipt| receipt.unit == *unit)
}

fn recipients(
    acting: Acting<'_>,
    assignment: &Assignment,
    asked: &BTreeSet<Party>,
) -> Result<Vec<Party>, Refusal> {
    let mut others = parties_of(assignment);
    others.retain(|party| *party != acting.party);
    if asked.iter().any(|party| !others.contains(party)) {
        return Err(Refusal::new(
            "not_a_party",
            "Meddelandet kan bara gå till de andra parterna i ärendet.",
            "The message can go to the other parties of the case only.",
        )
        .at("/to"));
    }
    if others.is_empty() {
        return Err(Refusal::new(
            "nobody_there",
            "Ingen annan part har fått ärendet.",
            "No other party has received the case.",
        )
        .at("/to"));
    }
    others.retain(|party| asked.is_empty() || asked.contains(party));
    Ok(others)
}

fn check(content: &MessageContent) -> Result<MessageForm, Refusal> {
    match content {
        MessageContent::General { text } => {
            check_text(text, "/content/text")?;
            Ok(MessageForm::General)
        }
        MessageContent::Sbar { situation, background, assessment, recommendation } => {
            for (text, field) in [
                (situation, "/content/situation"),
                (background, "/content/background"),
                (assessment, "/content/assessment"),
                (recommendation, "/content/recommendation"),
            ] {
                check_text(text, field)?;
            }
            Ok(MessageForm::Sbar)
        }
    }
}
