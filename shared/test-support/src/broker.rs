//! Brokers.

use crate::parts;
use async_nats::{Client, ConnectOptions};
use embedded::nats::{self, Nats, Settings};
use embedded::{Error, Signal};
use tokio::task::spawn_blocking;

/// A nats-server with `JetStream` for one test. Streams have fixed names, so tests that use them
/// cannot share a broker; a new one takes a tenth of a second.
#[derive(Debug)]
pub struct Broker {
    /// Only missing while something blocks on it.
    nats: Option<Nats>,
    url: String,
    password: String,
    monitor_url: String,
}

impl Broker {
    /// Starts one.
    pub async fn start() -> Self {
        let started = spawn_blocking(|| nats::start(&parts::NATS_SERVER, &Settings::throwaway()));
        let nats = started.await.expect("starting a broker does not panic").expect("it starts");
        Self {
            url: nats.url(),
            password: nats.password().to_owned(),
            monitor_url: nats.monitor_url(),
            nats: Some(nats),
        }
    }

    /// The URL for clients, password included; it stays the same.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the server's monitoring pages.
    #[must_use]
    pub fn monitor_url(&self) -> &str {
        &self.monitor_url
    }

    /// A client that is connected.
    pub async fn client(&self) -> Client {
        // async-nats does not look for credentials in a URL.
        let options =
            ConnectOptions::with_user_and_password(nats::USER.to_owned(), self.password.clone());
        options.connect(&self.url).await.expect("the broker takes clients")
    }

    /// Kills it by SIGKILL.
    pub async fn kill(&mut self) {
        self.block(Nats::kill).await;
    }

    /// Deletes all streams and consumers while it is killed.
    pub async fn delete_store(&mut self) {
        self.block(Nats::delete_store).await;
    }

    /// Starts it again at the same URL.
    pub async fn start_again(&mut self) {
        self.block(Nats::start_again).await;
    }

    /// Lets it stand still, as a broker does whose machine is overloaded.
    pub fn hang(&mut self) {
        self.nats.as_mut().expect("the broker is there").signal(Signal::Stop);
    }

    /// Lets it go on after [`Broker::hang`].
    pub fn go_on(&mut self) {
        self.nats.as_mut().expect("the broker is there").signal(Signal::Cont);
    }

    async fn block(&mut self, act: fn(&mut Nats) -> Result<(), Error>) {
        let mut nats = self.nats.take().expect("the broker is there");
        let acted = spawn_blocking(move || act(&mut nats).map(|()| nats)).await;
        self.nats = Some(acted.expect("a broker does not panic").expect("the broker obeys"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_nats::jetstream;

    #[tokio::test]
    async fn a_broker_that_lost_its_store_is_found_again_at_the_same_place() {
        let mut broker = Broker::start().await;
        let stream = || jetstream::stream::Config { name: "KEPT".to_owned(), ..Default::default() };
        let before = jetstream::new(broker.client().await);
        before.create_stream(stream()).await.unwrap();
        broker.kill().await;
        broker.start_again().await;
        let kept = jetstream::new(broker.client().await);
        kept.get_stream("KEPT").await.unwrap();
        broker.kill().await;
        broker.delete_store().await;
        broker.start_again().await;
        let after = jetstream::new(broker.client().await);
        assert!(after.get_stream("KEPT").await.is_err());
    }
}
