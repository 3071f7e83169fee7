//! What follows for a stay from the patient's other stays, and from merges of numbers.

use std::num::NonZeroU16;

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::{CaseId, HsaId};
use sqlx::PgConnection;

use super::{Held, Stays};
use crate::domain::stay::Stay;
use crate::domain::{frequent, merge, readmission};
use crate::hospital_message::Identity;
use crate::ingest::IngestError;
use crate::store::other_stays::{self, Earlier};
use crate::store::{cases, merges, patients};

/// Up to how many earlier stays of a patient are counted exactly.
const MOST_COUNTED: u16 = 50;

/// What has to be looked at once stays were counted.
#[derive(Default)]
struct Found {
    /// The number of some was merged: those are concerned then.
    is_any_merged: bool,
    /// Stays that began after one that was opened only now.
    later: Vec<CaseId>,
}

impl Stays {
    /// Gives stays the numbers that follow from all that was merged.
    pub(super) async fn follow_merges(
        &mut self,
        tx: &mut PgConnection,
        which: impl Fn(&Held) -> bool,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        let mut held: Vec<&mut Held> = self.0.values_mut().filter(|held| which(held)).collect();
        let own = |held: &&mut Held| {
            Some((held.after.case.hospital.clone(), held.after.patient.own_identity()?))
        };
        let numbers: Vec<(HsaId, Identity)> = held.iter().filter_map(own).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let merges = merges::leading_on(tx, &numbers).await?;
        for held in &mut held {
            held.follow(&merges, now);
        }
        Ok(())
    }

    /// Finds the stays that the changed ones are earlier stays of, or were: few batches change when a
    /// known stay began, whose it is, or that it ever was.
    pub(super) async fn find_later(&mut self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        let changed: Vec<_> = self.0.values().flat_map(Held::changed).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let later = other_stays::later(tx, &changed).await?;
        self.look_at(tx, &later).await
    }

    /// Has later stays looked at again.
    async fn look_at(
        &mut self,
        tx: &mut PgConnection,
        later: &[CaseId],
    ) -> Result<(), sqlx::Error> {
        self.lock_others(tx, later, Trace::start()).await?;
        for held in self.0.values_mut() {
            held.is_later |= later.contains(&held.after.case.case_id);
        }
        Ok(())
    }

    /// Finds who is back and who has come often, once all stays of the batch are saved, so that they
    /// count too, whose number was merged before it was said here, and whose later stays were told of
    /// before. Few are found, so theirs are written a second time.
    pub(super) async fn look_back(
        &mut self,
        tx: &mut PgConnection,
        several: Option<NonZeroU16>,
        now: DateTime<Utc>,
    ) -> Result<(), IngestError> {
        let found = self.count(tx, several, now).await?;
        if !found.is_any_merged && found.later.is_empty() {
            return Ok(());
        }
        if found.is_any_merged {
            self.follow_merges(tx, |held| held.is_concerned, now).await?;
            self.write_merged(tx).await?;
            self.find_later(tx).await?;
        }
        self.look_at(tx, &found.later).await?;
        self.count(tx, several, now).await?;
        Ok(())
    }

    /// Counts, and finds what has to be looked at beyond that.
    async fn count(
        &mut self,
        tx: &mut PgConnection,
        several: Option<NonZeroU16>,
        now: DateTime<Utc>,
    ) -> Result<Found, IngestError> {
        let is_asked = |held: &&mut Held| held.is_to_count() || held.is_later;
        let mut asked: Vec<&mut Held> = self.0.values_mut().filter(is_asked).collect();
        asked.retain(|held| held.after.began().is_some());
        let mut all = Found::default();
        if asked.is_empty() {
            return Ok(all);
        }
        let stays: Vec<&Stay> = asked.iter().map(|held| &held.after).collect();
        let most = several.map_or(0, |several| MOST_COUNTED.max(several.get()));
        let earlier = other_stays::look_back(tx, &stays, most).await?;
        let mut found = Vec::new();
        for (held, earlier) in asked.into_iter().zip(earlier) {
            all.is_any_merged |= held.is_merged_further(&earlier);
            if held.before.is_none() {
                all.later.extend(&earlier.later);
            }
            if held.note(&earlier, several, now) {
                found.push((&held.after.case, &held.after.stated));
            }
        }
        cases::update_cases(tx, &found).await?;
        Ok(all)
    }

    /// Writes those whose number was found to be merged.
    async fn write_merged(&mut self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        let merged: Vec<&Held> = self.0.values().filter(|held| held.is_concerned).collect();
        let of_cases: Vec<_> =
            merged.iter().map(|one| (&one.after.case, &one.after.stated)).collect();
        cases::update_cases(tx, &of_cases).await?;
        let stays: Vec<&Stay> = merged.iter().map(|held| &held.after).collect();
        let numbers: Vec<&str> = merged.iter().flat_map(|held| held.numbers()).collect();
        patients::save(tx, &stays, &numbers).await
    }
}

impl Held {
    /// Whose stay it was and when it began, and is and does, where either changed.
    fn changed(&self) -> Vec<(Identity, DateTime<Utc>)> {
        let told = |stay: &Stay| {
            let number = stay.patient.identity.clone()?;
            let authority = stay.patient.authority.clone();
            Some((Identity { number, authority }, stay.began()?))
        };
        let Some(before) = self.before.as_ref().filter(|_| self.is_touched) else {
            return Vec::new();
        };
        let (before, after) = (told(before), told(&self.after));
        if before == after { Vec::new() } else { before.into_iter().chain(after).collect() }
    }

    fn follow(&mut self, merges: &[merge::Merge], now: DateTime<Utc>) {
        let entered = self.after.case.reidentified.len();
        let what = merge::follow(&mut self.after, merges, now);
        let Some(before) = &self.before else {
            // Nobody has read the other number.
            self.after.case.reidentified.truncate(entered);
            return;
        };
        self.is_touched |= self.after != *before;
        if before.patient.is_same_person(&self.after.patient) {
            // What came of a number that was merged already is no change that anybody has seen.
            self.after.case.reidentified.clone_from(&before.case.reidentified);
        }
        self.what = if self.after.case == before.case { None } else { what.or(self.what) };
    }

    /// Whether the number was merged since it was said, which nothing has followed from yet.
    fn is_merged_further(&mut self, earlier: &Earlier) -> bool {
        let is_new = earlier.is_merged && !self.is_concerned;
        self.is_concerned = is_new;
        is_new
    }

    /// Notes what was found. False when nothing changed.
    fn note(&mut self, earlier: &Earlier, several: Option<NonZeroU16>, now: DateTime<Utc>) -> bool {
        let case = &mut self.after.case;
        let often =
            several.is_some_and(|several| frequent::note(case, earlier.stays, several, now));
        let is_back = readmission::note(&mut self.after, earlier.last);
        let is_changed = often || is_back;
        if often && self.after.case.frequent.is_some() {
            self.what.get_or_insert("frequent_patient_found");
        } else if is_changed {
            self.what.get_or_insert("case_updated");
        }
        is_changed
    }
}
