//! What each service is given to run with. Its environment holds this and nothing else: the caller's
//! own `DATABASE_URL`, `NATS_URL`, `RUST_LOG` and the like reach nobody.

use std::path::Path;

use anyhow::Context;
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

/// The file of registered hospital systems.
const SENDERS: &str = "senders.toml";

/// The rulebook of the demo's region.
const DEMO_REGION: &str = "dalarna";

/// How long links work in the demo, in hours of its fast clock: an hour at its usual rate.
const DEMO_LINK_HOURS: &str = "4320";

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
        Ok(match service.name {
            "admissions" => self.of_admissions(program),
            "notifications" => self.of_notifications(program)?,
            "deadlines" if self.clock.is_some() => {
                program.env("HEMGANG_RULEBOOK__REGION", DEMO_REGION)
            }
            _ => program,
        })
    }

    fn of_admissions(&self, program: Program) -> Program {
        program
            .env("HEMGANG_INTAKE__SENDERS", self.folder.at(SENDERS))
            .env("HEMGANG_MLLP__ADDR", self.ports.address("mllp").to_string())
            .env("HEMGANG_HTTP__ADDR", self.ports.address("admissions").to_string())
    }

    /// Mail server and SMS gateways are the inbox.
    fn of_notifications(&self, program: Program) -> anyhow::Result<Program> {
        let inbox = format!("http://{}", self.ports.address("inbox"));
        let page = self.ports.address("notifications").to_string();
        let program = program
            .env("SMTP_URL", format!("smtp://{}", self.ports.address("smtp")))
            .env("HEMGANG_SMTP__FROM", "Hemgång <hemgang@example.se>")
            .env("HEMGANG_LINK__BASE_URL", format!("http://{page}"))
            .env("HEMGANG_LINK__KEY", self.folder.secret("link")?)
            .env("HEMGANG_HTTP__ADDR", page);
        let program = match self.clock {
            None => program,
            // A link that works for three days works for a minute on the demo's clock.
            Some(_) => program.env("HEMGANG_LINK__VALID_HOURS", DEMO_LINK_HOURS),
        };
        let gateways = [("ELKS", "USER"), ("KANNEL", "USER")];
        Ok(gateways.iter().fold(program, |program, (gateway, user)| {
            let name = |key: &str| format!("HEMGANG_SMS__{gateway}__{key}");
            program
                .env(name("URL"), &inbox)
                .env(name(user), "hemgang")
                .env(name("PASSWORD"), "inbox")
                .env(name("FROM"), "Hemgang")
        }))
    }
}

/// Leaves the file of registered hospital systems in the folder of a run, unless there is one: it is
/// its owner's to change.
pub(crate) fn leave_senders(folder: &Folder) -> anyhow::Result<()> {
    let file = folder.at(SENDERS);
    if file.exists() {
        return Ok(());
    }
    std::fs::write(&file, include_str!("../../demo/senders.toml"))
        .with_context(|| format!("write {}", file.display()))
}
