//! What an alert says: a case's reference, what has happened, duties with their times. Nothing else
//! exists here, so nothing else can reach a template.
//!
//! It is made from the newest ledger at the moment of sending or showing, never stored: a page that
//! is opened an hour later says what is true then.

use chrono::{DateTime, Utc};
use contracts::commands::Language;
use contracts::ledger::{Ledger, NewsKind, Obligation, StepKind, Words};
use contracts::{CaseRef, EntryId, HsaId};

use super::causes::{Cause, find, names};

/// The longest title that is shown, in characters: titles end up in subjects and SMS.
const LONGEST_TITLE: usize = 60;

/// One alert as its recipient is to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The case that it is about.
    pub case: CaseRef,
    /// What has happened.
    pub what: What,
    /// The duties that it names, most urgent first.
    pub duties: Vec<Duty>,
}

/// What has happened in the case, or not happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// News for the unit.
    News(NewsKind),
    /// A step of a duty's ladder.
    Step(StepKind),
}

impl What {
    /// Whether the time of the duties that are named has run out.
    #[must_use]
    pub fn is_overdue(self) -> bool {
        matches!(self, Self::Step(step) if step.is_escalation())
    }
}

/// A duty as an alert names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    title: Words,
    /// When it is due; absent when it has no clock, or is due at an event that has not happened:
    /// then its title says so, as far as the rulebook does.
    pub due: Option<DateTime<Utc>>,
}

impl Duty {
    /// A duty by the rulebook's title. One line of it is shown, at most 60 characters.
    #[must_use]
    pub fn new(title: &Words, due: Option<DateTime<Utc>>) -> Self {
        let title = Words { sv: one_line(&title.sv), en: one_line(&title.en) };
        Self { title, due }
    }

    /// What is to be done, in words.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        match language {
            Language::Sv => &self.title.sv,
            Language::En => &self.title.en,
        }
    }
}

impl From<&Obligation> for Duty {
    fn from(obligation: &Obligation) -> Self {
        Self::new(&obligation.title, obligation.due)
    }
}

fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_TITLE).collect()
}

/// What a unit is told of a cause.
#[must_use]
pub fn tell(ledger: &Ledger, cause: EntryId, unit: &HsaId) -> Telling {
    let (what, duties) = match find(ledger, cause) {
        Some(Cause::News(news)) => (What::News(news.kind), owed(ledger, news.kind, unit)),
        Some(Cause::Step(ledger, obligation, step)) => {
            let duties = by_urgency(names(ledger, obligation, step, unit));
            let over = || vec![Duty::from(obligation)];
            (What::Step(step.kind), if duties.is_empty() { over() } else { duties })
        }
        None => (What::News(NewsKind::Unknown), Vec::new()),
    };
    Telling { case: ledger.case_ref, what, duties }
}

/// News that lay duties on a unit say which.
fn owed(ledger: &Ledger, kind: NewsKind, unit: &HsaId) -> Vec<Duty> {
    if !matches!(kind, NewsKind::NoticeCame | NewsKind::ReadyGiven | NewsKind::Discharged) {
        return Vec::new();
    }
    by_urgency(ledger.owed_by(unit))
}

fn by_urgency<'a>(duties: impl Iterator<Item = &'a Obligation>) -> Vec<Duty> {
    let mut duties: Vec<&Obligation> = duties.collect();
    duties.sort_by_key(|duty| (duty.due.is_none(), duty.due));
    duties.into_iter().map(Duty::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_at_most_60_characters() {
        let title = Words { sv: "Boka\r\nBcc: hem".to_owned(), en: "å".repeat(200) };
        let duty = Duty::new(&title, None);
        assert_eq!(duty.title(Language::Sv), "Boka Bcc: hem");
        assert_eq!(duty.title(Language::En).chars().count(), 60);
    }
}
