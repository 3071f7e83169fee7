//! The hospitals' systems: one speaks MLLP, the other publishes on the broker.

use std::net::SocketAddr;
use std::time::Duration;

use admissions::mllp::MllpCodec;
use anyhow::Context;
use async_nats::jetstream;
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::codec::Framed;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer, in bytes, and how much of something else may come before one.
const LONGEST_ANSWER: usize = 64 * 1024;
const STRAY: usize = 1024;
/// What an answer says of a message that is committed.
const ACCEPTED: &[u8] = b"\rMSA|AA|";
/// The broker's header with the sender's id of the delivery.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// Connections to where admissions are taken in.
pub(crate) struct Hospitals {
    mllp: SocketAddr,
    connection: Option<Framed<TcpStream, MllpCodec>>,
    js: jetstream::Context,
}

impl Hospitals {
    /// Connects when there is something to say.
    pub(crate) fn new(mllp: SocketAddr, client: async_nats::Client) -> Self {
        Self { mllp, connection: None, js: jetstream::new(client) }
    }

    /// Sends HL7 and waits for the answer: whether it was accepted. After a failure it is to be sent
    /// again.
    pub(crate) async fn send_hl7(&mut self, message: &str) -> anyhow::Result<bool> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Framed::new(
                TcpStream::connect(self.mllp).await?,
                MllpCodec::new(LONGEST_ANSWER, STRAY),
            ),
        };
        let exchange = async {
            connection.send(message.as_bytes()).await.context("send")?;
            connection.next().await.context("the connection ended")?.context("read the answer")
        };
        let answer: Bytes = timeout(PATIENCE, exchange).await.context("no answer")??;
        self.connection = Some(connection);
        Ok(answer.windows(ACCEPTED.len()).any(|window| window == ACCEPTED))
    }

    /// Publishes a document and waits until the broker has it.
    pub(crate) async fn publish(
        &self,
        token: &str,
        message_id: &str,
        document: &serde_json::Value,
    ) -> anyhow::Result<()> {
        let subject = format!("hemgang.v1.intake.{token}.admission");
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(MESSAGE_ID, message_id);
        let payload = serde_json::to_vec(document)?.into();
        let published = self.js.publish_with_headers(subject, headers, payload).await?;
        timeout(PATIENCE, published).await.context("no answer")??;
        Ok(())
    }
}
