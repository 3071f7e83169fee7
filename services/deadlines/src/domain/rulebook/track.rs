//! What a rulebook says of tracks and of estimates that drift. Both only speak; people decide.

use contracts::case::{FormAnswer, Intervention, PlanningForm};
use contracts::ledger::Words;
use contracts::track::Track;

/// A track and the criteria that speak for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackCriteria {
    /// Which.
    pub track: Track,
    /// What it is called.
    pub title: Words,
    /// Where it stands.
    pub source: String,
    /// Each by itself speaks for the track.
    pub reasons: Vec<TrackReason>,
}

/// What speaks for a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackReason {
    /// In words.
    pub words: Words,
    /// The form has all of these answers.
    pub answers: Vec<FormAnswer>,
    /// It has none of these.
    pub without: Vec<FormAnswer>,
    /// It has one of these interventions; empty: any or none.
    pub interventions: Vec<Intervention>,
}

impl TrackReason {
    /// Whether a form gives this reason.
    #[must_use]
    pub fn holds(&self, form: &PlanningForm) -> bool {
        let has = |answer: &FormAnswer| form.answers.contains(answer);
        self.answers.iter().all(has)
            && !self.without.iter().any(has)
            && (self.interventions.is_empty()
                || self.interventions.iter().any(|one| form.interventions.contains(one)))
    }
}

/// When an estimated discharge is said to drift: the municipality's units are told so in place of that
/// it has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// It has moved later so many times, and again so many times; absent: that is not looked at.
    pub later_times: Option<u32>,
    /// It moves to another day, later or earlier, no more than so many hours before the nearer of the
    /// two, or after that has passed; absent: that is not looked at.
    pub within_hours: Option<u32>,
}
