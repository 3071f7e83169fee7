//! A stay as it is kept: the case that is published, the patient who is not, and when each fact was
//! last stated.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contracts::case::Case;
use contracts::identity::PersonalIdentity;
use contracts::{EntryId, HsaId, MunicipalityCode, Revocable};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::hospital_message::Identity;
use crate::private::Private;

/// Everything that is known of one stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    /// What is published.
    pub(crate) case: Case,
    /// What is not.
    pub(crate) patient: Patient,
    /// When each fact was last stated.
    pub(crate) stated: StatedAt,
}

impl Stay {
    /// When the stay began; `None` when the admission never was.
    pub(crate) fn began(&self) -> Option<DateTime<Utc>> {
        let never_was = self.case.cancellations.iter().any(Revocable::in_force);
        (!never_was).then_some(self.case.admitted.occurred_at)
    }
}

/// Who the patient is. Nothing of it is ever published; municipality and care centre are, unless
/// the identity is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patient {
    /// The number that identifies the patient.
    pub(crate) identity: Option<PersonalIdentity>,
    /// Who assigned a reserve number.
    pub(crate) authority: Option<String>,
    /// The hospital itself says another number, and has merged that.
    pub(crate) merged: Option<Merged>,
    /// Given and family name.
    pub(crate) name: Option<Private<String>>,
    /// The registered address on one line.
    pub(crate) address: Option<Private<String>>,
    /// Code and text of each, as the hospital stated them.
    pub(crate) diagnoses: Option<Private<Vec<String>>>,
    /// Protected identity.
    pub(crate) protected: bool,
    /// Municipality of registration.
    pub(crate) municipality: Option<MunicipalityCode>,
    /// The care centre that the patient is listed at.
    pub(crate) care_centre: Option<HsaId>,
}

/// What a hospital said of a patient's number before it merged that into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    /// The number that it last said of the stay.
    pub(crate) own: Identity,
    /// When it was merged; of several merges the first.
    pub(crate) at: DateTime<Utc>,
}

impl Patient {
    /// The number that the hospital last said of the stay.
    pub(crate) fn own_identity(&self) -> Option<Identity> {
        let shown = || {
            let number = self.identity.clone()?;
            Some(Identity { number, authority: self.authority.clone() })
        };
        self.merged.as_ref().map(|merged| merged.own.clone()).or_else(shown)
    }

    /// Name, identity number and address are all known: with the estimated discharge, what every
    /// concerned unit may read without consent (2017:612, 2 kap. 3 §).
    pub(crate) fn is_identified(&self) -> bool {
        self.name.is_some() && self.identity.is_some() && self.address.is_some()
    }

    /// Name, identity number and address are those of the other.
    pub(crate) fn is_same_person(&self, other: &Self) -> bool {
        let told = |patient: &Self| {
            let number = (patient.identity.clone(), patient.authority.clone());
            (number, patient.name.clone(), patient.address.clone())
        };
        told(self) == told(other)
    }
}

/// Whether a case is said again whenever something was lost. One that is over is so too, for a
/// month after its last change.
pub(crate) fn is_live(case: &Case) -> bool {
    !case.ended() && case.discharge().is_none()
}

/// Something that a message can state and an older message must not undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fact {
    /// When the stay began.
    Admission,
    /// Whether it is to count at all.
    Cancellation,
    /// On which ward.
    Place,
    /// Whether and when it ended.
    Discharge,
    /// The patient's number.
    Identity,
    /// The patient's name.
    Name,
    /// The patient's address.
    Address,
    /// Whether the identity is protected.
    Protection,
    /// Where the patient is registered.
    Municipality,
    /// Where the patient is listed.
    CareCentre,
    /// Why the patient is there.
    Diagnoses,
    /// When the stay is expected to end.
    Estimate,
    /// Who is judged to be needed.
    Need,
    /// What the patient said to the sharing of information.
    Consent,
    /// Whether the patient has died.
    Death,
    /// Whether the patient left the hospital dead: what a discharge says of it.
    Disposition,
}

