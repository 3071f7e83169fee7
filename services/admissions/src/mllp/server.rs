//! The MLLP listener: many senders, each heard in its own order.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use chassis::places::{Place, Places};
use futures::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::codec::Framed;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{MllpCodec, MllpError};

/// How long to let go of accepting when the system has no socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What one listener puts up with.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest message in bytes.
    pub max_frame: usize,
    /// Most bytes outside frames, in a row, that are skipped.
    pub max_stray: usize,
    /// Most connections at a time; a further one takes the place of the oldest that has not sent a
    /// message yet, or is closed at once.
    pub max_connections: usize,
    /// Most of them from one address, so that one peer leaves room for the others; with the same way
    /// out among its own.
    pub max_per_peer: usize,
    /// Longest wait for the next complete message, and for an answer to be taken.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame: 1024 * 1024,
            max_stray: 1024,
            max_connections: 64,
            max_per_peer: 8,
            idle: Duration::from_mins(10),
        }
    }
}

/// What a sender sent, for the handler to answer.
#[derive(Debug)]
pub enum Inbound {
    /// A complete message.
    Message(Bytes),
    /// The beginning of a message over the cap: refuse it; the connection closes after that.
    TooLarge {
        /// As much of the message as the cap allows.
        head: Bytes,
    },
}

/// Accepts connections until `shutdown`, then lets each finish the message in hand.
///
/// Each of the handler's answers is framed and sent, if there are any; messages of one connection are handled
/// one after the other, so answers keep their order. A message that was only half received at
/// shutdown is dropped: it has no answer, so its sender sends it again.
pub async fn serve<H, F>(
    listener: TcpListener,
    limits: Limits,
    handler: H,
    shutdown: CancellationToken,
) where
    H: Fn(SocketAddr, Inbound) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Vec<Vec<u8>>> + Send + 'static,
{
    let connections = TaskTracker::new();
    let places = Places::new(limits.max_connections, limits.max_per_peer);
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accepting an MLLP connection failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = places.take(peer.ip()) else {
            let (all, own) = (limits.max_connections, limits.max_per_peer);
            tracing::warn!(%peer, all, own, "MLLP connection refused: no place is left");
            continue;
        };
        let (handler, shutdown) = (handler.clone(), shutdown.clone());
        connections.spawn(async move {
            if let Err(error) = converse(stream, peer, limits, handler, shutdown, &place).await {
                tracing::warn!(%peer, error = &error as &dyn std::error::Error, "MLLP closed");
            }
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// One connection, until its peer leaves, stays silent, breaks the protocol, or we shut down.
async fn converse<H, F>(
    stream: TcpStream,
    peer: SocketAddr,
    limits: Limits,
    handler: H,
    shutdown: CancellationToken,
    place: &Place,
) -> Result<(), MllpError>
where
    H: Fn(SocketAddr, Inbound) -> F,
    F: Future<Output = Vec<Vec<u8>>>,
{
    stream.set_nodelay(true)?;
    let mut framed = Framed::new(stream, MllpCodec::new(limits.max_frame, limits.max_stray));
    loop {
        let next = tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(()),
            () = place.given_up() => {
                tracing::warn!(%peer, "MLLP closed: silent, and others need its place");
                return Ok(());
            }
            next = timeout(limits.idle, framed.next()) => next,
        };
        let (inbound, last) = match next {
            Err(_) | Ok(None) => return Ok(()),
            Ok(Some(Ok(message))) => (Inbound::Message(message), false),
            Ok(Some(Err(MllpError::FrameTooLarge { head, .. }))) => {
                (Inbound::TooLarge { head }, true)
            }
            Ok(Some(Err(error))) => return Err(error),
        };
        // A message has come: it is not given up any more.
        place.hold();
        let answers = handler(peer, inbound).await;
        let sent = timeout(limits.idle, send(&mut framed, &answers)).await;
        sent.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        if last {
            return linger(framed.into_inner(), limits).await;
        }
    }
}

async fn send(
    framed: &mut Framed<TcpStream, MllpCodec>,
    answers: &[Vec<u8>],
) -> Result<(), MllpError> {
    for answer in answers {
        framed.feed(answer.as_slice()).await?;
    }
    framed.flush().await
}

/// Closes so that the refusal arrives: data left unread would turn the close into a reset, and a
/// reset may overtake the answer. What still comes is thrown away, for a bounded time.
async fn linger(mut stream: TcpStream, limits: Limits) -> Result<(), MllpError> {
    use tokio::io::AsyncWriteExt as _;
    stream.shutdown().await?;
    let patience = limits.idle.min(Duration::from_secs(2));
    let _ = timeout(patience, tokio::io::copy(&mut stream, &mut tokio::io::sink())).await;
    Ok(())
}
