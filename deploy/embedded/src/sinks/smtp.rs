//! The mail server: the bytes of its connections.

use super::behaviour::{Behaviour, Provider};
use super::{Mail, Message, Security, Sinks};
use session::{Envelope, Session, Step};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

mod session;

const LONGEST_COMMAND: usize = 2_000;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    session: Session,
    sinks: Sinks,
}

/// Serves clients until it is dropped, and they with it.
pub(super) async fn serve(
    sinks: Sinks,
    listener: TcpListener,
    security: Security,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(converse(sinks.clone(), stream, security));
            }
            // Whatever a connection ended with is its client's affair.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(sinks: Sinks, stream: TcpStream, security: Security) -> io::Result<()> {
    let stream: Box<dyn Stream> = match security {
        Security::Implicit => Box::new(sinks.0.tls.acceptor().accept(stream).await?),
        Security::Plain | Security::StartTls => Box::new(stream),
    };
    let session = Session::new(&sinks.0.settings, security);
    let mut connection = Connection { stream: BufReader::new(stream), session, sinks };
    connection.say("220 localhost ESMTP").await?;
    while let Some(line) = connection.line(LONGEST_COMMAND).await? {
        match connection.session.command(&String::from_utf8_lossy(&line)) {
            Step::Answer(answer) => connection.say(&answer).await?,
            Step::Begin => connection.begin().await?,
            Step::Recipient(to) => connection.recipient(to).await?,
            Step::Data(envelope) => {
                if !connection.data(envelope).await? {
                    return Ok(());
                }
            }
            Step::StartTls => connection = connection.encrypt().await?,
            Step::Bye => return connection.say("221 bye").await,
        }
    }
    Ok(())
}

impl Connection {
    async fn say(&mut self, answer: &str) -> io::Result<()> {
        self.stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// The next line without its end; none when the client has left.
    async fn line(&mut self, longest: usize) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let limit = u64::try_from(longest).unwrap_or(u64::MAX);
        (&mut self.stream).take(limit).read_until(b'\n', &mut line).await?;
        match line.strip_suffix(b"\n") {
            Some(whole) => Ok(Some(whole.strip_suffix(b"\r").unwrap_or(whole).to_vec())),
            None if line.len() < longest => Ok(None),
            None => {
                self.say("500 line too long").await?;
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    }

    /// A mail begins: what becomes of it is decided now.
    async fn begin(&mut self) -> io::Result<()> {
        let behaviour = self.sinks.0.behaviours.next(Provider::Smtp);
        self.session.behave(behaviour);
        self.say("250 sender ok").await
    }

    /// A recipient may be treated in a way of its own.
    async fn recipient(&mut self, to: String) -> io::Result<()> {
        let behaviour = self.sinks.0.behaviours.to(Provider::Smtp, &to);
        let answer = self.session.recipient(to, behaviour);
        self.say(&answer).await
    }

    /// Takes the mail; the answer is whether the connection goes on.
    async fn data(&mut self, envelope: Envelope) -> io::Result<bool> {
        self.say("354 end with a dot").await?;
        let Some(raw) = self.body().await? else {
            return Ok(false);
        };
        if raw.len() > self.sinks.0.settings.longest_mail {
            return self.say("552 5.3.4 too long").await.map(|()| true);
        }
        match envelope.behaviour {
            Behaviour::Refuse(code) | Behaviour::RefuseRecipient(code) => {
                return self.say(&format!("{code} refused")).await.map(|()| true);
            }
            Behaviour::Hang => {
                // As long as the client waits: what it says is read and ignored.
                while self.line(LONGEST_COMMAND).await?.is_some() {}
                return Ok(false);
            }
            Behaviour::Slow(time) => sleep(time).await,
            Behaviour::Accept | Behaviour::Cut | Behaviour::Lose => {}
        }
        let mail = Arc::new(Mail::read(&raw));
        let messages = self.sinks.messages();
        let message = |to| {
            let id = messages.next_id(Provider::Smtp);
            Message::email(id, to, envelope.from.clone(), Arc::clone(&mail))
        };
        let taken = envelope.to.into_iter().map(message).collect();
        if envelope.behaviour == Behaviour::Lose {
            messages.lose(taken);
        } else {
            messages.keep(taken);
        }
        if envelope.behaviour == Behaviour::Cut {
            return Ok(false);
        }
        self.say("250 2.0.0 queued").await.map(|()| true)
    }

    /// Everything up to the line with a dot alone; what is longer than allowed is not kept.
    async fn body(&mut self) -> io::Result<Option<Vec<u8>>> {
        let longest = self.sinks.0.settings.longest_mail;
        let mut raw = Vec::new();
        while let Some(line) = self.line(longest).await? {
            if line == b"." {
                return Ok(Some(raw));
            }
            if raw.len() <= longest {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                raw.extend_from_slice(b"\r\n");
            }
        }
        Ok(None)
    }

    /// Goes on encrypted. What the client sent before it was so is thrown away, as it could be
    /// somebody else's words.
    async fn encrypt(mut self) -> io::Result<Self> {
        self.say("220 go ahead").await?;
        let acceptor = self.sinks.0.tls.acceptor().clone();
        let stream: Box<dyn Stream> = Box::new(acceptor.accept(self.stream.into_inner()).await?);
        self.session.encrypted();
        Ok(Self { stream: BufReader::new(stream), ..self })
    }
}
