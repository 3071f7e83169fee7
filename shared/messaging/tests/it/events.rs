//! From outbox to handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::jetstream;
use contracts::commands::any;
use futures::{FutureExt, StreamExt};
use messaging::{Handle, HandleError, Incoming};
use sqlx::PgConnection;
use test_support::{Broker, SOON, eventually};

use crate::letters::somebody;
use crate::support::{Keep, Service, THINGS, Thing, things};

async fn messages_in_stream(broker: &Broker) -> u64 {
    let js = jetstream::new(broker.client().await);
    js.get_stream("HEMGANG_ALPHA").await.unwrap().cached_info().state.messages
}

#[tokio::test]
async fn what_was_committed_is_published_and_handled() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Keep);
    let things = things(1_200);
    alpha.say(&things).await;
    beta.knows(&things).await;
}

#[tokio::test]
async fn a_change_that_was_overtaken_before_it_was_published_makes_no_event_of_its_own() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.say(&[Thing { id: "a".into(), value: 1 }]).await;
    alpha.say(&[Thing { id: "a".into(), value: 2 }]).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Keep);
    beta.knows(&[Thing { id: "a".into(), value: 2 }]).await;
    assert_eq!(messages_in_stream(&broker).await, 1);
}

#[tokio::test]
async fn only_the_message_that_cannot_be_handled_is_set_aside_and_it_can_be_replayed() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    let mut said = things(50);
    said[17].value = -1;
    alpha.say(&said).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Keep);
    let sound: Vec<Thing> = said.iter().filter(|thing| thing.value > 0).cloned().collect();
    beta.knows(&sound).await;

    beta.bus.start_commands(crate::commands::Nothing);
    let caller = alpha.bus.caller();
    let letters: Vec<any::DeadLetter> =
        eventually("the dead letters are listed", SOON, async || {
            caller.ask_any("beta", any::LIST_DEAD_LETTERS, &()).await
        })
        .await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].reason, "a negative value");

    // Somebody has mended the cause.
    sqlx::query(
        r#"update messaging.dead_letter
              set payload = replace(encode(payload, 'escape'), '"value":-1', '"value":7')::bytea"#,
    )
    .execute(beta.pool())
    .await
    .unwrap();
    let asked = any::DeadLetterId { id: letters[0].id };
    let () = caller.tell_any("beta", any::REPLAY_DEAD_LETTER, &asked, &somebody()).await.unwrap();
    said[17].value = 7;
    beta.knows(&said).await;
}

/// Fails as a database fails, some times, and then works.
struct Flaky {
    failures: AtomicUsize,
}

impl Handle for Flaky {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let left = self.failures.load(Ordering::SeqCst);
        if left > 0 {
            self.failures.store(left - 1, Ordering::SeqCst);
            return Err(HandleError::Database(sqlx::Error::PoolTimedOut));
        }
        Keep.handle(tx, events).await
    }
}

#[tokio::test]
async fn trouble_with_the_database_repeats_the_batch_and_sets_nothing_aside() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    let things = things(20);
    alpha.say(&things).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Flaky { failures: AtomicUsize::new(2) });
    beta.knows(&things).await;
    let letters: i64 = sqlx::query_scalar("select count(*) from messaging.dead_letter")
        .fetch_one(beta.pool())
        .await
        .unwrap();
    assert_eq!(letters, 0);
}

/// Counts what it handles.
struct Count(Arc<AtomicUsize>);

impl Handle for Count {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        self.0.fetch_add(events.len(), Ordering::SeqCst);
        Keep.handle(tx, events).await
    }
}

#[tokio::test]
async fn two_replicas_share_the_work_and_none_of_it_is_done_twice() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    let (mut replica, _process) = beta.replica().await;
    let handled = Arc::new(AtomicUsize::new(0));
    beta.bus.start_consumer(THINGS, Count(Arc::clone(&handled)));
    replica.start_consumer(THINGS, Count(Arc::clone(&handled)));
    alpha.bus.start_relay();
    let things = things(2_000);
    alpha.say(&things).await;
    beta.knows(&things).await;
    assert_eq!(handled.load(Ordering::SeqCst), things.len());
}

#[tokio::test]
async fn a_replica_without_the_relay_tells_the_other_of_what_it_commits() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    alpha.bus.start_relay();
    alpha.say(&things(1)).await;
    eventually("the first has the relay", SOON, async || {
        let published = messages_in_stream(&broker).await;
        if published == 1 { Ok(()) } else { Err(format!("{published} are published")) }
    })
    .await;
    let (second, _process) = alpha.replica().await;
    let mut woken = broker.client().await.subscribe("hemgang.v1.wake.alpha").await.unwrap();
    second.start_relay();
    eventually("a commit is passed on", SOON, async || {
        second.wake();
        woken.next().now_or_never().flatten().map(drop).ok_or_else(|| "nothing".to_owned())
    })
    .await;
}

#[tokio::test]
async fn a_service_knows_when_everything_said_before_has_reached_it() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(crate::commands::Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    for round in 1..=5 {
        let mut things = things(300);
        for thing in &mut things {
            thing.value = round;
        }
        alpha.say(&things).await;
        assert!(beta.bus.caught_up(&[THINGS], SOON).await);
        assert_eq!(beta.things().await, things);
    }
}

#[tokio::test]
async fn a_source_that_stays_silent_is_waited_for_only_so_long() {
    let broker = Broker::start().await;
    let mut beta = Service::start("beta", &broker).await;
    beta.bus.start_consumer(THINGS, Keep);
    assert!(!beta.bus.caught_up(&[THINGS], Duration::from_millis(300)).await);
}

#[tokio::test]
async fn what_a_transaction_is_writing_when_the_question_comes_is_waited_for() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(crate::commands::Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    alpha.say(&things(1)).await;
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
    let mut writing = alpha.bus.pool().begin().await.unwrap();
    sqlx::query("select clock_timestamp()").execute(&mut *writing).await.unwrap();
    assert!(!beta.bus.caught_up(&[THINGS], Duration::from_millis(300)).await);
    writing.commit().await.unwrap();
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
}

#[tokio::test]
async fn what_was_set_aside_makes_a_source_count_as_not_caught_up() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(crate::commands::Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    alpha.say(&[Thing { id: "a".into(), value: -1 }]).await;
    assert!(!beta.bus.caught_up(&[THINGS], SOON).await);
}
