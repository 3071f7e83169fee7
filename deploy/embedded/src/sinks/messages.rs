//! What was sent.

use super::{Mail, Provider};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// By which kind of channel a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A mail.
    Email,
    /// A text message.
    Sms,
}

/// A message as one recipient got it; a mail to two recipients is two messages.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// The provider's id of it.
    pub id: String,
    /// By which kind of channel it came.
    pub channel: Channel,
    /// Who accepted it.
    pub provider: Provider,
    /// The address or number that it was delivered to; of a mail the envelope's.
    pub to: String,
    /// The address or number that it came from; of a mail the envelope's.
    pub from: String,
    /// A mail's subject.
    pub subject: Option<String>,
    /// What it says, decoded; of a mail the first plain text in it.
    pub text: String,
    /// When it was accepted, in real time.
    pub received_at: DateTime<Utc>,
    /// The whole mail, if it is one.
    #[serde(skip)]
    pub mail: Option<Arc<Mail>>,
}

impl Message {
    pub(super) fn email(id: String, to: String, from: String, mail: Arc<Mail>) -> Self {
        Self {
            id,
            channel: Channel::Email,
            provider: Provider::Smtp,
            to,
            from,
            subject: mail.header("Subject").map(str::to_owned),
            text: mail.text(),
            received_at: SystemTime::now().into(),
            mail: Some(mail),
        }
    }
}

/// What was waited for was not seen in time.
#[derive(Debug, thiserror::Error)]
#[error("not seen within {patience:?}; there were {total} messages, the newest: {newest}")]
pub struct NotSeen {
    patience: Duration,
    total: u64,
    newest: String,
}

/// The newest messages, oldest first.
#[derive(Debug)]
pub struct Messages {
    keep: usize,
    kept: Mutex<VecDeque<Message>>,
    lost: Mutex<VecDeque<Message>>,
    ids: AtomicU64,
    total: watch::Sender<u64>,
}

impl Messages {
    pub(super) fn new(keep: usize) -> Self {
        let (kept, lost) = (Mutex::default(), Mutex::default());
        Self { keep, kept, lost, ids: AtomicU64::new(0), total: watch::Sender::new(0) }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An id for the next message that a provider accepts.
    pub(super) fn next_id(&self, provider: Provider) -> String {
        format!("{}-{}", provider.name(), self.ids.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Keeps messages, all at once.
    pub(super) fn keep(&self, messages: Vec<Message>) {
        let count = messages.len() as u64;
        let mut kept = self.kept();
        kept.extend(messages);
        let too_many = kept.len().saturating_sub(self.keep);
        kept.drain(..too_many);
        drop(kept);
        self.total.send_modify(|total| *total += count);
    }

    /// Remembers messages that were accepted and not delivered to anybody.
    pub(super) fn lose(&self, messages: Vec<Message>) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.extend(messages);
        let too_many = lost.len().saturating_sub(self.keep);
        lost.drain(..too_many);
    }

    /// Those that were accepted and lost, oldest first. They count nowhere else.
    #[must_use]
    pub fn lost(&self) -> Vec<Message> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// All that are kept, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Message> {
        self.kept().iter().cloned().collect()
    }

    /// All that are kept, oldest first; they are kept no longer.
    #[must_use]
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut *self.kept()).into()
    }

    /// Those to one address or number, oldest first.
    #[must_use]
    pub fn to(&self, recipient: &str) -> Vec<Message> {
        self.kept().iter().filter(|message| message.to == recipient).cloned().collect()
    }

    /// How many came since the start, with those that are no longer kept.
    #[must_use]
    pub fn total(&self) -> u64 {
        *self.total.borrow()
    }

    /// Forgets all messages; the total goes on.
    pub fn clear(&self) {
        self.kept().clear();
    }

    /// Waits until the kept messages have what is looked for, and returns it.
    pub async fn wait_for<T>(
        &self,
        patience: Duration,
        mut find: impl FnMut(&[Message]) -> Option<T>,
    ) -> Result<T, NotSeen> {
        let mut changes = self.total.subscribe();
        let seen = async {
            loop {
                if let Some(found) = find(self.kept().make_contiguous()) {
                    return found;
                }
                // The sender lives as long as we do.
                let _ = changes.changed().await;
            }
        };
        tokio::time::timeout(patience, seen).await.map_err(|_| {
            let newest = self.kept().back().map_or("none".to_owned(), |newest| {
                format!("{:?} to {} at {}", newest.channel, newest.to, newest.received_at)
            });
            NotSeen { patience, total: self.total(), newest }
        })
    }
}
