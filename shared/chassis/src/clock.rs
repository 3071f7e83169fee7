//! Domain time: what duties, ladders, opening hours and link expiry follow.
//!
//! It is the system clock, held when that steps back. In the demo it is a small file that the
//! launcher owns and every process is given: an anchor and a factor, so that a day passes in
//! seconds and time that the system was stopped does not count. Retries, leases, timeouts and polls
//! follow real time and never this clock.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::real_now;

/// How long what was read from a clock file is trusted (real time).
const REREAD: Duration = Duration::from_millis(20);

/// The clock of a process. Cheap to clone; clones share what they hold.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    file: Option<PathBuf>,
    anchor: Anchor,
    read_at: Option<Instant>,
    latest: DateTime<Utc>,
}

/// What a clock file says: domain time is `domain + factor × (now − real)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// Domain time at the anchor.
    pub domain: DateTime<Utc>,
    /// Real time at the anchor.
    pub real: DateTime<Utc>,
    /// Domain seconds per real second; 0 holds the time.
    pub factor: f64,
}

/// The clock file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// Reading or writing failed.
    #[error("use the clock file {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file does not hold an anchor.
    #[error("understand the clock file {path}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

impl Anchor {
    /// Domain time at a real moment.
    #[must_use]
    pub fn at(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let elapsed = (real - self.real).max(TimeDelta::zero());
        if (self.factor - 1.0).abs() < f64::EPSILON {
            return self.domain + elapsed;
        }
        #[expect(clippy::cast_precision_loss, reason = "microseconds of a demo fit a float")]
        let micros = elapsed.num_microseconds().unwrap_or(i64::MAX) as f64 * self.factor;
        #[expect(clippy::cast_possible_truncation, reason = "saturates, which is what is wanted")]
        let passed = TimeDelta::microseconds(micros as i64);
        self.domain.checked_add_signed(passed).unwrap_or(self.domain)
    }

    /// Reads an anchor from a clock file.
    pub fn read(path: &Path) -> Result<Self, ClockError> {
        let text = std::fs::read(path)
            .map_err(|source| ClockError::File { path: path.to_owned(), source })?;
        serde_json::from_slice(&text)
            .map_err(|source| ClockError::Content { path: path.to_owned(), source })
    }

    /// Writes it so that a reader sees the old anchor or the new one, never half of it.
    pub fn write(&self, path: &Path) -> Result<(), ClockError> {
        let failed = |source| ClockError::File { path: path.to_owned(), source };
        let text = serde_json::to_vec(self)
            .map_err(|source| ClockError::Content { path: path.to_owned(), source })?;
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).map_err(failed)?;
        std::fs::rename(&beside, path).map_err(failed)
    }
}

impl Clock {
    /// The system clock.
    #[must_use]
    pub fn system() -> Self {
        let now = real_now();
        Self::from_anchor(None, Anchor { domain: now, real: now, factor: 1.0 })
    }

    /// The clock of a file that somebody else owns.
    pub fn file(path: &Path) -> Result<Self, ClockError> {
        Ok(Self::from_anchor(Some(path.to_owned()), Anchor::read(path)?))
    }

    fn from_anchor(file: Option<PathBuf>, anchor: Anchor) -> Self {
        let read_at = Some(Instant::now());
        Self(Arc::new(Mutex::new(State { file, anchor, read_at, latest: anchor.domain })))
    }

    /// Domain time. Never earlier than what this process was told before.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh();
        let now = match state.file {
            Some(_) => state.anchor.at(real_now()),
            None => real_now(),
        };
        state.latest = state.latest.max(now);
        // Postgres keeps microseconds; a finer instant would differ from itself once stored.
        truncate(state.latest)
    }

    /// Sleeps until domain time is `until`, in short naps: the clock may be set or step meanwhile.
    pub async fn sleep_until(&self, until: DateTime<Utc>) {
        loop {
            let left = until - self.now();
            if left <= TimeDelta::zero() {
                return;
            }
            tokio::time::sleep(self.nap(left)).await;
        }
    }

    /// A real duration after which it is worth looking at the clock again.
    fn nap(&self, left: TimeDelta) -> Duration {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = if state.file.is_some() { 50 } else { 1_000 };
        let factor = state.anchor.factor.max(0.000_001);
        let left = left.to_std().unwrap_or_default().div_f64(factor.max(1.0));
        left.clamp(Duration::from_millis(1), Duration::from_millis(longest))
    }
}

impl State {
    fn refresh(&mut self) {
        let Some(path) = &self.file else { return };
        // A held clock is set by somebody who wants it to hold from then on: it is always read anew.
        let held = self.anchor.factor == 0.0;
        if !held && self.read_at.is_some_and(|at| at.elapsed() < REREAD) {
            return;
        }
        self.read_at = Some(Instant::now());
        match Anchor::read(path) {
            Ok(anchor) => self.anchor = anchor,
            Err(error) => {
                tracing::warn!(%error, "going on with the last anchor of the clock");
            }
        }
    }
}

fn truncate(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(domain: &str) -> Anchor {
        Anchor { domain: domain.parse().unwrap(), real: real_now(), factor: 0.0 }
    }

    fn file_with(anchor: Anchor) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        anchor.write(file.path()).unwrap();
        file
    }

    #[test]
    fn a_held_clock_stands_still() {
        let file = file_with(held("2026-11-24T07:00:00Z"));
        let clock = Clock::file(file.path()).unwrap();
        assert_eq!(clock.now(), clock.now());
        assert_eq!(clock.now(), "2026-11-24T07:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_clock_that_is_set_back_is_held() {
        let file = file_with(held("2026-11-24T07:00:00Z"));
        let clock = Clock::file(file.path()).unwrap();
        let before = clock.now();
        held("2026-11-20T07:00:00Z").write(file.path()).unwrap();
        assert_eq!(clock.now(), before);
    }

    #[test]
    fn a_fast_clock_runs_by_its_factor() {
        let anchor = Anchor { factor: 3600.0, ..held("2026-11-24T07:00:00Z") };
        let later = anchor.at(anchor.real + TimeDelta::seconds(24));
        assert_eq!(later, anchor.domain + TimeDelta::hours(24));
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_set_forward() {
        let file = file_with(held("2026-11-24T07:00:00Z"));
        let clock = Clock::file(file.path()).unwrap();
        let until = clock.now() + TimeDelta::days(3);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(until).await }
        });
        held("2026-12-01T07:00:00Z").write(file.path()).unwrap();
        tokio::time::timeout(Duration::from_secs(5), sleeper).await.unwrap().unwrap();
        assert!(clock.now() >= until);
    }
}
