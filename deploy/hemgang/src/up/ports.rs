//! The ports of everything that the launcher starts, always of 127.0.0.1.

mod holder;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use embedded::secret;

use crate::service;

/// Names and usual numbers of all ports but those of the probes.
const USUAL: [(&str, u16); 6] = [
    ("inbox", 8025),
    ("smtp", 2525),
    ("nats", 4222),
    ("mllp", 2575),
    ("admissions", 8081),
    ("notifications", 8082),
];
/// Stands for every port in `--port all=free`.
const EVERY: &str = "all";
/// What a port that is taken is advised to be moved by.
const ADVISED: u16 = 10_000;

/// `--port name=number`, or `name=free`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    name: String,
    /// Absent: any free one.
    port: Option<u16>,
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = || names().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        let (name, port) =
            text.split_once('=').ok_or("must be name=number, such as inbox=18025")?;
        if name != EVERY && !self::names().any(|(known, _)| known == name) {
            return Err(format!("there is no port {name}; there are {EVERY}, {}", names()));
        }
        let port = match (port, port.parse()) {
            ("free", _) => None,
            (_, Ok(1..)) if name == EVERY => return Err(format!("must be {EVERY}=free")),
            (_, Ok(port @ 1..)) => Some(port),
            _ => return Err(format!("{port} is no port: a number up to 65535, or `free`")),
        };
        Ok(Self { name: name.to_owned(), port })
    }
}

/// The name of the port of a service's probes.
fn probes(service: &str) -> String {
    format!("{service}-probes")
}

fn names() -> impl Iterator<Item = (String, u16)> {
    let usual = USUAL.iter().map(|(name, port)| ((*name).to_owned(), *port));
    usual.chain(service::ALL.iter().map(|service| (probes(service.name), service.probes)))
}

/// The chosen ports by name. All are held until [`Ports::release`], so that no two are the same and
/// nobody takes one meanwhile.
#[derive(Debug)]
pub(crate) struct Ports {
    numbers: BTreeMap<String, u16>,
    held: BTreeMap<String, TcpListener>,
}

impl Ports {
    /// Chooses ports. Free ones are kept in a file, so that links in mails stay right in the next
    /// run. The error names every port that is taken, by whom, and what to do.
    pub(crate) fn choose(choices: &[Choice], remembered_in: &Path) -> anyhow::Result<Self> {
        let remembered = read(remembered_in);
        let mut ports = Self { numbers: BTreeMap::new(), held: BTreeMap::new() };
        let mut taken = String::new();
        for (name, usual) in names() {
            let chosen = |wanted: &str| choices.iter().rev().find(|choice| choice.name == wanted);
            let listener = match chosen(&name).or_else(|| chosen(EVERY)) {
                Some(Choice { port: None, .. }) => {
                    let before = remembered.get(&name).and_then(|port| bind(*port).ok());
                    before.map_or_else(|| bind(0), Ok).context("find a free port")?
                }
                fixed => {
                    let port = fixed.and_then(|choice| choice.port).unwrap_or(usual);
                    let Ok(listener) = bind(port) else {
                        taken.push_str(&complaint(&name, port));
                        continue;
                    };
                    listener
                }
            };
            ports.numbers.insert(name.clone(), listener.local_addr()?.port());
            ports.held.insert(name, listener);
        }
        if !taken.is_empty() {
            anyhow::bail!(
                "{taken}--port all=free tar lediga portar till allt / takes free ports for all"
            );
        }
        let lines: Vec<_> =
            ports.numbers.iter().map(|(name, port)| format!("{name} {port}\n")).collect();
        secret::write_private(remembered_in, &lines.concat())?;
        Ok(ports)
    }

    /// The number of a port.
    pub(crate) fn number(&self, name: &str) -> u16 {
        self.numbers.get(name).copied().unwrap_or_default()
    }

    /// Where a port is.
    pub(crate) fn address(&self, name: &str) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.number(name)))
    }

    /// Where the probes of a service are.
    pub(crate) fn probes_of(&self, service: &str) -> SocketAddr {
        self.address(&probes(service))
    }

    /// Takes over a port that the launcher itself listens on.
    pub(crate) fn listener(&mut self, name: &str) -> anyhow::Result<tokio::net::TcpListener> {
        let listener =
            self.held.remove(name).with_context(|| format!("port {name} is not held"))?;
        listener.set_nonblocking(true)?;
        Ok(tokio::net::TcpListener::from_std(listener)?)
    }

    /// Lets go of a port, so that a child can listen on it.
    pub(crate) fn release(&mut self, name: &str) {
        self.held.remove(name);
    }

    /// Lets go of all ports.
    pub(crate) fn release_all(&mut self) {
        self.held.clear();
    }
}

fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

fn read(file: &Path) -> BTreeMap<String, u16> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = |line: &str| {
        let (name, port) = line.split_once(' ')?;
        Some((name.to_owned(), port.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

fn complaint(name: &str, port: u16) -> String {
    let holder = holder::of(port);
    let (av, by) = match &holder {
        Some(holder) => (format!(" av {holder}"), format!(" by {holder}")),
        None => (String::new(), String::new()),
    };
    let other = port.checked_add(ADVISED).unwrap_or(port / 2);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "port {port} ({name}) är upptagen{av}; välj en annan med --port {name}={other}"
    );
    let _ = writeln!(
        text,
        "port {port} ({name}) is taken{by}; choose another by --port {name}={other}"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(texts: &[&str]) -> Vec<Choice> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_its_holder_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let thief = (8_000..9_000).find_map(|port| bind(port).ok()).unwrap();
        let port = thief.local_addr().unwrap().port();
        let choices = choices(&["all=free", &format!("inbox={port}")]);
        let error = Ports::choose(&choices, &folder.path().join("ports")).unwrap_err().to_string();
        assert!(error.contains(&format!("port {port} (inbox) is taken")), "{error}");
        assert!(error.contains(&format!("--port inbox={}", port + 10_000)), "{error}");
        if cfg!(target_os = "linux") {
            assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
        }
    }

    #[test]
    fn free_ports_differ_and_are_kept_for_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ports");
        let first = Ports::choose(&choices(&["all=free"]), &file).unwrap().numbers;
        let distinct: std::collections::BTreeSet<_> = first.values().collect();
        assert_eq!(distinct.len(), names().count());
        assert_eq!(Ports::choose(&choices(&["all=free"]), &file).unwrap().numbers, first);
    }

    #[test]
    fn a_choice_that_cannot_be_is_refused_with_the_names_that_can() {
        let refused = |text: &str| text.parse::<Choice>().unwrap_err();
        assert!(refused("inbxo=1").contains("inbox"));
        assert!(refused("inbox=70000").contains("70000"));
        assert!(refused("inbox=0").contains("free"));
        assert!(refused("all=8025").contains("all=free"));
        assert!(refused("8025").contains("name=number"));
    }
}
