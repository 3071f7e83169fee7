//! What spoke for and against payment at an instant, and so on a day.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use contracts::assignment::HindranceKind;
use contracts::case::Need;
use contracts::commands::PaymentReason;
use contracts::sip::PlanKind;
use contracts::{EntryId, HsaId, Party, Revocable, Stamp};

use super::policy::{Policies, Policy};
use crate::domain::calendar::{DoubledHour, end_of_day, local_date, local_to_utc};
use crate::domain::facts::{Facts, Life, View};

/// A stay with its ready notices, oldest first. Entries are taken by their times and ids, so that the
/// order in which they stand means nothing.
pub(super) struct Stay<'a> {
    pub(super) view: View<'a>,
    pub(super) notices: Vec<Notice<'a>>,
    /// Every instant at which what speaks for or against payment can change.
    moments: BTreeSet<DateTime<Utc>>,
}

/// A ready notice.
pub(super) struct Notice<'a> {
    pub(super) entry: EntryId,
    /// When the ward gave it.
    pub(super) recorded_at: DateTime<Utc>,
    /// When it had reached the units of every concerned party of the municipality: those that were
    /// concerned later have got it later.
    pub(super) sent_at: Option<DateTime<Utc>>,
    pub(super) policy: &'a Policy,
    revoked_at: Option<DateTime<Utc>>,
}

impl Notice<'_> {
    /// The day of the notice.
    pub(super) fn day(&self) -> NaiveDate {
        local_date(self.recorded_at)
    }
}

impl<'a> Stay<'a> {
    pub(super) fn new(facts: &'a Facts, policies: &'a Policies, region: &str) -> Option<Self> {
        let view = facts.view()?;
        let mut stay = Self { view, notices: Vec::new(), moments: moments(view) };
        let mut notices: Vec<Notice<'a>> = Vec::new();
        for one in &view.case.ready {
            let recorded_at = one.stamp.recorded_at;
            let Some(policy) = policies.in_force(region, recorded_at) else { continue };
            notices.push(Notice {
                entry: one.stamp.id,
                recorded_at,
                sent_at: stay.sent_at(recorded_at),
                policy,
                revoked_at: one.revoked.as_ref().map(|stamp| stamp.occurred_at),
            });
        }
        notices.sort_by_key(|notice| (notice.recorded_at, notice.entry));
        notices.dedup_by_key(|notice| notice.entry);
        stay.notices = notices;
        Some(stay)
    }

    /// When a notice had come to an end.
    pub(super) fn ended(&self, notice: &Notice<'_>) -> Option<DateTime<Utc>> {
        let cancelled = self.view.case.cancellations.iter().filter(|one| one.in_force());
        let cancelled = cancelled.map(|one| one.stamp.occurred_at);
        let ends = cancelled.chain(self.death()).chain(self.discharge()).chain(notice.revoked_at);
        ends.min()
    }

    /// When the patient was discharged.
    pub(super) fn discharge(&self) -> Option<DateTime<Utc>> {
        let all = self.view.case.discharges.iter().filter(|one| one.revoked.is_none());
        all.map(|one| one.stamp.occurred_at).min()
    }

    fn death(&self) -> Option<DateTime<Utc>> {
        let all = self.view.case.deaths.iter().filter(|one| one.in_force());
        all.map(|one| one.stamp.occurred_at).min()
    }

    /// Whatever spoke against payment at any instant of a day.
    pub(super) fn against_day(
        &self,
        notice: &Notice<'_>,
        day: NaiveDate,
    ) -> BTreeSet<PaymentReason> {
        let midnight = local_to_utc(day.and_time(NaiveTime::MIN), DoubledHour::Earlier);
        // What was before the notice is no matter of its first day.
        let begins = midnight.max(notice.recorded_at);
        let ends = end_of_day(day).max(begins);
        let within = self.moments.range(begins..ends);
        let instants = within.copied().chain([begins]);
        instants.flat_map(|at| self.against(notice, at)).collect()
    }

