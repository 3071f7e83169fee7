//! The stays that a batch is about: locked, changed in memory, saved.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::num::NonZeroU16;

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::case::Readmission;
use messaging::{Outgoing, outbox};
use sqlx::PgConnection;

use crate::domain::apply::Applied;
use crate::domain::stay::{Stay, is_live};
use crate::domain::{frequent, readmission};
use crate::ingest::IngestError;
use crate::store::cases::{self, Key};
use crate::store::patients;

/// Up to how many earlier stays of a patient are counted exactly.
const MOST_COUNTED: u16 = 50;

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
        &mut self,
        tx: &mut PgConnection,
        frequent_stays: Option<NonZeroU16>,
        now: DateTime<Utc>,
    ) -> Result<(), IngestError> {
        let mut touched: Vec<_> = self.0.iter_mut().filter(|(_, held)| held.is_touched).collect();
        for (_, held) in &mut touched {
            held.assume();
        }
        let mut new: Vec<(&Key, &Stay)> = Vec::new();
        let mut known = Vec::new();
        let mut of_patients = Vec::new();
        for (key, held) in &touched {
            let (before, after) = (held.before.as_ref(), &held.after);
            match before {
                None => new.push((key, after)),
                Some(_) => known.push((&after.case, &after.stated)),
            }
            if before.is_none_or(|b| b.patient != after.patient || b.began() != after.began()) {
                of_patients.push(after);
            }
        }
        // Whoever opens several cases opens them in the same order, so that nobody waits in a circle.
        new.sort_unstable_by_key(|(key, _)| *key);
        if !new.is_empty() && cases::insert_cases(tx, &new).await? < new.len() as u64 {
            return Err(IngestError::Race);
        }
        cases::update_cases(tx, &known).await?;
        patients::save(tx, &of_patients).await?;
        let mut held: Vec<&mut Held> = touched.into_iter().map(|(_, held)| held).collect();
        look_back(tx, &mut held, frequent_stays, now).await?;
        let said = held.iter().filter_map(|held| Some((held, held.what?)));
        let events: Result<Vec<_>, _> =
            said.map(|(held, what)| event(&held.after, what, held.trace)).collect();
        outbox::put(tx, events?, now).await?;
        Ok(())
    }
}

impl Held {
    fn is_to_count(&self) -> bool {
        frequent::is_to_count(self.before.as_ref(), &self.after)
    }

    /// Nearly nobody is readmitted: so it stands there already, and is not written a second time.
    fn assume(&mut self) {
        if self.is_to_count() {
            self.after.case.readmission.get_or_insert(Readmission::No);
        }
    }
}

/// Finds who is back and who has come often, once all stays of the batch are saved, so that they count
/// too. Few are found, so theirs are written a second time.
async fn look_back(
    tx: &mut PgConnection,
    held: &mut [&mut Held],
    several: Option<NonZeroU16>,
    now: DateTime<Utc>,
) -> Result<(), IngestError> {
    let mut asked: Vec<&mut Held> =
        held.iter_mut().map(|held| &mut **held).filter(|held| held.is_to_count()).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let stays: Vec<&Stay> = asked.iter().map(|held| &held.after).collect();
    let most = several.map_or(0, |several| MOST_COUNTED.max(several.get()));
    let earlier = patients::look_back(tx, &stays, most).await?;
    let mut found = Vec::new();
    for (held, earlier) in asked.iter_mut().zip(earlier) {
        let case = &mut held.after.case;
        let often =
            several.is_some_and(|several| frequent::note(case, earlier.stays, several, now));
        if often {
            held.what.get_or_insert("frequent_patient_found");
        }
        if readmission::note(&mut held.after, earlier.last) || often {
            held.what.get_or_insert("case_updated");
            found.push((&held.after.case, &held.after.stated));
        }
    }
    cases::update_cases(tx, &found).await?;
    Ok(())
}

fn event(stay: &Stay, what: &'static str, trace: Trace) -> Result<Outgoing, IngestError> {
    let case = &stay.case;
    Ok(Outgoing::new(case, what, is_live(case), trace)?)
}
