//! The case (vårdtillfälle) as `admissions` tells it. Nothing in it says who the patient is.

mod consent;
mod planning;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stamp::in_force;
use crate::{Aggregate, CaseId, CaseRef, HsaId, MunicipalityCode, Party, Revocable, Stamp};

pub use consent::{Consent, ConsentAnswer, ConsentScope};
pub use planning::{
    Check, CheckKind, Destination, DischargeNotice, FormAnswer, Intervention, Outcome, Planning,
    PlanningForm, TrackSet,
};

/// Days from the discharge to the closing of a case, as long as nobody closes it by hand.
const CLOSES_AFTER_DAYS: i64 = 30;

/// Snapshot of `hemgang.v1.admissions.case_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// The case.
    pub case_id: CaseId,
    /// Its short name for people.
    pub case_ref: CaseRef,
    /// The hospital.
    pub hospital: HsaId,
    /// The ward where the patient is now; absent while the hospital's code for it is not mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<HsaId>,
    /// The case was first heard of by a transfer or an update, not by its admission.
    #[serde(default)]
    pub joined_late: bool,
    /// Protected identity: routed by a person; `municipality` and `listed_care_centre` are absent.
    #[serde(default)]
    pub protected: bool,
    /// Municipality of registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// The care centre that the patient is listed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_care_centre: Option<HsaId>,
    /// The admission.
    pub admitted: Stamp,
    /// Moves between wards, oldest first.
    #[serde(default)]
    pub places: Vec<Place>,
    /// The admission was cancelled (and perhaps not after all).
    #[serde(default)]
    pub cancellations: Vec<Revocable>,
    /// The moment from which name, identity number and address were all known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identified: Option<Stamp>,
    /// Changes of name, identity number or address since then, oldest first: what a unit has read
    /// may not be so any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reidentified: Vec<Reidentified>,
    /// Estimated discharges, oldest first; the last one holds.
    #[serde(default)]
    pub estimates: Vec<Estimate>,
    /// Judgements of need, oldest first.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Consents given, refused and withdrawn, oldest first; for each scope and party the last one holds.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// The first reading of the notice by each unit (kvittens).
    #[serde(default)]
    pub reads: Vec<NoticeRead>,
    /// Ready-for-discharge notices (utskrivningsklar), oldest first.
    #[serde(default)]
    pub ready: Vec<Revocable>,
    /// Discharges, oldest first.
    #[serde(default)]
    pub discharges: Vec<Discharge>,
    /// Deaths recorded, oldest first.
    #[serde(default)]
    pub deaths: Vec<Revocable>,
    /// Leaves (permission), oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<Leave>,
    /// The patient was found to have come often of late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequent: Option<Frequent>,
    /// Whether the patient is back within 30 days of going home; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readmission: Option<Readmission>,
    /// The planning of the way home.
    #[serde(default, skip_serializing_if = "Planning::is_empty")]
    pub planning: Planning,
}

/// A move to a ward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// When.
    pub stamp: Stamp,
    /// Where to; absent when the hospital's code is not mapped to a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<HsaId>,
}

/// The patient is away for a while; the stay goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leave {
    /// Since when.
    pub stamp: Stamp,
    /// Back again, or the leave did not happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Stamp>,
}

/// Several visits or stays within three months (Dalarna guideline, Målgrupp), counted by `admissions`
/// from what it has heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frequent {
    /// When it was found.
    pub stamp: Stamp,
    /// How many, this one included.
    pub stays: u16,
}

/// Whether a stay began 1 to 30 days after the same patient's last discharge, as far as `admissions` has
/// heard of stays. Which stay that was, and when it ended, is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Readmission {
    /// It did not.
    No,
    /// It did, as planned.
    Planned,
    /// It did, and was not planned.
    Unplanned,
    /// It did, and the hospital does not say whether it was planned.
    NotStated,
    /// An answer that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Name, identity number or address was changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reidentified {
    /// When.
    pub stamp: Stamp,
    /// Whether all three are known since.
    pub complete: bool,
}

