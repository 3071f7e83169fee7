//! Sending: one lane for mail and one for SMS, so that neither waits for the other's trouble.
//!
//! A lane takes what is due, checks once more that it still holds, and writes down that it is about
//! to attempt it, all in one transaction. Only after the commit does it send; so whoever dies in
//! between leaves an attempt of unknown outcome behind, and never a message that nobody knows of.
//! A lease covers one attempt, which is bounded by the timeouts of mail and SMS, because a lane takes
//! no more than it can begin at once. While the database is away what has ended is kept, and the
//! process that made an attempt never counts it as lost.
//!
//! The lane looks ten times a second (real time). It is not woken: who queues a delivery cannot
//! know of its own commit.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use contracts::{AlertId, CaseId, Ledger};
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use messaging::{Bus, HandleError, outbox};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::addressing::readdress;
use crate::domain::breaker::PAUSE;
use crate::domain::causes::{self, Cause};
use crate::domain::delivery::{self, Around, Channel, Channels, Provider, State};
use crate::domain::telling::{Telling, tell};
use crate::handlers::publish;
use crate::outcome::{Reason, SendOutcome};
use crate::sender::Sender;
use crate::settle::{self, Finished};
use crate::store::deliveries::{self, Due, LockedDue};
use crate::store::{alerts, ledgers};

/// Messages under way at once in one lane of one process.
const AT_ONCE: usize = 16;
/// How often a lane looks unasked (real time).
const POLL: Duration = Duration::from_millis(100);
/// How long an attempt may take before it counts as lost with its process (real time): three times
/// what the timeouts of mail and SMS add up to.
const LEASE_SECONDS: f64 = 60.0;

/// A lane of one channel.
pub(crate) struct Lane {
    pub(crate) bus: Bus,
    pub(crate) sender: Arc<Sender>,
    pub(crate) channel: Channel,
}

/// A message to be sent.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) due: Due,
    pub(crate) telling: Telling,
}

/// How long a lane may stand still before the process counts as hung (real time).
const HUNG: Duration = Duration::from_mins(2);

/// Attempts of this process.
#[derive(Default)]
struct Hand {
    /// With the id of the delivery; nothing more from one that panicked.
    under_way: FuturesUnordered<BoxFuture<'static, (Uuid, Option<Finished>)>>,
    ended: Vec<Finished>,
    /// Those whose outcome is not written down yet.
    own: HashSet<Uuid>,
}

impl Hand {
    fn end(&mut self, (id, finished): (Uuid, Option<Finished>)) {
        match finished {
            Some(finished) => self.ended.push(finished),
            // It has left its lease, which expires.
            None => drop(self.own.remove(&id)),
        }
    }

    /// Takes in whatever has ended, without waiting.
    fn drain(&mut self) {
        while let Some(Some(one)) = self.under_way.next().now_or_never() {
            self.end(one);
        }
    }

    fn is_empty(&self) -> bool {
        self.under_way.is_empty() && self.ended.is_empty()
    }
}

