//! What could not be handled, or could not be published.

use contracts::commands::Actor;
use contracts::commands::any;
use contracts::commands::any::DeadLetter;
use messaging::{Handle, HandleError, Incoming};
use sqlx::PgConnection;
use test_support::{Broker, SOON, eventually};

use crate::commands::Nothing;
use crate::support::{Keep, Service, THINGS, Thing, things};

pub(crate) fn somebody() -> Actor {
    Actor {
        staff: "SE2321000180-ANNA".parse().unwrap(),
        unit: "SE2321000180-DRIFT".parse().unwrap(),
    }
}

async fn letters(asking: &Service, of: &str, count: usize) -> Vec<DeadLetter> {
    let caller = asking.bus.caller();
    eventually("the dead letters are listed", SOON, async || {
        let letters: Vec<DeadLetter> = caller
            .ask_any(of, any::LIST_DEAD_LETTERS, &())
            .await
            .map_err(|error| error.to_string())?;
        if letters.len() == count { Ok(letters) } else { Err(format!("{} wait", letters.len())) }
    })
    .await
}

/// Panics on a negative value; cannot read what it has stored of a zero.
struct Fragile;

impl Handle for Fragile {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        for event in events {
            let thing: Thing = event.snapshot()?;
            assert!(thing.value >= 0, "a mistake of this release");
            if thing.value == 0 {
                return Err(HandleError::Database(sqlx::Error::Decode("unreadable".into())));
            }
        }
        Keep.handle(tx, events).await
    }
}

#[tokio::test]
async fn a_message_on_which_the_handler_panics_is_set_aside_and_blocks_nobody() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    let mut said = things(20);
    said[7].value = -1;
    alpha.say(&said).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Fragile);
    beta.bus.start_commands(Nothing);
    said.remove(7);
    beta.knows(&said).await;
    let letters = letters(&alpha, "beta", 1).await;
    assert_eq!(letters[0].reason, "this release fails on it");
}

#[tokio::test]
async fn a_letter_that_is_replayed_too_early_waits_on_and_holds_up_nothing() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Fragile);
    beta.bus.start_commands(Nothing);
    alpha.say(&[Thing { id: "a".into(), value: 0 }]).await;
    let first = letters(&alpha, "beta", 1).await;
    let replay = any::DeadLetterId { id: first[0].id };
    let caller = alpha.bus.caller();
    let () = caller.tell_any("beta", any::REPLAY_DEAD_LETTER, &replay, &somebody()).await.unwrap();
    let postponed = "select replay_requested_at is null from messaging.dead_letter";
    eventually("the replay has failed", SOON, async || {
        let postponed: bool = sqlx::query_scalar(postponed).fetch_one(beta.pool()).await.unwrap();
        if postponed { Ok(()) } else { Err("it is still asked for") }
    })
    .await;
    alpha.say(&[Thing { id: "b".into(), value: 1 }]).await;
    beta.knows(&[Thing { id: "b".into(), value: 1 }]).await;
    letters(&alpha, "beta", 1).await;
}

#[tokio::test]
async fn a_letter_that_was_given_up_is_neither_listed_nor_waited_for() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    beta.bus.start_commands(Nothing);
    alpha.say(&[Thing { id: "a".into(), value: -1 }]).await;
    let letter = letters(&alpha, "beta", 1).await.remove(0);
    assert!(!beta.bus.caught_up(&[THINGS], SOON).await);
    let caller = alpha.bus.caller();
    let discard = any::DeadLetterId { id: letter.id };
    let unsigned: Result<(), _> = caller.ask_any("beta", any::DISCARD_DEAD_LETTER, &discard).await;
    assert!(unsigned.unwrap_err().to_string().contains("no_actor"));
    let () =
        caller.tell_any("beta", any::DISCARD_DEAD_LETTER, &discard, &somebody()).await.unwrap();
    letters(&alpha, "beta", 0).await;
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
}

#[tokio::test]
async fn an_event_that_the_broker_does_not_take_waits_until_the_aggregate_has_become_smaller() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.say(&things(2)).await;
    sqlx::query(
        r#"update messaging.outbox
              set data = '{"id": "0000", "value": 1, "more": "' || repeat('x', 2000000) || '"}'
            where aggregate = '0000'"#,
    )
    .execute(alpha.pool())
    .await
    .unwrap();
    alpha.bus.start_relay();
    alpha.bus.start_commands(Nothing);
    beta.bus.start_consumer(THINGS, Keep);
    beta.knows(&things(2)[1..]).await;
    letters(&beta, "alpha", 1).await;
    assert!(!beta.bus.caught_up(&[THINGS], SOON).await, "what it says is nowhere");

    alpha.say(&things(1)).await;
    beta.knows(&things(2)).await;
    letters(&beta, "alpha", 0).await;
    assert!(beta.bus.caught_up(&[THINGS], SOON).await);
}
