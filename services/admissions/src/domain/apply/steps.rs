//! The statements of a message, one after the other.

use chrono::{DateTime, Utc};
use contracts::case::{Consent, ConsentAnswer, Estimate};
use contracts::{HsaId, Stamp};
use serde::Serialize;
use serde_json::json;

use super::{News, noticed};
use crate::domain::entries::{self, Judgement};
use crate::domain::stay::{Fact, Stay};
use crate::domain::{merge, person, readmission};
use crate::hospital_message::{Death, Diagnosis, Kind, PersonName, PostalAddress, UnitRef};
use crate::private::Private;
use crate::stated::Stated;
use crate::when::{When, noon_in_sweden};

/// Takes every statement of a message in turn; what happened last, in the past tense.
pub(super) fn take(stay: Stay, news: &News<'_>) -> (Stay, Option<&'static str>) {
    let mut steps = Steps { stay, news };
    let happened = [
        steps.patient(),
        steps.admission(),
        steps.admission_type(),
        steps.place(),
        steps.estimate(),
        steps.consent(),
        steps.need(),
        steps.cancellation(),
        steps.leave(),
        steps.discharge(),
        steps.death(),
    ];
    (steps.stay, happened.into_iter().flatten().last())
}

struct Steps<'n> {
    stay: Stay,
    news: &'n News<'n>,
}

type Happened = Option<&'static str>;

