//! Mail over SMTP.
//!
//! The conversation is led here, command by command, on lettre's connection, and not by its
//! transport, for two reasons. Only so is it known how far it came: until the message itself is
//! handed over, whatever fails means *certainly not sent*; after that, silence means *unknown*.
//! And lettre's pool takes back a connection whose sending was given up half-way, so that the next
//! mail would read the answers to the one before; here such a connection is closed.
//!
//! A mail says that a machine sent it (`Auto-Submitted`, RFC 3834), so that no absence notice
//! answers it, and every attempt at the same message has the same `Message-ID`, by which a mail
//! server or client can know a second copy.

mod server;

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::commands::Language;
use contracts::{AlertId, EntryId};
use lettre::message::header::{ContentType, ContentTypeErr, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::response::Severity;
use tokio::time::{Instant, timeout};

use self::server::{Server, step};
use crate::domain::email::EmailAddress;
use crate::itip::CalendarEvent;
use crate::outcome::{Reason, SendOutcome};
use crate::templates::{MailText, words};

pub use self::server::UrlError;

/// For everything up to the message, and again for the message and its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that are kept open between mails, and for how long: shorter than servers do.
const IDLE_CONNECTIONS: usize = 48;
const IDLE_TIME: Duration = Duration::from_secs(30);
/// How long a kept connection is trusted without being asked whether it is still there.
const FRESH: Duration = Duration::from_secs(2);

/// Why mail cannot be sent with these settings. Never shows the address of the server, which may
/// hold a password.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// `SMTP_URL` cannot be used.
    #[error("SMTP_URL: {0}")]
    Url(#[from] UrlError),
    /// The sender is no mailbox.
    #[error("the sender is not of the form name@domain or Name <name@domain>")]
    From,
    /// The address for answers is no mailbox.
    #[error("the address for answers is not of the form name@domain or Name <name@domain>")]
    ReplyTo,
}

/// A mail to one recipient.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingMail<'a> {
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// Subject and text.
    pub text: &'a MailText,
    /// What a calendar makes of it, if it is about a meeting.
    pub event: Option<&'a CalendarEvent>,
    /// What `Message-ID` is made from: the same for every mail about the same alerts.
    pub alerts: &'a [AlertId],
    /// When it was written, for its `Date`.
    pub written_at: DateTime<Utc>,
}

