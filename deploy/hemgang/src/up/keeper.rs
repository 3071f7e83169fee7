//! Keeps everything running that the launcher has started, and stops it in order.
//!
//! It has a thread of its own, because starting and stopping blocks.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use embedded::Error;
use embedded::nats::Nats;
use embedded::postgres::Postgres;
use tokio::sync::mpsc::UnboundedSender;

use super::child::Child;

/// How often it looks (real time).
const LOOK: Duration = Duration::from_millis(100);
/// How often it looks at the length of logs.
const LOOK_AT_LOGS: Duration = Duration::from_secs(10);
/// How long a service may take to make its schema, streams and durables.
const PROVISIONING: Duration = Duration::from_mins(1);
/// Before a server that could not be started is started again.
const SERVER_PAUSE: Duration = Duration::from_secs(2);

/// What the keeper is told to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// The broker has lost its store: make streams and durables again.
    Provision,
    /// Stop everything.
    Stop,
}

/// What the keeper says.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    /// A service, the broker or the database ended by itself, and will be started again.
    Ended { name: &'static str, how: String, pause: Duration },
    /// The broker or the database runs again.
    Again { name: &'static str },
    /// Streams and durables were made again.
    Provisioned,
    /// Something could not be done; it is tried again.
    Failed { name: &'static str, why: String },
}

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    pub(crate) children: Vec<Child>,
    pub(crate) notes: UnboundedSender<Note>,
}

/// Has every service make what it needs, all at a time. The error names one that could not, with
/// the end of its log.
pub(crate) fn provision(children: &[Child]) -> Result<(), (&'static str, String)> {
    std::thread::scope(|scope| {
        let one = |child: &Child| match child.run("provision", PROVISIONING) {
            Ok(true) => Ok(()),
            Ok(false) => Err((child.name, child.last_lines())),
            Err(error) => Err((child.name, error.to_string())),
        };
        let running: Vec<_> =
            children.iter().map(|child| scope.spawn(move || one(child))).collect();
        running.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(("provision", "panicked".to_owned())))
        })
    })
}

impl Keeper {
    /// Runs until it is told to stop, or nobody is left to tell it.
    pub(crate) fn run(mut self, orders: &Receiver<Order>) {
        let mut looked_at_logs = Instant::now();
        let mut wait = [None, None];
        loop {
            match orders.recv_timeout(LOOK) {
                Ok(Order::Provision) => self.provision_again(),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return self.stop(),
            }
            let [database, broker] = &mut wait;
            self.tend_postgres(database);
            self.tend_nats(broker);
            self.tend_services();
            if looked_at_logs.elapsed() > LOOK_AT_LOGS {
                looked_at_logs = Instant::now();
                for child in &self.children {
                    // A log that cannot be cut now is cut the next time.
                    let _ = child.bound_log();
                }
            }
        }
    }

    fn say(&self, note: Note) {
        // Nobody listens any longer when the launcher is on its way out.
        let _ = self.notes.send(note);
    }

    fn tend_services(&mut self) {
        for child in &mut self.children {
            let note = match child.tend() {
                Ok(None) => continue,
                Ok(Some(ended)) => {
                    let (name, how) = (child.name, ended.status.to_string());
                    Note::Ended { name, how, pause: ended.pause }
                }
                Err(error) => Note::Failed { name: child.name, why: error.to_string() },
            };
            let _ = self.notes.send(note);
        }
    }

    fn tend_postgres(&mut self, wait: &mut Option<Instant>) {
        let running = self.postgres.is_running();
        if needs_start("Postgres", running, wait, &self.notes) {
            let started = self.postgres.start_again();
            self.started("Postgres", started, wait);
        }
    }

    fn tend_nats(&mut self, wait: &mut Option<Instant>) {
        let mut running = self.nats.is_running();
        if matches!(running, Ok(true)) && !self.nats.store().exists() {
            // It goes on as if nothing had happened, on files that nobody can find any more.
            running = self.nats.kill().map(|()| false);
        }
        if needs_start("nats-server", running, wait, &self.notes) {
            let started = self.nats.start_again();
            self.started("nats-server", started, wait);
        }
    }

    fn started(&self, name: &'static str, started: Result<(), Error>, wait: &mut Option<Instant>) {
        match started {
            Ok(()) => {
                *wait = None;
                self.say(Note::Again { name });
            }
            Err(error) => {
                *wait = Some(Instant::now() + SERVER_PAUSE);
                self.say(Note::Failed { name, why: error.to_string() });
            }
        }
    }

    fn provision_again(&self) {
        self.say(match provision(&self.children) {
            Ok(()) => Note::Provisioned,
            Err((name, why)) => Note::Failed { name, why },
        });
    }

    /// Services first, at a time, so that they find broker and database while they finish.
    fn stop(&mut self) {
        let notes = self.notes.clone();
        let failed = |name, stopped: Result<(), Error>| {
            if let Err(error) = stopped {
                let _ = notes.send(Note::Failed { name, why: error.to_string() });
            }
        };
        std::thread::scope(|scope| {
            for child in &mut self.children {
                let failed = &failed;
                scope.spawn(move || failed(child.name, child.stop()));
            }
        });
        failed("nats-server", self.nats.stop());
        failed("Postgres", self.postgres.stop());
    }
}

/// Whether a server is to be started now. Says once that it has ended.
fn needs_start(
    name: &'static str,
    running: Result<bool, Error>,
    wait: &mut Option<Instant>,
    notes: &UnboundedSender<Note>,
) -> bool {
    let how = match running {
        Ok(true) => return false,
        Ok(false) => String::new(),
        Err(error) => error.to_string(),
    };
    let Some(until) = wait else {
        let _ = notes.send(Note::Ended { name, how, pause: Duration::ZERO });
        return true;
    };
    Instant::now() >= *until
}
