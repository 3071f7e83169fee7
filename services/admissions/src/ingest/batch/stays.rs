//! The stays that a batch is about: locked, changed in memory, saved.

mod others;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::num::NonZeroU16;

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::CaseId;
use contracts::case::Readmission;
use contracts::identity::PersonalIdentity;
use messaging::{Outgoing, outbox};
use sqlx::PgConnection;

use crate::domain::apply::Applied;
use crate::domain::frequent;
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
    /// A merge of the batch may give it another number.
    is_concerned: bool,
    /// An earlier stay of the patient is another than it was known to be.
    is_later: bool,
}

impl Held {
    fn locked(stay: Stay, trace: Trace) -> Self {
        Self {
            before: Some(stay.clone()),
            after: stay,
            what: None,
            trace,
            is_touched: false,
            is_concerned: false,
            is_later: false,
        }
    }

    fn is_to_count(&self) -> bool {
        self.is_touched && frequent::is_to_count(self.before.as_ref(), &self.after)
    }

    /// Nearly nobody is readmitted: so it stands there already, and is not written a second time.
    fn assume(&mut self) {
        if self.is_to_count() {
            self.after.case.readmission.get_or_insert(Readmission::No);
        }
    }

    /// The number of the patient before and after.
    fn numbers(&self) -> impl Iterator<Item = &str> {
        let stays = self.before.iter().chain([&self.after]);
        stays.filter_map(|stay| stay.patient.identity.as_ref()).map(PersonalIdentity::expose)
    }
}

impl Stays {
    /// Locks those of these keys that are known, and what merges of the batch concern.
    pub(super) async fn lock(
        tx: &mut PgConnection,
        mut keys: Vec<Key>,
        (concerned, trace): (Vec<CaseId>, Trace),
    ) -> Result<Self, sqlx::Error> {
        keys.sort_unstable();
        keys.dedup();
        let mut all = Self(HashMap::new());
        if !keys.is_empty() {
            let stays = cases::lock_stays(tx, &keys).await?;
            let held = |stay| Held::locked(stay, Trace::start());
            all.0.extend(stays.into_iter().map(|(key, stay)| (key, held(stay))));
        }
        all.lock_others(tx, &concerned, trace).await?;
        for held in all.0.values_mut() {
            held.is_concerned = concerned.contains(&held.after.case.case_id);
        }
        Ok(all)
    }

    /// Locks such of these as are not held yet.
    async fn lock_others(
        &mut self,
        tx: &mut PgConnection,
        cases: &[CaseId],
        trace: Trace,
    ) -> Result<(), sqlx::Error> {
        let is_held =
            |case: &&CaseId| self.0.values().any(|held| held.after.case.case_id == **case);
        let missing: Vec<CaseId> = cases.iter().filter(|case| !is_held(case)).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let stays = cases::lock_stays_by_id(tx, &missing).await?;
        self.0.extend(stays.into_iter().map(|(key, stay)| (key, Held::locked(stay, trace))));
        Ok(())
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
                let held = Held::locked(stay, trace);
                free.insert(Held { before: None, what, is_touched: true, ..held });
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
        &mut self,
        tx: &mut PgConnection,
        frequent_stays: Option<NonZeroU16>,
        now: DateTime<Utc>,
    ) -> Result<(), IngestError> {
        self.follow_merges(tx, |held| held.is_concerned, now).await?;
        for held in self.0.values_mut() {
            held.assume();
        }
        self.write(tx).await?;
        self.find_later(tx).await?;
        self.look_back(tx, frequent_stays, now).await?;
        let said = self.0.values().filter_map(|held| Some((held, held.what?)));
        let events: Result<Vec<_>, _> =
            said.map(|(held, what)| event(&held.after, what, held.trace)).collect();
        outbox::put(tx, events?, now).await?;
        Ok(())
    }

    /// Writes what was changed.
    async fn write(&self, tx: &mut PgConnection) -> Result<(), IngestError> {
        let mut new: Vec<(&Key, &Stay)> = Vec::new();
        let mut known = Vec::new();
        let mut of_patients = Vec::new();
        let mut numbers = Vec::new();
        for (key, held) in self.0.iter().filter(|(_, held)| held.is_touched) {
            let (before, after) = (held.before.as_ref(), &held.after);
            match before {
                None => new.push((key, after)),
                Some(_) => known.push((&after.case, &after.stated)),
            }
            if before.is_none_or(|b| b.patient != after.patient || b.began() != after.began()) {
                of_patients.push(after);
                numbers.extend(held.numbers());
            }
        }
        // Whoever opens several cases opens them in the same order, so that nobody waits in a circle.
        new.sort_unstable_by_key(|(key, _)| *key);
        if !new.is_empty() && cases::insert_cases(tx, &new).await? < new.len() as u64 {
            return Err(IngestError::Race);
        }
        cases::update_cases(tx, &known).await?;
        patients::save(tx, &of_patients, &numbers).await?;
        Ok(())
    }
}

fn event(stay: &Stay, what: &'static str, trace: Trace) -> Result<Outgoing, IngestError> {
    let case = &stay.case;
    Ok(Outgoing::new(case, what, is_live(case), trace)?)
}