/// An estimated discharge, or its removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// When it was stated.
    pub stamp: Stamp,
    /// The estimated moment; a date without a time is its noon in Sweden. Absent: taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// Whether whoever stated it was sure; absent when that was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
}

impl Estimate {
    /// An estimate of which nobody said how sure it is.
    #[must_use]
    pub fn new(stamp: Stamp, at: Option<DateTime<Utc>>) -> Self {
        Self { stamp, at, certainty: None }
    }
}

/// How sure an estimate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It can be planned by.
    Certain,
    /// It may move.
    Uncertain,
    /// A certainty that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A recorded judgement that the patient will need help after discharge (2017:612, 2 kap. 1 §).
/// `stamp.occurred_at` is `noticed_at`: when the need was noticed, from which the notice's 24 hours
/// run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Need {
    /// When the need was noticed and recorded.
    pub stamp: Stamp,
    /// The parties whose services are needed, as judged.
    pub parties: BTreeSet<Party>,
    /// Several visits or admissions in three months, without other need.
    #[serde(default)]
    pub frequent_patient: bool,
    /// Withdrawn, or replaced by the next judgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Stamp>,
}

impl Need {
    /// The parties outside the hospital that get the notice: those judged, and open care always
    /// when municipal health care is needed (2017:612, 2 kap. 2 §).
    #[must_use]
    pub fn concerned(&self) -> BTreeSet<Party> {
        let mut parties: BTreeSet<Party> =
            self.parties.iter().copied().filter(|p| Party::OUTSIDE.contains(p)).collect();
        if parties.contains(&Party::MunicipalHealthCare) {
            parties.insert(Party::OpenCare);
        }
        parties
    }
}

/// A named person of a unit has read the notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeRead {
    /// When and who.
    pub stamp: Stamp,
    /// For which unit.
    pub unit: HsaId,
}

/// The end of the stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Discharge {
    /// When.
    pub stamp: Stamp,
    /// The discharge did not happen after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Stamp>,
}

impl Case {
    /// A case of which nothing is known but its admission.
    #[must_use]
    pub fn new(case_id: CaseId, case_ref: CaseRef, hospital: HsaId, admitted: Stamp) -> Self {
        Self {
            case_id,
            case_ref,
            hospital,
            ward: None,
            joined_late: false,
            protected: false,
            municipality: None,
            listed_care_centre: None,
            admitted,
            places: Vec::new(),
            cancellations: Vec::new(),
            identified: None,
            reidentified: Vec::new(),
            estimates: Vec::new(),
            needs: Vec::new(),
            consents: Vec::new(),
            reads: Vec::new(),
            ready: Vec::new(),
            discharges: Vec::new(),
            deaths: Vec::new(),
            leaves: Vec::new(),
            frequent: None,
            readmission: None,
            planning: Planning::default(),
        }
    }

    /// The stay goes on. What is said of a case that is not live is said again for 30 days only, in
    /// which the case closes.
    #[must_use]
    pub fn live(&self) -> bool {
        !self.ended() && self.discharge().is_none()
    }

    /// Name, identity number and address are all known now.
    #[must_use]
    pub fn is_identified(&self) -> bool {
        self.identified.is_some() && self.reidentified.last().is_none_or(|change| change.complete)
    }

    /// All entries.
    pub fn stamps(&self) -> impl Iterator<Item = &Stamp> {
        let revocable = self.cancellations.iter().chain(&self.ready).chain(&self.deaths);
        std::iter::once(&self.admitted)
            .chain(self.places.iter().map(|place| &place.stamp))
            .chain(&self.identified)
            .chain(self.reidentified.iter().map(|change| &change.stamp))
            .chain(self.estimates.iter().map(|estimate| &estimate.stamp))
            .chain(self.needs.iter().flat_map(|n| std::iter::once(&n.stamp).chain(&n.withdrawn)))
            .chain(self.consents.iter().map(|consent| &consent.stamp))
            .chain(self.reads.iter().map(|read| &read.stamp))
            .chain(revocable.flat_map(|r| std::iter::once(&r.stamp).chain(&r.revoked)))
            .chain(self.discharges.iter().flat_map(|d| std::iter::once(&d.stamp).chain(&d.revoked)))
            .chain(self.leaves.iter().flat_map(|l| std::iter::once(&l.stamp).chain(&l.ended)))
            .chain(self.frequent.iter().map(|frequent| &frequent.stamp))
            .chain(self.planning.stamps())
    }