/// When the newest statement of each fact was made, by the clock of who made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatedAt {
    /// When.
    pub(crate) at: BTreeMap<Fact, DateTime<Utc>>,
    /// And what, where people have a say too.
    pub(crate) said: Said,
}

/// What hospitals last said of facts that people decide too. Nothing in it says who the patient is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    /// What was said of each, and when.
    last: BTreeMap<Fact, (DateTime<Utc>, Value)>,
    /// Those of which somebody here has had the last word.
    decided: BTreeSet<Fact>,
    /// The newest record of the patient tells of a death.
    pub(crate) told_dead: bool,
    /// The newest disposition tells of a death.
    pub(crate) left_dead: bool,
    /// The entry of the death that hospitals have told of; a person's has another.
    pub(crate) death: Option<EntryId>,
    /// When they last said something of a leave. No [`Fact`], which a process of the release before could
    /// not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leave_at: Option<DateTime<Utc>>,
    /// Whether they say that the admission was planned, and when they last said something of it; no
    /// [`Fact`] for the same reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) planned: Option<(DateTime<Utc>, Option<bool>)>,
}

impl StatedAt {
    /// Whether a statement made then is news; if so it is noted. Of two statements of the same
    /// instant the one that comes last counts: hospitals' clocks tick in seconds.
    pub(crate) fn is_news(&mut self, fact: Fact, at: DateTime<Utc>) -> bool {
        let known = self.at.entry(fact).or_insert(at);
        let is_news = at >= *known;
        *known = (*known).max(at);
        is_news
    }

    /// The same for a fact that people decide too. Many systems say everything again with every
    /// message: what a hospital only repeats is no news against what somebody has decided since.
    pub(crate) fn is_news_to_people(&mut self, fact: Fact, at: DateTime<Utc>, what: Value) -> bool {
        let last = self.said.last.get(&fact);
        let is_newest = last.is_none_or(|(when, _)| *when <= at);
        let is_same = last.is_some_and(|(_, last)| *last == what);
        let repeats = is_same && self.said.decided.contains(&fact);
        if is_newest {
            self.said.last.insert(fact, (at, what));
        }
        let is_news = is_newest && !repeats && self.is_news(fact, at);
        if is_news {
            self.said.decided.remove(&fact);
        }
        is_news
    }

    /// Whether what was said of a leave at that moment is news: no hospital has said anything newer, and
    /// no person since. If so it is noted.
    pub(crate) fn is_news_of_leave(&mut self, case: &Case, at: DateTime<Utc>) -> bool {
        let stamps =
            case.leaves.iter().flat_map(|one| std::iter::once(&one.stamp).chain(&one.ended));
        let decided = stamps.filter(|stamp| stamp.by.is_some()).map(|stamp| stamp.recorded_at);
        let is_news = decided.chain(self.said.leave_at).all(|known| known <= at);
        if is_news {
            self.said.leave_at = Some(at);
        }
        is_news
    }

    /// Notes whether the admission was planned, unless something newer has been said of that.
    pub(crate) fn say_planned(&mut self, planned: Option<bool>, at: DateTime<Utc>) {
        if self.said.planned.is_none_or(|(known, _)| known <= at) {
            self.said.planned = Some((at, planned));
        }
    }

    /// Whether the admission was planned, where that is said.
    pub(crate) fn planned(&self) -> Option<bool> {
        self.said.planned.and_then(|(_, planned)| planned)
    }

    /// Whether a statement of the fact is newer than that moment.
    pub(crate) fn is_newer(&self, fact: Fact, at: DateTime<Utc>) -> bool {
        self.at.get(&fact).is_some_and(|known| *known > at)
    }

    /// Somebody has decided the fact here and now, whatever a hospital's clock may say.
    pub(crate) fn decided(&mut self, fact: Fact, now: DateTime<Utc>) {
        let known = self.at.entry(fact).or_insert(now);
        *known = (*known).max(now);
        self.said.decided.insert(fact);
    }
}