    /// What spoke against payment at an instant.
    pub(super) fn against(
        &self,
        notice: &Notice<'_>,
        at: DateTime<Utc>,
    ) -> BTreeSet<PaymentReason> {
        let mut against: BTreeSet<PaymentReason> = self.hindered(at).collect();
        let case = self.view.case;
        let has_been = |moment: Option<DateTime<Utc>>| moment.is_some_and(|moment| moment <= at);
        let municipal = self.municipal(at);
        let checks = [
            // A stay that is said never to have been costs nothing, from its beginning.
            (PaymentReason::AdmissionCancelled, case.cancellations.iter().any(Revocable::in_force)),
            (PaymentReason::Deceased, has_been(self.death())),
            (PaymentReason::Discharged, has_been(self.discharge())),
            (PaymentReason::ReadyRevoked, has_been(notice.revoked_at)),
            (PaymentReason::MunicipalityNotConcerned, municipal.is_empty()),
            (PaymentReason::NoticeMissing, !municipal.is_empty() && !self.noticed(&municipal, at)),
            (PaymentReason::ReadyNotReceived, !has_been(notice.sent_at)),
            (PaymentReason::SipNotCalled, self.sip_is_due(at) && !self.sip_is_called(at)),
        ];
        against.extend(checks.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason));
        against
    }

    fn hindered(&self, at: DateTime<Utc>) -> impl Iterator<Item = PaymentReason> {
        let all = self.view.assignment.map(|assignment| &assignment.cooperation.hindrances);
        let standing = all.into_iter().flatten().filter(move |one| {
            let ended = one.ended.as_ref().map(|stamp| stamp.occurred_at);
            one.stamp.occurred_at <= at && ended.is_none_or(|ended| at < ended)
        });
        standing.map(|one| match one.kind {
            HindranceKind::Unavailable => PaymentReason::OpenCareUnavailable,
            HindranceKind::Unclear => PaymentReason::OpenCareUnclear,
            HindranceKind::Unknown => PaymentReason::OpenCareOther,
        })
    }

    /// The judgement that was in force.
    fn need(&self, at: DateTime<Utc>) -> Option<&'a Need> {
        let holds = |need: &&Need| Life::new(&need.stamp, need.withdrawn.as_ref()).holds_at(at);
        let needs = self.view.case.needs.iter().filter(holds);
        needs.max_by_key(|need| (need.stamp.recorded_at, need.stamp.id))
    }

    /// The parties of the municipality that were concerned.
    fn municipal(&self, at: DateTime<Utc>) -> BTreeSet<Party> {
        let concerned = self.need(at).map(Need::concerned).unwrap_or_default();
        concerned.into_iter().filter(|party| party.is_municipal()).collect()
    }

    fn routed(&self, parties: &BTreeSet<Party>, at: DateTime<Utc>) -> bool {
        let has_unit = |party: &Party| {
            let mut routes = self.view.routes().iter().filter(|route| route.party == *party);
            routes.any(|route| Life::of(route).holds_at(at))
        };
        parties.iter().all(has_unit)
    }

    /// When a ready notice given at `from` had reached all units of the municipality.
    fn sent_at(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let later = self.moments.range(from..).copied();
        let mut instants = [from].into_iter().chain(later);
        instants.find(|at| {
            let parties = self.municipal(*at);
            !parties.is_empty() && self.routed(&parties, *at)
        })
    }

    /// Whether these parties had got the admission notice, whole (2017:612, 2 kap. 1–3 §§): identity,
    /// estimate and units all at once at some time, and units still.
    fn noticed(&self, parties: &BTreeSet<Party>, at: DateTime<Utc>) -> bool {
        let case = self.view.case;
        let complete = |at: DateTime<Utc>| {
            let known = case.identified.as_ref().is_some_and(|stamp| stamp.recorded_at <= at);
            let stated = case.estimates.iter().filter(|one| one.stamp.recorded_at <= at);
            let estimate = stated.max_by_key(|one| (one.stamp.recorded_at, one.stamp.id));
            known && estimate.is_some_and(|one| one.at.is_some()) && self.routed(parties, at)
        };
        self.routed(parties, at) && self.moments.range(..=at).any(|earlier| complete(*earlier))
    }

    /// Services of both principals are needed, no plan under the acts on compulsory care takes the
    /// SIP's place, and it was neither declined nor found not to be needed.
    fn sip_is_due(&self, at: DateTime<Utc>) -> bool {
        let concerned = self.need(at).map(Need::concerned).unwrap_or_default();
        let both = concerned.contains(&Party::OpenCare)
            && concerned.iter().any(|party| party.is_municipal());
        let Some(sip) = self.view.sip else { return both };
        let kinds = sip.kind_changes.iter().filter(|one| one.stamp.recorded_at <= at);
        let kind = kinds.max_by_key(|one| (one.stamp.recorded_at, one.stamp.id));
        let compulsory = match kind {
            Some(change) => change.kind == PlanKind::CompulsoryPsychiatricCare,
            None => sip.kind_changes.is_empty() && sip.kind == PlanKind::CompulsoryPsychiatricCare,
        };
        let called_after = |end: &Stamp| {
            let mut calls = sip.calls.iter().map(|call| call.stamp.recorded_at);
            calls.any(|call| end.recorded_at < call && call <= at)
        };
        let mut ends = sip.ends.iter().map(|end| &end.stamp).filter(|end| end.recorded_at <= at);
        both && !compulsory && !ends.any(|end| !called_after(end))
    }

    fn sip_is_called(&self, at: DateTime<Utc>) -> bool {
        let mut calls = self.view.sip.into_iter().flat_map(|sip| &sip.calls);
        calls.any(|call| {
            Life::new(&call.stamp, call.cancelled.as_ref()).holds_at(at)
                && self.is_open_care(&call.unit)
        })
    }

    /// The unit has had the case as open care, or has named its care contact.
    fn is_open_care(&self, unit: &HsaId) -> bool {
        let mut routes = self.view.routes().iter();
        let contacts = self.view.assignment.map(|all| &all.care_contacts);
        routes.any(|route| route.party == Party::OpenCare && route.unit == *unit)
            || contacts.into_iter().flatten().any(|one| one.unit == *unit)
    }
}

fn moments(view: View<'_>) -> BTreeSet<DateTime<Utc>> {
    let case = view.case.stamps().cloned();
    let routes = view.routes().iter().flat_map(|one| pair(&one.stamp, one.ended.as_ref()));
    let work = view.assignment.map(|all| &all.cooperation.hindrances);
    let hindrances =
        work.into_iter().flatten().flat_map(|one| pair(&one.stamp, one.ended.as_ref()));
    let sip = view.sip.into_iter().flat_map(|sip| {
        let calls = sip.calls.iter().flat_map(|one| pair(&one.stamp, one.cancelled.as_ref()));
        let ends = sip.ends.iter().map(|one| one.stamp.clone());
        calls.chain(ends).chain(sip.kind_changes.iter().map(|one| one.stamp.clone()))
    });
    let all = case.chain(routes).chain(hindrances).chain(sip);
    all.flat_map(|stamp| [stamp.occurred_at, stamp.recorded_at]).collect()
}

fn pair(stamp: &Stamp, ended: Option<&Stamp>) -> impl Iterator<Item = Stamp> + use<> {
    [Some(stamp.clone()), ended.cloned()].into_iter().flatten()
}
