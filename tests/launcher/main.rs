//! The launcher as somebody uses it: it starts everything, shows what was sent, keeps it running, and
//! leaves nothing behind, however it ends.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers included"
)]

mod run;

use std::collections::BTreeSet;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::run::{HEMGANG, Run, SOON};

/// The members of a message in `/messages.json`, on which others rely.
const MEMBERS: [&str; 6] = ["channel", "id", "received_at", "subject", "text", "to"];

#[test]
fn a_run_is_watched_kept_up_stopped_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::start(folder.path(), &[]);
    let messages = run.messages(1);
    for message in &messages {
        let members: Vec<&str> = message.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members.iter().collect::<BTreeSet<_>>(), MEMBERS.iter().collect());
        assert!(["email", "sms"].contains(&message["channel"].as_str().unwrap()), "{message}");
    }

    // A service that dies is started again.
    let dead = run.pid_of("sip");
    run::kill(dead, Signal::KILL);
    run::eventually("sip runs again", SOON, || match run.find("sip") {
        Some(pid) if pid != dead => Ok(()),
        other => Err(format!("{other:?}")),
    });

    // The operator's command line finds the run, whatever the environment says.
    let listed = Command::new(HEMGANG)
        .args(["list", "cases", "--output", "json", "--dir"])
        .arg(folder.path())
        .env("NATS_URL", "nats://127.0.0.1:1")
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let cases: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert!(!cases.as_array().unwrap().is_empty());

    // Ctrl-C stops everything.
    run.signal(Signal::INT);
    assert!(run.ended().success(), "{}", run.printed());
    assert_eq!(run.left(), Vec::<String>::new());

    // The next run goes on from there, and what it leaves when it is killed is nothing.
    let mut next = Run::start(folder.path(), &[]);
    assert_eq!(next.messages(messages.len()).first(), messages.first());
    next.signal(Signal::KILL);
    next.ended();
    run::eventually("nothing outlives the launcher", SOON, || match next.left() {
        left if left.is_empty() => Ok(()),
        left => Err(left.join("\n")),
    });
}

#[test]
fn without_the_demo_nobody_is_admitted_and_a_fresh_start_forgets() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::start(folder.path(), &["--no-demo"]);
    let state = Command::new(HEMGANG)
        .args(["state", "--output", "json", "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(state.status.success(), "{}", String::from_utf8_lossy(&state.stderr));
    assert!(run.messages(0).is_empty());
    run.signal(Signal::TERM);
    assert!(run.ended().success(), "{}", run.printed());

    let mark = folder.path().join("plain/postgres/mark");
    std::fs::create_dir_all(mark.parent().unwrap()).unwrap();
    std::fs::write(&mark, "of the last run").unwrap();
    let mut fresh = Run::start(folder.path(), &["--no-demo", "--fresh"]);
    assert!(!mark.exists());
    fresh.signal(Signal::TERM);
    assert!(fresh.ended().success(), "{}", fresh.printed());
    assert_eq!(fresh.left(), Vec::<String>::new());
}

#[test]
fn a_port_that_is_taken_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = format!("inbox={}", taken.local_addr().unwrap().port());
    let ended = Command::new(HEMGANG)
        .args(["up", "--port", "all=free", "--port", &port, "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(said.contains("--port inbox="), "{said}");
}
