//! What the units outside the hospital may read.

use contracts::Party;
use contracts::commands::{
    Notice, ReadAnnex, ReadEntries, ReadMessages, ReadNotice, ShowAssignment, Written,
};
use messaging::CallError;
use test_support::{SOON, eventually};

use super::common::{OUTSIDE, Stay};
use crate::support::hl7::TOVA;

/// What a unit may read: the notice at all, the diagnosis in it, and what the ward has written, sent
/// and attached.
pub(super) type Reads = &'static [&'static str];

pub(super) const NOTHING: Reads = &[];
/// What the act gives without consent (2017:612, 2 kap. 3 §).
pub(super) const THE_LEAST: Reads = &["notice"];
pub(super) const EVERYTHING: Reads = &["notice", "diagnosis", "entry", "message", "annex"];

impl Stay<'_> {
    /// What a unit reads. Whoever may read the notice reads who it is about.
    async fn reads(self, unit: &str) -> Result<Vec<&'static str>, CallError> {
        let Self { system, case } = self;
        let notice = allowed(system.try_act(&ReadNotice { case }, unit).await)?;
        let names = |notice: &Notice| notice.name.as_ref().is_some_and(|n| n.contains(TOVA.family));
        assert!(notice.as_ref().is_none_or(names));
        let diagnosis = notice.as_ref().and_then(|notice| notice.with_consent.as_ref());
        let entries = allowed(system.try_act(&ReadEntries { case }, unit).await)?;
        let messages = allowed(system.try_act(&ReadMessages { case }, unit).await)?;
        let reads = [
            ("notice", notice.is_some()),
            ("diagnosis", diagnosis.is_some_and(|more| !more.diagnoses.is_empty())),
            ("entry", entries.is_some_and(|all| is_shown(&all))),
            ("message", messages.is_some_and(|all| is_shown(&all))),
            ("annex", self.reads_annex(unit).await?),
        ];
        Ok(reads.into_iter().filter_map(|(what, is_read)| is_read.then_some(what)).collect())
    }

    async fn reads_annex(self, unit: &str) -> Result<bool, CallError> {
        let Self { system, case } = self;
        let assignment = allowed(system.caller.ask(&ShowAssignment { case }).await)?;
        let annex = assignment.and_then(|mut assignment| assignment.cooperation.annexes.pop());
        let Some(annex) = annex.map(|annex| annex.stamp.id) else { return Ok(false) };
        let read = system.try_act(&ReadAnnex { case, annex }, unit).await;
        Ok(allowed(read)?.is_some())
    }

    /// Waits until the units outside the hospital read that much, each in turn.
    pub(super) async fn lets_read(self, expected: [Reads; 3]) {
        eventually("each reads what it may", SOON, async || {
            for (unit, expected) in OUTSIDE.into_iter().zip(expected) {
                let reads = self.reads(unit).await.map_err(|error| error.to_string())?;
                if reads != expected {
                    return Err(format!("{unit}: {reads:?}"));
                }
            }
            Ok(())
        })
        .await;
    }
}

/// An answer, or none when it was refused.
fn allowed<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(CallError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether something of the ward's is shown with its words.
fn is_shown<T>(written: &[Written<T>]) -> bool {
    written.iter().any(|one| one.party == Party::Ward && one.content.is_some())
}
