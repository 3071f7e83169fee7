//! A link between a process and what it talks to: a small TCP proxy that can be cut, silenced one way
//! or both, slowed, reset in the middle of a frame, or broken just when a transaction commits.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

const CHUNK: usize = 16 * 1024;
/// How a client ends a transaction of its own: the text of a simple query.
const COMMIT: &[u8] = b"COMMIT\0";

/// What is wrong with a link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// Connections are reset, new ones too.
    Cut,
    /// Bytes are held back on the way to the server, to the client, or both; nobody is told.
    Silent { up: bool, down: bool },
    /// Every piece takes so much longer.
    Slow(Duration),
    /// Each connection is reset after half of the next piece.
    ResetMidFrame,
    /// Half of the commits are cut off before the database hears of them.
    CommitLost,
    /// Half of the commits are carried out, and the connection is reset instead of the answer.
    CommitUnanswered,
    /// Somebody waits for the next commit.
    CommitWatched,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

impl Trouble {
    fn holds_back(self, way: Way) -> bool {
        match self {
            Self::Silent { up, down } => {
                if way == Way::Up {
                    up
                } else {
                    down
                }
            }
            _ => false,
        }
    }
}

/// A link that is up until something is done to it. It ends with the process.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Where clients connect.
    pub(crate) address: SocketAddr,
    trouble: Arc<watch::Sender<Trouble>>,
    commit: Arc<Notify>,
}

impl Link {
    /// A link to a server.
    pub(crate) async fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (trouble, commit) = (Arc::new(watch::Sender::default()), Arc::default());
        let link = Self { address, trouble, commit };
        let serving = link.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serving.clone().carry(client, server));
            }
        });
        Ok(link)
    }

    pub(crate) fn set(&self, trouble: Trouble) {
        self.trouble.send_replace(trouble);
    }

    /// Waits for the next commit while the link is [`Trouble::CommitWatched`].
    pub(crate) async fn commit(&self) {
        self.commit.notified().await;
    }

    async fn carry(self, mut client: TcpStream, server: SocketAddr) {
        let mut trouble = self.trouble.subscribe();
        if *trouble.borrow_and_update() == Trouble::Cut {
            return reset(&client);
        }
        let Ok(mut server) = TcpStream::connect(server).await else {
            return reset(&client);
        };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let swallow = AtomicBool::new(false);
        let ended = {
            let ((from_client, to_client), (from_server, to_server)) =
                (client.split(), server.split());
            let pump = |way| Pump { way, link: &self, swallow: &swallow };
            tokio::select! {
                ended = async {
                    tokio::try_join!(
                        pump(Way::Up).run(from_client, to_server),
                        pump(Way::Down).run(from_server, to_client),
                    )
                } => ended.map(drop),
                _ = trouble.wait_for(|trouble| *trouble == Trouble::Cut) => {
                    Err(io::ErrorKind::ConnectionReset.into())
                }
            }
        };
        if ended.is_err() {
            reset(&client);
            reset(&server);
        }
    }
}

/// From now on closing it resets it.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

/// One way of a connection.
struct Pump<'a> {
    way: Way,
    link: &'a Link,
    /// The next answer is not for the client.
    swallow: &'a AtomicBool,
}

impl Pump<'_> {
    async fn run(
        self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = from.read(&mut buffer).await?;
            if read == 0 {
                return to.shutdown().await;
            }
            let chunk = buffer.get(..read).unwrap_or_default();
            let trouble = self.passable().await;
            self.hinder(trouble, chunk, &mut to).await?;
            to.write_all(chunk).await?;
            if self.way == Way::Up && trouble == Trouble::CommitWatched && commits(chunk) {
                self.link.commit.notify_one();
            }
        }
    }

    /// Waits until bytes may go this way.
    async fn passable(&self) -> Trouble {
        let mut trouble = self.link.trouble.subscribe();
        let passable = trouble.wait_for(|trouble| !trouble.holds_back(self.way)).await;
        passable.map(|trouble| *trouble).unwrap_or_default()
    }

    /// Does to a piece what is to be done; an error is the connection's end.
    async fn hinder(
        &self,
        trouble: Trouble,
        chunk: &[u8],
        to: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<()> {
        let broken = || Err(io::ErrorKind::ConnectionReset.into());
        match trouble {
            Trouble::Slow(time) => tokio::time::sleep(time).await,
            Trouble::ResetMidFrame => {
                to.write_all(chunk.get(..chunk.len() / 2).unwrap_or_default()).await?;
                return broken();
            }
            Trouble::CommitLost if self.way == Way::Up && commits(chunk) && fastrand::bool() => {
                return broken();
            }
            Trouble::CommitUnanswered => match self.way {
                Way::Up if commits(chunk) && fastrand::bool() => {
                    self.swallow.store(true, Ordering::Relaxed);
                }
                Way::Down if self.swallow.load(Ordering::Relaxed) => return broken(),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }
}

fn commits(chunk: &[u8]) -> bool {
    chunk.windows(COMMIT.len()).any(|window| window == COMMIT)
}
