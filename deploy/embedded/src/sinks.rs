//! Stand-ins for the outside world: a mail server and SMS gateways that keep what they are sent.
//!
//! They speak the real protocols, so that what is tested is what will run, and they can misbehave
//! in every way that real ones do: refuse, hang, answer late, lose what they accepted, vanish
//! before they answer, report twice, or report a failure that was none.
//!
//! The launcher shows what they keep as the demo's inbox; tests wait for it. They are in this
//! crate, which no service depends on, because a service must never have a way to reach them but
//! the one that leads to a real mail server or gateway.

use axum::Router;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

mod behaviour;
mod mail;
mod messages;
mod sms;
mod smtp;
mod tls;

pub use behaviour::{Behaviour, Outcome, Provider, Reports};
pub use mail::{Mail, MailPart};
pub use messages::{Channel, Message, Messages, NotSeen};
pub use tls::Security;

/// How the stand-ins are set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many messages are kept; older ones make room for newer ones.
    pub keep: usize,
    /// What a client has to log in with, if it has to.
    pub credentials: Option<Credentials>,
    /// The longest mail that is accepted, in bytes.
    pub longest_mail: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { keep: 1_000, credentials: None, longest_mail: 1_000_000 }
    }
}

/// A user and a password, the same at the mail server and at the gateways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user, at Kannel `username`.
    pub user: String,
    /// The password.
    pub password: String,
}

/// All stand-ins with what they keep; clones share it.
#[derive(Debug, Clone)]
pub struct Sinks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    messages: Messages,
    behaviours: behaviour::Behaviours,
    tls: tls::Identity,
    reporter: reqwest::Client,
}

impl Sinks {
    /// Stand-ins that nobody can reach yet.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let messages = Messages::new(settings.keep);
        let tls = tls::Identity::new()?;
        let reporter = sms::reporter()?;
        let behaviours = behaviour::Behaviours::default();
        Ok(Self(Arc::new(Inner { settings, messages, behaviours, tls, reporter })))
    }

    /// What was sent and kept.
    #[must_use]
    pub fn messages(&self) -> &Messages {
        &self.0.messages
    }

    /// Lets a provider behave so from now on.
    pub fn set_behaviour(&self, provider: Provider, behaviour: Behaviour) {
        self.0.behaviours.set(provider, behaviour);
    }

    /// Lets a provider behave so to one address or number from now on, whatever it does to others.
    pub fn set_behaviour_to(&self, provider: Provider, recipient: &str, behaviour: Behaviour) {
        self.0.behaviours.set_to(provider, recipient, behaviour);
    }

    /// Lets a provider behave so for the next messages (each recipient's refusal of one mail is
    /// one), and then as before.
    pub fn fail_next(&self, provider: Provider, times: usize, behaviour: Behaviour) {
        self.0.behaviours.fail_next(provider, times, behaviour);
    }

    /// How a gateway reports deliveries from now on; none: it does not.
    pub fn set_reports(&self, provider: Provider, reports: Option<Reports>) {
        self.0.behaviours.set_reports(provider, reports);
    }

    /// How often a provider was asked to send, whatever became of it.
    #[must_use]
    pub fn attempts(&self, provider: Provider) -> u64 {
        self.0.behaviours.attempts(provider)
    }

    /// The self-signed certificate (DER) of the mail server, for clients that want to trust it.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        self.0.tls.certificate()
    }

    /// Is a mail server, until the future is dropped.
    pub async fn serve_smtp(self, listener: TcpListener, security: Security) -> io::Result<()> {
        smtp::serve(self, listener, security).await
    }

    /// Is both SMS gateways, until the future is dropped; with other pages beside them.
    pub async fn serve_sms(self, listener: TcpListener, beside: Router) -> io::Result<()> {
        let router = sms::router(self).merge(beside);
        sms::serve(router, listener).await
    }

    /// Runs everything on free ports of loopback, mail with STARTTLS offered.
    pub async fn start(settings: Settings) -> io::Result<RunningSinks> {
        let sinks = Self::new(settings)?;
        let smtp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let sms = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (smtp_address, sms_address) = (smtp.local_addr()?, sms.local_addr()?);
        let mut tasks = JoinSet::new();
        tasks.spawn(sinks.clone().serve_smtp(smtp, Security::StartTls));
        tasks.spawn(sinks.clone().serve_sms(sms, Router::new()));
        Ok(RunningSinks { sinks, smtp: smtp_address, sms: sms_address, _tasks: tasks })
    }
}

/// Stand-ins that are running; they stop when this is dropped.
#[derive(Debug)]
pub struct RunningSinks {
    /// The handle to see and steer them.
    pub sinks: Sinks,
    /// Where the mail server listens.
    pub smtp: SocketAddr,
    /// Where the SMS gateways listen.
    pub sms: SocketAddr,
    _tasks: JoinSet<io::Result<()>>,
}

impl RunningSinks {
    /// The mail server's URL, without credentials.
    #[must_use]
    pub fn smtp_url(&self) -> String {
        format!("smtp://{}", self.smtp)
    }

    /// Where 46elks' paths begin.
    #[must_use]
    pub fn elks_url(&self) -> String {
        format!("http://{}/a1", self.sms)
    }

    /// Kannel's page for sending.
    #[must_use]
    pub fn kannel_url(&self) -> String {
        format!("http://{}/cgi-bin/sendsms", self.sms)
    }
}
