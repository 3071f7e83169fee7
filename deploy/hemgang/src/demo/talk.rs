//! What the parties of a case write to one another.

use contracts::assignment::{AnnexKind, EntryKind};

/// What somebody writes, reads or takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talk {
    /// An entry of the planning.
    Write(EntryKind),
    /// The unit's own entry once more, corrected.
    Correct(EntryKind),
    /// The unit's own entry is none.
    Withdraw(EntryKind),
    /// What the others have written, as far as the patient allows.
    ReadEntries,
    /// A question to all the others, by SBAR.
    Ask,
    /// What was asked; the unit's receipt.
    ReadMessages,
    /// The newest question is answered, in its thread.
    Answer,
    /// The unit's own newest message was sent by mistake.
    WithdrawMessage,
    /// A file.
    Attach(AnnexKind),
    /// The newest file of another unit.
    ReadAnnex,
    /// The unit's own newest file was the wrong one.
    WithdrawAnnex,
}

impl Talk {
    /// What it is called when it has happened; none for what happens all the time.
    pub(crate) fn told(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Write(_) | Self::ReadEntries | Self::ReadMessages | Self::ReadAnnex => {
                return None;
            }
            Self::Correct(_) => ("planering rättad", "planning corrected"),
            Self::Withdraw(_) => ("planering återtagen", "planning withdrawn"),
            Self::Ask => ("fråga till parterna", "question to the parties"),
            Self::Answer => ("svar på frågan", "question answered"),
            Self::WithdrawMessage => ("meddelande återtaget", "message withdrawn"),
            Self::Attach(_) => ("bilaga", "annex"),
            Self::WithdrawAnnex => ("bilaga återtagen", "annex withdrawn"),
        })
    }
}
