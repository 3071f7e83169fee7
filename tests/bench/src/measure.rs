//! Memory and processor time of processes, as Linux tells them, and percentiles.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::TimeDelta;

/// The kernel counts processor time in hundredths of a second, whatever its own clock is.
const TICKS_PER_SECOND: f64 = 100.0;

/// The value below which a share of all values lie; none of no values.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the values"
    )]
    let place = (last as f64 * share).round() as usize;
    values.get(place).copied().map(round)
}

/// Milliseconds of a duration, which may be negative.
pub(crate) fn milliseconds(time: TimeDelta) -> f64 {
    time.as_seconds_f64() * 1_000.0
}

/// How many of something there were in a second.
pub(crate) fn per_second(count: usize, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark")]
    let count = count as f64;
    round(count / seconds)
}

/// What there is for each of so many; none of none.
pub(crate) fn each(sum: f64, count: usize) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark")]
    let each = sum / count as f64;
    (count > 0).then(|| round(each))
}

/// Two decimals: more would pretend to be exact.
pub(crate) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Resident memory of a process in megabytes; none where there is no `/proc`.
pub(crate) fn rss_mb(pid: u32) -> Option<f64> {
    memory_mb(pid, "VmRSS:")
}

/// The most that it ever was.
pub(crate) fn rss_mb_peak(pid: u32) -> Option<f64> {
    memory_mb(pid, "VmHWM:")
}

fn memory_mb(pid: u32, what: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(round(kilobytes / 1_024.0))
}

/// Seconds of processor time that a process has used so far.
pub(crate) fn cpu_s(pid: u32) -> Option<f64> {
    ticks_s(pid, 2)
}

/// The first figures of a process' times: in the program, in the kernel, and then the same of its
/// children that have ended.
fn ticks_s(pid: u32, figures: usize) -> Option<f64> {
    let fields = stat(&Path::new("/proc").join(pid.to_string()))?;
    let ticks = fields.split(' ').skip(11).take(figures).map(str::parse::<f64>);
    Some(ticks.sum::<Result<f64, _>>().ok()? / TICKS_PER_SECOND)
}

/// Seconds of processor time of the server's processes, by database, and `other` for those that
/// belong to none and for sessions that have ended, so that the sum is right however long it runs.
pub(crate) fn postgres_cpu_s(postmaster: u32) -> BTreeMap<String, f64> {
    let own = ticks_s(postmaster, 4).unwrap_or_default();
    let mut used = BTreeMap::from([("other".to_owned(), own)]);
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let name = process.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        let parent = stat(&process.path()).and_then(|fields| {
            fields.split(' ').nth(1).and_then(|parent| parent.parse::<u32>().ok())
        });
        if parent == Some(postmaster) {
            let title = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
            *used.entry(database(&title)).or_default() += cpu_s(pid).unwrap_or_default();
        }
    }
    used
}

/// The database in the title of a session, `postgres: user database 127.0.0.1(port) state`.
fn database(title: &str) -> String {
    let mut words = title.split(' ').skip(2);
    match (words.next(), words.next()) {
        (Some(database), Some(client)) if client.contains('(') => database.to_owned(),
        _ => "other".to_owned(),
    }
}

/// What follows the name of a program, which may hold anything, in its line of figures.
fn stat(process: &Path) -> Option<String> {
    let line = fs::read_to_string(process.join("stat")).ok()?;
    line.rsplit_once(") ").map(|(_, rest)| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.5), Some(51.0));
        assert_eq!(percentile(&mut values, 0.99), Some(99.0));
        assert_eq!(percentile(&mut [], 0.5), None);
    }

    #[test]
    fn of_none_there_is_nothing_each() {
        assert_eq!(each(10.0, 4), Some(2.5));
        assert_eq!(each(10.0, 0), None);
    }

    #[test]
    fn a_session_is_told_by_its_database() {
        let session = "postgres: hemgang sip 127.0.0.1(40404) idle";
        assert_eq!(database(session), "sip");
        assert_eq!(database("postgres: autovacuum worker sip"), "other");
        assert_eq!(database("postgres: walwriter "), "other");
    }

    #[test]
    fn a_process_knows_its_own_memory_and_time() {
        if Path::new("/proc/self/stat").exists() {
            assert!(rss_mb(std::process::id()).unwrap() > 0.0);
            assert!(cpu_s(std::process::id()).is_some());
        }
    }
}