impl Lane {
    /// Runs until the process stops and what is under way has ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut hand = Hand::default();
        let part = self.channel.as_str();
        let pulse = self.bus.tasks().pulse(part, HUNG);
        loop {
            pulse.beat();
            let stopping = self.bus.tasks().is_stopping();
            if stopping && hand.is_empty() {
                return Ok(());
            }
            match self.turn(&mut hand, stopping).await {
                Ok(()) => self.bus.readiness().up(part),
                Err(error) => {
                    self.bus.readiness().down(part, error.reason());
                    // What has ended must still be written down; but not for ever.
                    anyhow::ensure!(!stopping, "stopped before all outcomes were written down");
                    self.bus.tasks().pause(Duration::from_millis(500)).await;
                }
            }
            self.wait(&mut hand).await;
        }
    }

    /// Writes down what has ended, and begins what is due.
    async fn turn(&self, hand: &mut Hand, stopping: bool) -> Result<(), HandleError> {
        if !hand.ended.is_empty() {
            self.record(&hand.ended).await?;
            for one in hand.ended.drain(..) {
                hand.own.remove(&one.delivery);
            }
        }
        let free = AT_ONCE.saturating_sub(hand.under_way.len());
        if stopping || free == 0 {
            return Ok(());
        }
        hand.ended.extend(self.expired(&hand.own).await?);
        for job in self.take(free).await? {
            let (id, sender) = (job.due.id, Arc::clone(&self.sender));
            hand.own.insert(id);
            // A task of its own: it goes on while the lane waits for the database.
            let attempt = self.bus.tasks().spawn(async move { sender.attempt(job).await });
            hand.under_way.push(async move { (id, attempt.await.ok()) }.boxed());
        }
        Ok(())
    }

    /// Waits until something has ended, or it is time to look again.
    async fn wait(&self, hand: &mut Hand) {
        if hand.is_empty() {
            self.bus.tasks().pause(POLL).await;
        } else if hand.ended.is_empty()
            && let Ok(Some(one)) = tokio::time::timeout(POLL, hand.under_way.next()).await
        {
            hand.end(one);
        }
        hand.drain();
    }

    /// Locks what is due, gives up what need not be sent any more, puts off what nobody is asked to
    /// carry at present, and writes down that the rest is about to be attempted.
    async fn take(&self, limit: usize) -> Result<Vec<Job>, HandleError> {
        let mut tx = self.bus.pool().begin().await?;
        let limit = i64::try_from(limit).unwrap_or(0);
        let LockedDue { due, unreadable } =
            deliveries::lock_due(&mut tx, self.channel, limit).await?;
        if due.is_empty() && unreadable.is_empty() {
            return Ok(Vec::new());
        }
        let ledgers = ledgers::load(&mut tx, due.iter().map(|one| one.case)).await?;
        let mut sorted = self.sort_out(due, &ledgers);
        sorted.over.extend(unreadable.into_iter().map(|(id, alert)| Over::unreadable(id, alert)));
        let starting: Vec<(Uuid, Provider)> =
            sorted.jobs.iter().map(|job| (job.due.id, job.due.provider)).collect();
        let started = deliveries::start(&mut tx, &starting, LEASE_SECONDS).await?;
        sorted.jobs.retain(|job| started.contains(&job.due.id));
        self.put_off(&mut tx, &sorted.held).await?;
        self.give_up(&mut tx, &sorted).await?;
        tx.commit().await?;
        if !sorted.over.is_empty() || !sorted.moved.is_empty() {
            self.bus.wake();
        }
        Ok(sorted.jobs)
    }

    /// Tells what still is to be sent from what is not, or not now.
    fn sort_out(&self, due: Vec<Due>, ledgers: &HashMap<CaseId, Ledger>) -> Sorted {
        let mut sorted = Sorted::default();
        for mut due in due {
            match judge(&due, ledgers.get(&due.case)) {
                Verdict::Over(state, reason) => {
                    let (id, alert) = (due.id, due.alert);
                    sorted.over.push(Over { id, alert, state, reason });
                }
                Verdict::Moved => sorted.moved.push(due),
                Verdict::Send(telling) => match self.sender.asked(due.provider) {
                    Some(provider) => {
                        due.provider = provider;
                        sorted.jobs.push(Job { due, telling });
                    }
                    None => sorted.held.push(due),
                },
            }
        }
        sorted
    }

    /// What waits for a provider has the recipient's other channel taken at once.
    async fn put_off(&self, tx: &mut PgConnection, held: &[Due]) -> Result<(), HandleError> {
        if held.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = held.iter().map(|due| due.id).collect();
        deliveries::put_off(tx, &ids, PAUSE.as_secs_f64()).await?;
        let providers = self.sender.providers();
        let others = held.iter().filter_map(|due| {
            let sms = due.phone.is_some() && providers.any_sms();
            let channels = Channels { email: due.email.is_some(), sms };
            let around = Around { channels, tried: &[] };
            let other = delivery::other_way(due.channel, due.repeat, around, providers)?;
            Some(settle::queue(due.alert, other))
        });
        deliveries::insert(tx, &others.collect::<Vec<_>>()).await?;
        Ok(())
    }

    async fn give_up(&self, tx: &mut PgConnection, sorted: &Sorted) -> Result<(), HandleError> {
        let Sorted { over, moved, .. } = sorted;
        if over.is_empty() && moved.is_empty() {
            return Ok(());
        }
        let mut ended: HashMap<(State, &'static str), Vec<Uuid>> = HashMap::new();
        for one in over {
            ended.entry((one.state, one.reason)).or_default().push(one.id);
        }
        let ids: Vec<Uuid> = moved.iter().map(|due| due.alert.0).collect();
        let old = alerts::load(tx, &ids).await?;
        let readdressed = readdress(tx, &old, self.sender.providers()).await?;
        for due in moved {
            let end = if readdressed.replaced.contains(&due.alert) {
                (State::Withdrawn, "contact_replaced")
            } else {
                (State::Failed, "contact_removed")
            };
            ended.entry(end).or_default().push(due.id);
        }
        let fallen = over.iter().filter(|one| one.reason == NO_LONGER_TRUE);
        let fallen: Vec<(AlertId, bool)> = fallen.map(|one| (one.alert, false)).collect();
        alerts::set_holding(tx, &fallen).await?;
        for ((state, reason), ids) in ended {
            deliveries::end_unsent(tx, &ids, state, reason).await?;
        }
        let touched = over.iter().map(|one| one.alert).chain(moved.iter().map(|due| due.alert));
        let touched: Vec<Uuid> = touched.map(|alert| alert.0).collect();
        let mut changed = alerts::refresh(tx, &touched).await?;
        changed.extend(readdressed.new);
        outbox::put(tx, publish::<HandleError>(&changed)?, self.bus.clock().now()).await?;
        Ok(())
    }

    async fn record(&self, finished: &[Finished]) -> Result<(), HandleError> {
        let mut tx = self.bus.pool().begin().await?;
        let now = self.bus.clock().now();
        settle::record(&mut tx, finished, self.sender.providers(), now).await?;
        tx.commit().await?;
        self.bus.wake();
        Ok(())
    }

    /// Attempts that nobody will end any more: their outcome is unknown.
    async fn expired(&self, own: &HashSet<Uuid>) -> Result<Vec<Finished>, sqlx::Error> {
        let mut connection = self.bus.pool().acquire().await?;
        let (own, limit) = (Vec::from_iter(own.iter().copied()), AT_ONCE as i64);
        let expired = deliveries::expired(&mut connection, self.channel, &own, limit).await?;
        let lost = expired.into_iter().map(|(alert, delivery, attempts)| Finished {
            alert,
            delivery,
            attempts,
            outcome: SendOutcome::Unknown { reason: Reason::Interrupted },
        });
        Ok(lost.collect())
    }
}

