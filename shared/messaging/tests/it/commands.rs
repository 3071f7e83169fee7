//! Commands: once, whoever asks and however often.

use contracts::CommandId;
use contracts::commands::{Actor, Command, Done, Refusal};
use messaging::{Answer, Call, CallError, Caller, CommandError, Serve, answer};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use test_support::{Broker, SOON, eventually};
use uuid::Uuid;

use crate::support::{Service, Thing};

/// A service without commands of its own.
pub(crate) struct Nothing;

impl Serve for Nothing {
    const COMMANDS: &'static [&'static str] = &[];
    const QUERIES: &'static [&'static str] = &[];

    async fn serve(&self, _: &mut PgConnection, _: &Call) -> Result<Answer, CommandError> {
        Err(Refusal::new("unknown_verb", "Okänt.", "Unknown.").into())
    }
}

/// Adds to a thing; never beyond ten.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    to: String,
    value: i64,
}

impl Command for Add {
    const SERVICE: &'static str = "alpha";
    const VERB: &'static str = "add";
    type Answer = Done;
}

struct Adding;

impl Serve for Adding {
    const COMMANDS: &'static [&'static str] = &[Add::VERB];
    const QUERIES: &'static [&'static str] = &[];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        let Add { to, value } = call.read()?;
        let sum: i64 = sqlx::query_scalar(
            "insert into thing as t values ($1, 1, 1, $2)
             on conflict (id) do update set value = t.value + $2 returning value",
        )
        .bind(to)
        .bind(value)
        .fetch_one(tx)
        .await?;
        if sum > 10 {
            return Err(Refusal::new("too_much", "För mycket.", "Too much.").at("/value").into());
        }
        answer(&Done { changed: true })
    }
}

fn actor() -> Actor {
    Actor {
        staff: "SE9999990001-ANNA".parse().unwrap(),
        unit: "SE9999990001-VC01".parse().unwrap(),
    }
}

fn id(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(number))
}

async fn serving(broker: &Broker) -> (Service, Caller) {
    let alpha = Service::start("alpha", broker).await;
    alpha.bus.start_commands(Adding);
    let caller = Caller::new(broker.client().await);
    let warm = Add { to: "warm".into(), value: 0 };
    eventually("the service answers", SOON, async || caller.call(&warm, id(99), &actor()).await)
        .await;
    (alpha, caller)
}

async fn value(of: &Service, thing: &str) -> Option<i64> {
    of.things().await.into_iter().find(|Thing { id, .. }| id == thing).map(|thing| thing.value)
}

#[tokio::test]
async fn the_same_command_sent_many_times_at_once_is_carried_out_once() {
    let broker = Broker::start().await;
    let (alpha, caller) = serving(&broker).await;
    let (replica, _process) = alpha.replica().await;
    replica.start_commands(Adding);
    let add = Add { to: "a".into(), value: 1 };
    let actor = actor();
    let calls = (0..20).map(|_| caller.call(&add, id(1), &actor));
    for answer in futures::future::join_all(calls).await {
        assert!(answer.unwrap().changed);
    }
    assert_eq!(value(&alpha, "a").await, Some(1));
}

#[tokio::test]
async fn a_refused_command_changes_nothing_and_is_refused_again_the_same_way() {
    let broker = Broker::start().await;
    let (alpha, caller) = serving(&broker).await;
    for _ in 0..2 {
        let add = Add { to: "a".into(), value: 11 };
        let error = caller.call(&add, id(1), &actor()).await.unwrap_err();
        let CallError::Refused(refusal) = error else { panic!("{error}") };
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("too_much", Some("/value")));
    }
    assert_eq!(value(&alpha, "a").await, None);
}

#[tokio::test]
async fn a_command_id_used_for_something_else_is_refused() {
    let broker = Broker::start().await;
    let (alpha, caller) = serving(&broker).await;
    caller.call(&Add { to: "a".into(), value: 1 }, id(1), &actor()).await.unwrap();
    let other = Add { to: "a".into(), value: 2 };
    let error = caller.call(&other, id(1), &actor()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(refusal) if refusal.code == "command_id_reused"));
    assert_eq!(value(&alpha, "a").await, Some(1));
}

#[tokio::test]
async fn a_malformed_command_names_the_field_and_not_its_value() {
    #[derive(Serialize, Deserialize)]
    struct Wrong {
        to: String,
        value: String,
    }
    impl Command for Wrong {
        const SERVICE: &'static str = "alpha";
        const VERB: &'static str = "add";
        type Answer = Done;
    }
    let broker = Broker::start().await;
    let (_alpha, caller) = serving(&broker).await;
    let wrong = Wrong { to: "a".into(), value: "191212121212".into() };
    let error = caller.call(&wrong, id(1), &actor()).await.unwrap_err();
    let CallError::Refused(refusal) = error else { panic!("{error}") };
    assert_eq!(refusal.field.as_deref(), Some("/value"));
    assert!(!serde_json::to_string(&refusal).unwrap().contains("1912"));
}

#[tokio::test]
async fn nobody_answers_for_a_service_that_is_not_running() {
    let broker = Broker::start().await;
    let caller = Caller::new(broker.client().await);
    let error = caller.resync("alpha").await.unwrap_err();
    assert!(matches!(error, CallError::NoResponder { .. }));
}
