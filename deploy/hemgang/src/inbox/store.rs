//! What was received, in memory and in a file for the next run.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chassis::Clock;
use chrono::{DateTime, Utc};
use embedded::sinks::{self, Message, Sinks};
use serde::{Deserialize, Serialize};

/// So many messages are kept; older ones make room for newer ones.
const MOST: usize = 5_000;
/// How long it is waited for a message at a time (real time).
const WAIT: Duration = Duration::from_mins(10);

/// By which kind of channel a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Channel {
    Email,
    Sms,
}

/// A message as its recipient got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Counted from 1, over all runs.
    pub(crate) number: u64,
    pub(crate) channel: Channel,
    pub(crate) to: String,
    pub(crate) subject: Option<String>,
    pub(crate) text: String,
    /// The language that a mail says it is in.
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// Real time.
    pub(crate) received_at: DateTime<Utc>,
    /// Domain time, when that is another.
    pub(crate) domain_at: Option<DateTime<Utc>>,
}

/// Which messages somebody wants to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) channel: Option<Channel>,
    pub(crate) to: Option<String>,
    /// Only older ones than this.
    pub(crate) before: Option<u64>,
}

/// All messages.
#[derive(Debug)]
pub(crate) struct Store {
    file: PathBuf,
    clock: Option<Clock>,
    kept: Mutex<VecDeque<Kept>>,
}

impl Store {
    /// Opens the file of an earlier run, or begins without one. `clock` is the demo's.
    pub(crate) fn open(file: &Path, clock: Option<Clock>) -> std::io::Result<Self> {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        // A line that was cut off by a crash is no message.
        let mut kept: VecDeque<Kept> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        kept.drain(..kept.len().saturating_sub(MOST));
        let store = Self { file: file.to_owned(), clock, kept: Mutex::new(kept) };
        store.rewrite()?;
        Ok(store)
    }

    /// Takes over what is received, until it is dropped.
    pub(crate) async fn collect(&self, sinks: &Sinks) {
        let mut last: Option<String> = None;
        loop {
            let newer = sinks.messages().wait_for(WAIT, |all| newer(all, last.as_deref())).await;
            let Ok(newer) = newer else { continue };
            last = newer.last().map(|message| message.id.clone());
            if let Err(error) = self.keep(newer) {
                tracing::warn!(%error, "messages are kept in memory only");
            }
        }
    }

    /// The wanted messages.
    pub(crate) fn newest_first(&self, wanted: &Wanted) -> Vec<Kept> {
        let fits = |kept: &&Kept| {
            wanted.channel.is_none_or(|channel| channel == kept.channel)
                && wanted.to.as_ref().is_none_or(|to| *to == kept.to)
                && wanted.before.is_none_or(|before| kept.number < before)
        };
        self.kept().iter().rev().filter(fits).cloned().collect()
    }

    /// The newest message in a line: to whom, and what it is about.
    pub(crate) fn newest(&self) -> Option<String> {
        let kept = self.kept();
        let last = kept.back()?;
        let about = last.subject.as_deref().or_else(|| last.text.lines().next())?;
        // An SMS is one line, and its link is of no use on a terminal.
        let about = about.split(" http").next()?;
        Some(format!("{}: {about}", last.to))
    }

    /// Everybody who got something.
    pub(crate) fn recipients(&self) -> BTreeSet<String> {
        self.kept().iter().map(|kept| kept.to.clone()).collect()
    }

    /// Keeps messages.
    pub(crate) fn keep(&self, messages: Vec<Message>) -> std::io::Result<()> {
        let domain_at = self.clock.as_ref().map(Clock::now);
        let mut lines = Vec::new();
        let mut kept = self.kept();
        for message in messages {
            let number = kept.back().map_or(1, |last| last.number + 1);
            let Message { to, subject, text, received_at, mail, .. } = message;
            let language = mail.as_ref().and_then(|mail| mail.header("Content-Language"));
            let language = language.map(|tag| tag.trim().to_owned());
            let channel = match message.channel {
                sinks::Channel::Email => Channel::Email,
                sinks::Channel::Sms => Channel::Sms,
            };
            // Lines end on the wire as mail servers want it, which no recipient sees.
            let text = text.replace("\r\n", "\n");
            let one = Kept { number, channel, to, subject, text, language, received_at, domain_at };
            serde_json::to_writer(&mut lines, &one)?;
            lines.push(b'\n');
            kept.push_back(one);
        }
        let too_many = kept.len().saturating_sub(MOST);
        kept.drain(..too_many);
        let full = kept.back().is_some_and(|last| last.number % MOST as u64 == 0);
        drop(kept);
        if full {
            return self.rewrite();
        }
        OpenOptions::new().create(true).append(true).open(&self.file)?.write_all(&lines)
    }