/// Deliveries that are due, by what is done with them.
#[derive(Default)]
struct Sorted {
    jobs: Vec<Job>,
    /// Nobody is asked to carry them at present.
    held: Vec<Due>,
    /// Their recipients are not there any more.
    moved: Vec<Due>,
    over: Vec<Over>,
}

/// A delivery that is not made any more, and why.
struct Over {
    id: Uuid,
    alert: AlertId,
    state: State,
    reason: &'static str,
}

impl Over {
    fn unreadable(id: Uuid, alert: AlertId) -> Self {
        Self { id, alert, state: State::Failed, reason: UNREADABLE }
    }
}

const UNREADABLE: &str = "unreadable";
const NO_LONGER_TRUE: &str = "no_longer_true";

/// What is to become of a delivery that is due.
enum Verdict {
    Send(Telling),
    Moved,
    Over(State, &'static str),
}

fn judge(due: &Due, ledger: Option<&Ledger>) -> Verdict {
    let Some(ledger) = ledger else {
        return Verdict::Over(State::Failed, UNREADABLE);
    };
    let cause = causes::find(ledger, due.cause).filter(|cause| cause.holds(&due.unit));
    match cause {
        None => Verdict::Over(State::Withdrawn, NO_LONGER_TRUE),
        Some(_) if due.acknowledged => Verdict::Over(State::Withdrawn, "acknowledged"),
        // Old news that nobody took are no news; a step is told as long as it holds.
        Some(Cause::News(_)) if due.day_old && due.attempts > 0 => {
            Verdict::Over(State::Failed, "too_old")
        }
        Some(_) if !due.in_use => Verdict::Moved,
        Some(_) => Verdict::Send(tell(ledger, due.cause, &due.unit)),
    }
}
