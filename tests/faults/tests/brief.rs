//! Every fault once, briefly. The harness is this package's binary; what it prints tells how to run the
//! same again.

#![cfg(test)]

use std::process::Command;

/// So that all of it takes minutes on two processors, everything unoptimized.
const BRIEFLY: [&str; 5] = ["run", "--lasts", "1500", "--pace", "5"];

/// Plays faults in as few worlds as they need; everything must hold.
fn everything_holds(faults: &str) {
    let harness = env!("CARGO_BIN_EXE_faults");
    let played = Command::new(harness).args(BRIEFLY).args(["--fault", faults]).output().unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    let progress = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{progress}\n{said}");
    // Shown with --nocapture.
    println!("{said}");
}

#[test]
fn services_are_killed_and_stopped_and_time_steps() {
    everything_holds(
        "nothing,kill-admissions,kill-coordination,kill-sip,kill-deadlines,kill-notifications,\
         stop-admissions,stop-coordination,stop-sip,stop-deadlines,stop-notifications,\
         clock-minutes-forward,clock-hour-forward,clock-minutes-back,clock-hour-back",
    );
}

#[test]
fn servers_are_killed_stopped_and_forget() {
    everything_holds(
        "kill-broker,stop-broker,freeze-broker,kill-postgres,stop-postgres,freeze-postgres,\
         store-deleted,store-put-back,stream-deleted,consumers-deleted,\
         commit-lost,commit-unanswered,commit-killed",
    );
}

#[test]
fn links_are_cut_silent_slow_and_reset() {
    everything_holds(
        "link-cut-nats,link-one-way-nats,link-silent-nats,link-slow-nats,link-reset-nats,\
         link-cut-postgres,link-one-way-postgres,link-silent-postgres,link-slow-postgres,\
         link-reset-postgres",
    );
}

#[test]
fn mail_and_sms_refuse_hang_lose_and_report_falsely() {
    everything_holds(
        "smtp-refuses,sms-refuses,smtp-slow,sms-slow,smtp-loses,sms-loses,smtp-cuts,sms-cuts,\
         link-reset-smtp,link-reset-sms,link-cut-smtp,link-cut-sms,link-silent-smtp,\
         link-silent-sms,smtp-hangs,sms-hangs,reports-late,reports-twice,reports-missing,\
         reports-false",
    );
}

#[test]
fn the_clocks_are_changed_at_night() {
    everything_holds("night-autumn,night-spring");
}

#[test]
fn there_are_two_and_three_of_each_service() {
    everything_holds("replicas-2,replicas-3");
}

#[test]
fn databases_are_restored() {
    everything_holds("restore-sip,restore-deadlines,restore-notifications");
    everything_holds("restore-coordination,restore-admissions");
}

#[test]
fn the_disk_is_full() {
    everything_holds("disk-full");
}
