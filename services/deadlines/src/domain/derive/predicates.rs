//! What fulfils a duty. The owning services state dated facts; only here is it decided which of
//! them proves what.

mod notice;
mod plan;

use contracts::assignment::{Appointed, Appointment, Cooperation};
use contracts::case::{CheckKind, ConsentAnswer, ConsentScope, Outcome, Planning};
use contracts::ledger::Proof;
use contracts::{Case, HsaId, Owner, Party, Stamp};

use super::origins::Origin;
use super::standing::End;
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
    predicate: &Predicate,
    owner: Owner,
    origin: &Origin<'_>,
    view: View<'_>,
) -> Answer {
    let units = Units { owner, origin, view };
    let assignment = view.assignment;
    let case = view.case;
    match predicate {
        Predicate::NeedJudged => need_judged(case).into(),
        Predicate::NoticeComplete => notice::complete(origin, view),
        Predicate::Consent(scope) => consent(case, *scope).into(),
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
        Predicate::TrackSet => case.planning.tracks.first().map(|set| proof(&set.stamp)).into(),
        Predicate::TrackChanged => {
            let mut sets = case.planning.tracks.iter();
            sets.find(|set| set.change == Some(origin.entry)).map(|set| proof(&set.stamp)).into()
        }
        Predicate::Checks(checks) => seen_to(checks, &case.planning),
        Predicate::DischargeNotice => {
            let notices = case.planning.discharge_notices.iter();
            unbroken(notices.map(|notice| (&notice.stamp, notice.revoked.as_ref()))).into()
        }
        Predicate::Closed => assignment
            .and_then(|all| {
                let closings = all.cooperation.closings.iter();
                unbroken(closings.map(|closing| (&closing.stamp, closing.revoked.as_ref())))
            })
            .into(),
        Predicate::TrackAnswered
        | Predicate::Entry(_)
        | Predicate::Confirmation(_)
        | Predicate::Annex(_)
        | Predicate::Message
        | Predicate::FollowUp => {
            assignment.and_then(|all| units.work(predicate, &all.cooperation)).into()
        }
        Predicate::SipCalled
        | Predicate::SipCalledByAnybody
        | Predicate::PreMeetingPoints
        | Predicate::SipHeld
        | Predicate::Attended
        | Predicate::MeetingPoints
        | Predicate::PlanMade
        | Predicate::PlanConfirmed
        | Predicate::PlanFollowedUp
        | Predicate::FollowUpAttended
        | Predicate::Registration => {
            view.sip.map(|sip| plan::look(predicate, sip, &units)).unwrap_or_default()
        }
    }
}

fn proof(stamp: &Stamp) -> Proof {
    Proof { entry: stamp.id, occurred_at: stamp.occurred_at, recorded_at: stamp.recorded_at }
}

/// The first of the entries that stood one after the other without a gap, to this day. They come
/// oldest first, each with what took it back.
fn unbroken<'a>(entries: impl Iterator<Item = (&'a Stamp, Option<&'a Stamp>)>) -> Option<Proof> {
    let mut first: Option<&Stamp> = None;
    let mut until = None;
    for (stamp, ended) in entries {
        let ended = ended.map(|stamp| stamp.recorded_at);
        let goes_on = until.is_none_or(|until| stamp.recorded_at <= until);
        if first.is_some() && goes_on {
            until = until.zip(ended).map(|(until, ended)| until.max(ended));
        } else {
            (first, until) = (Some(stamp), ended);
        }
    }
    first.filter(|_| until.is_none()).map(proof)
}

/// All of several proofs: it is complete with the last of them.
fn together(proofs: impl Iterator<Item = Option<Proof>>) -> Option<Proof> {
    let mut all: Option<Proof> = None;
    for one in proofs {
        let one = one?;
        all = Some(match all {
            None => one,
            Some(all) => {
                let occurred_at = all.occurred_at.max(one.occurred_at);
                let last = if all.recorded_at < one.recorded_at { one } else { all };
                Proof { occurred_at, ..last }
            }
        });
    }
    all
}

/// The duty is to record a judgement, so it is the recording that counts.
fn need_judged(case: &Case) -> Option<Proof> {
    let stamp = &case.needs.first()?.stamp;
    Some(Proof { occurred_at: stamp.recorded_at, ..proof(stamp) })
}

