//! What becomes of deliveries: the outcomes of attempts, and what providers report afterwards.
//! Both within a transaction that the caller commits.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chassis::{Trace, new_id};
use chrono::{DateTime, Utc};
use contracts::AlertId;
use messaging::{HandleError, Outgoing, outbox};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::delivery::{
    self, Around, Attempt, Channel, Channels, Next, Other, Provider, Providers, State,
};
use crate::domain::report::{Progress, advance};
use crate::handlers::publish;
use crate::outcome::{Reason, SendOutcome};
use crate::store::deliveries::{Change, Locked, New, Standing};
use crate::store::{alerts, contacts, deliveries};

/// An attempt that has come to an end.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) alert: AlertId,
    pub(crate) delivery: Uuid,
    /// Which attempt at the delivery it was.
    pub(crate) attempts: i32,
    pub(crate) outcome: SendOutcome,
}

/// What a provider has reported of a delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported {
    pub(crate) delivery: Uuid,
    pub(crate) provider: Provider,
    pub(crate) progress: Progress,
}

/// What is written in the end.
#[derive(Debug, Default)]
struct Written {
    changes: Vec<Change>,
    new: Vec<New>,
    /// Alerts of which a message may have gone out: what else is queued of them is not needed.
    gone_out: Vec<Uuid>,
    /// Alerts whose message has arrived after all: a second copy is not needed.
    arrived: Vec<Uuid>,
    /// Whether a channel to an alert's recipient is bad.
    marks: Vec<(AlertId, Channel, bool)>,
}

/// Records the outcomes of attempts, and queues what follows from them.
pub(crate) async fn record(
    tx: &mut PgConnection,
    finished: &[Finished],
    providers: &Providers,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    if finished.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = finished.iter().map(|one| one.alert.0).collect();
    let locked = deliveries::lock(tx, &ids).await?;
    let mut standing: HashMap<Uuid, &Standing> =
        locked.deliveries.iter().map(|one| (one.id, one)).collect();
    let mut written = Written::default();
    for one in finished {
        // Another attempt has been made since, or the lease has expired and was settled.
        let found = standing.remove(&one.delivery);
        if let Some(found) = found.filter(|found| found.attempts == one.attempts) {
            written.outcome(found, &one.outcome, &locked, providers);
        }
    }
    written.save(tx, &locked, providers, now).await
}

/// Records what providers report of deliveries. Reports come late, twice and wrong: a delivery
/// only moves forward, and one that is not known is counted and passed over.
pub(crate) async fn report(
    tx: &mut PgConnection,
    reports: &[Reported],
    providers: &Providers,
    now: DateTime<Utc>,
) -> Result<(), HandleError> {
    let ids: Vec<Uuid> = reports.iter().map(|report| report.delivery).collect();
    let alerts = deliveries::alerts_of(tx, &ids).await?;
    for report in reports {
        let about = if alerts.contains_key(&report.delivery) { "known" } else { "unknown" };
        metrics::counter!("hemgang_delivery_reports_total",
            "provider" => report.provider.as_str(), "about" => about)
        .increment(1);
    }
    let alerts: BTreeSet<Uuid> = alerts.into_values().map(|alert| alert.0).collect();
    if alerts.is_empty() {
        return Ok(());
    }
    let locked = deliveries::lock(tx, &alerts.into_iter().collect::<Vec<_>>()).await?;
    let mut written = Written::default();
    for found in &locked.deliveries {
        let of_it = reports.iter().filter(|report| report.delivery == found.id);
        written.reported(found, of_it, &locked, providers);
    }
    written.save(tx, &locked, providers, now).await
}

