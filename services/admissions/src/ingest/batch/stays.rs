//! The stays that a batch is about: locked, changed in memory, saved.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chassis::Trace;
use chrono::{DateTime, Utc};
use messaging::{Outgoing, outbox};
use sqlx::PgConnection;

use crate::domain::apply::Applied;
use crate::domain::stay::{Stay, is_live};
use crate::ingest::IngestError;
use crate::store::cases::{self, Key};
use crate::store::patients;

/// The stays that a batch is about.
pub(super) struct Stays(HashMap<Key, Held>);

struct Held {
    before: Option<Stay>,
    after: Stay,
    what: Option<&'static str>,
    trace: Trace,
    is_touched: bool,
}

impl Stays {
    /// Locks those of these keys that are known.
    pub(super) async fn lock(
        tx: &mut PgConnection,
        mut keys: Vec<Key>,
    ) -> Result<Self, sqlx::Error> {
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let held = |stay: Stay| Held {
            before: Some(stay.clone()),
            after: stay,
            what: None,
            trace: Trace::start(),
            is_touched: false,
        };
        let stays = cases::lock_stays(tx, &keys).await?;
        Ok(Self(stays.into_iter().map(|(key, stay)| (key, held(stay))).collect()))
    }

    /// The stay of a key, as changed so far.
    pub(super) fn known(&self, key: &Key) -> Option<Stay> {
        self.0.get(key).map(|held| held.after.clone())
    }

    /// Whether the stay of a key is known by now.
    pub(super) fn is_known(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    /// The keys of stays that were opened here.
    pub(super) fn opened(&self) -> Vec<&Key> {
        let opened = self.0.iter().filter(|(_, held)| held.before.is_none());
        opened.map(|(key, _)| key).collect()
    }

    /// Puts a changed stay back. What happened last names the event, but an opening outshines what
    /// follows in the batch.
    pub(super) fn put(&mut self, key: Key, applied: Applied, trace: Trace) {
        let Applied { stay, what } = applied;
        match self.0.entry(key) {
            Entry::Vacant(free) => {
                free.insert(Held { before: None, after: stay, what, trace, is_touched: true });
            }
            Entry::Occupied(mut held) => {
                let held = held.get_mut();
                if what.is_some() && held.before.is_some() {
                    held.what = what;
                    held.trace = trace;
                }
                held.after = stay;
                held.is_touched = true;
            }
        }
    }

    /// Saves what was changed, and says so.
    pub(super) async fn save(
        &self,
        tx: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> Result<(), IngestError> {
        let touched: Vec<_> = self.0.iter().filter(|(_, held)| held.is_touched).collect();
        let mut new: Vec<(&Key, &Stay)> = Vec::new();
        let mut known = Vec::new();
        let mut of_patients = Vec::new();
        let mut events = Vec::new();
        for (key, held) in touched {
            let before = held.before.as_ref();
            match before {
                None => new.push((key, &held.after)),
                Some(_) => known.push((&held.after.case, &held.after.stated)),
            }
            if before.is_none_or(|before| before.patient != held.after.patient) {
                of_patients.push(&held.after);
            }
            if let Some(what) = held.what {
                events.push(event(&held.after, what, held.trace)?);
            }
        }
        // Whoever opens several cases opens them in the same order, so that nobody waits in a circle.
        new.sort_unstable_by_key(|(key, _)| *key);
        if !new.is_empty() && cases::insert_cases(tx, &new).await? < new.len() as u64 {
            return Err(IngestError::Race);
        }
        cases::update_cases(tx, &known).await?;
        patients::save(tx, &of_patients).await?;
        outbox::put(tx, events, now).await?;
        Ok(())
    }
}

fn event(stay: &Stay, what: &'static str, trace: Trace) -> Result<Outgoing, IngestError> {
    let case = &stay.case;
    Ok(Outgoing::new(case, what, is_live(case), trace)?)
}
