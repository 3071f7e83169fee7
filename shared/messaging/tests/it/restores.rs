//! Databases that were restored to an earlier moment, on both sides of a stream.

use std::time::Duration;

use contracts::commands::any;
use test_support::{Broker, SOON, eventually};

use crate::commands::Nothing;
use crate::support::{Keep, Service, THINGS, Thing, things};

#[tokio::test]
async fn a_consumer_whose_database_was_emptied_hears_of_everything_again() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    let said = things(100);
    alpha.say(&said).await;
    beta.knows(&said).await;
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
    beta.process.tasks.finish().await.unwrap();

    // The durable on the broker is where it was.
    sqlx::raw_sql("delete from thing; delete from messaging.consumed")
        .execute(beta.pool())
        .await
        .unwrap();
    let (mut again, _process) = beta.replica().await;
    again.start_consumer(THINGS, Keep);
    beta.knows(&said).await;
}

#[tokio::test]
async fn a_consumer_whose_database_was_emptied_is_not_caught_up_before_it_has_heard_of_everything_again()
 {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    let said = things(100);
    alpha.say(&said).await;
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
    beta.process.tasks.finish().await.unwrap();
    // The source answers, and nobody relays for it.
    alpha.process.tasks.finish().await.unwrap();
    let (answers, _alphas) = alpha.replica().await;
    answers.start_commands(Nothing);

    sqlx::raw_sql("delete from thing; delete from messaging.consumed")
        .execute(beta.pool())
        .await
        .unwrap();
    let (mut again, _betas) = beta.replica().await;
    again.start_consumer(THINGS, Keep);
    assert!(!again.caught_up(&[THINGS], Duration::from_secs(1)).await);
    answers.start_relay();
    assert!(again.caught_up(&[THINGS], SOON).await);
    assert_eq!(beta.things().await, said);
}

#[tokio::test]
async fn what_could_not_be_asked_for_is_asked_for_once_the_source_answers() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Keep);
    let said = things(100);
    alpha.say(&said).await;
    let (answers, alphas) = alpha.replica().await;
    answers.start_commands(Nothing);
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
    alphas.tasks.finish().await.unwrap();
    beta.process.tasks.finish().await.unwrap();

    sqlx::raw_sql("delete from thing; delete from messaging.consumed")
        .execute(beta.pool())
        .await
        .unwrap();
    let (mut again, _betas) = beta.replica().await;
    again.start_consumer(THINGS, Keep);
    // What comes while nobody answers does not hide what is missed.
    let newer = [Thing { id: "newer".into(), value: 1 }];
    alpha.say(&newer).await;
    beta.knows(&newer).await;
    alpha.bus.start_commands(Nothing);
    beta.knows(&[said.as_slice(), &newer].concat()).await;
}

#[tokio::test]
async fn a_source_whose_database_was_restored_is_heard_again_once_a_new_epoch_has_begun() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    for value in 1..=5 {
        alpha.say(&[Thing { id: "a".into(), value }]).await;
        beta.knows(&[Thing { id: "a".into(), value }]).await;
    }
    // What was said since is forgotten, and another story told from there.
    sqlx::query("update messaging.outbox set n = 1").execute(alpha.pool()).await.unwrap();
    alpha.say(&[Thing { id: "a".into(), value: 100 }]).await;
    let request = any::Resync { restored: true };
    let caller = beta.bus.caller();
    let _: any::Resynced = eventually("alpha answers", SOON, async || {
        caller.ask_any("alpha", any::RESYNC, &request).await
    })
    .await;
    beta.knows(&[Thing { id: "a".into(), value: 100 }]).await;
}

#[tokio::test]
async fn whoever_says_that_a_database_was_restored_has_its_sources_say_everything_again() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    beta.bus.start_relay();
    beta.bus.start_commands(Nothing);
    let said = things(100);
    alpha.say(&said).await;
    beta.knows(&said).await;
    // Forgotten, and nothing that is compared with the broker tells of it.
    sqlx::query("delete from thing").execute(beta.pool()).await.unwrap();
    let request = any::Resync { restored: true };
    let caller = alpha.bus.caller();
    let _: any::Resynced = eventually("beta answers", SOON, async || {
        caller.ask_any("beta", any::RESYNC, &request).await
    })
    .await;
    beta.knows(&said).await;
}

#[tokio::test]
async fn a_resync_that_was_asked_for_is_done_by_whoever_has_the_relay_next() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    let said = things(10);
    alpha.say(&said).await;
    beta.knows(&said).await;
    let _: any::Resynced = eventually("alpha answers", SOON, async || {
        beta.bus.caller().ask_any("alpha", any::RESYNC, &any::Resync::default()).await
    })
    .await;
    alpha.process.tasks.finish().await.unwrap();

    sqlx::query("delete from thing").execute(beta.pool()).await.unwrap();
    sqlx::query("update messaging.self set resync_done = resync_asked - 1")
        .execute(alpha.pool())
        .await
        .unwrap();
    let (next, _process) = alpha.replica().await;
    next.start_relay();
    beta.knows(&said).await;
}
