//! What is known of a case: the other services' snapshots as they came.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::assignment::Route;
use contracts::commands::CaseFacts;
use contracts::{Assignment, Case, EntryId, HsaId, ObligationId, Owner, Sip, Stamp, UnitReach};

/// The newest snapshot of each aggregate of one case. Facts that come before their case wait: until
/// it is there, there is no ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// From `admissions`.
    pub case: Option<Case>,
    /// From `coordination`.
    pub assignment: Option<Assignment>,
    /// From `sip`.
    pub sip: Option<Sip>,
}

impl From<CaseFacts> for Facts {
    fn from(CaseFacts { case, assignment, sip }: CaseFacts) -> Self {
        Self { case, assignment, sip }
    }
}

/// When and how units can be reached, from `notifications`. A unit that is not in it can reach
/// nobody.
pub type Reach = BTreeMap<HsaId, UnitReach>;

/// Somebody has said of an alert about a duty: "I have seen this".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The duty.
    pub obligation: ObligationId,
    /// The step that the alert told.
    pub step: EntryId,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

impl Facts {
    pub(super) fn view(&self) -> Option<View<'_>> {
        Some(View {
            case: self.case.as_ref()?,
            assignment: self.assignment.as_ref(),
            sip: self.sip.as_ref(),
        })
    }
}

/// The facts of a case that is there.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) case: &'a Case,
    pub(super) assignment: Option<&'a Assignment>,
    pub(super) sip: Option<&'a Sip>,
}

impl<'a> View<'a> {
    /// All receptions, ended ones too.
    pub(super) fn routes(self) -> &'a [Route] {
        self.assignment.map_or(&[], |all| all.routes.as_slice())
    }

    /// The receptions of an owner's parties.
    pub(super) fn routes_of(self, owner: Owner) -> impl Iterator<Item = &'a Route> {
        self.routes().iter().filter(move |route| owner.includes(route.party))
    }

    /// The ward; while the hospital's code for it is not mapped to one, the hospital answers.
    pub(super) fn ward(self) -> &'a HsaId {
        self.case.ward.as_ref().unwrap_or(&self.case.hospital)
    }
}

/// From when until when an entry held, by when each was recorded: nobody could act on it earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) from: DateTime<Utc>,
    pub(super) until: Option<DateTime<Utc>>,
}

impl Life {
    pub(super) fn new(entry: &Stamp, ended: Option<&Stamp>) -> Self {
        Self { from: entry.recorded_at, until: ended.map(|stamp| stamp.recorded_at) }
    }

    pub(super) fn of(route: &Route) -> Self {
        Self::new(&route.stamp, route.ended.as_ref())
    }

    /// The instant of its end no longer counts.
    pub(super) fn holds_at(self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        let begins_before = |one: Self, two: Self| two.until.is_none_or(|until| one.from < until);
        begins_before(self, other) && begins_before(other, self)
    }
}