    /// Writes the file anew, without those that are no longer kept.
    fn rewrite(&self) -> std::io::Result<()> {
        let mut lines = Vec::new();
        for kept in self.kept().iter() {
            serde_json::to_writer(&mut lines, kept)?;
            lines.push(b'\n');
        }
        let beside = self.file.with_extension("new");
        fs::write(&beside, lines)?;
        fs::rename(&beside, &self.file)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those after the last one that was seen; none when there is no newer one.
fn newer(all: &[Message], last: Option<&str>) -> Option<Vec<Message>> {
    let seen = last.and_then(|last| all.iter().rposition(|message| message.id == last));
    let newer = all.get(seen.map_or(0, |seen| seen + 1)..).unwrap_or_default();
    (!newer.is_empty()).then(|| newer.to_vec())
}

#[cfg(test)]
pub(crate) mod tests {
    use embedded::sinks::Provider;

    use super::*;

    pub(crate) fn message(id: &str, to: &str, channel: sinks::Channel) -> Message {
        Message {
            id: id.to_owned(),
            channel,
            provider: Provider::Smtp,
            to: to.to_owned(),
            from: "hemgang@example.se".to_owned(),
            subject: Some("Ärende".to_owned()).filter(|_| channel == sinks::Channel::Email),
            text: "Se http://127.0.0.1:8082/l/1 <b>".to_owned(),
            received_at: "2026-11-24T06:00:00Z".parse().unwrap(),
            mail: None,
        }
    }

    fn numbers(store: &Store) -> Vec<u64> {
        store.newest_first(&Wanted::default()).iter().map(|kept| kept.number).collect()
    }

    #[test]
    fn a_second_run_still_has_the_messages_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("messages.jsonl");
        let store = Store::open(&file, None).unwrap();
        let mail = |id| message(id, "a@example.se", sinks::Channel::Email);
        store.keep(vec![mail("smtp-1"), mail("smtp-2")]).unwrap();
        let store = Store::open(&file, None).unwrap();
        store.keep(vec![mail("smtp-1")]).unwrap();
        assert_eq!(numbers(&store), [3, 2, 1]);
        assert_eq!(numbers(&Store::open(&file, None).unwrap()), [3, 2, 1]);
    }

    #[test]
    fn a_line_that_was_cut_off_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("messages.jsonl");
        let store = Store::open(&file, None).unwrap();
        store.keep(vec![message("1", "a@example.se", sinks::Channel::Sms)]).unwrap();
        let mut open = OpenOptions::new().append(true).open(&file).unwrap();
        open.write_all(b"{\"number\": 2, \"chan").unwrap();
        let store = Store::open(&file, None).unwrap();
        store.keep(vec![message("1", "a@example.se", sinks::Channel::Sms)]).unwrap();
        assert_eq!(numbers(&Store::open(&file, None).unwrap()), [2, 1]);
    }

    #[test]
    fn only_what_came_after_the_last_one_seen_is_new() {
        let all = ["1", "2", "3"].map(|id| message(id, "a@example.se", sinks::Channel::Sms));
        let ids =
            |last| newer(&all, last).map(|new| new.into_iter().map(|it| it.id).collect::<Vec<_>>());
        assert_eq!(ids(None).unwrap(), ["1", "2", "3"]);
        assert_eq!(ids(Some("2")).unwrap(), ["3"]);
        assert_eq!(ids(Some("3")), None);
    }

    #[test]
    fn messages_are_chosen_by_channel_and_recipient() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("messages.jsonl"), None).unwrap();
        let mail = message("1", "a@example.se", sinks::Channel::Email);
        let sms = message("2", "+46701740605", sinks::Channel::Sms);
        store.keep(vec![mail, sms]).unwrap();
        let count = |wanted: Wanted| store.newest_first(&wanted).len();
        assert_eq!(count(Wanted { channel: Some(Channel::Sms), ..Wanted::default() }), 1);
        assert_eq!(count(Wanted { to: Some("a@example.se".to_owned()), ..Wanted::default() }), 1);
        assert_eq!(count(Wanted { before: Some(2), ..Wanted::default() }), 1);
        assert_eq!(store.recipients().len(), 2);
    }
}