impl Steps<'_> {
    /// Whether the message says something about a fact, and nothing newer has.
    fn is_news<T>(&mut self, fact: Fact, stated: &Stated<T>) -> bool {
        !stated.is_absent() && self.stay.stated.is_news(fact, self.news.stated_at)
    }

    /// The same for a fact that people decide too.
    fn is_news_to_people<T: Serialize>(&mut self, fact: Fact, stated: &Stated<T>) -> bool {
        let what = json!(stated.value());
        !stated.is_absent() && self.stay.stated.is_news_to_people(fact, self.news.stated_at, what)
    }

    fn patient(&mut self) -> Happened {
        let before = self.stay.patient.clone();
        let said = &self.news.message.patient;
        if self.is_news(Fact::Identity, &said.identity) {
            merge::say(&mut self.stay.patient, said.identity.value(), self.news.stated_at);
        }
        if self.is_news(Fact::Name, &said.name) {
            self.stay.patient.name = said.name.value().and_then(full_name);
        }
        if self.is_news(Fact::Address, &said.address) {
            self.stay.patient.address = said.address.value().and_then(one_line);
        }
        if self.is_news(Fact::Protection, &said.protected.into()) {
            self.stay.patient.protected = said.protected.unwrap_or(false);
        }
        if self.is_news(Fact::Municipality, &said.municipality) {
            self.stay.patient.municipality = said.municipality.value().cloned();
        }
        if self.is_news(Fact::CareCentre, &said.listed_care_centre) {
            self.stay.patient.care_centre = unit(&said.listed_care_centre);
        }
        let diagnoses = &self.news.message.diagnoses;
        if self.is_news(Fact::Diagnoses, diagnoses) {
            self.stay.patient.diagnoses = diagnoses.value().map(shown);
        }
        person::publish_whereabouts(&mut self.stay);
        let news = self.news;
        person::identify(&mut self.stay, &before, |what| news.stamp(what, news.stated_at, None))
    }

    /// When the stay began. A judgement whose need was noticed at the admission goes with it.
    fn admission(&mut self) -> Happened {
        let stated = self.news.message.admitted_at;
        if !self.is_news(Fact::Admission, &stated.into()) {
            return None;
        }
        let (case, at) = (&mut self.stay.case, stated?.min(self.news.now));
        let before = std::mem::replace(&mut case.admitted.occurred_at, at);
        for need in case.needs.iter_mut().filter(|need| need.withdrawn.is_none()) {
            if need.stamp.occurred_at == before {
                need.stamp.occurred_at = at;
            }
        }
        (before != at).then_some("admission_corrected")
    }

    /// Whether the admission was planned: what kind of readmission it is, if it is one.
    fn admission_type(&mut self) -> Happened {
        let stated = self.news.message.planned;
        if stated.is_absent() {
            return None;
        }
        self.stay.stated.say_planned(stated.into_value(), self.news.stated_at);
        readmission::name(&mut self.stay).then_some("case_updated")
    }

    /// A11 says that the admission never was; a later A01 of the same visit that it was after all.
    fn cancellation(&mut self) -> Happened {
        let kind = self.news.message.kind;
        if !matches!(kind, Kind::Admit | Kind::BecomeInpatient | Kind::CancelAdmit)
            || !self.stay.stated.is_news(Fact::Cancellation, self.news.stated_at)
        {
            return None;
        }
        let stamp = self.news.stamp("cancellation", self.news.message.occurred_at, None);
        let entries = &mut self.stay.case.cancellations;
        if kind == Kind::CancelAdmit {
            entries::say(entries, stamp).then_some("admission_cancelled")
        } else {
            entries::take_back(entries, stamp).then_some("admission_restored")
        }
    }

    fn place(&mut self) -> Happened {
        let message = self.news.message;
        if message.kind == Kind::CancelAdmit || !self.is_news(Fact::Place, &message.ward) {
            return None;
        }
        let stamp = self.news.stamp("place", message.occurred_at, None);
        let moved = entries::place(&mut self.stay.case, unit(&message.ward), stamp);
        moved.then_some("patient_moved")
    }

    /// A03 ends the stay; A13 takes that back, and A06 says that it goes on. Others that tell the time only correct it, for an
    /// update may tell a time that is planned.
    fn discharge(&mut self) -> Happened {
        let message = self.news.message;
        let corrects = message.discharged_at.value().is_some_and(|at| *at <= self.news.now)
            && self.stay.case.discharge().is_some();
        let takes_back = matches!(message.kind, Kind::CancelDischarge | Kind::BecomeInpatient);
        let is_about_it = takes_back || message.kind == Kind::Discharge;
        if !(is_about_it || corrects)
            || !self.stay.stated.is_news(Fact::Discharge, self.news.stated_at)
        {
            return None;
        }
        let case = &mut self.stay.case;
        if takes_back {
            let stamp = self.news.stamp("discharge_cancelled", message.occurred_at, None);
            return entries::revoke_discharge(case, stamp).then_some("discharge_cancelled");
        }
        let at = message.discharged_at.value().copied().unwrap_or(message.occurred_at);
        let stamp = self.news.stamp("discharge", at, None);
        entries::discharge(case, stamp).then_some("patient_discharged")
    }

    /// A leave ends with the stay, and none begins after it.
    fn leave(&mut self) -> Happened {
        let message = self.news.message;
        let is_about_it = matches!(
            message.kind,
            Kind::StartLeave | Kind::EndLeave | Kind::CancelLeave | Kind::CancelReturn
        );
        let Stay { case, stated, .. } = &mut self.stay;
        if !is_about_it || !stated.is_news_of_leave(case, self.news.stated_at) {
            return None;
        }
        let stamp = |what| self.news.stamp(what, message.occurred_at, None);
        let (started, ended) = ("leave_started", "leave_ended");
        match message.kind {
            Kind::StartLeave => entries::start_leave(case, stamp("leave")).then_some(started),
            Kind::CancelReturn => entries::take_back_return(case).then_some(started),
            Kind::CancelLeave => entries::take_back_leave(case, stamp(ended)).then_some(ended),
            _ => entries::end_leave(case, stamp(ended)).then_some(ended),
        }
    }

    fn death(&mut self) -> Happened {
        let told = self.told_dead();
        self.left_dead().or(told)
    }

    /// What is said of the patient: it counts whatever a discharge said before.
    fn told_dead(&mut self) -> Happened {
        let stated = self.news.message.patient.death;
        if !self.is_news_to_people(Fact::Death, &stated.into()) {
            return None;
        }
        let death = stated?;
        let stamp = self.stamp_of(death);
        self.stay.stated.said.told_dead = death.dead;
        if death.dead {
            return self.say_dead(stamp);
        }
        let stated = &self.stay.stated;
        if stated.said.left_dead && stated.is_newer(Fact::Disposition, self.news.stated_at) {
            return None;
        }
        entries::take_back(&mut self.stay.case.deaths, stamp).then_some("death_revoked")
    }

    /// What a discharge says of it, or no longer says: it takes back what no record tells of, and no
    /// person.
    fn left_dead(&mut self) -> Happened {
        let stated = self.news.message.patient.left_dead;
        if !self.is_news_to_people(Fact::Disposition, &stated.into()) {
            return None;
        }
        let death = stated?;
        let stamp = self.stamp_of(death);
        self.stay.stated.said.left_dead = death.dead;
        if death.dead {
            let is_older = self.stay.stated.is_newer(Fact::Death, self.news.stated_at);
            return if is_older { None } else { self.say_dead(stamp) };
        }
        let said = &self.stay.stated.said;
        let mut in_force = self.stay.case.deaths.iter().rev().filter(|death| death.in_force());
        let is_theirs = in_force.next().is_some_and(|death| said.death == Some(death.stamp.id));
        let is_over = is_theirs && !said.told_dead;
        (is_over && entries::take_back(&mut self.stay.case.deaths, stamp))
            .then_some("death_revoked")
    }

    fn say_dead(&mut self, stamp: Stamp) -> Happened {
        let id = stamp.id;
        if !entries::say(&mut self.stay.case.deaths, stamp) {
            return None;
        }
        self.stay.stated.said.death = Some(id);
        Some("death_recorded")
    }

    fn stamp_of(&self, death: Death) -> Stamp {
        let at = death.at.map_or(self.news.stated_at, instant);
        self.news.stamp("death", at, None)
    }

    fn estimate(&mut self) -> Happened {
        let stated = &self.news.message.estimate;
        if !self.is_news_to_people(Fact::Estimate, stated) {
            return None;
        }
        let at = stated.value().copied().map(instant);
        let stamp = self.news.stamp("estimate", self.news.stated_at, None);
        let estimate = Estimate::new(stamp, at);
        entries::set_estimate(&mut self.stay.case, estimate).then_some("estimate_changed")
    }

    fn consent(&mut self) -> Happened {
        let consent = self.news.message.consent.as_ref()?;
        // A time that is not stated is that of the message, and no part of what is said.
        let at = Some(consent.at).filter(|at| *at != self.news.message.stated_at);
        if !self.is_news_to_people(Fact::Consent, &Stated::Value((consent.given, at))) {
            return None;
        }
        let answer = if consent.given { ConsentAnswer::Given } else { ConsentAnswer::Refused };
        let stamp = self.news.stamp("consent", consent.at, consent.by.as_ref());
        let said = Consent::new(stamp, answer);
        entries::record_consent(&mut self.stay.case, said).then_some("consent_recorded")
    }

    fn need(&mut self) -> Happened {
        let stated = &self.news.message.need;
        if !self.is_news_to_people(Fact::Need, stated) {
            return None;
        }
        let case = &mut self.stay.case;
        let Some(need) = stated.value() else {
            let stamp = self.news.stamp("need_withdrawn", self.news.stated_at, None);
            return entries::withdraw_need(case, &stamp).then_some("need_withdrawn");
        };
        let noticed_at = noticed(case, need.noticed_at);
        let stamp = self.news.stamp("need", noticed_at, need.judged_by.as_ref());
        let judgement = Judgement {
            parties: need.parties.clone(),
            frequent_patient: need.frequent_patient,
            // Of a moment that is still to come only this much is known: it is not before now.
            is_time_stated: need.noticed_at.is_some_and(|at| at <= self.news.now),
        };
        entries::judge_need(case, judgement, stamp).then_some("need_judged")
    }
}

