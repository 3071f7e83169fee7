//! What nats-server and Postgres have in common once their folder is prepared.

use crate::folder::Folder;
use crate::{Error, Log, Program, Supervised};
use std::process::ExitStatus;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long an earlier run may take to end before we give up waiting for its log.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server may take to get ready; recovery after a crash is part of it.
const READY: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(5);

/// A server in its folder, running or not.
#[derive(Debug)]
pub(crate) struct Server {
    name: &'static str,
    running: Option<Supervised>,
    log: Log,
    pub(crate) folder: Folder,
}

impl Server {
    /// A server that does not run yet. From here on nobody else uses its folder.
    pub(crate) fn new(name: &'static str, folder: Folder) -> Result<Self, Error> {
        let log = Log::open(folder.path.join(format!("{name}.log")), PATIENCE)?;
        Ok(Self { name, running: None, log, folder })
    }

    /// Runs a program that prepares the folder, to its end.
    pub(crate) fn prepare(&self, program: Program) -> Result<(), Error> {
        let said_before = self.log.length();
        let mut started = Supervised::start(&program.removing(self.folder.to_remove()), &self.log)?;
        let ended = started.wait(READY)?;
        if ended.is_some_and(|status| status.success()) {
            return Ok(());
        }
        started.stop()?;
        Err(self.not_ready(ended, self.log.tail(said_before)))
    }

    /// Starts it and waits until it is ready for clients on its port.
    pub(crate) fn launch(
        &mut self,
        program: Program,
        port: u16,
        mut ready: impl FnMut(u32) -> bool,
    ) -> Result<(), Error> {
        let said_before = self.log.length();
        let program = program.removing(self.folder.to_remove());
        let mut started = Supervised::start(&program, &self.log)?;
        let until = Instant::now() + READY;
        while !ready(started.pid()) {
            let ended = started.try_wait()?;
            if ended.is_none() && Instant::now() < until {
                sleep(POLL);
                continue;
            }
            let said = self.log.tail(said_before);
            if said.contains("ddress already in use") {
                return Err(Error::PortTaken(port));
            }
            // A folder to be thrown away stays for the next try.
            started.stop()?;
            return Err(self.not_ready(ended, said));
        }
        self.running = Some(started);
        Ok(())
    }

    fn not_ready(&self, ended: Option<ExitStatus>, said: String) -> Error {
        let what = match ended {
            Some(status) => format!("ended with {status}"),
            None => format!("was not ready after {READY:?}"),
        };
        let log = self.log.path().to_owned();
        Error::NotReady { program: self.name, what, log, said }
    }

    /// Its process id while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Supervised::pid)
    }

    pub(crate) fn running(&mut self) -> Option<&mut Supervised> {
        self.running.as_mut()
    }

    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        self.running.take().map_or(Ok(()), |mut running| running.stop())
    }

    pub(crate) fn kill(&mut self) -> Result<(), Error> {
        self.running.take().map_or(Ok(()), |mut running| running.kill())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // While it runs its supervisor removes the folder, after it.
        if self.running.is_none()
            && let Some(folder) = self.folder.to_remove()
        {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
