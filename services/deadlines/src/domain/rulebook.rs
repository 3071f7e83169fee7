//! Rulebooks: which duties there are, read from versioned files.
//!
//! A region changes its agreement by changing a file, not the program. A file stands alone or on
//! a base (`extends`), every line names its source, and [`Rulebooks::load`] refuses what it does not
//! understand with file, line and reason, everything at once.
//!
//! A rulebook never changes once duties have followed it: a file stands on the newest version of
//! its base that was valid when the file itself became valid. A new version of the base reaches a
//! region with that region's next version, so that `dalarna 2026.1` means the same lines for ever.

mod check;
mod clock;
mod file;
mod raw;
mod resolve;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::Owner;
use contracts::ledger::{StepKind, Words};
use contracts::reach::Role;
use serde::Deserialize;

use super::calendar::{Calendar, local_date};

pub use clock::{Clock, Times};

/// The files that are part of the program, by name.
pub const EMBEDDED: [(&str, &str); 2] = [
    ("dalarna-2026.1.toml", include_str!("../../rulebooks/dalarna-2026.1.toml")),
    ("se-2026.1.toml", include_str!("../../rulebooks/se-2026.1.toml")),
];

/// All rulebooks that an installation knows, checked.
#[derive(Clone, Debug, Default)]
pub struct Rulebooks {
    books: Vec<Rulebook>,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct RulebookFault {
    /// The file's name as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in plain words.
    pub reason: String,
}

impl Rulebooks {
    /// Reads files, each a name and its text, in any order. Either all are in order or every
    /// fault that could be found is told.
    pub fn load<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<RulebookFault>> {
        Self::load_kept(texts.into_iter().map(|(name, text)| (name, text, None)))
    }

    /// As [`Self::load`], each with the day from which duties follow it when that is later than the
    /// day that it names itself: it came when duties had arisen already.
    pub fn load_kept<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str, Option<NaiveDate>)>,
    ) -> Result<Self, Vec<RulebookFault>> {
        let mut files = Vec::new();
        let mut faults = Vec::new();
        for (name, text, effective_from) in texts {
            let mut read = file::read(name, text);
            if let Some(file) = &mut read.file {
                file.effective_from =
                    effective_from.unwrap_or(file.valid_from).max(file.valid_from);
            }
            faults.extend(read.faults);
            files.extend(read.file);
        }
        // How files stand on one another is looked at when each is in order by itself.
        if faults.is_empty() {
            let books = resolve::resolve(&files, &mut faults);
            if faults.is_empty() {
                return Ok(Self { books });
            }
        }
        faults.sort();
        Err(faults)
    }

    /// The rulebook of `region` that a duty triggered at `at` follows: the newest one that was
    /// in effect on that day in Sweden.
    #[must_use]
    pub fn in_force(&self, region: &str, at: DateTime<Utc>) -> Option<&Rulebook> {
        let day = local_date(at);
        self.books
            .iter()
            .filter(|book| book.id == region && book.effective_from <= day)
            .max_by_key(|book| (book.effective_from, book.valid_from))
    }

    /// All rulebooks.
    pub fn all(&self) -> impl Iterator<Item = &Rulebook> {
        self.books.iter()
    }

    /// All versions of a region's rulebook.
    pub fn of<'a>(&'a self, region: &'a str) -> impl Iterator<Item = &'a Rulebook> {
        self.books.iter().filter(move |book| book.id == region)
    }

    /// The rulebook that a ledger calls `name`, such as `dalarna 2026.1`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Rulebook> {
        self.books.iter().find(|book| book.name() == name)
    }
}

/// One version of a region's rulebook, its base included.
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// The region, or `se`.
    pub id: String,
    /// The version, such as `2026.1`.
    pub version: String,
    /// The first day on which the agreement holds, by its own words.
    pub valid_from: NaiveDate,
    /// The first day on which duties follow it.
    pub effective_from: NaiveDate,
    /// Its title.
    pub title: Words,
    /// Its lines, ordered by id.
    pub rules: Vec<Rule>,
    calendars: BTreeMap<Owner, Calendar>,
}

