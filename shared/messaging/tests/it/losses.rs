//! The broker loses what it was given, in every way.

use test_support::Broker;

use crate::support::{Keep, Service, THINGS, Thing, things};

#[tokio::test]
async fn deleting_the_brokers_store_loses_nothing() {
    let mut broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Keep);
    let mut said = things(200);
    alpha.say(&said).await;
    beta.knows(&said).await;

    broker.kill().await;
    said.push(Thing { id: "said while it was down".into(), value: 5 });
    alpha.say(&said[200..]).await;
    broker.delete_store().await;
    broker.start_again().await;
    alpha.provision().await;
    beta.provision().await;
    beta.knows(&said).await;
}

#[tokio::test]
async fn a_consumer_that_comes_after_the_loss_still_hears_of_everything() {
    let mut broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    alpha.bus.start_relay();
    let said = things(200);
    alpha.say(&said).await;
    let mut early = Service::start("beta", &broker).await;
    early.bus.start_consumer(THINGS, Keep);
    early.knows(&said).await;
    early.process.tasks.finish().await.unwrap();

    broker.kill().await;
    broker.delete_store().await;
    broker.start_again().await;
    alpha.provision().await;
    // Another database: what the stream said before the loss is known to nobody here.
    let mut late = Service::start("beta", &broker).await;
    late.bus.start_consumer(THINGS, Keep);
    late.knows(&said).await;
}

#[tokio::test]
async fn a_broker_that_stands_still_for_a_while_only_delays() {
    let mut broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    alpha.bus.start_relay();
    beta.bus.start_consumer(THINGS, Keep);
    broker.hang();
    let said = things(100);
    alpha.say(&said).await;
    broker.go_on();
    beta.knows(&said).await;
}

#[tokio::test]
async fn a_killed_relay_leaves_its_work_to_the_next() {
    let broker = Broker::start().await;
    let alpha = Service::start("alpha", &broker).await;
    let mut beta = Service::start("beta", &broker).await;
    beta.bus.start_consumer(THINGS, Keep);
    let (replica, process) = alpha.replica().await;
    alpha.bus.start_relay();
    let mut said = things(10);
    alpha.say(&said).await;
    beta.knows(&said).await;
    replica.start_relay();
    alpha.process.tasks.finish().await.unwrap();
    for thing in &mut said {
        thing.value = 2;
    }
    alpha.say(&said).await;
    beta.knows(&said).await;
    process.tasks.finish().await.unwrap();
}
