//! The business answers to what was sent over the broker.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use contracts::{Event, subjects};
use futures::StreamExt;
use serde::Deserialize;

use crate::region;

/// What is read of a receipt.
#[derive(Deserialize)]
struct Receipt {
    message_id: String,
    outcome: String,
}

/// All receipts that have come, by the id of the message. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Receipts(Arc<Mutex<HashMap<String, String>>>);

impl Receipts {
    /// Listens from now on, as often as the broker's stream has to be looked for again.
    pub(super) fn listen(client: async_nats::Client) -> Self {
        let receipts = Self::default();
        let hearing = receipts.clone();
        tokio::spawn(async move {
            loop {
                let _ = hearing.hear(&client).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        receipts
    }

    async fn hear(&self, client: &async_nats::Client) -> anyhow::Result<()> {
        let stream = jetstream::new(client.clone()).get_stream(subjects::stream::RECEIPTS).await?;
        let from_the_first = pull::Config {
            deliver_policy: DeliverPolicy::All,
            filter_subject: subjects::receipts(region::SENDER),
            inactive_threshold: Duration::from_mins(1),
            ack_policy: jetstream::consumer::AckPolicy::None,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(from_the_first).await?;
        let mut messages =
            consumer.stream().heartbeat(Duration::from_secs(1)).expires(Duration::from_secs(3));
        messages = messages.max_messages_per_batch(200);
        let mut messages = messages.messages().await?;
        while let Some(message) = messages.next().await {
            let Ok(event) = serde_json::from_slice::<Event<Receipt>>(&message?.payload) else {
                continue;
            };
            let Receipt { message_id, outcome } = event.data;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(message_id, outcome);
        }
        Ok(())
    }

    /// What was answered to a message, if it was.
    pub(super) fn of(&self, message: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(message).cloned()
    }
}
