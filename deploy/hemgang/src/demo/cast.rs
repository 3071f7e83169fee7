//! Those who act: has steps done, several stays at a time, each stay's in order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::ListCases;
use contracts::{CaseId, CaseRef};
use futures::StreamExt as _;
use messaging::Caller;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, timeout};

use super::Stage;
use super::act::{Act, Deed};
use super::hospitals::Hospitals;
use super::progress::Due;
use super::staff::{self, Outcome};
use super::stay::Stay;
use super::{document, hl7, message_id, plan};
use crate::up::News;

/// So many stays are acted in at a time.
const AT_ONCE: usize = 16;
/// How often it is asked for new cases at the most (real time).
const ASK: Duration = Duration::from_millis(300);
/// So many cases are asked for: far below what the broker takes in a message.
const CASES: u16 = 120;
/// It goes back so often at the most, after a restart.
const PAGES: usize = 25;
/// An answer that does not come so soon holds up everybody; it is asked for again (real time).
const PATIENCE: Duration = Duration::from_secs(2);
/// What staff could not do for so long is given up (domain time); what hospitals say never is.
const GIVE_UP: TimeDelta = TimeDelta::days(4);

/// Where and when a stay began, by which its case is known again.
type Beginning = (String, DateTime<Utc>);

/// Everybody who acts.
pub(super) struct Cast {
    caller: Caller,
    hospitals: Hospitals,
    clock: chassis::Clock,
    units: BTreeMap<String, String>,
    cases: HashMap<Beginning, (CaseId, CaseRef)>,
    asked_at: Option<Instant>,
    news: UnboundedSender<News>,
}

impl Cast {
    /// `units` are the units' names by HSA-id.
    pub(super) fn new(stage: &Stage, units: BTreeMap<String, String>) -> Self {
        Self {
            caller: Caller::new(stage.client.clone()),
            hospitals: Hospitals::new(stage.mllp, stage.client.clone()),
            clock: stage.clock.clone(),
            units,
            cases: HashMap::new(),
            asked_at: None,
            news: stage.news.clone(),
        }
    }

    /// Has steps done; returns those that are to be tried again.
    pub(super) async fn perform(&mut self, due: Vec<Due>) -> Vec<Due> {
        let now = self.clock.now();
        let is_given_up = |due: &Due| !due.is_said() && now - due.step.at >= GIVE_UP;
        let due = due.into_iter().filter(|due| !is_given_up(due));
        let Turn { said, deeds, later } = Turn::of(due);
        let mut left = self.speak(said).await;
        left.extend(later);
        let unknown = deeds.iter().filter(|due| self.case_of(due).is_none());
        let unknown: Vec<Stay> = unknown.map(|due| due.stay.clone()).collect();
        if !unknown.is_empty() {
            self.ask_for_cases(&unknown).await;
        }
        let mut stays: BTreeMap<u64, Vec<Due>> = BTreeMap::new();
        for due in deeds {
            stays.entry(due.stay.number).or_default().push(due);
        }
        let this = &*self;
        let acting = futures::stream::iter(stays.into_values()).map(|deeds| this.act_in(deeds));
        left.extend(
            acting.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.into_iter().flatten(),
        );
        left
    }

    /// Hospitals speak one message at a time. After a failure the rest waits, so that news stay in
    /// order.
    async fn speak(&mut self, said: Vec<Due>) -> Vec<Due> {
        let mut said = said.into_iter();
        while let Some(due) = said.next() {
            if let Err(error) = self.say(&due).await {
                tracing::debug!(%error, "a message of the demo's hospital waits");
                return std::iter::once(due).chain(said).collect();
            }
        }
        Vec::new()
    }

    async fn say(&mut self, due: &Due) -> anyhow::Result<()> {
        let Act::Hospital(said) = &due.step.act else { return Ok(()) };
        let (stay, step) = (&due.stay, &due.step);
        if stay.hospital.sends_hl7 {
            let accepted = self.hospitals.send_hl7(&hl7::message(stay, step, said)).await?;
            if !accepted {
                // It is kept with its reason, as every refused message is.
                tracing::warn!("a message of the demo's hospital was refused");
            }
            return Ok(());
        }
        let document = document::document(stay, step, said);
        self.hospitals.publish(stay.hospital.token, &message_id(stay, step), &document).await
    }

    /// Does the deeds of one stay in order; the first that cannot be done holds up the others.
    async fn act_in(&self, deeds: Vec<Due>) -> Vec<Due> {
        let mut deeds = deeds.into_iter();
        while let Some(mut due) = deeds.next() {
            let outcome = self.act(&due).await;
            if outcome == Outcome::Early {
                due.attempt += 1;
            }
            if matches!(outcome, Outcome::Early | Outcome::Unanswered) {
                return std::iter::once(due).chain(deeds).collect();
            }
        }
        Vec::new()
    }