/// A unit whose code nobody has mapped is not known; the message that holds the code is kept.
fn unit(stated: &Stated<UnitRef>) -> Option<HsaId> {
    match stated.value() {
        Some(UnitRef::Unit(unit)) => Some(unit.clone()),
        Some(UnitRef::Unmapped(_)) | None => None,
    }
}

/// A day without a time is its noon in Sweden.
fn instant(when: When) -> DateTime<Utc> {
    match when {
        When::Instant(instant) => instant,
        When::Date(day) => noon_in_sweden(day),
    }
}

fn joined<'t>(parts: impl IntoIterator<Item = Option<&'t str>>, by: &str) -> Option<String> {
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(by))
}

fn full_name(name: &Private<PersonName>) -> Option<Private<String>> {
    let name = name.expose();
    joined([name.given.as_deref(), name.family.as_deref()], " ").map(Private::new)
}

fn one_line(address: &Private<PostalAddress>) -> Option<Private<String>> {
    let address = address.expose();
    let town = joined([address.postal_code.as_deref(), address.city.as_deref()], " ");
    let lines = address.lines.iter().map(|line| Some(line.as_str()));
    joined(lines.chain([town.as_deref()]), ", ").map(Private::new)
}

fn shown(diagnoses: &Private<Vec<Diagnosis>>) -> Private<Vec<String>> {
    let shown = |one: &Diagnosis| joined([one.code.as_deref(), one.text.as_deref()], " ");
    Private::new(diagnoses.expose().iter().filter_map(shown).collect())
}
