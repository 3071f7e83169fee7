//! Stands in for the services whose facts `deadlines` derives from: publishes their snapshots on their
//! streams, as their relays would, and answers up to where that is done.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Context;
use async_nats::HeaderMap;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::{self};
use contracts::commands::any::{self, PublishedUpTo};
use contracts::{Aggregate, Event, EventId, subjects};
use futures::StreamExt;
use messaging::streams::Found;
use tokio::task::JoinHandle;

/// Snapshots under way to the broker at once.
const UNDER_WAY: usize = 1_000;
const LOOK: Duration = Duration::from_millis(50);

/// Publishes snapshots.
pub(super) struct Publisher {
    js: jetstream::Context,
    under_way: VecDeque<PublishAckFuture>,
}

impl Publisher {
    pub(super) fn new(client: async_nats::Client) -> Self {
        let js = jetstream::ContextBuilder::new()
            .max_ack_inflight(2 * UNDER_WAY)
            .backpressure_on_inflight(true)
            .build(client);
        Self { js, under_way: VecDeque::new() }
    }

    /// Publishes the first version of an aggregate.
    pub(super) async fn publish<A: Aggregate>(
        &mut self,
        source: &str,
        kind: &str,
        data: &A,
    ) -> anyhow::Result<()> {
        let event = Event {
            specversion: "1.0".to_owned(),
            id: EventId(chassis::new_id()),
            source: format!("/hemgang/{source}"),
            kind: kind.to_owned(),
            subject: data.key(),
            time: chassis::real_now(),
            datacontenttype: "application/json".to_owned(),
            epoch: 1,
            version: 1,
            traceparent: Some(chassis::Trace::start().to_string()),
            data,
        };
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", event.id.to_string());
        headers.insert("Content-Type", Event::<()>::CONTENT_TYPE);
        let payload = serde_json::to_vec(&event)?;
        let sent = self.js.publish_with_headers(A::SUBJECT, headers, payload.into()).await;
        self.under_way.push_back(sent.context("publish a snapshot")?);
        while self.under_way.len() > UNDER_WAY {
            self.settle().await?;
        }
        Ok(())
    }

    async fn settle(&mut self) -> anyhow::Result<()> {
        if let Some(sent) = self.under_way.pop_front() {
            sent.await.context("await the broker's acknowledgement")?;
        }
        Ok(())
    }

    /// Waits until the broker has everything.
    pub(super) async fn finish(mut self) -> anyhow::Result<()> {
        while !self.under_way.is_empty() {
            self.settle().await?;
        }
        Ok(())
    }
}

/// Answers for a source that all of its stream is all that it has to say.
pub(super) async fn answer_for(
    client: async_nats::Client,
    source: &'static str,
) -> anyhow::Result<JoinHandle<anyhow::Result<()>>> {
    let js = jetstream::new(client.clone());
    let stream = subjects::stream_of(source);
    let mut asked = client.subscribe(subjects::command(source, any::PUBLISHED_UP_TO)).await?;
    Ok(tokio::spawn(async move {
        while let Some(question) = asked.next().await {
            let found = Found::named(&js, &stream).await?;
            let (incarnation, sequence) = (found.incarnation, found.info.state.last_sequence);
            let answer = PublishedUpTo { incarnation, sequence, complete: true };
            if let Some(reply) = question.reply {
                client.publish(reply, serde_json::to_vec(&answer)?.into()).await?;
            }
        }
        Ok(())
    }))
}

/// Waits until a service has handled everything that these sources have published.
pub(super) async fn handled(
    client: &async_nats::Client,
    service: &str,
    sources: &[&str],
) -> anyhow::Result<()> {
    let js = jetstream::new(client.clone());
    for source in sources {
        let stream = subjects::stream_of(source);
        loop {
            let durable = js.get_consumer_from_stream::<pull::Config, _, _>(service, &stream).await;
            let mut durable = durable.with_context(|| format!("find {service} on {stream}"))?;
            let info = durable.info().await.context("look at a durable")?;
            if info.num_pending == 0 && info.num_ack_pending == 0 {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    Ok(())
}
