//! What else must hold for a duty: each condition says from when until when it does, and a duty is
//! owed from when it first does to when it no longer does.

use chrono::{DateTime, Utc};
use contracts::case::{Consent, ConsentAnswer, ConsentScope, Need, PlanningForm};
use contracts::track::Track;
use contracts::{Case, Owner, Party};

use super::origins::Origin;
use super::standing::{End, reason};
use crate::domain::facts::{Life, View};
use crate::domain::rulebook::Condition;

/// The origin as far as the condition holds, or nothing.
pub(super) fn apply<'a>(
    condition: &Condition,
    owner: Owner,
    view: View<'_>,
    mut origin: Origin<'a>,
) -> Option<Origin<'a>> {
    let mut span = Span::default();
    each_life(condition, owner, view, &mut |life, expires| {
        if life.overlaps(origin.life) {
            span.add(life, expires);
        }
    });
    let first = span.first?;
    origin.started_at = origin.started_at.max(first);
    origin.life.from = origin.life.from.max(first);
    if let Some(at) = span.last.filter(|at| origin.end.as_ref().is_none_or(|end| *at < end.at)) {
        if span.expires {
            origin.expires(at);
        } else {
            origin.ends(End::cancels_at(at, why(condition)));
        }
    }
    Some(origin)
}

/// From when the condition first held to when it last did.
#[derive(Default)]
struct Span {
    first: Option<DateTime<Utc>>,
    /// Absent when it holds still.
    last: Option<DateTime<Utc>>,
    /// It will end, or has ended, by a time that was set beforehand.
    expires: bool,
}

impl Span {
    fn add(&mut self, life: Life, expires: bool) {
        let later = match (self.first, self.last, life.until) {
            (None, ..) => true,
            (Some(_), Some(last), Some(until)) => last < until,
            (Some(_), last, _) => last.is_some(),
        };
        self.first = Some(self.first.map_or(life.from, |first| first.min(life.from)));
        if later {
            self.last = life.until;
            self.expires = expires;
        }
    }
}

fn why(condition: &Condition) -> &'static str {
    match condition {
        Condition::BothPrincipals | Condition::Concerned(_) => reason::NO_LONGER_CONCERNED,
        Condition::OwnerConcerned => reason::ROUTE_ENDED,
        Condition::FrequentPatient => reason::NEED_WITHDRAWN,
        Condition::Tracks(_) | Condition::TracksOrNone(_) => reason::TRACK_CHANGED,
        Condition::Consent(_) => reason::CONSENT_WITHDRAWN,
        Condition::Answers(_) | Condition::Interventions(_) => reason::FORM_CHANGED,
    }
}

/// Every stretch in which the condition holds, and whether a set time ends it.
fn each_life(
    condition: &Condition,
    owner: Owner,
    view: View<'_>,
    found: &mut impl FnMut(Life, bool),
) {
    let case = view.case;
    match condition {
        Condition::BothPrincipals => of_needs(case, concerns_both, found),
        Condition::OwnerConcerned if owner == Owner::Ward => {
            found(Life::new(&case.admitted, None), false);
        }
        Condition::OwnerConcerned => {
            view.routes_of(owner).for_each(|route| found(Life::of(route), false));
        }
        Condition::Concerned(parties) => {
            let one = |need: &Need| parties.iter().any(|party| concerns(need, *party));
            of_needs(case, one, found);
        }
        Condition::FrequentPatient => of_needs(case, |need| need.frequent_patient, found),
        Condition::Tracks(tracks) => of_tracks(case, tracks, found),
        Condition::TracksOrNone(tracks) => {
            let until = case.planning.tracks.first().map(|set| set.stamp.recorded_at);
            found(Life { from: case.admitted.recorded_at, until }, false);
            of_tracks(case, tracks, found);
        }
        Condition::Consent(scope) => of_consents(case, *scope, found),
        Condition::Answers(answers) => {
            let any = |form: &PlanningForm| answers.iter().any(|one| form.answers.contains(one));
            of_forms(case, any, found);
        }
        Condition::Interventions(all) => {
            let any = |form: &PlanningForm| all.iter().any(|one| form.interventions.contains(one));
            of_forms(case, any, found);
        }
    }
}

fn of_needs(case: &Case, holds: impl Fn(&Need) -> bool, found: &mut impl FnMut(Life, bool)) {
    for need in case.needs.iter().filter(|need| holds(need)) {
        found(Life::new(&need.stamp, need.withdrawn.as_ref()), false);
    }
}

fn of_tracks(case: &Case, tracks: &[Track], found: &mut impl FnMut(Life, bool)) {
    let sets = &case.planning.tracks;
    for (at, set) in sets.iter().enumerate().filter(|(_, set)| tracks.contains(&set.track)) {
        let next = sets.get(at + 1).map(|next| &next.stamp);
        found(Life::new(&set.stamp, next), false);
    }
}

fn of_forms(
    case: &Case,
    holds: impl Fn(&PlanningForm) -> bool,
    found: &mut impl FnMut(Life, bool),
) {
    let forms = &case.planning.forms;
    for (at, form) in forms.iter().enumerate().filter(|(_, form)| holds(form)) {
        let next = forms.get(at + 1).map(|next| &next.stamp);
        found(Life::new(&form.stamp, next), false);
    }
}

/// A consent holds until the next yes about the same, until it is taken back for everybody, or until it
/// expires.
fn of_consents(case: &Case, scope: ConsentScope, found: &mut impl FnMut(Life, bool)) {
    let about = || case.consents.iter().filter(move |one: &&Consent| one.is_about(scope));
    for (at, consent) in about().enumerate() {
        if consent.answer != ConsentAnswer::Given {
            continue;
        }
        let next =
            ended_by(consent, scope, about().skip(at + 1)).map(|next| next.stamp.recorded_at);
        let expires = consent.expires_at.is_some_and(|end| next.is_none_or(|next| end < next));
        let until = if expires { consent.expires_at } else { next };
        let from = consent.stamp.recorded_at;
        if until.is_none_or(|until| from < until) {
            found(Life { from, until }, expires);
        }
    }
}

/// The word after which nobody is left of those whom a yes was for.
fn ended_by<'a>(
    yes: &Consent,
    scope: ConsentScope,
    mut later: impl Iterator<Item = &'a Consent>,
) -> Option<&'a Consent> {
    let mut left: Vec<Party> = Party::OUTSIDE.iter().copied().filter(|p| yes.covers(*p)).collect();
    later.find(|next| {
        left.retain(|party| !next.settles(scope, *party));
        left.is_empty()
    })
}

fn concerns(need: &Need, party: Party) -> bool {
    let judged = |party| need.parties.contains(&party);
    // Municipal health care brings open care along (2017:612, 2 kap. 2 §).
    judged(party) || (party == Party::OpenCare && judged(Party::MunicipalHealthCare))
}

fn concerns_both(need: &Need) -> bool {
    let municipal = [Party::MunicipalHealthCare, Party::SocialServices];
    concerns(need, Party::OpenCare) && municipal.iter().any(|party| concerns(need, *party))
}