/// Sends mail through one server, over a few connections that it keeps.
#[derive(Debug)]
pub struct Mailer {
    server: Server,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    idle: Mutex<Vec<Idle>>,
    patience: Duration,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Mailer {
    /// Reads the settings; connects to nothing yet.
    ///
    /// `url` is `smtp://host:port` in the clear, with `?tls=required` or `?tls=opportunistic` for
    /// STARTTLS, or `smtps://`; `user:password@` before the host, percent-encoded, only with
    /// encryption that is sure; a path is the name to greet with.
    /// `authorities`, certificates in PEM, vouch for the server beside those that browsers trust.
    pub fn new(
        url: &str,
        from: &str,
        reply_to: Option<&str>,
        authorities: Option<&[u8]>,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            server: Server::from_url(url, authorities)?,
            from: from.parse().map_err(|_| SettingsError::From)?,
            reply_to: reply_to.map(str::parse).transpose().map_err(|_| SettingsError::ReplyTo)?,
            idle: Mutex::default(),
            patience: PATIENCE,
        })
    }

    /// Sends one mail.
    pub async fn send(&self, mail: &OutgoingMail<'_>) -> SendOutcome {
        let Ok(message) = self.compose(mail) else {
            return SendOutcome::refused(true, Reason::RequestRefused, None);
        };
        let mut connection = match timeout(self.patience, self.prepare(mail.to)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(outcome)) => return outcome,
            Err(_) => return SendOutcome::refused(false, Reason::NotReached, None),
        };
        let sending = timeout(self.patience, connection.command(Content(&message)));
        let Ok(answer) = sending.await else {
            return SendOutcome::Unknown { reason: Reason::Timeout };
        };
        match answer {
            Ok(answer) if answer.code().severity == Severity::PositiveCompletion => {
                self.keep(connection);
                SendOutcome::Accepted { provider_id: None, parts: 1 }
            }
            Ok(_) => SendOutcome::Unknown { reason: Reason::UnreadableAnswer },
            Err(error) => server::refusal(&error, Reason::RequestRefused)
                .unwrap_or(SendOutcome::Unknown { reason: Reason::ConnectionLost }),
        }
    }

    /// A connection on which the server waits for the message. Whatever fails here, nothing was
    /// sent.
    async fn prepare(&self, to: &EmailAddress) -> Result<AsyncSmtpConnection, SendOutcome> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.server.connect().await?,
        };
        let sender = Mail::new(Some(self.from.email.clone()), Vec::new());
        // It knows nothing of the mail yet but who we are.
        step(connection.command(sender).await, Reason::AccountRefused)?;
        let recipient = Rcpt::new(to.address(), Vec::new());
        step(connection.command(recipient).await, Reason::RecipientRefused)?;
        let go = step(connection.command(Data).await, Reason::RequestRefused)?;
        if go.has_code(354) {
            Ok(connection)
        } else {
            Err(SendOutcome::refused(false, Reason::Busy, Some(go.code().into())))
        }
    }

    /// A kept connection that still answers.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let Idle { mut connection, since } = self.idle.lock().ok()?.pop()?;
            let age = since.elapsed();
            if age < FRESH || (age < IDLE_TIME && connection.test_connected().await) {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if let Ok(mut idle) = self.idle.lock()
            && idle.len() < IDLE_CONNECTIONS
        {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }

    /// The message as it is handed over: ASCII, whatever it says.
    fn compose(&self, mail: &OutgoingMail<'_>) -> Result<String, ComposeError> {
        let id = format!("<{}@{}>", message_id(mail.alerts), self.from.email.domain());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, mail.to.address()))
            .subject(&mail.text.subject)
            .date(mail.written_at.into())
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentLanguage(mail.text.language));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        let text = SinglePart::plain(mail.text.text.clone());
        let message = match mail.event {
            None => builder.singlepart(text)?,
            Some(event) => {
                // RFC 6047, 2.4: the last alternative is the one that says most.
                let kind =
                    format!("text/calendar; method={}; charset=utf-8", event.method.as_str());
                let calendar = SinglePart::builder().header(ContentType::parse(&kind)?);
                let calendar = calendar.body(event.text.clone());
                let parts = MultiPart::alternative().singlepart(text).singlepart(calendar);
                builder.multipart(parts)?
            }
        };
        Ok(String::from_utf8(message.formatted())?)
    }

    /// Who writes.
    pub(crate) fn sender(&self) -> &Mailbox {
        &self.from
    }
}

/// What a message about these alerts is known by, in whatever order they stand.
fn message_id(alerts: &[AlertId]) -> String {
    if let [alert] = alerts {
        return format!("{alert}.email");
    }
    let mut alerts: Vec<String> = alerts.iter().map(AlertId::to_string).collect();
    alerts.sort_unstable();
    let parts: Vec<&str> = alerts.iter().map(String::as_str).collect();
    format!("{}.digest", EntryId::derive("digest", &parts))
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").field("since", &self.since).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
enum ComposeError {
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
    #[error(transparent)]
    ContentType(#[from] ContentTypeErr),
    #[error(transparent)]
    Text(#[from] std::string::FromUtf8Error),
}

/// A message and its end, to be written at once. lettre writes the end by itself, and there it waits
/// until the server has acknowledged what came before, which servers take 40 ms for.
struct Content<'a>(&'a str);

impl std::fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in self.0.trim_end_matches("\r\n").split("\r\n") {
            // RFC 5321, 4.5.2.
            let dot = if line.starts_with('.') { "." } else { "" };
            write!(f, "{dot}{line}\r\n")?;
        }
        f.write_str(".\r\n")
    }
}

/// `Auto-Submitted: auto-generated`.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// `Content-Language`, by which a screen reader chooses its voice.
#[derive(Clone)]
struct ContentLanguage(Language);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(tag: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(words::from_tag(Some(tag))))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), words::tag(self.0).to_owned())
    }
}

#[cfg(test)]
mod tests;
