//! What passes between the parties: messages that wait to be read, another track that is proposed and
//! answered, a plan that waits to be confirmed.
//!
//! Which news there are follows from the histories alone, whether they are still open or not, so that
//! whoever hears of the last snapshot alone makes the same ones as who heard of each. What was open
//! when the case ended or was closed asks nobody any more.

use chrono::{DateTime, Utc};
use contracts::assignment::{Message, ProposalState, Route, TrackAnswer, TrackChange};
use contracts::ledger::{News, NewsKind};
use contracts::sip::Plan;
use contracts::{Assignment, HsaId, Party, Stamp};

use super::new;
use crate::domain::facts::{Life, View};

/// Adds what the parties tell each other.
pub(super) fn tell(view: View<'_>, news: &mut Vec<News>) {
    let Some(assignment) = view.assignment else { return };
    let cooperation = &assignment.cooperation;
    let plans = view.sip.map_or(&[][..], |sip| sip.plans.as_slice());
    if cooperation.messages.is_empty() && cooperation.track_changes.is_empty() && plans.is_empty() {
        return;
    }
    let mut between =
        Between { view, assignment, wards: wards(view), over_at: over_at(view, assignment), news };
    for message in &cooperation.messages {
        between.message(message);
    }
    for change in &cooperation.track_changes {
        between.asked(change);
        between.answered(change);
    }
    for (n, plan) in plans.iter().enumerate() {
        between.plan(plan, plans.get(n + 1));
    }
}

/// A unit that has a party's part in the case, while it has.
#[derive(Clone, Copy)]
struct Holder<'a> {
    unit: &'a HsaId,
    life: Life,
}

impl<'a> Holder<'a> {
    fn of(route: &'a Route) -> Self {
        Self { unit: &route.unit, life: Life::of(route) }
    }
}

/// Something that one unit says and others are told.
#[derive(Clone, Copy)]
struct Said<'a> {
    kind: NewsKind,
    code: &'static str,
    entry: &'a Stamp,
    /// Is not told of its own doing.
    by: Option<&'a HsaId>,
    /// Who gets a part of the case later is not told.
    until: Option<DateTime<Utc>>,
    open: bool,
}

/// A proposal came to stand otherwise.
#[derive(Clone, Copy)]
struct Turn<'a> {
    state: ProposalState,
    entry: &'a Stamp,
    by: Option<&'a HsaId>,
}

struct Between<'a, 'n> {
    view: View<'a>,
    assignment: &'a Assignment,
    wards: Vec<Holder<'a>>,
    over_at: Option<DateTime<Utc>>,
    news: &'n mut Vec<News>,
}

impl<'a> Between<'a, '_> {
    /// Whoever has the party's part when it is said, or gets it before it is over.
    fn tell(&mut self, party: Party, said: Said<'a>) {
        let Said { kind, code, entry, by, until, open } = said;
        let lasts = Life { from: entry.recorded_at, until };
        let routes = self.view.routes().iter().filter(|route| route.party == party);
        let wards = self.wards.iter().copied().filter(|_| party == Party::Ward);
        for Holder { unit, life } in wards.chain(routes.map(Holder::of)) {
            if by == Some(unit) || !(life.holds_at(lasts.from) || life.overlaps(lasts)) {
                continue;
            }
            let at = entry.recorded_at.max(life.from);
            let withdrawn = !open || life.until.is_some();
            self.news.push(News { withdrawn, ..new(kind, code, entry.id, unit, at) });
        }
    }

    /// A message waits until a unit of the party has read it. Nobody is told of one that the patient
    /// does not allow the party to read.
    fn message(&mut self, message: &'a Message) {
        // Also of a case that is over: that is when people have to be told.
        let sent_at = message.stamp.recorded_at;
        let goes_on = self.over_at.is_none_or(|over_at| over_at <= sent_at);
        let mut said = Said {
            kind: NewsKind::MessageCame,
            code: "message_came",
            entry: &message.stamp,
            by: Some(&message.unit),
            until: None,
            open: false,
        };
        for party in &message.to {
            let read = message.receipts.iter().filter(|read| self.has_had(*party, &read.unit));
            let over = read.map(|read| &read.stamp).chain(&message.withdrawn);
            said.until = over.map(|stamp| stamp.recorded_at).min();
            said.open = goes_on && said.until.is_none() && self.view.case.consented(*party);
            self.tell(*party, said);
        }
    }

    fn has_had(&self, party: Party, unit: &HsaId) -> bool {
        match party {
            Party::Ward => {
                *unit == self.view.case.hospital || self.wards.iter().any(|ward| ward.unit == unit)
            }
            _ => self.view.routes().iter().any(|r| r.party == party && r.unit == *unit),
        }
    }

    /// Each party that is asked is, until it has answered or no answer is needed any more.
    fn asked(&mut self, change: &'a TrackChange) {
        let state = self.assignment.state_of(change);
        let open = state == ProposalState::Asked && !self.is_over(change);
        for party in &change.asked {
            let said = Said {
                kind: NewsKind::TrackProposed,
                code: "track_proposed",
                entry: &change.stamp,
                by: Some(&change.unit),
                until: None,
                open: open && change.answer(*party).is_none(),
            };
            self.tell(*party, said);
        }
    }

    /// Who has proposed hears what becomes of it, and of an approval the ward, which is to carry it out.
    fn answered(&mut self, change: &'a TrackChange) {
        let turns = turns(change, self.view.routes());
        let over = change.withdrawn.is_some() || self.is_over(change);
        for (n, &Turn { state, entry, by }) in turns.iter().enumerate() {
            let (kind, code) = match state {
                ProposalState::Approved => (NewsKind::TrackApproved, "track_approved"),
                ProposalState::Refused => (NewsKind::TrackRefused, "track_refused"),
                ProposalState::Asked | ProposalState::Withdrawn => continue,
            };
            let open = !over && n + 1 == turns.len();
            let said = Said { kind, code, entry, by, until: None, open };
            self.tell(change.party, said);
            if state == ProposalState::Approved && change.party != Party::Ward {
                self.tell(Party::Ward, said);
            }
        }
    }

    /// Carried out, or the case is over.
    fn is_over(&self, change: &TrackChange) -> bool {
        let mut tracks = self.view.case.planning.tracks.iter();
        self.over_at.is_some() || tracks.any(|set| set.change == Some(change.stamp.id))
    }

    /// Each party that is to do something by a version is asked to confirm it, until it has, there is
    /// another version, or no plan is needed.
    fn plan(&mut self, plan: &'a Plan, next: Option<&Plan>) {
        let needed = self.over_at.is_none() && self.view.sip.is_some_and(|sip| sip.end().is_none());
        for party in &plan.parties {
            let confirmed = plan.confirmations.iter().filter(|one| one.party == *party);
            let over = confirmed.map(|one| &one.stamp).chain(next.map(|next| &next.stamp));
            let until = over.map(|stamp| stamp.recorded_at).min();
            let said = Said {
                kind: NewsKind::PlanToConfirm,
                code: "plan_to_confirm",
                entry: &plan.stamp,
                by: Some(&plan.unit),
                until,
                open: until.is_none() && needed,
            };
            self.tell(*party, said);
        }
    }
}

