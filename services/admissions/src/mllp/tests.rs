//! The codec and the listener over real TCP.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::*;

mod framing;

const PATIENCE: Duration = Duration::from_secs(20);

struct Listener {
    address: std::net::SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
    /// A permit for every message that the handler has begun with.
    taken: Arc<Semaphore>,
}

impl Listener {
    /// Answers every message with itself, doubled, for each permit of the gate.
    async fn start(limits: Limits, gate: Arc<Semaphore>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let taken = Arc::new(Semaphore::new(0));
        let begun = Arc::clone(&taken);
        let handler = move |_, inbound| {
            let (gate, begun) = (Arc::clone(&gate), Arc::clone(&begun));
            async move {
                begun.add_permits(1);
                gate.acquire().await.unwrap().forget();
                match inbound {
                    Inbound::Message(bytes) if bytes == "none" => vec![],
                    Inbound::Message(bytes) if bytes == "two" => vec![b"1".into(), b"2".into()],
                    Inbound::Message(bytes) => vec![[bytes.as_ref(), bytes.as_ref()].concat()],
                    Inbound::TooLarge { head } => vec![[b"too large: ", head.as_ref()].concat()],
                }
            }
        };
        let task = tokio::spawn(serve(socket, limits, handler, shutdown.clone()));
        Self { address, shutdown, task, taken }
    }

    async fn open(limits: Limits) -> Self {
        Self::start(limits, Arc::new(Semaphore::new(1000))).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// The next answer, or `None` when the peer has closed.
async fn answer(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match timeout(PATIENCE, stream.read_u8()).await.expect("neither answer nor close") {
            Ok(byte) => bytes.push(byte),
            Err(_) => return None,
        }
        if bytes.ends_with(b"\x1c\r") {
            return Some(bytes[1..bytes.len() - 2].to_vec());
        }
    }
}

#[tokio::test]
async fn messages_of_one_packet_are_answered_in_order() {
    let listener = Listener::open(Limits::default()).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"\x0ba\x1c\r\x0bb\x1c\r\x0bc").await.unwrap();
    assert_eq!(answer(&mut stream).await.unwrap(), b"aa");
    assert_eq!(answer(&mut stream).await.unwrap(), b"bb");
    stream.write_all(b"d\x1c").await.unwrap();
    stream.write_all(b"\r").await.unwrap();
    assert_eq!(answer(&mut stream).await.unwrap(), b"cdcd");
}

#[tokio::test]
async fn a_message_may_have_no_answer_or_two() {
    let listener = Listener::open(Limits::default()).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"\x0bnone\x1c\r\x0btwo\x1c\r\x0ba\x1c\r").await.unwrap();
    for expected in ["1", "2", "aa"] {
        assert_eq!(answer(&mut stream).await.unwrap(), expected.as_bytes());
    }
}

#[tokio::test]
async fn a_message_over_the_cap_is_answered_and_the_connection_closed() {
    let limits = Limits { max_frame: 100, ..Limits::default() };
    let listener = Listener::open(limits).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"\x0bMSH|").await.unwrap();
    // More than any buffer on the way holds, so the answer must come before all of it is taken.
    let (mut from, mut to) = stream.split();
    let chunk = vec![b'x'; 65536];
    let flood = async { while to.write_all(&chunk).await.is_ok() {} };
    let mut said = Vec::new();
    let heard = async {
        while !said.ends_with(b"\x1c\r") {
            said.push(from.read_u8().await.unwrap());
        }
    };
    timeout(PATIENCE, async {
        tokio::select! { () = heard => (), () = flood => () }
    })
    .await
    .unwrap();
    assert!(said.starts_with(b"\x0btoo large: MSH|xxx"));
    assert_eq!(said.len(), 1 + 11 + 100 + 2);
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
    let listener = Listener::open(limits).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"\x0bhalf").await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
}

#[tokio::test]
async fn a_peer_that_speaks_something_else_is_closed() {
    let listener = Listener::open(Limits { max_stray: 8, ..Limits::default() }).await;
    let mut stream = listener.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut stream).await, None);
}

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_a_freed_one_is_given_again() {
    let listener = Listener::open(Limits { max_connections: 1, ..Limits::default() }).await;
    let mut first = listener.connect().await;
    first.write_all(b"\x0ba\x1c\r").await.unwrap();
    assert_eq!(answer(&mut first).await.unwrap(), b"aa");
    assert_eq!(answer(&mut listener.connect().await).await, None);
    drop(first);
    let freed = async {
        loop {
            let mut next = listener.connect().await;
            let _ = next.write_all(b"\x0bb\x1c\r").await;
            if let Some(said) = answer(&mut next).await {
                return said;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, freed).await.unwrap(), b"bb");
}

#[tokio::test]
async fn one_peer_leaves_room_for_the_others() {
    let listener = Listener::open(Limits { max_per_peer: 1, ..Limits::default() }).await;
    let mut first = listener.connect().await;
    first.write_all(b"\x0ba\x1c\r").await.unwrap();
    assert_eq!(answer(&mut first).await.unwrap(), b"aa");
    assert_eq!(answer(&mut listener.connect().await).await, None);
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(listener.address).await.unwrap();
    other.write_all(b"\x0bb\x1c\r").await.unwrap();
    assert_eq!(answer(&mut other).await.unwrap(), b"bb");
}

#[tokio::test]
async fn shutdown_finishes_the_message_in_hand_and_takes_no_other() {
    let gate = Arc::new(Semaphore::new(0));
    let listener = Listener::start(Limits::default(), Arc::clone(&gate)).await;
    let mut stream = listener.connect().await;
    let mut idle = listener.connect().await;
    stream.write_all(b"\x0ba\x1c\r\x0bb\x1c\r").await.unwrap();
    timeout(PATIENCE, listener.taken.acquire()).await.unwrap().unwrap().forget();
    listener.shutdown.cancel();
    assert_eq!(answer(&mut idle).await, None);
    gate.add_permits(10);
    assert_eq!(answer(&mut stream).await.unwrap(), b"aa");
    assert_eq!(answer(&mut stream).await, None);
    timeout(PATIENCE, listener.task).await.unwrap().unwrap();
}
