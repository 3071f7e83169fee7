//! Domain time, which the harness owns, and what any process may have read of it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chassis::clock::Anchor;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a process may go on with what it read last, by much (real time).
const STALE: TimeDelta = TimeDelta::milliseconds(150);

/// The clock. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct DomainClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    anchors: Mutex<Vec<Anchor>>,
}

impl DomainClock {
    /// A clock that stands still at an instant.
    pub(crate) fn new(file: PathBuf, at: DateTime<Utc>) -> anyhow::Result<Self> {
        let clock = Self(Arc::new(Inner { file, anchors: Mutex::default() }));
        clock.set(at, 0.0)?;
        Ok(clock)
    }

    pub(crate) fn file(&self) -> &PathBuf {
        &self.0.file
    }

    /// From now on it is `domain` and time passes by `factor`.
    pub(crate) fn set(&self, domain: DateTime<Utc>, factor: f64) -> anyhow::Result<()> {
        let anchor = Anchor { domain, real: chassis::real_now(), factor };
        anchor.write(&self.0.file)?;
        self.0.anchors.lock().unwrap_or_else(PoisonError::into_inner).push(anchor);
        Ok(())
    }

    /// What the file says now; a process never goes back behind what it has read.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.last().at(chassis::real_now())
    }

    /// Lets time pass by a factor from now on.
    pub(crate) fn run(&self, factor: f64) -> anyhow::Result<()> {
        self.set(self.now(), factor)
    }

    /// Steps, and goes on as before.
    pub(crate) fn step(&self, by: TimeDelta) -> anyhow::Result<()> {
        self.set(self.now() + by, self.last().factor)
    }

    fn last(&self) -> Anchor {
        let anchors = self.0.anchors.lock().unwrap_or_else(PoisonError::into_inner);
        anchors.last().copied().unwrap_or(Anchor {
            domain: chassis::real_now(),
            real: chassis::real_now(),
            factor: 0.0,
        })
    }

    /// The latest domain time that any process can have read up to a real moment.
    pub(crate) fn latest_at(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let anchors = self.0.anchors.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = anchors.iter().skip(1).map(|next| next.real + STALE).chain([real]);
        let known = anchors.iter().zip(ends).filter(|(anchor, _)| anchor.real <= real);
        let latest = known.map(|(anchor, end)| anchor.at(end.min(real)));
        latest.max().unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}
