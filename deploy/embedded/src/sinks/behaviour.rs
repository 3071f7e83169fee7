//! How the stand-ins behave, and misbehave.

use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The mail server.
    Smtp,
    /// The SMS gateway in the manner of 46elks.
    #[serde(rename = "46elks")]
    Elks,
    /// The SMS gateway in the manner of Kannel.
    Kannel,
}

impl Provider {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Elks => "46elks",
            Self::Kannel => "kannel",
        }
    }
}

/// What becomes of a message. Times are real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behaviour {
    /// It is kept and accepted.
    #[default]
    Accept,
    /// It is kept and accepted, but only after this time.
    Slow(Duration),
    /// It is refused with this code: at SMTP 4xx or 5xx after the mail, else an HTTP status.
    Refuse(u16),
    /// As [`Behaviour::Refuse`], but at SMTP each recipient is refused, before the mail.
    RefuseRecipient(u16),
    /// It is not kept, and there is no answer as long as the client waits.
    Hang,
    /// It is accepted and not kept, but for the record of what was lost.
    Lose,
    /// It is kept, and the connection is cut instead of an answer.
    Cut,
}

/// What a delivery report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The message has arrived.
    Delivered,
    /// The message has not arrived, which is false: it was kept.
    Failed,
}

/// How a gateway reports on each message that it kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports {
    /// What is said.
    pub outcome: Outcome,
    /// How long after the message, in real time.
    pub after: Duration,
    /// How often.
    pub times: usize,
}

impl Default for Reports {
    fn default() -> Self {
        Self { outcome: Outcome::Delivered, after: Duration::from_millis(100), times: 1 }
    }
}

#[derive(Debug)]
struct Script {
    usual: Behaviour,
    next: (usize, Behaviour),
    /// To one recipient, before all else.
    to: HashMap<String, Behaviour>,
    reports: Option<Reports>,
    attempts: u64,
}

impl Default for Script {
    fn default() -> Self {
        let usual = Behaviour::Accept;
        let (to, reports) = (HashMap::new(), Some(Reports::default()));
        Self { usual, next: (0, usual), to, reports, attempts: 0 }
    }
}

/// The scripts of all providers.
#[derive(Debug, Default)]
pub(super) struct Behaviours(Mutex<HashMap<Provider, Script>>);

impl Behaviours {
    fn scripts(&self) -> MutexGuard<'_, HashMap<Provider, Script>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, provider: Provider, behaviour: Behaviour) {
        self.scripts().entry(provider).or_default().usual = behaviour;
    }

    pub(super) fn set_to(&self, provider: Provider, recipient: &str, behaviour: Behaviour) {
        self.scripts().entry(provider).or_default().to.insert(recipient.to_owned(), behaviour);
    }

    /// What becomes of messages to one recipient, if that is something of its own.
    pub(super) fn to(&self, provider: Provider, recipient: &str) -> Option<Behaviour> {
        self.scripts().entry(provider).or_default().to.get(recipient).copied()
    }

    pub(super) fn fail_next(&self, provider: Provider, times: usize, behaviour: Behaviour) {
        self.scripts().entry(provider).or_default().next = (times, behaviour);
    }

    pub(super) fn set_reports(&self, provider: Provider, reports: Option<Reports>) {
        self.scripts().entry(provider).or_default().reports = reports;
    }

    pub(super) fn reports(&self, provider: Provider) -> Option<Reports> {
        self.scripts().entry(provider).or_default().reports
    }

    pub(super) fn attempts(&self, provider: Provider) -> u64 {
        self.scripts().entry(provider).or_default().attempts
    }

    /// What is to become of the message that has just come.
    pub(super) fn next(&self, provider: Provider) -> Behaviour {
        let mut scripts = self.scripts();
        let script = scripts.entry(provider).or_default();
        script.attempts += 1;
        let (times, behaviour) = &mut script.next;
        if *times == 0 {
            return script.usual;
        }
        *times -= 1;
        *behaviour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_failures_that_were_asked_for_all_is_as_before() {
        let behaviours = Behaviours::default();
        behaviours.fail_next(Provider::Elks, 2, Behaviour::Refuse(500));
        let seen: Vec<_> = (0..3).map(|_| behaviours.next(Provider::Elks)).collect();
        let refused = Behaviour::Refuse(500);
        assert_eq!(seen, [refused, refused, Behaviour::Accept]);
        assert_eq!(behaviours.next(Provider::Kannel), Behaviour::Accept);
        assert_eq!(behaviours.attempts(Provider::Elks), 3);
    }
}
