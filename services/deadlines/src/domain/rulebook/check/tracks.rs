//! Checks tracks with their criteria, and what is said of estimates that drift.

use contracts::case::{FormAnswer, Intervention};
use contracts::track::Track;
use toml::Spanned;

use super::Checker;
use crate::domain::rulebook::raw::{RawDrift, RawReason, RawTrack};
use crate::domain::rulebook::{Drift, TrackCriteria, TrackReason};

/// No estimate is looked at for longer than a year.
const LONGEST_HOURS: u32 = 366 * 24;

impl Checker<'_, '_> {
    pub(super) fn tracks(&mut self, raw: &[Spanned<RawTrack>]) -> Vec<TrackCriteria> {
        let mut tracks: Vec<TrackCriteria> = Vec::new();
        for one in raw {
            let RawTrack { track, title, source, reasons } = one.get_ref();
            self.words(title, "the title");
            self.filled(source, "source");
            let reasons = reasons.iter().map(|reason| self.reason(reason)).collect();
            let name = match track.get_ref().parse::<Track>() {
                Ok(name) => name,
                Err(error) => {
                    self.fault(&track.span(), error.to_string());
                    continue;
                }
            };
            if tracks.iter().any(|other| other.track == name) {
                self.fault(&track.span(), format!("a second track with the name {name}"));
            }
            let (title, source) = (title.get_ref().clone(), source.get_ref().clone());
            tracks.push(TrackCriteria { track: name, title, source, reasons });
        }
        tracks
    }

    fn reason(&mut self, raw: &Spanned<RawReason>) -> TrackReason {
        let RawReason { words, answers, without, interventions } = raw.get_ref();
        self.words(words, "a reason");
        if answers.is_empty() && interventions.is_empty() {
            self.fault(&raw.span(), "a reason names answers or interventions");
        }
        let mut all = answers.iter().chain(without);
        if all.any(|answer| *answer == FormAnswer::Unknown)
            || interventions.contains(&Intervention::Unknown)
        {
            self.fault(&raw.span(), "a reason names a code that is not known");
        }
        TrackReason {
            words: words.get_ref().clone(),
            answers: answers.clone(),
            without: without.clone(),
            interventions: interventions.clone(),
        }
    }

    pub(super) fn drift(&mut self, raw: &Spanned<RawDrift>) -> Option<Drift> {
        let RawDrift { later_times, within_hours, source } = raw.get_ref();
        self.filled(source, "source");
        let given = [*later_times, *within_hours];
        if given == [None, None] {
            self.fault(&raw.span(), "drift has later_times, within_hours or both");
            return None;
        }
        if given.into_iter().flatten().any(|count| count == 0 || count > LONGEST_HOURS) {
            self.fault(&raw.span(), "drift counts from one, and within a year");
        }
        Some(Drift { later_times: *later_times, within_hours: *within_hours })
    }
}
