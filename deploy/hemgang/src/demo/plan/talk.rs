//! What the parties write, ask, answer, attach and read.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;
use contracts::assignment::{AnnexKind, EntryKind};

use super::Plan;
use crate::demo::talk::Talk;

impl Plan<'_> {
    /// `shares` says that all may read.
    pub(super) fn talk(&mut self, noticed: DateTime<Utc>, shares: bool) {
        // By then somebody has the case, also where somebody had to choose who.
        let hours = if self.stay.is_from_elsewhere() { (31, 40) } else { (8, 14) };
        let start = noticed + self.hours(hours.0, hours.1);
        if self.dice.chance(25) {
            self.question(start);
        }
        if self.dice.chance(12) {
            self.annex(start, shares);
        }
        for party in self.stay.concerned() {
            if self.dice.chance(25) {
                self.party(party, start, (4, 24), Talk::ReadEntries);
            }
        }
    }

    /// What a unit plans; a few write it once more, a few take it back first.
    pub(super) fn write(&mut self, party: Party, after: DateTime<Utc>, kind: EntryKind) {
        let Some(at) = self.party(party, after, (1, 20), Talk::Write(kind)) else { return };
        match self.dice.between(1, 100) {
            1..=4 => {
                self.party(party, at, (1, 8), Talk::Correct(kind));
            }
            5..=6 => {
                let Some(at) = self.party(party, at, (1, 4), Talk::Withdraw(kind)) else { return };
                self.party(party, at, (1, 8), Talk::Write(kind));
            }
            _ => {}
        }
    }

    /// The ward asks all, who read it, and one answers.
    fn question(&mut self, at: DateTime<Utc>) {
        self.ward(at, Talk::Ask);
        if self.dice.chance(10) {
            self.ward(at + TimeDelta::minutes(10), Talk::Ask);
            self.ward(at + TimeDelta::minutes(20), Talk::WithdrawMessage);
        }
        let mut answered = None;
        for party in self.stay.concerned() {
            let read = self.party(party, at, (1, 8), Talk::ReadMessages);
            if let Some(read) = read.filter(|_| answered.is_none()) {
                answered = self.party(party, read, (1, 3), Talk::Answer);
            }
        }
        if let Some(answered) = answered {
            self.ward(answered + TimeDelta::minutes(50), Talk::ReadMessages);
        }
    }

    /// The ward attaches a file, in a few cases the wrong one first.
    fn annex(&mut self, at: DateTime<Utc>, shares: bool) {
        let mut at = at;
        if self.dice.chance(20) {
            self.ward(at, Talk::Attach(AnnexKind::Other));
            self.ward(at + TimeDelta::minutes(15), Talk::WithdrawAnnex);
            at += TimeDelta::minutes(20);
        }
        self.ward(at, Talk::Attach(AnnexKind::RiskPlan));
        for party in self.stay.concerned().into_iter().filter(|_| shares) {
            self.party(party, at, (1, 12), Talk::ReadAnnex);
        }
    }
}
