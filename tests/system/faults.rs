//! Processes die and the broker loses its store, under a light load and while duties run out: nothing is
//! lost, nothing is doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use contracts::Case;
use contracts::commands::{ShowAssignment, any};
use contracts::ledger::{Ledger, StepKind};
use test_support::{SOON, eventually};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::System;
use crate::support::hl7::{self, Adt, TAGE, TOVA};
use crate::support::system::SERVICES;

/// Pause between two admissions of the load.
const PACE: Duration = Duration::from_millis(60);
/// The duties of a case that needs everybody: K02, K06, the law's, K07, and K08 of three parties.
const DUTIES: usize = 7;
/// Most messages under way at once: so many may be told twice when their sender is killed.
const UNDER_WAY: usize = 32;

/// Every third admission has a judged need.
fn admission(number: usize) -> (String, bool) {
    let (control_id, visit) = (format!("C{number}"), format!("V{number}"));
    let needs = number.is_multiple_of(3);
    let message = Adt {
        trigger: "A01",
        control_id: &control_id,
        visit: &visit,
        patient: if needs { TOVA } else { TAGE },
        at: "202606021400",
        admitted_at: "202606021330",
        estimate: "20260609",
        need: if needs { "KHS~SOC" } else { "" },
    };
    (message.text(), needs)
}

/// Sends an admission as a hospital does: what was not acknowledged is sent again, as it was.
async fn admit(mllp: SocketAddr, text: &str) {
    eventually("the admission is acknowledged", SOON * 2, async || {
        match tokio::time::timeout(Duration::from_secs(5), hl7::send(mllp, text)).await {
            Ok(Ok(answer)) if answer.contains("MSA|AA|") => Ok(()),
            Ok(Ok(answer)) => Err(answer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer".to_owned()),
        }
    })
    .await;
}

/// What was accepted.
#[derive(Clone, Copy, Default)]
struct Accepted {
    admissions: usize,
    needing: usize,
}

/// A hospital that goes on admitting until it is told to stop.
struct Load {
    stop: watch::Sender<bool>,
    running: JoinHandle<Accepted>,
}

impl Load {
    fn start(mllp: SocketAddr, before: Accepted) -> Self {
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Handle::current();
        let running = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let mut accepted = before;
                let mut pace = tokio::time::interval(PACE);
                while !*stopped.borrow() {
                    pace.tick().await;
                    let (text, needs) = admission(accepted.admissions);
                    admit(mllp, &text).await;
                    accepted.admissions += 1;
                    accepted.needing += usize::from(needs);
                }
                accepted
            })
        });
        Self { stop, running }
    }

    async fn end(self) -> Accepted {
        self.stop.send(true).unwrap();
        self.running.await.unwrap()
    }
}

/// Waits until so many more are admitted.
async fn more_cases(system: &System, more: usize) {
    let before = system.cases().await.len();
    eventually("more are admitted", SOON * 2, async || {
        let cases = system.cases().await.len();
        if cases >= before + more { Ok(()) } else { Err(format!("{cases}")) }
    })
    .await;
}

/// Every accepted admission has its case; each with a judged need its receptions and its duties, once.
async fn every_case_is_there_once(system: &System, accepted: Accepted) -> Vec<Case> {
    let mut cases = eventually("all cases are there", SOON, async || {
        let cases = system.cases().await;
        if cases.len() == accepted.admissions { Ok(cases) } else { Err(format!("{}", cases.len())) }
    })
    .await;
    cases.retain(|case| case.need().is_some());
    assert_eq!(cases.len(), accepted.needing);
    for case in &cases {
        let assignment = eventually("the case is routed", SOON * 2, async || {
            system.caller.ask(&ShowAssignment { case: case.case_id }).await
        })
        .await;
        assert_eq!(assignment.routes.len(), 3);
        let ledger = eventually("the case has its duties", SOON * 2, async || {
            let ledger = system.ledger(case.case_id).await.map_err(|error| error.to_string())?;
            if ledger.news.len() == 3 { Ok(ledger) } else { Err(format!("{:?}", ledger.news)) }
        })
        .await;
        assert_eq!(ledger.obligations.len(), DUTIES, "{:?}", rules(&ledger));
    }
    cases
}

fn rules(ledger: &Ledger) -> Vec<&str> {
    ledger.obligations.iter().map(|duty| duty.rule.as_str()).collect()
}

/// What was told to whom, as often as it was told, but for what is marked as told again.
#[derive(Default)]
struct Told {
    first: BTreeMap<(String, String), usize>,
    /// The same, with what is marked as told again.
    all: BTreeSet<(String, String)>,
    again: usize,
}

