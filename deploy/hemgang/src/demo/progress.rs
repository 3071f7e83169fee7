//! How far the play has come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};

use super::act::{Act, Step};
use super::plan;
use super::stay::{self, Stay};

/// What a restart needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Memory {
    begun_at: DateTime<Utc>,
    /// Everything until then is done.
    done_until: DateTime<Utc>,
}

/// A step that is due, with its stay and how often it was tried too early.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) stay: Stay,
    pub(crate) step: Step,
    pub(crate) attempt: u32,
}

/// The play, as far as it has come.
#[derive(Debug)]
pub(crate) struct Progress {
    file: PathBuf,
    memory: Memory,
    now: DateTime<Utc>,
    /// The next stay to begin.
    next: u64,
    /// What is to be done, by time and place in its plan.
    pending: BTreeMap<(DateTime<Utc>, u64, usize), Due>,
}

impl Progress {
    /// Goes on from a file, or begins now.
    pub(crate) fn open(file: &Path, now: DateTime<Utc>) -> anyhow::Result<Self> {
        // On a whole second: a case is known again by when its stay began, as hospitals state it.
        let begun_at = now.trunc_subsecs(0);
        let memory = match std::fs::read(file) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("understand {}", file.display()))?,
            Err(_) => Memory { begun_at, done_until: begun_at },
        };
        let (begun_at, done_until) = (memory.begun_at, memory.done_until);
        let over = done_until - plan::LONGEST - stay::EVERY * 2;
        let before = (over - begun_at).num_seconds() / stay::EVERY.num_seconds();
        let next = u64::try_from(before).unwrap_or(0);
        let pending = BTreeMap::new();
        Ok(Self { file: file.to_owned(), memory, now: done_until, next, pending })
    }

    /// What is due by now, in order. It is taken: what is not done comes back by
    /// [`Progress::done`].
    pub(crate) fn take_until(&mut self, now: DateTime<Utc>) -> Vec<Due> {
        self.now = self.now.max(now);
        while stay::admitted_at(self.memory.begun_at, self.next) <= self.now {
            self.begin(self.next);
            self.next += 1;
        }
        let later = self.pending.split_off(&(self.now, u64::MAX, usize::MAX));
        std::mem::replace(&mut self.pending, later).into_values().collect()
    }

    /// Everything that was due is done but these.
    pub(crate) fn done(&mut self, left: Vec<Due>) -> anyhow::Result<()> {
        let earliest = left.iter().map(|due| due.step.at).min();
        self.memory.done_until = earliest.map_or(self.now, |at| at.min(self.now));
        self.pending.extend(left.into_iter().map(|due| (key(&due.step), due)));
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(&self.memory)?)
            .and_then(|()| std::fs::rename(&beside, &self.file))
            .with_context(|| format!("write {}", self.file.display()))
    }

    /// What was done in an earlier run is not done again, but for what is due at the very moment up
    /// to which everything is done.
    fn begin(&mut self, number: u64) {
        let Some(stay) = Stay::of(self.memory.begun_at, number) else { return };
        let steps = plan::of(&stay).into_iter().filter(|step| step.at >= self.memory.done_until);
        let due = |step: Step| (key(&step), Due { stay: stay.clone(), step, attempt: 0 });
        self.pending.extend(steps.map(due));
    }
}

fn key(step: &Step) -> (DateTime<Utc>, u64, usize) {
    (step.at, step.stay, step.order)
}

impl Due {
    /// The hospital speaks, as against staff.
    pub(crate) fn is_said(&self) -> bool {
        matches!(self.step.act, Act::Hospital(_))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn begun() -> DateTime<Utc> {
        "2026-11-17T06:00:00Z".parse().unwrap()
    }

    fn steps(due: &[Due]) -> Vec<(u64, usize)> {
        due.iter().map(|due| (due.step.stay, due.step.order)).collect()
    }

    #[test]
    fn a_play_in_many_runs_does_each_step_once_and_what_one_run_does() {
        let folder = tempfile::tempdir().unwrap();
        let end = begun() + TimeDelta::days(60);
        let mut whole = Progress::open(&folder.path().join("whole"), begun()).unwrap();
        let mut all = steps(&whole.take_until(end));
        let file = folder.path().join("runs");
        let (mut now, mut done) = (begun(), Vec::new());
        while now < end {
            let mut run = Progress::open(&file, now).unwrap();
            run.done(Vec::new()).unwrap();
            // Not on a whole minute, where mornings begin: what is due at the very end of a run is done twice.
            now = (now + TimeDelta::seconds(420_061)).min(end);
            done.extend(steps(&run.take_until(now)));
            run.done(Vec::new()).unwrap();
        }
        all.sort_unstable();
        done.sort_unstable();
        assert_eq!(done, all);
    }

    #[test]
    fn stays_begin_on_whole_seconds_whenever_the_play_began() {
        let folder = tempfile::tempdir().unwrap();
        let now = begun() + TimeDelta::milliseconds(181);
        let mut play = Progress::open(&folder.path().join("play.json"), now).unwrap();
        let due = play.take_until(now + TimeDelta::days(1));
        assert!(due.iter().all(|due| due.stay.admitted_at.timestamp_subsec_nanos() == 0));
        assert!(due.len() > 20);
    }

    #[test]
    fn what_could_not_be_done_comes_again_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("play.json");
        let now = begun() + TimeDelta::days(3);
        let mut first = Progress::open(&file, begun()).unwrap();
        let mut due = first.take_until(now);
        let left = due.split_off(due.len() - 1);
        let again = steps(&left);
        first.done(left).unwrap();
        assert_eq!(steps(&first.take_until(now)), again);
        let mut second = Progress::open(&file, now).unwrap();
        assert!(steps(&second.take_until(now)).contains(&again[0]));
    }
}