fn consent(case: &Case, scope: ConsentScope) -> Option<Proof> {
    let mut answered = case.consents.iter().filter(|one| one.answer != ConsentAnswer::Unknown);
    answered.find(|one| one.is_about(scope)).map(|one| proof(&one.stamp))
}

fn seen_to(checks: &[CheckKind], planning: &Planning) -> Answer {
    let one = |what: &CheckKind| {
        let of_kind = planning.checks.iter().filter(|check| check.what == *what);
        let known = of_kind.filter(|check| check.outcome != Outcome::Unknown);
        unbroken(known.map(|check| (&check.stamp, check.revoked.as_ref())))
    };
    let wanting = checks.iter().filter(|what| one(what).is_none());
    Answer {
        missing: wanting.filter_map(|what| code(*what)).collect(),
        ..together(checks.iter().map(one)).into()
    }
}

/// The name of a check, for what is missing.
fn code(what: CheckKind) -> Option<&'static str> {
    Some(match what {
        CheckKind::InformedWhatMatters => "informed_what_matters",
        CheckKind::InformedWhatHappened => "informed_what_happened",
        CheckKind::InformedWhatNext => "informed_what_next",
        CheckKind::InformedWhomToAsk => "informed_whom_to_ask",
        CheckKind::MedicineAndRehabilitation => "medicine_and_rehabilitation",
        CheckKind::SelfCareAssessed => "self_care_assessed",
        CheckKind::ReferralWritten => "referral_written",
        CheckKind::MedicationListSent => "medication_list_sent",
        CheckKind::HandedOver => "handed_over",
        CheckKind::AidsHandedOver => "aids_handed_over",
        CheckKind::TrainingNeedDecided => "training_need_decided",
        CheckKind::StaffTrained => "staff_trained",
        CheckKind::InterventionDefined => "intervention_defined",
        CheckKind::Unknown => return None,
    })
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

    /// Whether a unit of the owner's that had the case says it. The ward moves with the patient.
    fn says(&self, party: Party, unit: &HsaId) -> bool {
        self.owner.includes(party) && (self.owner == Owner::Ward || self.include(unit))
    }

    fn support_report(&self) -> Option<Proof> {
        let mut reports = self.view.assignment?.support_reports.iter();
        let own = reports.find(|r| self.owner.includes(r.party) && self.include(&r.unit));
        own.map(|report| proof(&report.stamp))
    }

    /// What the parties write, confirm, send and answer.
    fn work(&self, predicate: &Predicate, work: &Cooperation) -> Option<Proof> {
        match predicate {
            Predicate::TrackAnswered => {
                let mut changes = work.track_changes.iter();
                let change = changes.find(|change| change.stamp.id == self.origin.entry)?;
                let mut answers = change.answers.iter();
                let own = answers.find(|answer| self.owner.includes(answer.party));
                own.map(|answer| proof(&answer.stamp))
            }
            Predicate::Entry(kind) => {
                let own = work.entries.iter().filter(|one| one.kind == *kind);
                let own = own.filter(|one| self.says(one.party, &one.unit));
                unbroken(own.map(|one| (&one.stamp, one.withdrawn.as_ref())))
            }
            Predicate::Confirmation(what) => {
                let all = work.confirmations.iter().filter(|one| one.what == *what);
                let known = all.filter(|one| one.outcome != Outcome::Unknown);
                let own = known.filter(|one| self.says(one.party, &one.unit));
                unbroken(own.map(|one| (&one.stamp, one.revoked.as_ref())))
            }
            Predicate::Annex(kind) => {
                let all = work.annexes.iter().filter(|one| one.kind == *kind);
                unbroken(all.map(|one| (&one.stamp, one.withdrawn.as_ref())))
            }
            Predicate::Message => {
                let mut sent = work.messages.iter().filter(|one| one.withdrawn.is_none());
                let own = sent.find(|one| {
                    self.origin.life.from <= one.stamp.recorded_at
                        && self.says(one.party, &one.unit)
                });
                own.map(|one| proof(&one.stamp))
            }
            Predicate::FollowUp => {
                let mut known =
                    work.follow_ups.iter().filter(|one| one.outcome != Outcome::Unknown);
                let own = known.find(|one| self.says(one.party, &one.unit));
                own.map(|one| proof(&one.stamp))
            }
            _ => None,
        }
    }
}
