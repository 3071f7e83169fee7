//! Child processes that never outlive us, not even when we are killed by SIGKILL.
//!
//! Operating systems do not end the children of a dead process. So between us and the program
//! stands a small shell script that waits for two things: the program's end, and the end of a pipe
//! that only we hold open. It runs in a process group of its own: a terminal's Ctrl-C reaches us,
//! and we stop our children in the order that we choose.

use crate::program::Program;
use crate::{Error, Log};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("supervisor.sh");
const POLL: Duration = Duration::from_millis(5);
/// What the supervisor may need beyond the grace period to see that the program is gone.
const MARGIN: Duration = Duration::from_secs(5);

/// Signals that make sense for servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Go on after [`Signal::Stop`].
    Cont,
    /// Read the configuration again.
    Hup,
    /// For Postgres: end now, dropping clients ("fast").
    Int,
    /// End at once, without a chance to do anything about it.
    Kill,
    /// Stand still, as a hung process does.
    Stop,
    /// End in good order.
    Term,
}

impl Signal {
    const fn name(self) -> &'static str {
        match self {
            Self::Cont => "CONT",
            Self::Hup => "HUP",
            Self::Int => "INT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Term => "TERM",
        }
    }
}

/// A running program. Dropping it is like dying: the supervisor stops the program, nobody waits.
#[derive(Debug)]
pub struct Supervised {
    supervisor: Child,
    pid: u32,
    grace: Duration,
    path: PathBuf,
}

impl Supervised {
    /// Starts a program that prints into a log. A program that cannot be executed ends at once
    /// with exit code 126 or 127 and the shell's words in its log.
    pub fn start(program: &Program, log: &Log) -> Result<Self, Error> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "supervisor", program.stop.name()])
            .arg((program.grace.as_millis() / 100).to_string())
            .arg(program.remove.clone().unwrap_or_default())
            .arg(&program.path)
            .args(&program.args)
            .env_clear()
            .envs(program.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.stdio()?)
            .process_group(0);
        if let Some(folder) = &program.folder {
            command.current_dir(folder);
        }
        if let Some(user) = program.user {
            // This also gives up root's supplementary groups.
            command.uid(user.uid).gid(user.gid);
        }
        let failed =
            |source| Error::Execute { program: program.path.display().to_string(), source };
        let mut supervisor = command.spawn().map_err(failed)?;
        let pid = read_pid(&mut supervisor).map_err(failed)?;
        Ok(Self { supervisor, pid, grace: program.grace, path: program.path.clone() })
    }

    /// The program's process id (not the supervisor's).
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal; nothing happens when the program has ended.
    pub fn signal(&mut self, signal: Signal) {
        self.say(signal.name());
    }

    /// How the program ended, if it has: its exit code, or 128 + the signal that ended it.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, Error> {
        self.supervisor.try_wait().map_err(Error::file("wait for", &self.path))
    }

    /// Waits for the program's end, so long at most.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<ExitStatus>, Error> {
        let until = Instant::now() + patience;
        loop {
            let ended = self.try_wait()?;
            if ended.is_some() || Instant::now() >= until {
                return Ok(ended);
            }
            sleep(POLL);
        }
    }

    /// Stops the program as it wishes to be stopped, or kills it after its grace period.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.say("stop");
        self.reap(self.grace + MARGIN)
    }

    /// Kills the program by SIGKILL, now.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.say(Signal::Kill.name());
        self.reap(MARGIN)
    }

    fn say(&mut self, word: &str) {
        if let Some(pipe) = &mut self.supervisor.stdin {
            // It fails when the supervisor is gone, which is when the program is.
            let _ = writeln!(pipe, "{word}");
        }
    }

    fn reap(&mut self, patience: Duration) -> Result<(), Error> {
        if self.wait(patience)?.is_none() {
            self.supervisor.kill().map_err(Error::file("kill", &self.path))?;
            self.supervisor.wait().map_err(Error::file("wait for", &self.path))?;
        }
        Ok(())
    }
}

/// The exit code of a shell that did not find the program.
const NOT_FOUND: i32 = 127;

/// Runs a helper program to its end, as [`Command::output`] does; when we end first, it is stopped.
pub(crate) fn output(command: &Command) -> std::io::Result<Output> {
    let mut supervisor = Command::new("/bin/sh");
    supervisor
        .args(["-c", SCRIPT, "supervisor", Signal::Term.name(), "20", ""])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => supervisor.env(name, value),
            None => supervisor.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        supervisor.current_dir(folder);
    }
    let mut child = supervisor.spawn()?;
    // Waiting would close it, and so say that we are gone.
    let held = child.stdin.take();
    let output = child.wait_with_output()?;
    drop(held);
    if output.status.code() == Some(NOT_FOUND) {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    Ok(Output { stdout: Vec::new(), ..output })
}

fn read_pid(supervisor: &mut Child) -> std::io::Result<u32> {
    let mut line = String::new();
    if let Some(output) = supervisor.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    line.trim().parse().map_err(std::io::Error::other)
}