impl Written {
    /// Takes in what is reported of one delivery, in the order in which it came.
    fn reported<'a>(
        &mut self,
        found: &Standing,
        reports: impl Iterator<Item = &'a Reported>,
        locked: &Locked,
        providers: &Providers,
    ) {
        let (mut state, mut has_arrived) = (found.state, false);
        for report in reports.filter(|report| report.provider == found.provider) {
            let Some(next) = advance(state, report.progress) else { continue };
            state = next;
            has_arrived |= state != State::Failed;
        }
        if state == found.state {
            return;
        }
        let reason = (state == State::Failed).then_some("reported_failed");
        self.changes.push(Change { reason, ..change(found, state) });
        if has_arrived {
            self.arrived.push(found.alert.0);
        }
        if state == State::Failed {
            let (tried, channels) = around(locked, found.alert, providers);
            let around = Around { channels, tried: &tried };
            self.follow(found, delivery::after_failed_report(attempt(found), around, providers));
        }
    }

    fn outcome(
        &mut self,
        found: &Standing,
        outcome: &SendOutcome,
        locked: &Locked,
        providers: &Providers,
    ) {
        let (tried, channels) = around(locked, found.alert, providers);
        let around = Around { channels, tried: &tried };
        let (state, next) = delivery::after(outcome, attempt(found), around, providers, jitter());
        if found.state == State::Attempting {
            self.changes.push(changed(found, state, outcome));
            self.follow(found, next);
            self.learn(found, outcome);
        } else if matches!(outcome, SendOutcome::Accepted { .. }) {
            // The lease had run out, or a report was faster than the answer: the answer still says
            // whose id and how many.
            let late = found.state == State::Unknown;
            self.changes.push(changed(found, if late { state } else { found.state }, outcome));
            self.learn(found, outcome);
        }
    }

    /// What an outcome says of the alert's other deliveries and of its recipient's address.
    fn learn(&mut self, found: &Standing, outcome: &SendOutcome) {
        match outcome {
            SendOutcome::Refused { permanent: true, reason: Reason::RecipientRefused, .. } => {
                self.marks.push((found.alert, found.channel, true));
            }
            SendOutcome::Refused { .. } => {}
            SendOutcome::Unknown { .. } => self.gone_out.push(found.alert.0),
            SendOutcome::Accepted { .. } => {
                self.gone_out.push(found.alert.0);
                self.marks.push((found.alert, found.channel, false));
            }
        }
    }

    fn follow(&mut self, found: &Standing, Next { retry, other }: Next) {
        if let Some((provider, wait)) = retry {
            for change in self.changes.iter_mut().filter(|change| change.id == found.id) {
                change.provider = provider;
                change.wait = wait.as_secs_f64();
            }
        }
        self.new.extend(other.map(|other| {
            // A mail more comes with those with which the first was to come; an SMS comes alone.
            let digest_at = found.digest_at.filter(|_| other.channel == Channel::Email);
            New { digest_at, ..queue(found.alert, other) }
        }));
    }

    async fn save(
        self,
        tx: &mut PgConnection,
        locked: &Locked,
        providers: &Providers,
        now: DateTime<Utc>,
    ) -> Result<(), HandleError> {
        for (alerts, reason) in
            [(&self.gone_out, "another_has_gone"), (&self.arrived, "first_has_arrived")]
        {
            if alerts.iter().any(|alert| locked.has_queued(AlertId(*alert))) {
                deliveries::withdraw(tx, alerts, reason).await?;
            }
        }
        deliveries::save(tx, &self.changes).await?;
        deliveries::insert(tx, &self.new).await?;
        let alerts: Vec<Uuid> = locked.recipients.keys().map(|alert| alert.0).collect();
        let mut changed = alerts::refresh(tx, &alerts).await?;
        if changed.len() < alerts.len() {
            changed.extend(alerts::say_first(tx, &alerts).await?);
        }
        let mut snapshots = publish::<HandleError>(&changed)?;
        let turned = self.mark(tx, locked).await?;
        snapshots.extend(tell_reach(tx, &turned, providers).await?);
        outbox::put(tx, snapshots, now).await?;
        Ok(())
    }

    /// Writes down which addresses have turned bad, or good again; their units.
    async fn mark(
        &self,
        tx: &mut PgConnection,
        locked: &Locked,
    ) -> Result<BTreeSet<String>, sqlx::Error> {
        let turns = |(alert, channel, bad): &(AlertId, Channel, bool)| {
            locked.recipients.get(alert).is_some_and(|to| to.is_bad(*channel) != *bad)
        };
        let marks: Vec<_> = self.marks.iter().filter(|mark| turns(mark)).copied().collect();
        if marks.is_empty() {
            return Ok(BTreeSet::new());
        }
        // Units are locked before their contact points, as an import does.
        contacts::lock_units_of(tx, &marks).await?;
        contacts::mark(tx, &marks).await
    }
}

/// What others are to know of locked units some of whose addresses have turned bad, or good again.
async fn tell_reach(
    tx: &mut PgConnection,
    units: &BTreeSet<String>,
    providers: &Providers,
) -> Result<Vec<Outgoing>, HandleError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    let mut roles = contacts::roles(tx, &units, providers.any_sms()).await?;
    let mut reaches = contacts::reaches(tx, &units).await?;
    for reach in &mut reaches {
        reach.roles = roles.remove(reach.unit.as_str()).unwrap_or_default();
    }
    let changed = contacts::save_reaches(tx, &reaches).await?;
    let changed = reaches.iter().filter(|reach| changed.contains(reach.unit.as_str()));
    let snapshots = changed
        .map(|reach| Outgoing::new(reach, "unit_reach_changed", true, Trace::continue_from(None)));
    Ok(snapshots.collect::<Result<_, _>>()?)
}

/// The row of a delivery that follows, by itself.
pub(crate) fn queue(alert: AlertId, other: Other) -> New {
    let Other { channel, provider, repeat, wait } = other;
    New {
        id: new_id(),
        alert,
        channel,
        provider,
        repeat,
        wait: wait.as_secs_f64(),
        digest_at: None,
    }
}

fn attempt(found: &Standing) -> Attempt {
    Attempt {
        channel: found.channel,
        provider: found.provider,
        attempts: u32::try_from(found.attempts).unwrap_or(u32::MAX),
        repeat: found.repeat,
    }
}

/// What the alert has been tried by, and the ways to its recipient.
fn around(
    locked: &Locked,
    alert: AlertId,
    providers: &Providers,
) -> (Vec<(Channel, bool)>, Channels) {
    let of_alert = locked.deliveries.iter().filter(|one| one.alert == alert);
    let tried = of_alert.map(|one| (one.channel, one.repeat)).collect();
    let ways = locked.recipients.get(&alert).map(|to| to.channels).unwrap_or_default();
    let channels = Channels { sms: ways.sms && providers.any_sms(), ..ways };
    (tried, channels)
}

fn change(found: &Standing, state: State) -> Change {
    Change {
        id: found.id,
        state,
        provider: found.provider,
        wait: Duration::ZERO.as_secs_f64(),
        provider_id: None,
        parts: None,
        reason: None,
    }
}

fn changed(found: &Standing, state: State, outcome: &SendOutcome) -> Change {
    let change = change(found, state);
    match outcome {
        SendOutcome::Accepted { provider_id, parts } => {
            Change { provider_id: provider_id.clone(), parts: i32::try_from(*parts).ok(), ..change }
        }
        SendOutcome::Refused { reason, .. } | SendOutcome::Unknown { reason } => {
            Change { reason: Some(reason.as_str()), ..change }
        }
    }
}

/// From 0 to 1.
fn jitter() -> f64 {
    let (_, random) = new_id().as_u64_pair();
    f64::from(u32::try_from(random & u64::from(u32::MAX)).unwrap_or(0)) / f64::from(u32::MAX)
}