fn told(system: &System) -> Told {
    let mut told = Told::default();
    for message in system.sinks.sinks.messages().all() {
        // A mail is known by its subject, an SMS by its words before the link.
        let words = message.subject.as_deref().unwrap_or(&message.text);
        let words = words.split("http").next().unwrap_or_default().trim();
        let cause = words.strip_prefix("Igen: ").unwrap_or(words).to_owned();
        told.all.insert((message.to.clone(), cause.clone()));
        if words.starts_with("Igen: ") {
            told.again += 1;
        } else {
            *told.first.entry((message.to, cause)).or_default() += 1;
        }
    }
    told
}

/// Everybody was told of everything, and nobody twice, but for at most `again` messages whose fate was
/// unknown when their sender was killed.
async fn everybody_is_told_once(system: &System, messages: usize, again: usize) {
    let told = eventually("everybody is told of everything", SOON * 8, async || {
        let told = told(system);
        if told.all.len() >= messages { Ok(told) } else { Err(format!("{} told", told.all.len())) }
    })
    .await;
    assert_eq!(told.all.len(), messages);
    let doubled: Vec<_> = told.first.iter().filter(|(_, times)| **times > 1).collect();
    assert!(doubled.is_empty(), "told twice: {doubled:?}");
    assert!(told.again <= again, "{} were told again", told.again);
}

/// Nothing is left unpublished, and nothing was set aside.
async fn nothing_waits(system: &System) {
    for service in SERVICES {
        eventually(&format!("{service} has nothing left to say"), SOON, async || {
            let status: any::Status = system
                .caller
                .ask_any(service, any::STATUS, &())
                .await
                .map_err(|error| error.to_string())?;
            assert_eq!(status.dead_letters, 0, "{service}");
            let pending: u64 = status.consumers.iter().map(|one| one.pending).sum();
            match (status.unpublished, pending) {
                (0, 0) => Ok(()),
                left => Err(format!("{left:?}")),
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_each_service_loses_nothing_and_doubles_nothing() {
    let mut system = System::start("2026-06-02 14:00").await;
    let mut accepted = Accepted::default();
    for service in SERVICES {
        let load = Load::start(system.mllp, accepted);
        more_cases(&system, 3).await;
        system.kill(service);
        system.start_service(service);
        if service != "admissions" {
            more_cases(&system, 3).await;
        }
        system.is_ready().await;
        accepted = load.end().await;
    }
    let cases = every_case_is_there_once(&system, accepted).await;
    // One notice for each of three units.
    everybody_is_told_once(&system, accepted.needing * 3, UNDER_WAY).await;
    nothing_waits(&system).await;

    // K06 and K07 run out, and whoever tells it is killed meanwhile.
    for (time, step, victim) in [
        ("2026-06-03 10:00", StepKind::Reminder, "deadlines"),
        ("2026-06-03 14:00", StepKind::Unit, "notifications"),
        ("2026-06-04 08:00", StepKind::Manager, "deadlines"),
        ("2026-06-05 08:00", StepKind::Principal, "coordination"),
    ] {
        system.set_time(time);
        system.step_is_taken(cases[0].case_id, "K06", step).await;
        system.kill(victim);
        system.start_service(victim);
        system.is_ready().await;
        for case in &cases {
            system.step_is_taken(case.case_id, "K06", step).await;
            system.step_is_taken(case.case_id, "K07", step).await;
        }
    }
    let ladder = [StepKind::Reminder, StepKind::Unit, StepKind::Manager, StepKind::Principal];
    for case in &cases {
        for rule in ["K06", "K07"] {
            let steps = system.duty(case.case_id, rule).await.unwrap().steps;
            assert_eq!(steps.iter().map(|step| step.kind).collect::<Vec<_>>(), ladder);
        }
    }
    // Three units: the notice and four steps each.
    everybody_is_told_once(&system, accepted.needing * 15, UNDER_WAY * 2).await;
    nothing_waits(&system).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_the_brokers_store_while_running_loses_nothing_and_doubles_nothing() {
    let mut system = System::start("2026-06-02 14:00").await;
    let load = Load::start(system.mllp, Accepted::default());
    more_cases(&system, 9).await;
    tokio::task::block_in_place(|| {
        system.lose_the_brokers_store();
        system.provision();
    });
    more_cases(&system, 9).await;
    let accepted = load.end().await;
    every_case_is_there_once(&system, accepted).await;
    everybody_is_told_once(&system, accepted.needing * 3, 0).await;
    nothing_waits(&system).await;
}
