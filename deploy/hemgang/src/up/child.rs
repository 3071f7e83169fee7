//! One service as a process: started, watched, started again when it ends.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use embedded::{Error, Log, Program, Supervised};

/// How long a service may take to finish what it has in hand before it is killed.
pub(crate) const GRACE: Duration = Duration::from_secs(10);
/// How long its log may be locked by an earlier process.
const PATIENCE: Duration = Duration::from_secs(15);
/// The first pause before it is started again, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(10)];
/// After so long a life the next end counts as the first one.
const SETTLED: Duration = Duration::from_mins(1);
/// A log grows to this and is then cut, its end being kept beside it.
const LONGEST_LOG: u64 = 16_000_000;
const SHOWN_LINES: usize = 4;
const SHOWN_BYTES: u64 = 8_000;

/// A service that should run.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) name: &'static str,
    program: Program,
    log: Log,
    running: Option<Supervised>,
    started_at: Instant,
    pause: Duration,
}

/// A service ended by itself.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// When it is started again.
    pub(crate) pause: Duration,
}

impl Child {
    /// A service that does not run yet.
    pub(crate) fn new(name: &'static str, program: Program, log: PathBuf) -> Result<Self, Error> {
        let log = Log::open(log, PATIENCE)?;
        let [pause, _] = PAUSES;
        let program = program.stopped_by(embedded::Signal::Term, GRACE);
        Ok(Self { name, program, log, running: None, started_at: Instant::now(), pause })
    }

    /// Starts it to serve.
    pub(crate) fn start(&mut self) -> Result<(), Error> {
        self.started_at = Instant::now();
        self.running = Some(Supervised::start(&self.program, &self.log)?);
        Ok(())
    }

    /// Runs it once in another role, to its end, and says whether that went well.
    pub(crate) fn run(&self, role: &str, patience: Duration) -> Result<bool, Error> {
        let mut once = Supervised::start(&self.program.clone().arg(role), &self.log)?;
        let ended = once.wait(patience)?;
        if ended.is_none() {
            once.kill()?;
        }
        Ok(ended.is_some_and(|status| status.success()))
    }

    /// Notices that it has ended, once, and starts it again after a pause.
    pub(crate) fn tend(&mut self) -> Result<Option<Ended>, Error> {
        let Some(running) = &mut self.running else {
            if self.started_at.elapsed() >= self.pause {
                self.start()?;
            }
            return Ok(None);
        };
        let Some(status) = running.try_wait()? else {
            return Ok(None);
        };
        let [shortest, longest] = PAUSES;
        let settled = self.started_at.elapsed() > SETTLED;
        self.pause = if settled { shortest } else { (self.pause * 2).min(longest) };
        self.running = None;
        self.started_at = Instant::now();
        Ok(Some(Ended { status, pause: self.pause }))
    }

    /// Stops it in good order.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        self.running.take().map_or(Ok(()), |mut running| running.stop())
    }

    /// Keeps its log from growing for ever.
    pub(crate) fn bound_log(&self) -> std::io::Result<()> {
        bound(self.log.path(), LONGEST_LOG)
    }

    /// The last lines of its log.
    pub(crate) fn last_lines(&self) -> String {
        last_lines(self.log.path())
    }
}

/// The last lines of a log, for a person who wants to know why.
pub(crate) fn last_lines(log: &Path) -> String {
    let text = tail(log, SHOWN_BYTES).unwrap_or_default();
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default();
    format!("{}:\n{}", log.display(), last.join("\n"))
}

/// Cuts a log in place, as its writers hold it open (for appending, so they go on at its start);
/// the newest half is kept beside it.
fn bound(log: &Path, longest: u64) -> std::io::Result<()> {
    if fs::metadata(log)?.len() <= longest {
        return Ok(());
    }
    let end = tail(log, longest / 2)?;
    OpenOptions::new().write(true).open(log)?.set_len(0)?;
    let mut kept = fs::File::create(log.with_extension("log.1"))?;
    kept.write_all(end.as_bytes())
}

fn tail(file: &Path, bytes: u64) -> std::io::Result<String> {
    let mut open = fs::File::open(file)?;
    let from = open.metadata()?.len().saturating_sub(bytes);
    open.seek(SeekFrom::Start(from))?;
    let mut text = Vec::new();
    open.take(bytes).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_has_grown_too_long_is_cut_and_its_end_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("sip.log");
        let mut writer = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        write!(writer, "{}end", "x".repeat(100)).unwrap();
        bound(&log, 50).unwrap();
        write!(writer, "after").unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), "after");
        assert!(fs::read_to_string(folder.path().join("sip.log.1")).unwrap().ends_with("end"));
    }

    fn child(script: &str, folder: &Path) -> Child {
        let program = Program::new("/bin/sh").args(["-c", script, "sh"]);
        Child::new("sip", program, folder.join("sip.log")).unwrap()
    }

    fn until(mut what: impl FnMut() -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        while !what() {
            assert!(Instant::now() < end, "not seen in time");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_service_that_dies_is_noticed_once_and_started_again_after_a_longer_pause_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = child("exit 3", folder.path());
        child.start().unwrap();
        let mut pauses = Vec::new();
        until(|| {
            pauses.extend(child.tend().unwrap().map(|ended| (ended.status.code(), ended.pause)));
            pauses.len() == 2
        });
        assert_eq!(pauses[0].0, Some(3));
        assert!(pauses[1].1 > pauses[0].1);
    }

    #[test]
    fn a_role_that_fails_is_told_with_the_last_lines_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let child = child("echo no database; exit 69", folder.path());
        assert!(!child.run("provision", Duration::from_secs(20)).unwrap());
        let told = child.last_lines();
        assert!(told.contains("no database"), "{told}");
    }
}
