//! A private nats-server with `JetStream`: own store, own password, loopback only.

use crate::folder::Folder;
use crate::secret::Secret;
use crate::server::Server;
use crate::{Error, Found, Port, Program, Signal, port, secret};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name that clients log in with.
pub const USER: &str = "hemgang";
const GRACE: Duration = Duration::from_secs(10);
const PROBE: Duration = Duration::from_secs(1);

/// Where the store lies and on which ports the server listens.
#[derive(Debug, Clone)]
pub struct Settings {
    folder: Option<PathBuf>,
    ports: [Port; 2],
}

impl Settings {
    /// A store that is kept in a folder.
    #[must_use]
    pub fn kept(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ports: [Port::Free; 2] }
    }

    /// A store that is gone with the process that started it.
    #[must_use]
    pub fn throwaway() -> Self {
        Self { folder: None, ports: [Port::Free; 2] }
    }

    /// With clients on this port instead of a free one.
    #[must_use]
    pub fn on(mut self, clients: Port) -> Self {
        self.ports = [clients, Port::Free];
        self
    }
}

/// A nats-server. When it is dropped, it is told to stop and nobody waits for it.
#[derive(Debug)]
pub struct Nats {
    server: Server,
    program: PathBuf,
    ports: [u16; 2],
    secret: Secret,
}

/// Starts nats-server and waits until its `JetStream` is ready.
pub fn start(program: &Found, settings: &Settings) -> Result<Nats, Error> {
    let folder = match &settings.folder {
        Some(path) => Folder::kept(path, None)?,
        None => Folder::throwaway(None)?,
    };
    let server = Server::new("nats-server", folder)?;
    let secret = Secret::kept_in(&server.folder.path.join("password"))?;
    let mut nats = Nats { server, program: program.path.clone(), ports: [0; 2], secret };
    let remembered = nats.server.folder.path.join("port");
    nats.ports = port::start_on(settings.ports, &remembered, |ports| {
        nats.ports = ports;
        nats.launch().map(|()| ports)
    })?;
    Ok(nats)
}

impl Nats {
    /// The URL for clients, password included.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{USER}:{}@127.0.0.1:{}", self.password(), self.port())
    }

    /// The password of [`USER`], for clients that do not take it from a URL.
    #[must_use]
    pub fn password(&self) -> &str {
        self.secret.reveal()
    }

    /// The port for clients on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        let [clients, _] = self.ports;
        clients
    }

    /// The URL of the server's own monitoring pages.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor())
    }

    /// The server's process id, none while it is stopped or killed.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.pid()
    }

    /// Where store, log, ports and password lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.server.folder.path
    }

    /// Where `JetStream` keeps its streams.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.folder().join("store")
    }

    /// Whether it is still running, as far as it was not stopped.
    pub fn is_running(&mut self) -> Result<bool, Error> {
        self.server.running().map_or(Ok(false), |running| Ok(running.try_wait()?.is_none()))
    }

    /// Stops it in good order.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.server.stop()
    }

    /// Kills it by SIGKILL.
    pub fn kill(&mut self) -> Result<(), Error> {
        self.server.kill()
    }

    /// Sends it a signal: [`Signal::Stop`] and [`Signal::Cont`] make a broker that hangs.
    pub fn signal(&mut self, signal: Signal) {
        if let Some(running) = self.server.running() {
            running.signal(signal);
        }
    }

    /// Deletes everything that `JetStream` knows; the server must be stopped or killed before.
    pub fn delete_store(&mut self) -> Result<(), Error> {
        self.stop()?;
        let store = self.store();
        fs::remove_dir_all(&store).map_err(Error::file("remove", &store))
    }

    /// Starts it again on the same ports after [`Nats::stop`] or [`Nats::kill`].
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.stop()?;
        self.launch()
    }

    fn monitor(&self) -> u16 {
        let [_, monitor] = self.ports;
        monitor
    }

    fn launch(&mut self) -> Result<(), Error> {
        let config = self.folder().join("nats-server.conf");
        secret::write_private(&config, &self.config())?;
        // Without a log file of its own it prints to standard error, into the log that we hold.
        let program = Program::new(&self.program)
            .arg("--config")
            .arg(&config)
            .in_folder(self.folder())
            .stopped_by(Signal::Term, GRACE);
        let (port, monitor) = (self.port(), self.monitor());
        self.server.launch(program, port, |_| is_healthy(monitor))
    }

    fn config(&self) -> String {
        let quoted = |path: PathBuf| {
            let text = path.display().to_string();
            text.replace('\\', r"\\").replace('"', "\\\"")
        };
        format!(
            "server_name: hemgang\n\
             listen: \"127.0.0.1:{}\"\n\
             http: \"127.0.0.1:{}\"\n\
             pid_file: \"{}\"\n\
             jetstream {{ store_dir: \"{}\" }}\n\
             authorization {{ user: \"{USER}\", password: \"{}\" }}\n",
            self.port(),
            self.monitor(),
            quoted(self.folder().join("nats-server.pid")),
            quoted(self.store()),
            self.password(),
        )
    }
}

/// Asks the server's health page, which says yes when `JetStream` has recovered its streams.
fn is_healthy(monitor: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, monitor));
        let mut stream = TcpStream::connect_timeout(&address, PROBE)?;
        stream.set_read_timeout(Some(PROBE))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.take(1_000).read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}
