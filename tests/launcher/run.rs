//! A launcher that runs in a folder of its own, and the processes that it has started.

use std::fmt::Display;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hemgang::reach::Reach;
use rustix::process::{Pid, Signal};
use serde_json::Value;

pub(crate) const HEMGANG: &str = env!("CARGO_BIN_EXE_hemgang");
/// How long anything may take (real time): the machine may be busy, and parts may have to be fetched.
pub(crate) const SOON: Duration = Duration::from_mins(3);
/// Pause between two looks (real time).
const LOOK: Duration = Duration::from_millis(50);

pub(crate) struct Run {
    launcher: Child,
    folder: PathBuf,
    printed: PathBuf,
    reach: Reach,
}

impl Run {
    /// Starts a run and waits until it can be reached.
    pub(crate) fn start(folder: &Path, options: &[&str]) -> Self {
        let printed = folder.join("printed");
        let out = File::create(&printed).unwrap();
        let mut launcher = Command::new(HEMGANG)
            .args(["up", "--port", "all=free", "--dir"])
            .arg(folder)
            .args(options)
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap();
        let name = if options.contains(&"--no-demo") { "plain" } else { "demo" };
        let file = folder.join(name).join("reach.json");
        let reach = eventually("the run can be reached", SOON, || {
            let said = std::fs::read_to_string(&printed).unwrap_or_default();
            if let Some(status) = launcher.try_wait().unwrap() {
                panic!("the launcher ended with {status}:\n{said}");
            }
            let text = std::fs::read(&file).map_err(|_| said.clone())?;
            serde_json::from_slice(&text).map_err(|_| said)
        });
        Self { launcher, folder: folder.to_owned(), printed, reach }
    }

    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(&self.printed).unwrap()
    }

    /// What the inbox lists, once it lists so much.
    pub(crate) fn messages(&self, least: usize) -> Vec<Value> {
        let inbox = self.reach.inbox.clone().unwrap();
        let address = inbox.strip_prefix("http://").unwrap();
        eventually("there are messages", SOON, || {
            let answer = get(address, "/messages.json").map_err(|error| error.to_string())?;
            let (_, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
            let messages: Vec<Value> = serde_json::from_str(body).map_err(|e| e.to_string())?;
            if messages.len() >= least { Ok(messages) } else { Err(messages.len().to_string()) }
        })
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_child(&self.launcher), signal);
    }

    /// Waits for the launcher's end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        eventually("the launcher has ended", SOON, || {
            self.launcher.try_wait().unwrap().ok_or("it runs")
        })
    }

    /// The process of a service, once there is one.
    pub(crate) fn pid_of(&self, service: &str) -> Pid {
        eventually("the service runs", SOON, || self.find(service).ok_or("it does not"))
    }

    pub(crate) fn find(&self, service: &str) -> Option<Pid> {
        let command = format!("{HEMGANG}\0service\0{service}\0");
        let mut found = self.processes().into_iter();
        found.find(|(_, line)| line.starts_with(&command)).map(|(pid, _)| pid)
    }

    /// The command lines of what is left of the run.
    pub(crate) fn left(&self) -> Vec<String> {
        self.processes().into_iter().map(|(_, line)| line.replace('\0', " ")).collect()
    }

    /// Processes that were started in the run's folder: it stands in their arguments or settings.
    fn processes(&self) -> Vec<(Pid, String)> {
        let folder = self.folder.to_str().unwrap();
        let launcher = Pid::from_child(&self.launcher);
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let number = entry.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
            let Some(pid) = number.filter(|pid| *pid != launcher) else { continue };
            let read = |name: &str| {
                let bytes = std::fs::read(entry.path().join(name)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            let (line, settings) = (read("cmdline"), read("environ"));
            // What has ended and was not waited for yet has no command line.
            if !line.is_empty() && (line.contains(folder) || settings.contains(folder)) {
                found.push((pid, line));
            }
        }
        found
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.launcher.kill();
        let _ = self.launcher.wait();
    }
}

pub(crate) fn kill(pid: Pid, signal: Signal) {
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Looks until there is what is looked for.
pub(crate) fn eventually<T, E: Display>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> Result<T, E>,
) -> T {
    let until = Instant::now() + within;
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) => assert!(Instant::now() < until, "not in time: {what}; last seen: {seen}"),
        }
        std::thread::park_timeout(LOOK);
    }
}

fn get(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
