//! A supervised program's life and death.

#![expect(clippy::unwrap_used, reason = "a test helper fails its test")]

use embedded::{Log, Program, Signal, Supervised};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

/// Waits until something is true, or fails by saying what was waited for.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < until, "still not so after {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_alive(pid: u32) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

fn shell(script: &str) -> Program {
    Program::new("/bin/sh").arg("-c").arg(script).inherit(["PATH"])
}

fn start(program: &Program, folder: &Path) -> Supervised {
    let log = Log::open(folder.join("log"), Duration::ZERO).unwrap();
    Supervised::start(program, &log).unwrap()
}

fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

#[test]
fn the_exit_code_and_what_was_printed_come_through() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&shell("echo out; echo err >&2; exit 7"), folder.path());
    assert_eq!(child.wait(SOON).unwrap().unwrap().code(), Some(7));
    assert_eq!(said(folder.path()), "out\nerr\n");
}

#[test]
fn the_folder_of_a_program_that_ends_by_itself_stays() {
    let folder = tempfile::tempdir().unwrap();
    let throwaway = folder.path().join("throwaway");
    fs::create_dir(&throwaway).unwrap();
    // It ends before its supervisor is ready for anything.
    let program = shell(":").removing(Some(throwaway.clone()));
    for _ in 0..20 {
        start(&program, folder.path()).wait(SOON).unwrap().unwrap();
        assert!(throwaway.exists());
    }
    assert_eq!(said(folder.path()), "");
}

#[test]
fn the_process_id_is_the_programs_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&shell("echo $$"), folder.path());
    child.wait(SOON).unwrap().unwrap();
    assert_eq!(said(folder.path()).trim(), child.pid().to_string());
}

#[test]
fn the_environment_holds_only_what_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new("/usr/bin/env").env("GIVEN", "yes");
    start(&program, folder.path()).wait(SOON).unwrap().unwrap();
    let said = said(folder.path());
    assert!(said.contains("GIVEN=yes"), "{said}");
    assert!(!said.contains("CARGO"), "{said}");
}

#[test]
fn a_program_that_does_not_exist_ends_with_127_and_says_so_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&Program::new("/nowhere/program"), folder.path());
    assert_eq!(child.wait(SOON).unwrap().unwrap().code(), Some(127));
    assert!(said(folder.path()).contains("/nowhere/program"));
}

#[test]
fn stopping_lets_the_program_end_in_its_own_way() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = start(&shell(script), folder.path());
    eventually("the trap is set", || said(folder.path()).contains("ready"));
    child.stop().unwrap();
    assert!(said(folder.path()).ends_with("bye\n"));
    assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(3));
}

#[test]
fn a_program_that_does_not_want_to_stop_is_killed_after_its_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    let program = shell(script).stopped_by(Signal::Term, Duration::from_millis(300));
    let mut child = start(&program, folder.path());
    eventually("the trap is set", || said(folder.path()).contains("ready"));
    child.stop().unwrap();
    assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(128 + 9));
    assert!(!is_alive(child.pid()));
}

#[test]
fn a_program_that_stands_still_goes_on_and_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&shell("exec sleep 1000"), folder.path());
    child.signal(Signal::Stop);
    let state =
        || Command::new("ps").args(["-o", "stat=", "-p", &child.pid().to_string()]).output();
    eventually("it stands still", || state().unwrap().stdout.starts_with(b"T"));
    child.stop().unwrap();
    assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(128 + 15));
}

#[test]
fn killing_is_immediate() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&shell("exec sleep 1000"), folder.path());
    child.kill().unwrap();
    assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(128 + 9));
    assert!(!is_alive(child.pid()));
}

#[test]
fn a_second_run_waits_until_nothing_of_the_first_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut child = start(&shell("exec sleep 1000"), folder.path());
    assert!(matches!(Log::open(&log, Duration::ZERO), Err(embedded::Error::InUse { .. })));
    child.kill().unwrap();
    Log::open(&log, SOON).unwrap();
}

/// Not a test of its own: the process that the next test kills. It says what it started, and waits.
#[test]
fn parent_to_be_killed() {
    let Some(folder) = std::env::var_os("TEST_PARENT_FOLDER").map(PathBuf::from) else {
        return;
    };
    let removed = Some(folder.join("throwaway"));
    let program = shell("exec sleep 1000").removing(removed);
    let child = start(&program, &folder);
    fs::write(folder.join("pid.part"), child.pid().to_string()).unwrap();
    fs::rename(folder.join("pid.part"), folder.join("pid")).unwrap();
    std::thread::sleep(Duration::from_secs(1000));
}

#[test]
fn the_program_and_its_throwaway_folder_are_gone_after_the_parent_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let throwaway = folder.path().join("throwaway");
    fs::create_dir(&throwaway).unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_to_be_killed"])
        .env("TEST_PARENT_FOLDER", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let file = folder.path().join("pid");
    eventually("the parent has started its child", || file.exists());
    let pid: u32 = fs::read_to_string(file).unwrap().parse().unwrap();
    assert!(is_alive(pid) && throwaway.exists());

    parent.kill().unwrap();
    parent.wait().unwrap();
    eventually("the child is gone", || !is_alive(pid));
    eventually("its folder is gone", || !throwaway.exists());
    // Whoever waits, pauses or removes for the program holds the lock of its log.
    Log::open(folder.path().join("log"), SOON).unwrap();
}
