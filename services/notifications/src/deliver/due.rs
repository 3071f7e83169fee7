//! What is due: what of it is sent, put off, given up, or goes to somebody else.

use std::collections::HashMap;

use contracts::AlertId;
use messaging::{HandleError, outbox};
use sqlx::PgConnection;
use uuid::Uuid;

use super::together::together;
use super::verdict::{Known, NO_LONGER_TRUE, UNREADABLE, Verdict, judge};
use super::{Job, Lane, Part};
use crate::addressing::readdress;
use crate::domain::breaker::PAUSE;
use crate::domain::delivery::{self, Around, Channels, Provider, State};
use crate::handlers::publish;
use crate::settle;
use crate::store::due::{self as store, Coming, Due, LockedDue};
use crate::store::{alerts, deliveries};

/// How long an attempt may take before it counts as lost with its process (real time): three times
/// what the timeouts of mail and SMS add up to.
const LEASE_SECONDS: f64 = 60.0;
/// How long what waits for something that is on its way is put off at a time (real time).
const MOMENT_SECONDS: f64 = 1.0;
/// Deliveries of digests that are taken at a time.
const MOST_OF_DIGESTS: i64 = 500;

impl Lane {
    /// Locks what is due, gives up what need not be sent any more, puts off what nobody is asked to
    /// carry at present, and writes down that the rest is about to be attempted. With `digests`, of
    /// those too whose time has come.
    pub(super) async fn take(
        &self,
        tx: &mut PgConnection,
        limit: usize,
        digests: bool,
    ) -> Result<Taken, HandleError> {
        let LockedDue { due, unreadable } = self.lock(tx, limit, digests).await?;
        if due.is_empty() && unreadable.is_empty() {
            return Ok(Taken::default());
        }
        let known = Known::load(tx, &due, self.bus.clock().now()).await?;
        let mut sorted = self.sort_out(due, &known);
        sorted.over.extend(unreadable.into_iter().map(|(id, alert)| Over::unreadable(id, alert)));
        let parts = sorted.jobs.iter().flat_map(|job| &job.parts);
        let starting: Vec<(Uuid, Provider)> =
            parts.map(|part| (part.due.id, part.due.provider)).collect();
        let started = store::start(tx, &starting, LEASE_SECONDS).await?;
        sorted.jobs.retain_mut(|job| {
            job.parts.retain(|part| started.contains(&part.due.id));
            !job.parts.is_empty()
        });
        self.put_off(tx, &sorted.held).await?;
        store::put_off(tx, &sorted.early, MOMENT_SECONDS).await?;
        self.give_up(tx, &sorted).await?;
        let Sorted { jobs, held, moved, over, .. } = sorted;
        let said = !(held.is_empty() && moved.is_empty() && over.is_empty());
        Ok(Taken { jobs, said })
    }

    /// Locks what is due: no more messages than there is room for.
    async fn lock(
        &self,
        tx: &mut PgConnection,
        limit: usize,
        digests: bool,
    ) -> Result<LockedDue, sqlx::Error> {
        let mut limit = i64::try_from(limit).unwrap_or(0);
        let mut locked = LockedDue::default();
        if digests {
            // To half of it at most, since many alerts to one recipient are more than one mail.
            let (recipients, now) = ((limit + 1) / 2, self.bus.clock().now());
            locked = store::lock_digests(tx, now, recipients, MOST_OF_DIGESTS).await?;
            limit -= recipients.min(i64::try_from(locked.due.len()).unwrap_or(recipients));
        }
        if limit > 0 {
            let LockedDue { due, unreadable } = store::lock_due(tx, self.channel, limit).await?;
            locked.due.extend(due);
            locked.unreadable.extend(unreadable);
        }
        Ok(locked)
    }

    /// Tells what still is to be sent from what is not, or not now.
    fn sort_out(&self, due: Vec<Due>, known: &Known) -> Sorted {
        let (mut sorted, mut parts) = (Sorted::default(), Vec::with_capacity(due.len()));
        for due in due {
            match judge(&due, known) {
                Verdict::Over(state, reason) => {
                    let (id, alert) = (due.id, due.alert);
                    sorted.over.push(Over { id, alert, state, reason });
                }
                Verdict::Moved => sorted.moved.push(due),
                Verdict::Early => sorted.early.push(due.id),
                Verdict::Send(content) => parts.push(Part { due, content }),
            }
        }
        for mut job in together(parts) {
            match job.provider().and_then(|provider| self.sender.asked(provider)) {
                Some(provider) => {
                    job.parts.iter_mut().for_each(|part| part.due.provider = provider);
                    sorted.jobs.push(job);
                }
                None => sorted.held.extend(job.parts.into_iter().map(|part| part.due)),
            }
        }
        sorted
    }

    /// What waits for a provider has the recipient's other channel taken at once; but a digest waits with
    /// the mail server, since its news could wait before, and would be an SMS each.
    async fn put_off(&self, tx: &mut PgConnection, held: &[Due]) -> Result<(), HandleError> {
        if held.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = held.iter().map(|due| due.id).collect();
        store::put_off(tx, &ids, PAUSE.as_secs_f64()).await?;
        let providers = self.sender.providers();
        let alone = held.iter().filter(|due| due.coming == Coming::Alone);
        let others = alone.filter_map(|due| {
            let sms = due.phone.is_some() && providers.any_sms();
            let channels = Channels { email: due.email.is_some(), sms };
            let around = Around { channels, tried: &[] };
            let other = delivery::other_way(due.channel, due.repeat, around, providers)?;
            Some(settle::queue(due.alert, other))
        });
        deliveries::insert(tx, &others.collect::<Vec<_>>()).await?;
        let alerts: Vec<Uuid> = held.iter().map(|due| due.alert.0).collect();
        let unsaid = alerts::say_first(tx, &alerts).await?;
        outbox::put(tx, publish::<HandleError>(&unsaid)?, self.bus.clock().now()).await?;
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
            store::end_unsent(tx, &ids, state, reason).await?;
        }
        let touched = over.iter().map(|one| one.alert).chain(moved.iter().map(|due| due.alert));
        let touched: Vec<Uuid> = touched.map(|alert| alert.0).collect();
        let mut changed = alerts::refresh(tx, &touched).await?;
        changed.extend(readdressed.new);
        outbox::put(tx, publish::<HandleError>(&changed)?, self.bus.clock().now()).await?;
        Ok(())
    }
}

/// What was taken of what is due.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) jobs: Vec<Job>,
    /// Others are told of something.
    pub(super) said: bool,
}

/// Deliveries that are due, by what is done with them.
#[derive(Default)]
struct Sorted {
    jobs: Vec<Job>,
    /// Nobody is asked to carry them at present.
    held: Vec<Due>,
    /// Something that they wait for is on its way.
    early: Vec<Uuid>,
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
