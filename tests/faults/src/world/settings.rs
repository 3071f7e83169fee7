//! What a process of a service is started with.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use embedded::Program;

use super::{Setup, World, free_address};

impl World {
    pub(super) async fn program(
        &mut self,
        setup: &Setup,
        name: &str,
        service: &str,
        probes: SocketAddr,
    ) -> anyhow::Result<Program> {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let postgres = loopback(self.servers.postgres.port());
        let nats = loopback(self.servers.nats.port());
        let through = |url: String, server: SocketAddr, link: SocketAddr| {
            url.replace(&server.to_string(), &link.to_string())
        };
        let link = self.links.add(name, "postgres", postgres).await?;
        let database = through(self.servers.postgres.url(service), postgres, link);
        let link = self.links.add(name, "nats", nats).await?;
        let broker = through(self.servers.nats.url(), nats, link);
        let file = |name: &str| self.folder.path().join(name).into_os_string();
        let mut program = Program::new(&setup.program)
            .args(["service", service])
            .env("DATABASE_URL", database)
            .env("NATS_URL", broker)
            .env("RUST_LOG", "info")
            .env("HEMGANG_CLOCK__FILE", self.clock.file())
            .env("HEMGANG_CLOCK__DEMO", "true")
            .env("HEMGANG_PROBES__ADDR", probes.to_string());
        for (name, value) in &setup.env {
            program = program.env(name, value);
        }
        Ok(match service {
            "admissions" => {
                let (mllp, http) = (free_address()?, free_address()?);
                self.intakes.push((mllp, http));
                program
                    .env("HEMGANG_INTAKE__SENDERS", file("senders.toml"))
                    .env("HEMGANG_MLLP__ADDR", mllp.to_string())
                    // All its hospitals have one address.
                    .env("HEMGANG_MLLP__MAX_PER_PEER", "64")
                    .env("HEMGANG_HTTP__ADDR", http.to_string())
            }
            "deadlines" => program.env("HEMGANG_RULEBOOK__REGION", "dalarna"),
            "notifications" => self.with_the_outside(name, program).await?,
            _ => program,
        })
    }

    async fn with_the_outside(&mut self, name: &str, program: Program) -> anyhow::Result<Program> {
        let (smtp, sms) = (self.sinks.smtp, self.sinks.sms);
        let smtp = self.links.add(name, "smtp", smtp).await.context("link to the mail server")?;
        let sms = self.links.add(name, "sms", sms).await.context("link to the gateway")?;
        let http = free_address()?;
        Ok(program
            .env("SMTP_URL", format!("smtp://{smtp}"))
            .env("HEMGANG_SMTP__FROM", "Hemgång <hemgang@example.se>")
            .env("HEMGANG_SMS__ELKS__URL", format!("http://{sms}"))
            .env("HEMGANG_SMS__ELKS__USER", "u")
            .env("HEMGANG_SMS__ELKS__PASSWORD", "p")
            .env("HEMGANG_SMS__ELKS__FROM", "Hemgang")
            .env("HEMGANG_LINK__BASE_URL", format!("http://{http}"))
            .env("HEMGANG_LINK__KEY", "0123456789abcdef0123456789abcdef")
            .env("HEMGANG_HTTP__ADDR", http.to_string()))
    }
}