impl Rulebook {
    /// Id and version, as the ledger names it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// The line with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Working days and office hours of an owner.
    #[must_use]
    pub fn calendar(&self, owner: Owner) -> Calendar {
        self.calendars.get(&owner).cloned().unwrap_or_default()
    }
}

/// A line of a rulebook: a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id, such as `K06`.
    pub id: String,
    /// The duty in words.
    pub title: Words,
    /// The guideline's section or the law.
    pub source: String,
    /// Who owes it; each of them a duty of its own.
    pub owners: Vec<Owner>,
    /// What starts it.
    pub trigger: Trigger,
    /// What else must hold for it to be owed.
    pub conditions: Vec<Condition>,
    /// What fulfils it.
    pub proof: Predicate,
    /// When it is due.
    pub clock: Clock,
    /// How long it can be owed.
    pub until: Until,
    /// Who is told when, in this order; empty: nobody.
    pub ladder: Vec<Rung>,
    /// Hours by which "I have seen this" postpones the next escalation; 0: it does not.
    pub acknowledgement_postpones_hours: u32,
}

/// What starts a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The admission itself; the clock runs from when it happened.
    Admission,
    /// Each judgement of need; the clock runs from when the need was noticed.
    Need,
    /// Each reception of the notice by the owner; the clock runs from then.
    Reception,
    /// Each ready notice; the clock runs from when it was sent, that is, recorded (2017:612,
    /// 4 kap., counts from the notice and not from the patient's being ready).
    Ready,
}

/// What else must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Both the region's open care and the municipality are concerned.
    BothPrincipals,
}

/// What fulfils a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// A judgement of need is recorded, whatever it says.
    NeedJudged,
    /// Every concerned unit can read name, identity number, address and estimated discharge.
    NoticeComplete,
    /// The owner has named a care contact, or recorded that none is needed.
    CareContact,
    /// The owner has named a care contact; "not needed" is not enough.
    CareContactNamed,
    /// The owner has named a lead officer, or recorded that none is needed.
    LeadOfficer,
    /// The owner has reported the patient's current support.
    SupportReport,
    /// The call to a SIP is sent and not cancelled. "Declined by the patient" and "not needed" end
    /// the duty without fulfilling it.
    SipCalled,
}

/// How long a duty can be owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// To the discharge: what is open then is still missed.
    Discharge,
    /// To the closing of the case.
    Closing,
}

/// A rung of the ladder. An escalation's hours run from the escalation before it, as that really
/// happened, the first one's from due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The unit is reminded before due.
    Reminder {
        /// Hours before due.
        before_due_hours: u32,
    },
    /// The unit is reminded when the patient is ready for discharge.
    ReminderAtReady,
    /// The unit is reminded when the estimated discharge comes.
    ReminderAtEstimate,
    /// The unit is told at due.
    Unit,
    /// The manager is told.
    Manager {
        /// Hours after the escalation before.
        after_hours: u32,
    },
    /// The principal is told.
    Principal {
        /// Hours after the escalation before.
        after_hours: u32,
    },
}

impl Rung {
    /// The step's kind on the wire.
    #[must_use]
    pub fn kind(self) -> StepKind {
        match self {
            Self::Reminder { .. } => StepKind::Reminder,
            Self::ReminderAtReady => StepKind::ReminderAtReady,
            Self::ReminderAtEstimate => StepKind::ReminderAtEstimate,
            Self::Unit => StepKind::Unit,
            Self::Manager { .. } => StepKind::Manager,
            Self::Principal { .. } => StepKind::Principal,
        }
    }

    /// Who is told during the unit's hours.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Manager { .. } => Role::Manager,
            Self::Principal { .. } => Role::Principal,
            _ => Role::Unit,
        }
    }

    /// Hours after the escalation before; 0 for what is no escalation.
    #[must_use]
    pub fn after_hours(self) -> u32 {
        match self {
            Self::Manager { after_hours } | Self::Principal { after_hours } => after_hours,
            _ => 0,
        }
    }
}