/// By what a proposal came to stand otherwise than before: an answer, with the unit that gave it, or that
/// a party which had not answered lost the case, or has it again.
fn turns<'a>(change: &'a TrackChange, routes: &'a [Route]) -> Vec<Turn<'a>> {
    let is_asked = |route: &&Route| change.asked.contains(&route.party);
    let later = |stamp: &&Stamp| change.stamp.recorded_at <= stamp.recorded_at;
    let of_route = |route: &'a Route| std::iter::once(&route.stamp).chain(&route.ended);
    let came_and_went = routes.iter().filter(is_asked).flat_map(of_route).filter(later);
    let mut events: Vec<(&Stamp, Option<&TrackAnswer>)> =
        change.answers.iter().map(|answer| (&answer.stamp, Some(answer))).collect();
    events.extend(came_and_went.map(|stamp| (stamp, None)));
    events.sort_by_key(|(stamp, _)| stamp.recorded_at);
    let (mut turns, mut so_far) = (Vec::new(), TrackChange { answers: vec![], ..change.clone() });
    so_far.withdrawn = None;
    let mut before = ProposalState::Asked;
    for (entry, answer) in events {
        so_far.answers.extend(answer.cloned());
        let state = so_far.state_among(|party| is_there(party, routes, entry.recorded_at));
        // Where nobody has said anything, nothing was approved.
        if state != before && !so_far.answers.is_empty() {
            turns.push(Turn { state, entry, by: answer.map(|answer| &answer.unit) });
        }
        before = state;
    }
    turns
}

fn is_there(party: Party, routes: &[Route], at: DateTime<Utc>) -> bool {
    let mut of_party = routes.iter().filter(|route| route.party == party);
    party == Party::Ward || of_party.any(|route| Life::of(route).holds_at(at))
}

/// The wards that the patient was on, each while she was; the hospital, where its code for one is not
/// known.
fn wards(view: View<'_>) -> Vec<Holder<'_>> {
    let case = view.case;
    let places = &case.places;
    if places.is_empty() {
        let life = Life { from: case.admitted.recorded_at, until: None };
        return vec![Holder { unit: view.ward(), life }];
    }
    let mut wards: Vec<Holder<'_>> = Vec::with_capacity(places.len());
    for place in places {
        let (unit, from) = (place.ward.as_ref().unwrap_or(&case.hospital), place.stamp.recorded_at);
        match wards.last_mut() {
            Some(last) if last.unit == unit => continue,
            Some(last) => last.life.until = Some(from),
            None => {}
        }
        wards.push(Holder { unit, life: Life { from, until: None } });
    }
    wards
}

/// Since when nobody is asked any more.
fn over_at(view: View<'_>, assignment: &Assignment) -> Option<DateTime<Utc>> {
    let ends = view.case.cancellations.iter().chain(&view.case.deaths);
    let ends = ends.filter(|end| end.in_force()).map(|end| end.stamp.recorded_at);
    ends.chain(assignment.cooperation.closed_at()).max()
}
