//! A private Postgres: own data, own password, loopback only, no trace of data in its log.

use crate::folder::{self, Folder};
use crate::secret::Secret;
use crate::server::Server;
use crate::{Error, Found, Port, Progress, Signal, User, port};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

mod cluster;

/// The superuser's name.
pub const USER: &str = "hemgang";
const GRACE: Duration = Duration::from_secs(20);

/// Where the data lies, on which port, and how much care is taken of it.
#[derive(Debug, Clone)]
pub struct Settings {
    folder: Option<PathBuf>,
    port: Port,
}

impl Settings {
    /// Data that is kept in a folder and survives everything: the second start goes on where the
    /// first one stopped.
    #[must_use]
    pub fn kept(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), port: Port::Free }
    }

    /// Data that is gone with the process that started it. Nothing is forced to disk, so it is
    /// fast and a power cut would destroy it.
    #[must_use]
    pub fn throwaway() -> Self {
        Self { folder: None, port: Port::Free }
    }

    /// On this port instead of a free one.
    #[must_use]
    pub fn on(mut self, port: Port) -> Self {
        self.port = port;
        self
    }
}

/// A Postgres server. When it is dropped, it is told to stop and nobody waits for it.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    program: Found,
    user: Option<User>,
    port: u16,
    secret: Secret,
}

/// Starts Postgres and waits until it takes connections.
pub fn start(
    program: &Found,
    settings: &Settings,
    say: &mut dyn FnMut(Progress),
) -> Result<Postgres, Error> {
    let user = User::for_postgres(settings.folder.as_deref())?;
    let folder = if let Some(wanted) = &settings.folder {
        Folder::kept(&folder::within_reach(wanted, user, say)?, user)?
    } else {
        Folder::throwaway(user)?
    };
    let program = cluster::executable_by(program, user, say)?;
    let server = Server::new("postgres", folder)?;
    let password_file = cluster::password_file(&server);
    let secret = Secret::kept_in(&password_file)?;
    if let Some(user) = user {
        user.own(&password_file)?;
    }
    let mut postgres = Postgres { server, program, user, port: 0, secret };
    cluster::prepare(&postgres.server, &postgres.program, user)?;
    let remembered = postgres.server.folder.path.join("port");
    let [port] = port::start_on([settings.port], &remembered, |[port]| {
        postgres.launch(port).map(|()| [port])
    })?;
    postgres.port = port;
    Ok(postgres)
}

impl Postgres {
    /// The superuser's URL of a database, password included.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/{database}", self.secret.reveal(), self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process id, none while it is stopped or killed.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.pid()
    }

    /// Where data, log, port and password lie; not always where it was asked for.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.server.folder.path
    }

    /// Whether it is still running, as far as it was not stopped.
    pub fn is_running(&mut self) -> Result<bool, Error> {
        self.server.running().map_or(Ok(false), |running| Ok(running.try_wait()?.is_none()))
    }

    /// Stops it in good order, dropping its clients.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.server.stop()
    }

    /// Kills it by SIGKILL.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.server.kill()
    }

    /// Starts it again on the same port after [`Postgres::stop`] or [`Postgres::kill`].
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.stop()?;
        self.launch(self.port)
    }

    fn launch(&mut self, port: u16) -> Result<(), Error> {
        let data = cluster::data(&self.server);
        cluster::forget_dead_server(&data)?;
        let fast = self.server.folder.to_remove().is_some();
        let program = cluster::program(&self.program.path, &self.program)
            .arg("-D")
            .arg(&data)
            .args(cluster::settings(port, fast))
            .in_folder(&self.server.folder.path)
            .as_user(self.user)
            .stopped_by(Signal::Int, GRACE);
        self.server.launch(program, port, |pid| is_ready(&data, pid))
    }
}

/// Postgres keeps a file about itself: its process id in the first line and its state in the
/// eighth, which is how `pg_ctl` knows, too.
fn is_ready(data: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(&pid.to_string()) && lines.nth(6) == Some("ready")
}
