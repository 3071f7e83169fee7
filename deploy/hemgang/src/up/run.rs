//! One run, from the folder's lock to the last process' end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::Context;
use embedded::Cache;
use embedded::sinks::{self, Sinks};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::Instant;

use super::child::Child;
use super::clock::{self, DemoClock};
use super::console::Console;
use super::folder::Folder;
use super::keeper::{self, Keeper, Note, Order};
use super::ports::Ports;
use super::screen::Shown;
use super::settings::{self, Given};
use super::{Arguments, databases, parts, probe, screen, streams};
use crate::demo::{self, Stage};
use crate::inbox::{self, Store};
use crate::reach::{Reach, ServiceReach};
use crate::service;

/// How long services may take to get ready.
const READY: Duration = Duration::from_mins(1);
/// A service that ends so often before it is ready will not get ready.
const DEATHS: usize = 3;
/// Interrupts that come so soon after one another are one.
const SAME_KEY: Duration = Duration::from_secs(1);
/// The exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// What runs, and how to talk to it.
struct Running {
    orders: Sender<Order>,
    notes: UnboundedReceiver<Note>,
    keeper: JoinHandle<()>,
    nats_url: String,
    logs: BTreeMap<&'static str, PathBuf>,
}

/// Runs until told to stop. Told so before everything is ready, it ends at once: whatever was
/// started by then is stopped by its supervisor.
pub(super) async fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<()> {
    let mut interrupts = Interrupts::new()?;
    let folder = open_folder(arguments, console)?;
    let mut ports = Ports::choose(&arguments.ports, &folder.at("ports"))?;
    let demo =
        (!arguments.no_demo).then(|| DemoClock::open(&folder, arguments.rate)).transpose()?;
    serve_inbox(&mut ports, &folder, demo.as_ref())?;
    let started = tokio::select! {
        started = start(&folder, &mut ports, demo.as_ref(), console) => started?,
        () = interrupts.next() => interrupted(console),
    };
    let mut running = started;
    tokio::select! {
        ready = all_ready(&mut running, &ports, console) => ready?,
        () = interrupts.next() => interrupted(console),
    }
    let client = screen::connect(&running.nats_url).await?;
    let (teller, mut news) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    if let Some(clock) = &demo {
        demo::import(&client).await.context("import the demo's units")?;
        tasks.spawn(beat(clock.clone()));
        let memory = folder.at("play.json");
        let (mllp, clock) = (ports.address("mllp"), chassis::Clock::file(clock.file())?);
        let stage = Stage { client: client.clone(), mllp, clock, memory, news: teller };
        tasks.spawn(perform(stage));
    }
    tasks.spawn(streams::watch(client.clone(), running.orders.clone()));
    reach(&ports, &running.nats_url).write(folder.path()).context("write reach.json")?;
    let shown = Shown { client, ports: &ports, clock: demo.as_ref(), console };
    tokio::select! {
        shown = screen::show(&shown, &mut running.notes, &mut news) => shown?,
        () = interrupts.next() => {}
    }
    console.say("Stoppar …", "Stopping …");
    let _ = std::fs::remove_file(folder.at("reach.json"));
    drop(tasks);
    tokio::select! {
        stopped = stop(running, demo.as_ref(), console) => stopped?,
        () = interrupts.another() => interrupted(console),
    }
    console.say("Allt är stoppat.", "Everything has stopped.");
    Ok(())
}

fn open_folder(arguments: &Arguments, console: &Console) -> anyhow::Result<Folder> {
    let name = if arguments.no_demo { "plain" } else { "demo" };
    let runs = arguments.dir.clone().unwrap_or_else(|| project().join(".hemgang"));
    let path = runs.join(name);
    console.say(
        &format!("Hemgång startar i {}", path.display()),
        &format!("Hemgång starts in {}", path.display()),
    );
    let folder = Folder::open(&path, arguments.fresh)?;
    let _ = std::fs::remove_file(folder.at("reach.json"));
    Ok(folder)
}

/// The project that we are in, else the working directory.
pub(crate) fn project() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let above = here.ancestors().find(|folder| folder.join("deploy/hemgang/Cargo.toml").exists());
    above.map_or_else(|| here.clone(), Path::to_owned)
}

/// Shows mails and SMS, and takes them: it is the mail server and the SMS gateways, too.
fn serve_inbox(
    ports: &mut Ports,
    folder: &Folder,
    clock: Option<&DemoClock>,
) -> anyhow::Result<()> {
    let clock = clock.map(|clock| chassis::Clock::file(clock.file())).transpose()?;
    let store = Arc::new(Store::open(&folder.at("messages.jsonl"), clock)?);
    let sinks = Sinks::new(sinks::Settings::default())?;
    let (smtp, pages) = (ports.listener("smtp")?, ports.listener("inbox")?);
    tokio::spawn(inbox::serve(sinks, store, smtp, pages));
    Ok(())
}

