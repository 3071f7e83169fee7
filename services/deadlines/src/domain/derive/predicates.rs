//! What fulfils a duty. The owning services state dated facts; only here is it decided which of
//! them proves what.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::assignment::{Appointed, Appointment};
use contracts::case::Need;
use contracts::ledger::Proof;
use contracts::sip::SipEndKind;
use contracts::{Case, EntryId, HsaId, Owner, Party, Sip, Stamp};

use super::origins::Origin;
use super::standing::{End, reason};
use crate::domain::facts::{Life, View};
use crate::domain::rulebook::Predicate;

/// What the facts say of a duty.
#[derive(Default)]
pub(super) struct Answer {
    /// What would fulfil it, unless it had ended before.
    pub(super) proof: Option<Proof>,
    /// What ends it without fulfilling it.
    pub(super) end: Option<End>,
    /// What is missing, as codes.
    pub(super) missing: Vec<&'static str>,
}

impl From<Option<Proof>> for Answer {
    fn from(proof: Option<Proof>) -> Self {
        Self { proof, ..Self::default() }
    }
}

pub(super) fn look(
    predicate: Predicate,
    owner: Owner,
    origin: &Origin<'_>,
    view: View<'_>,
) -> Answer {
    let units = Units { owner, origin, view };
    let assignment = view.assignment;
    match predicate {
        Predicate::NeedJudged => need_judged(view.case).into(),
        Predicate::NoticeComplete => notice_complete(origin, view),
        Predicate::CareContact => {
            assignment.and_then(|all| units.appointment(&all.care_contacts, |_| true)).into()
        }
        Predicate::CareContactNamed => assignment
            .and_then(|all| units.appointment(&all.care_contacts, Appointment::is_named))
            .into(),
        Predicate::LeadOfficer => {
            assignment.and_then(|all| units.appointment(&all.lead_officers, |_| true)).into()
        }
        Predicate::SupportReport => units.support_report().into(),
        Predicate::SipCalled => view.sip.map(|sip| sip_called(sip, &units)).unwrap_or_default(),
    }
}

fn proof(stamp: &Stamp) -> Proof {
    Proof { entry: stamp.id, occurred_at: stamp.occurred_at, recorded_at: stamp.recorded_at }
}

/// The duty is to record a judgement, so it is the recording that counts.
fn need_judged(case: &Case) -> Option<Proof> {
    let stamp = &case.needs.first()?.stamp;
    Some(Proof { occurred_at: stamp.recorded_at, ..proof(stamp) })
}

/// The first moment at which the judgement was in force, the patient identified, a discharge
/// estimated and each concerned party's unit able to read it: all four at once (2017:612, 2 kap.
/// 1–3 §§). Sending is that moment, whenever what is sent had happened.
fn notice_complete(origin: &Origin<'_>, view: View<'_>) -> Answer {
    let Some(need) = origin.need else {
        return Answer::default();
    };
    let mut parties = need.concerned();
    if parties.is_empty() {
        parties.insert(Party::OpenCare);
    }
    let case = view.case;
    let complete_at = |at: DateTime<Utc>| {
        let newest_first = case.estimates.iter().rev();
        let known = case.identified.as_ref().is_some_and(|s| s.recorded_at <= at);
        let estimated = newest_first
            .filter(|estimate| estimate.stamp.recorded_at <= at)
            .map(|estimate| estimate.at.is_some())
            .next();
        let readable = |party| {
            let mut routes = view.routes().iter().filter(|route| route.party == party);
            routes.any(|route| Life::of(route).holds_at(at))
        };
        known && estimated == Some(true) && parties.iter().copied().all(readable)
    };
    let from = concerned_since(need, &parties, case).unwrap_or(origin.life.from);
    let complete = moments(origin, from, view).into_iter().find(|(at, _)| complete_at(*at));
    Answer {
        proof: complete.map(|(at, entry)| Proof { entry, occurred_at: at, recorded_at: at }),
        end: None,
        missing: notice_missing(view, parties.into_iter().collect()),
    }
}

/// Since when judgements that follow each other without a break have concerned all these parties: a
/// judgement that only takes a party away asks for no new notice. `None` for a first one.
fn concerned_since(need: &Need, parties: &BTreeSet<Party>, case: &Case) -> Option<DateTime<Utc>> {
    let mut since = None;
    let mut from = need.stamp.recorded_at;
    let earlier = case.needs.iter().rev().skip_while(|one| one.stamp.id != need.stamp.id).skip(1);
    for one in earlier {
        let until = one.withdrawn.as_ref().map(|stamp| stamp.recorded_at);
        if until.is_some_and(|until| until < from) || !parties.is_subset(&one.concerned()) {
            break;
        }
        from = one.stamp.recorded_at;
        since = Some(from);
    }
    since
}

