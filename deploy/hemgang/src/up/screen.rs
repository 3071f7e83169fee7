//! Shows how things stand: painted every second on a terminal, one line now and then elsewhere.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Context;
use async_nats::Client;
use chassis::config::Nats;
use chassis::{Clock, Secret};
use contracts::commands::{Command, CountAlerts, CountCases, CountObligations};
use messaging::Caller;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use super::clock::DemoClock;
use super::console::{Console, fit, width};
use super::keeper::Note;
use super::ports::Ports;
use super::summary::{self, Figures, News};
use crate::inbox::Store;

/// How often a terminal is painted, and how often a line is printed elsewhere (real time).
const PAINT: Duration = Duration::from_secs(1);
const LINE: Duration = Duration::from_secs(10);
/// How many pieces of news are shown.
const SHOWN_NEWS: usize = 5;

/// What the summary is about.
pub(super) struct Shown<'a> {
    pub(super) client: Client,
    pub(super) ports: &'a Ports,
    pub(super) clock: Option<&'a DemoClock>,
    pub(super) console: &'a Console,
    pub(super) inbox: &'a Store,
}

/// Connects to the broker as the launcher.
pub(super) async fn connect(url: &str) -> anyhow::Result<Client> {
    let settings = Nats { url: Secret::new(url), credentials: None };
    messaging::connect_client(&settings, "launcher").await.context("connect to nats-server")
}

/// Shows how things stand until it is dropped.
pub(super) async fn show(
    shown: &Shown<'_>,
    notes: &mut UnboundedReceiver<Note>,
    news: &mut UnboundedReceiver<News>,
) -> anyhow::Result<()> {
    let clock = shown.clock.map(|clock| Clock::file(clock.file())).transpose()?;
    let clock = clock.unwrap_or_else(Clock::system);
    let caller = Caller::new(shown.client.clone());
    let mut tick = interval(if shown.console.is_terminal() { PAINT } else { LINE });
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut latest = VecDeque::new();
    welcome(shown);
    loop {
        tokio::select! {
            note = notes.recv() => match note {
                Some(note) => tell(shown.console, &note),
                None => anyhow::bail!("what keeps everything running has ended by itself"),
            },
            Some(one) = news.recv() => {
                latest.push_back(one);
                let too_many = latest.len().saturating_sub(SHOWN_NEWS);
                latest.drain(..too_many);
            }
            _ = tick.tick() => {
                let figures = count(&caller).await;
                let rate = shown.clock.map(DemoClock::rate);
                if shown.console.is_terminal() {
                    let (now, news) = (clock.now(), latest.make_contiguous());
                    let newest = shown.inbox.newest();
                    let lines = summary::block(now, rate, &figures, news, newest.as_deref());
                    let width = width();
                    shown.console.paint(lines.iter().map(|line| fit(line, width)).collect());
                } else {
                    let (sv, en) = summary::line(clock.now(), &figures);
                    shown.console.say(&sv, &en);
                }
            }
        }
    }
}

/// One request a second to each of three services, whatever the number of cases.
async fn count(caller: &Caller) -> Figures {
    let (cases, duties, alerts) = tokio::join!(
        ask(caller, CountCases {}),
        ask(caller, CountObligations {}),
        ask(caller, CountAlerts {})
    );
    Figures { cases, duties, alerts }
}

/// A service that does not answer at once has no figures this time.
async fn ask<Q: Command>(caller: &Caller, query: Q) -> Option<Q::Answer> {
    tokio::time::timeout(PAINT, caller.ask(&query)).await.ok()?.ok()
}

fn welcome(shown: &Shown<'_>) {
    let (console, ports) = (shown.console, shown.ports);
    console.quote("");
    console.say("Hemgång är igång.", "Hemgång is running.");
    if let Some(clock) = shown.clock {
        let (sv, en) = summary::rate(clock.rate());
        console.say(
            &format!("  Demoklockan går fort: {sv}."),
            &format!("The demo's clock runs fast: {en}."),
        );
    }
    let http = |name| format!("http://{}", ports.address(name));
    console.say(
        &format!("  Inkorg med all e-post och alla SMS   {}", http("inbox")),
        "inbox with every mail and SMS",
    );
    console.say(
        &format!("  HL7 över MLLP                        {}", ports.address("mllp")),
        "HL7 over MLLP",
    );
    console
        .say(&format!("  NATS                                 {}", ports.address("nats")), "NATS");
    console.say(
        "  Ctrl-C stoppar allt; nästa start fortsätter härifrån.",
        "Ctrl-C stops everything; the next start goes on from here.",
    );
    console.quote("");
}

/// Says what the keeper says.
pub(super) fn tell(console: &Console, note: &Note) {
    let (sv, en) = match note {
        Note::Ended { name, how, pause } => {
            let how = if how.is_empty() { String::new() } else { format!(" ({how})") };
            let seconds = pause.as_secs_f64();
            let sekunder = format!("{seconds:.1}").replace('.', ",");
            (
                format!("! {name} har avslutats{how}; startas igen om {sekunder} s"),
                format!("{name} has ended; starting again in {seconds:.1} s"),
            )
        }
        Note::Again { name } => (format!("  {name} är igång igen"), format!("{name} runs again")),
        Note::Provisioned => (
            "  strömmar och läsare är skapade på nytt".to_owned(),
            "streams and durables have been made again".to_owned(),
        ),
        Note::Failed { name, why } => {
            (format!("! {name}: {why}"), "it will be tried again".to_owned())
        }
    };
    console.say(&sv, &en);
}