async fn start(
    folder: &Folder,
    ports: &mut Ports,
    clock: Option<&DemoClock>,
    console: &Console,
) -> anyhow::Result<Running> {
    console.say("Söker nats-server och Postgres", "Looking for nats-server and Postgres");
    ports.release("nats");
    let (postgres, nats) = tokio::task::block_in_place(|| {
        let cache = Cache::new(project().join(".hemgang/cache"));
        parts::start(folder, &cache, ports.number("nats"), console)
    })?;
    console.say("Förbereder databaser och strömmar", "Preparing databases and streams");
    databases::make(&postgres.url("postgres"), folder).await?;
    settings::leave_senders(folder)?;
    let binary = std::env::current_exe().context("find our own binary")?;
    let given = Given { binary: &binary, folder, ports, postgres: &postgres, nats: &nats, clock };
    let child = |service: &service::Service| -> anyhow::Result<Child> {
        let program = given.program(service)?;
        Ok(Child::new(service.name, program, folder.log_of(service.name))?)
    };
    let mut children = service::ALL.iter().map(child).collect::<anyhow::Result<Vec<_>>>()?;
    let logs = service::ALL.iter().map(|it| (it.name, folder.log_of(it.name))).collect();
    tokio::task::block_in_place(|| keeper::provision(&children)).map_err(|(name, log)| {
        anyhow::anyhow!("{name} kunde inte förberedas / could not be provisioned; {log}")
    })?;
    console.say("Startar tjänsterna", "Starting the services");
    ports.release_all();
    for child in &mut children {
        child.start()?;
    }
    let nats_url = nats.url();
    let (orders, taken) = std::sync::mpsc::channel();
    let (sender, notes) = tokio::sync::mpsc::unbounded_channel();
    let keeper = Keeper { postgres, nats, children, notes: sender };
    let keeper = spawn_blocking(move || keeper.run(&taken));
    Ok(Running { orders, notes, keeper, nats_url, logs })
}

/// Waits until every service is ready; the error says what is lacking, with the end of its log.
async fn all_ready(running: &mut Running, ports: &Ports, console: &Console) -> anyhow::Result<()> {
    let until = Instant::now() + READY;
    let mut deaths: BTreeMap<&str, usize> = BTreeMap::new();
    for service in &service::ALL {
        while let Some(lacking) = probe::lacking(ports.probes_of(service.name)).await {
            while let Ok(note) = running.notes.try_recv() {
                if let Note::Ended { name, .. } = &note {
                    *deaths.entry(name).or_default() += 1;
                }
                screen::tell(console, &note);
            }
            let dying = deaths.iter().find(|(_, deaths)| **deaths >= DEATHS).map(|(name, _)| *name);
            if dying.is_some() || Instant::now() > until {
                let name = dying.unwrap_or(service.name);
                let log = running.logs.get(name).map(|log| super::child::last_lines(log));
                let log = log.unwrap_or_default();
                anyhow::bail!("{name} blev inte redo / did not get ready: {lacking}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
    Ok(())
}

fn reach(ports: &Ports, nats_url: &str) -> Reach {
    let url = |address: SocketAddr| format!("http://{address}");
    let probes = |service: &service::Service| {
        let probes = url(ports.probes_of(service.name));
        (service.name.to_owned(), ServiceReach { probes })
    };
    Reach {
        nats_url: nats_url.to_owned(),
        mllp: ports.address("mllp").to_string(),
        inbox: Some(url(ports.address("inbox"))),
        services: service::ALL.iter().map(probes).collect(),
    }
}

/// Time runs for as long as this does.
async fn beat(clock: DemoClock) {
    if let Err(error) = clock.run() {
        tracing::warn!(%error, "the demo's clock does not run");
    }
    loop {
        tokio::time::sleep(clock::BEAT).await;
        // A beat that could not be written is made up for by the next one.
        let _ = clock.beat();
    }
}

async fn perform(stage: Stage) {
    if let Err(error) = demo::play(stage).await {
        tracing::warn!(%error, "the demo is not played any longer");
    }
}

async fn stop(
    mut running: Running,
    clock: Option<&DemoClock>,
    console: &Console,
) -> anyhow::Result<()> {
    if let Some(clock) = clock {
        clock.hold()?;
    }
    let _ = running.orders.send(Order::Stop);
    running.keeper.await.context("stop what runs")?;
    while let Ok(note) = running.notes.try_recv() {
        screen::tell(console, &note);
    }
    Ok(())
}

/// Ctrl-C, SIGTERM, or a terminal that was closed.
struct Interrupts([tokio::signal::unix::Signal; 3]);

impl Interrupts {
    fn new() -> anyhow::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [int, term, hup] = kinds.map(signal);
        Ok(Self([int?, term?, hup?]))
    }

    async fn next(&mut self) {
        let [int, term, hup] = &mut self.0;
        tokio::select! {
            _ = int.recv() => {}
            _ = term.recv() => {}
            _ = hup.recv() => {}
        }
    }

    /// The next one that is meant as such: one that comes at once comes from the same key, since a
    /// terminal and a program that runs us may both pass it on.
    async fn another(&mut self) {
        let first = Instant::now();
        loop {
            self.next().await;
            if first.elapsed() > SAME_KEY {
                return;
            }
        }
    }
}

/// Ends now. Supervisors stop what runs.
fn interrupted(console: &Console) -> ! {
    console.say("Avbrutet.", "Interrupted.");
    std::process::exit(INTERRUPTED)
}