/// When something that the notice needs was recorded, oldest first, none before `from`.
fn moments(
    origin: &Origin<'_>,
    from: DateTime<Utc>,
    view: View<'_>,
) -> Vec<(DateTime<Utc>, EntryId)> {
    let stamps = view.case.identified.iter();
    let stamps = stamps.chain(view.case.estimates.iter().map(|estimate| &estimate.stamp));
    let stamps = stamps.chain(view.routes().iter().map(|route| &route.stamp));
    let mut moments: Vec<_> = stamps
        .map(|stamp| (stamp.recorded_at, stamp.id))
        .filter(|(at, _)| from < *at)
        .chain([(from, origin.entry)])
        .collect();
    moments.sort();
    moments
}

fn notice_missing(view: View<'_>, parties: Vec<Party>) -> Vec<&'static str> {
    let has_unit = |party| view.assignment.is_some_and(|all| all.route_of(party).is_some());
    let checks = [
        ("identity", view.case.is_identified()),
        ("estimate", view.case.estimate().is_some()),
        ("route", parties.into_iter().all(has_unit)),
    ];
    let missing = checks.into_iter().filter(|(_, there)| !there);
    missing.map(|(code, _)| code).collect()
}

/// A call by the owner that is not cancelled, or a meeting that was held, whenever that was; or the
/// plan's end, unless a call came after it, be it cancelled since.
fn sip_called(sip: &Sip, owner: &Units<'_>) -> Answer {
    let calls = sip.calls.iter().filter(|call| call.cancelled.is_none());
    let calls = calls.filter(|call| owner.ever_had_it(&call.unit)).map(|call| &call.stamp);
    let held = sip.meetings.iter().filter_map(|meeting| meeting.held.as_ref());
    let first = calls.chain(held).min_by_key(|stamp| (stamp.recorded_at, stamp.id));
    let called_after = |at| sip.calls.iter().any(|call| at < call.stamp.recorded_at);
    let mut ends = sip.ends.iter();
    let end = ends.find(|end| !called_after(end.stamp.recorded_at));
    Answer {
        proof: first.map(proof),
        end: end.map(|end| {
            let reason = match end.kind {
                SipEndKind::DeclinedByPatient => reason::SIP_DECLINED,
                SipEndKind::NotNeeded => reason::SIP_NOT_NEEDED,
                SipEndKind::Unknown => reason::SIP_ENDED,
            };
            End::cancels(&end.stamp, reason)
        }),
        missing: Vec::new(),
    }
}

/// The units that can prove a duty: those of the owner that had the case while its trigger held.
struct Units<'a> {
    owner: Owner,
    origin: &'a Origin<'a>,
    view: View<'a>,
}

impl Units<'_> {
    fn ever_had_it(&self, unit: &HsaId) -> bool {
        self.view.routes_of(self.owner).any(|route| route.unit == *unit)
    }

    fn include(&self, unit: &HsaId) -> bool {
        let mut routes = self.view.routes_of(self.owner);
        routes.any(|route| route.unit == *unit && Life::of(route).overlaps(self.origin.life))
    }

    /// The first of the appointments that hold without one after it that does not count: a name
    /// that is taken back for "not needed" is no name. One from before the trigger counts if it
    /// was still standing.
    fn appointment(
        &self,
        all: &[Appointment],
        counts: impl Fn(&Appointment) -> bool,
    ) -> Option<Proof> {
        let known = |one: &&Appointment| one.appointed != Appointed::Unknown;
        let stood = |one: &&Appointment| {
            let ended = one.ended.as_ref().map(|stamp| stamp.recorded_at);
            ended.is_none_or(|ended| self.origin.life.from < ended)
        };
        let own = all.iter().filter(|one| self.include(&one.unit));
        let own = own.filter(known).filter(stood);
        let first = own.fold(None, |first: Option<&Appointment>, one| {
            counts(one).then(|| first.unwrap_or(one))
        });
        first.map(|one| proof(&one.stamp))
    }

    fn support_report(&self) -> Option<Proof> {
        let mut reports = self.view.assignment?.support_reports.iter();
        let own = reports.find(|r| self.owner.includes(r.party) && self.include(&r.unit));
        own.map(|report| proof(&report.stamp))
    }
}
