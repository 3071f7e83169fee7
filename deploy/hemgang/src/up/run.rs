//! One run, from the folder's lock to the last process' end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use embedded::sinks::{self, Sinks};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use super::clock::{self, DemoClock};
use super::console::Console;
use super::folder::Folder;
use super::interrupts::Interrupts;
use super::keeper::Order;
use super::ports::Ports;
use super::screen::Shown;
use super::start::{Running, all_ready, start};
use super::{Arguments, screen, streams};
use crate::demo::{self, Stage};
use crate::inbox::{self, Store};
use crate::reach::{Reach, ServiceReach};
use crate::service;

/// The exit code of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Runs until told to stop. Told so before everything is ready, it ends at once: whatever was
/// started by then is stopped by its supervisor.
pub(super) async fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<()> {
    let mut interrupts = Interrupts::new()?;
    let folder = Arc::new(open_folder(arguments, console)?);
    let mut ports = Ports::choose(&arguments.ports, &folder.at("ports"))?;
    let demo =
        (!arguments.no_demo).then(|| DemoClock::open(&folder, arguments.rate)).transpose()?;
    let (failing, mut failed) = tokio::sync::mpsc::unbounded_channel();
    let inbox = serve_inbox(&mut ports, &folder, demo.as_ref(), failing.clone())?;
    let mut running = tokio::select! {
        started = start(&folder, &mut ports, demo.as_ref(), console) => started?,
        () = interrupts.next() => interrupted(console),
    };
    tokio::select! {
        ready = all_ready(&mut running, &ports, console) => ready?,
        () = interrupts.next() => interrupted(console),
    }
    let client = screen::connect(&running.nats_url).await?;
    let (teller, mut news) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    if let Some(clock) = &demo {
        demo::import(&client).await.context("import the demo's units")?;
        tasks.spawn(beat(clock.clone(), failing.clone()));
        let memory = folder.at("play.json");
        let (mllp, clock) = (ports.address("mllp"), chassis::Clock::file(clock.file())?);
        let stage = Stage { client: client.clone(), mllp, clock, memory, news: teller };
        tasks.spawn(perform(stage, failing));
    }
    tasks.spawn(streams::watch(client.clone(), running.orders.clone()));
    reach(&ports, &running.nats_url).write(folder.path()).context("write reach.json")?;
    let shown = Shown { client, ports: &ports, clock: demo.as_ref(), console, inbox: &inbox };
    tokio::select! {
        shown = screen::show(&shown, &mut running.notes, &mut news) => shown?,
        () = tell_failures(&mut failed, console) => {}
        () = interrupts.next() => {}
    }
    console.settle();
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
    failing: Failing,
) -> anyhow::Result<Arc<Store>> {
    let clock = clock.map(|clock| chassis::Clock::file(clock.file())).transpose()?;
    let store = Arc::new(Store::open(&folder.at("messages.jsonl"), clock)?);
    let sinks = Sinks::new(sinks::Settings::default())?;
    let (smtp, pages) = (ports.listener("smtp")?, ports.listener("inbox")?);
    let serving = inbox::serve(sinks, Arc::clone(&store), smtp, pages);
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            let _ =
                failing.send(("Inkorgen tar inte emot", "The inbox takes nothing", error.into()));
        }
    });
    Ok(store)
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

/// Where a part of the demo says that it has stopped, in both languages, and why.
type Failing = UnboundedSender<(&'static str, &'static str, anyhow::Error)>;

/// Says what has stopped; goes on for as long as anything may.
async fn tell_failures(
    failed: &mut UnboundedReceiver<(&'static str, &'static str, anyhow::Error)>,
    console: &Console,
) {
    while let Some((sv, en, why)) = failed.recv().await {
        console.say(&format!("! {sv}: {why:#}"), en);
    }
    std::future::pending::<()>().await;
}

/// Time runs for as long as this does.
async fn beat(clock: DemoClock, failing: Failing) {
    if let Err(error) = clock.run() {
        let _ = failing.send(("Demoklockan står", "The demo's clock stands still", error));
    }
    loop {
        tokio::time::sleep(clock::BEAT).await;
        // A beat that could not be written is made up for by the next one.
        let _ = clock.beat();
    }
}

async fn perform(stage: Stage, failing: Failing) {
    if let Err(error) = demo::play(stage).await {
        let _ = failing.send(("Demon spelas inte längre", "The demo is played no longer", error));
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

/// Ends now. Supervisors stop what runs.
fn interrupted(console: &Console) -> ! {
    console.say("Avbrutet.", "Interrupted.");
    std::process::exit(INTERRUPTED)
}