    /// The judgement in force.
    #[must_use]
    pub fn need(&self) -> Option<&Need> {
        self.needs.iter().rev().find(|need| need.withdrawn.is_none())
    }

    /// The parties outside the hospital that are concerned now. A frequent patient without other
    /// need concerns open care only, and only after consent.
    #[must_use]
    pub fn concerned(&self) -> BTreeSet<Party> {
        let Some(need) = self.need().filter(|_| !self.ended()) else {
            return BTreeSet::new();
        };
        let mut parties = need.concerned();
        if parties.is_empty() && need.frequent_patient && self.consented(Party::OpenCare) {
            parties.insert(Party::OpenCare);
        }
        parties
    }

    /// The patient has said yes to that party's being told, and not taken it back. Whether that has
    /// expired is not looked at.
    #[must_use]
    pub fn consented(&self, party: Party) -> bool {
        let consent = self.consent_to(ConsentScope::Information, party);
        consent.is_some_and(|consent| consent.covers(party))
    }

    /// The patient's last word on this scope for a party.
    #[must_use]
    pub fn consent_to(&self, scope: ConsentScope, party: Party) -> Option<&Consent> {
        self.consents.iter().rev().find(|consent| consent.settles(scope, party))
    }

    /// Whether the patient allows a party to know, at that moment.
    #[must_use]
    pub fn allows(&self, scope: ConsentScope, party: Party, now: DateTime<Utc>) -> bool {
        self.consent_to(scope, party).is_some_and(|consent| consent.allows(party, now))
    }

    /// The leave that goes on.
    #[must_use]
    pub fn leave(&self) -> Option<&Leave> {
        self.leaves.last().filter(|leave| leave.ended.is_none())
    }

    /// The ready notice in force.
    #[must_use]
    pub fn ready_in_force(&self) -> Option<&Revocable> {
        in_force(&self.ready)
    }

    /// The discharge in force.
    #[must_use]
    pub fn discharge(&self) -> Option<&Discharge> {
        self.discharges.iter().rev().find(|discharge| discharge.revoked.is_none())
    }

    /// The estimated discharge that holds.
    #[must_use]
    pub fn estimate(&self) -> Option<DateTime<Utc>> {
        self.estimates.last().and_then(|estimate| estimate.at)
    }

    /// When the case closes by itself: 30 days after the discharge in force, but not before that was
    /// known.
    #[must_use]
    pub fn closes_at(&self) -> Option<DateTime<Utc>> {
        let discharge = self.discharge()?;
        let month = TimeDelta::days(CLOSES_AFTER_DAYS);
        let closes_at = discharge.stamp.occurred_at.checked_add_signed(month);
        Some(closes_at.unwrap_or(DateTime::<Utc>::MAX_UTC).max(discharge.stamp.recorded_at))
    }

    /// Nobody has anything to do with the case any more.
    #[must_use]
    pub fn closed(&self, now: DateTime<Utc>) -> bool {
        self.closes_at().is_some_and(|closes_at| closes_at <= now)
    }

    /// The admission was cancelled or the patient is dead: nobody owes anything any more.
    #[must_use]
    pub fn ended(&self) -> bool {
        in_force(&self.cancellations).is_some() || in_force(&self.deaths).is_some()
    }
}

impl Aggregate for Case {
    const SUBJECT: &'static str = crate::subjects::CASE_CHANGED;

    fn key(&self) -> String {
        self.case_id.to_string()
    }
}
