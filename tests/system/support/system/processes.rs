//! The services as processes: what each is started with, and how it is stopped, doubled and put back.

use std::path::PathBuf;

use embedded::{Log, Program, Supervised};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use test_support::{SOON, eventually, free_address};

use super::{System, get};

impl System {
    /// Starts a second process of a service, on ports of its own, and waits until it is ready.
    pub(crate) async fn add_replica(&mut self, service: &str) {
        let (name, probes) = (format!("{service}-2"), free_address());
        let program = self.program(service).env("HEMGANG_PROBES__ADDR", probes.to_string());
        self.programs.insert(name.clone(), program);
        self.probes.insert(name.clone(), probes);
        self.start_service(&name);
        self.is_ready().await;
    }

    pub(super) fn program(&self, service: &str) -> Program {
        let file = |name: &str| self.folder.path().join(name).into_os_string();
        let program = Program::new(env!("CARGO_BIN_EXE_hemgang"))
            .args(["service", service])
            .env("DATABASE_URL", self.postgres.url(service))
            .env("NATS_URL", self.nats.url())
            .env("RUST_LOG", "debug,hyper=info,async_nats=info")
            .env("HEMGANG_CLOCK__FILE", file(super::CLOCK))
            .env("HEMGANG_CLOCK__DEMO", "true")
            .env("HEMGANG_PROBES__ADDR", self.probes[service].to_string());
        match service {
            "admissions" => program
                .env("HEMGANG_INTAKE__SENDERS", file("senders.toml"))
                .env("HEMGANG_MLLP__ADDR", self.mllp.to_string())
                .env("HEMGANG_HTTP__ADDR", "127.0.0.1:0"),
            "deadlines" => program.env("HEMGANG_RULEBOOK__REGION", self.region),
            "notifications" => {
                let http = free_address();
                program
                    .env("SMTP_URL", self.sinks.smtp_url())
                    .env("HEMGANG_SMTP__FROM", "Hemgång <hemgang@example.se>")
                    .env("HEMGANG_SMS__ELKS__URL", format!("http://{}", self.sinks.sms))
                    .env("HEMGANG_SMS__ELKS__USER", "u")
                    .env("HEMGANG_SMS__ELKS__PASSWORD", "p")
                    .env("HEMGANG_SMS__ELKS__FROM", "Hemgang")
                    .env("HEMGANG_LINK__BASE_URL", format!("http://{http}"))
                    .env("HEMGANG_LINK__KEY", "0123456789abcdef0123456789abcdef")
                    .env("HEMGANG_HTTP__ADDR", http.to_string())
            }
            _ => program,
        }
    }

    /// Makes schemas, streams and durables (again), as a deployment does.
    pub(crate) fn provision(&self) {
        let provision = |service: &String| {
            let program = self.programs[service].clone().arg("provision");
            let log = self.open_log(&format!("{service}-provision"));
            (service.clone(), Supervised::start(&program, &log).unwrap())
        };
        let provisions: Vec<_> = self.probes.keys().map(provision).collect();
        for (service, mut provision) in provisions {
            let status = provision.wait(SOON * 2).unwrap();
            assert!(status.is_some_and(|status| status.success()), "{service} is provisioned");
        }
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join("log").join(format!("{name}.log"))
    }

    fn open_log(&self, name: &str) -> Log {
        Log::open(self.log(name), SOON).unwrap()
    }

    pub(crate) fn start_service(&mut self, name: &str) {
        let process = Supervised::start(&self.programs[name], &self.open_log(name)).unwrap();
        self.running.insert(name.to_owned(), process);
    }

    fn stop_service(&mut self, name: &str) {
        self.running.remove(name).unwrap().stop().unwrap();
    }

    /// Keeps a copy of a service's database as it is now.
    pub(crate) async fn copy(&mut self, service: &str) {
        self.stop_service(service);
        self.administer(&[format!("create database {service}_copy template {service}")]).await;
        self.start_service(service);
        self.is_ready().await;
    }

    /// Puts a service's database back to when it was copied.
    pub(crate) async fn restore(&mut self, service: &str) {
        self.stop_service(service);
        self.administer(&[
            format!("drop database {service} with (force)"),
            format!("alter database {service}_copy rename to {service}"),
        ])
        .await;
        self.start_service(service);
        self.is_ready().await;
    }

    async fn administer(&self, statements: &[String]) {
        let mut admin = PgConnection::connect(&self.postgres.url("postgres")).await.unwrap();
        for statement in statements {
            admin.execute(AssertSqlSafe(statement.clone())).await.unwrap();
        }
    }

    pub(crate) async fn is_ready(&self) {
        for (service, probes) in &self.probes {
            eventually(&format!("{service} is ready"), SOON * 2, async || {
                let answer = get(*probes, "/readyz").await.map_err(|error| error.to_string())?;
                if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer) }
            })
            .await;
        }
    }
}
