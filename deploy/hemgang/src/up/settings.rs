//! What each service is given to run with. Its environment holds this and nothing else: the caller's
//! own `DATABASE_URL`, `NATS_URL`, `RUST_LOG` and the like reach nobody.

use std::path::Path;

use embedded::Program;
use embedded::nats::Nats;
use embedded::postgres::Postgres;

use super::clock::DemoClock;
use super::databases;
use super::folder::Folder;
use super::ports::Ports;
use crate::service::Service;

/// Variables that say where programs, home and time zone are.
const INHERITED: [&str; 5] = ["PATH", "HOME", "TZ", "TMPDIR", "LANG"];

/// What services share.
pub(crate) struct Given<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) folder: &'a Folder,
    pub(crate) ports: &'a Ports,
    pub(crate) postgres: &'a Postgres,
    pub(crate) nats: &'a Nats,
    pub(crate) clock: Option<&'a DemoClock>,
}

impl Given<'_> {
    /// A service as a program with its settings.
    pub(crate) fn program(&self, service: &Service) -> anyhow::Result<Program> {
        let program = Program::new(self.binary)
            .args(["service", service.name])
            .inherit(INHERITED)
            .env("DATABASE_URL", databases::url(self.postgres, self.folder, service.name)?)
            .env("NATS_URL", self.nats.url())
            .env("HEMGANG_PROBES__ADDR", self.ports.probes_of(service.name).to_string());
        let program = match self.clock {
            None => program,
            Some(clock) => {
                program.env("HEMGANG_CLOCK__FILE", clock.file()).env("HEMGANG_CLOCK__DEMO", "true")
            }
        };
        Ok(program)
    }
}