    async fn act(&self, due: &Due) -> Outcome {
        let Act::Staff { unit, does } = due.step.act else { return Outcome::Done };
        let Some((case, case_ref)) = self.case_of(due) else { return Outcome::Unanswered };
        let acting = staff::act(&self.caller, &due.step, unit, does, (case, due.attempt));
        let Ok(outcome) = timeout(PATIENCE, acting).await else { return Outcome::Unanswered };
        match outcome {
            Ok(Outcome::Done) => self.tell(case_ref, unit, does),
            Ok(outcome) => return outcome,
            Err(error) => tracing::warn!(%error, "a deed of the demo is impossible"),
        }
        Outcome::Done
    }

    fn tell(&self, case_ref: CaseRef, unit: &str, does: Deed) {
        let Some((sv, en)) = does.told() else { return };
        let unit = self.units.get(unit).map_or(unit, String::as_str);
        // Nobody listens any longer when the launcher is on its way out.
        let _ = self.news.send(News { case: case_ref.to_string(), sv, en, unit: unit.to_owned() });
    }

    fn case_of(&self, due: &Due) -> Option<(CaseId, CaseRef)> {
        self.cases.get(&beginning(&due.stay)).copied()
    }

    /// Asks for cases, the newest first, until these are known, or those that are told are older.
    async fn ask_for_cases(&mut self, unknown: &[Stay]) {
        if self.asked_at.is_some_and(|at| at.elapsed() < ASK) {
            return;
        }
        self.asked_at = Some(Instant::now());
        let over = self.clock.now() - plan::LONGEST;
        self.cases.retain(|(_, admitted_at), _| *admitted_at > over);
        // Without a judged need is only whose need the ward is yet to judge.
        let with_need = !unknown.iter().any(Stay::comes_often);
        let oldest = unknown.iter().map(|stay| stay.admitted_at).min().unwrap_or(over);
        let mut before = None;
        for _ in 0..PAGES {
            let newest = ListCases { with_need, before, limit: Some(CASES) };
            let Ok(cases) = self.caller.ask(&newest).await else { return };
            let Some(last) = cases.last() else { return };
            before = Some(last.case_id);
            let is_older = last.admitted.occurred_at < oldest;
            self.cases.extend(cases.into_iter().map(|case| {
                let beginning = (case.hospital.as_str().to_owned(), case.admitted.occurred_at);
                (beginning, (case.case_id, case.case_ref))
            }));
            let known = unknown.iter().all(|stay| self.cases.contains_key(&beginning(stay)));
            if is_older || known {
                return;
            }
        }
    }
}

/// What is done in one turn: hospitals speak first, so what they say after a deed of the same stay
/// waits for the next turn. Else, when a turn took long, a patient would be moved before the last deed
/// of the ward.
#[derive(Default)]
struct Turn {
    said: Vec<Due>,
    deeds: Vec<Due>,
    later: Vec<Due>,
}

impl Turn {
    /// `due` is in order of time.
    fn of(due: impl Iterator<Item = Due>) -> Self {
        let (mut turn, mut acted_in, mut waiting) =
            (Self::default(), HashSet::new(), HashSet::new());
        for due in due {
            let (stay, is_said) = (due.stay.number, due.is_said());
            if waiting.contains(&stay) || (is_said && acted_in.contains(&stay)) {
                waiting.insert(stay);
                turn.later.push(due);
            } else if is_said {
                turn.said.push(due);
            } else {
                acted_in.insert(stay);
                turn.deeds.push(due);
            }
        }
        turn
    }
}

fn beginning(stay: &Stay) -> Beginning {
    (stay.hospital.id.to_owned(), stay.admitted_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due() -> Vec<Due> {
        let begun_at = "2026-11-17T06:00:00Z".parse().unwrap();
        let stays = (0..400).filter_map(|number| Stay::of(begun_at, number));
        let stay = stays.filter(Stay::needs_plan).find(|stay| plan::of(stay).len() > 60).unwrap();
        let steps = plan::of(&stay).into_iter();
        steps.map(|step| Due { stay: stay.clone(), step, attempt: 0 }).collect()
    }

    #[test]
    fn whatever_is_due_at_once_is_done_in_the_order_of_the_plan() {
        let (mut left, mut done) = (due(), Vec::new());
        let whole = left.len();
        while !left.is_empty() {
            let turn = Turn::of(left.into_iter());
            done.extend(turn.said.into_iter().chain(turn.deeds).map(|due| due.step.order));
            left = turn.later;
            left.sort_by_key(|due| due.step.order);
        }
        assert!(done.is_sorted() && done.len() == whole);
    }
}
