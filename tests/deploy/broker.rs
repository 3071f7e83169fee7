//! The permissions in `deploy/nats/nats.conf`: every service can do its work as its own user of the
//! broker, and nobody can do another's.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use async_nats::jetstream::stream::DirectGetErrorKind;
use async_nats::{Client, ConnectOptions};
use contracts::commands::any;
use embedded::{Cache, Parts, Search};
use test_support::{SOON, TestDatabase, eventually};

use crate::{HEMGANG, SERVICES, file, text_of};

const USERS: [&str; 8] = [
    "admissions",
    "coordination",
    "sip",
    "deadlines",
    "notifications",
    "provision",
    "operator",
    "sender_siljan",
];

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A broker with our settings, but for its place and port.
struct Broker {
    folder: tempfile::TempDir,
    port: u16,
    _running: Running,
}

impl Broker {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display().to_string();
        let settings = text_of("deploy/nats/nats.conf")
            .replace("0.0.0.0:4222", "127.0.0.1:-1")
            .replace("0.0.0.0:8222", "127.0.0.1:-1")
            .replace("\"/data\"", &format!("\"{here}/store\""));
        let places = format!("ports_file_dir: \"{here}\"\nlog_file: \"{here}/log\"\n");
        let config = folder.path().join("nats.conf");
        std::fs::write(&config, settings + &places).unwrap();
        let program = tokio::task::spawn_blocking(nats_server).await.unwrap();
        let mut command = Command::new(program);
        command.arg("--config").arg(&config);
        for user in USERS {
            command.env(format!("NATS_PASSWORD_{}", user.to_uppercase()), password_of(user));
        }
        let running = Running(command.spawn().unwrap());
        let port = eventually("the broker's port", SOON, async || port_in(folder.path())).await;
        Self { folder, port, _running: running }
    }

    fn url(&self, user: &str) -> String {
        let name = if user == "sender_siljan" { "siljan" } else { user };
        format!("nats://{name}:{}@127.0.0.1:{}", password_of(user), self.port)
    }

    async fn client(&self, user: &str) -> Client {
        let settings = chassis::config::Nats {
            url: chassis::Secret::new(self.url(user)),
            ..chassis::config::Nats::default()
        };
        messaging::connect_client(&settings, user).await.unwrap()
    }

    /// What it has refused so far.
    fn refusals(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        log.lines().filter(|line| line.contains("Violation")).map(str::to_owned).collect()
    }
}

fn nats_server() -> PathBuf {
    let cache = Cache::new(file(".hemgang/cache"));
    Parts::nats_server(&Search::machine(), &cache, &mut |_| {}).unwrap().path
}

fn password_of(user: &str) -> String {
    format!("secret-of-{user}")
}

/// The broker leaves a file with the ports that it took.
fn port_in(folder: &Path) -> Result<u16, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let ports = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "ports"))
        .ok_or("no file yet")?;
    let text = std::fs::read_to_string(ports).map_err(|error| error.to_string())?;
    let ports: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let url = ports.pointer("/nats/0").and_then(|url| url.as_str()).ok_or("no port yet")?;
    url.rsplit(':').next().and_then(|port| port.parse().ok()).ok_or_else(|| url.to_owned())
}

fn service(broker: &Broker, name: &str, database: &TestDatabase, user: &str) -> Command {
    let mut command = Command::new(HEMGANG);
    let log = File::create(broker.folder.path().join(format!("{name}.log"))).unwrap();
    command.args(["service", name]).env_clear().stdout(log);
    command.env("DATABASE_URL", &database.url).env("NATS_URL", broker.url(user));
    for listener in ["PROBES", "HTTP", "MLLP"] {
        let has_it = match listener {
            "HTTP" => ["admissions", "notifications"].contains(&name),
            "MLLP" => name == "admissions",
            _ => true,
        };
        if has_it {
            command.env(format!("HEMGANG_{listener}__ADDR"), "127.0.0.1:0");
        }
    }
    if name == "notifications" {
        command.env("SMTP_URL", "smtp://127.0.0.1:9").env("HEMGANG_SMTP__FROM", "a@example.se");
        command.env("HEMGANG_LINK__KEY", "0123456789abcdef0123456789abcdef");
    }
    command
}

#[tokio::test]
async fn every_service_can_do_its_work_as_its_own_user() {
    let broker = Broker::start().await;
    let mut databases = Vec::new();
    for name in SERVICES {
        let database = TestDatabase::create(&[]).await;
        let made = service(&broker, name, &database, "provision").arg("provision").status();
        assert!(made.unwrap().success(), "provision {name}: {:?}", broker.refusals());
        databases.push(database);
    }
    let mut running = Vec::new();
    for (name, database) in SERVICES.into_iter().zip(&databases) {
        running.push(Running(service(&broker, name, database, name).spawn().unwrap()));
    }
    let caller = messaging::Caller::new(broker.client("operator").await);
    for name in SERVICES {
        let what = format!("{name}'s answer to the operator");
        eventually(&what, SOON, async || {
            caller.ask_any::<_, any::Status>(name, any::STATUS, &()).await
        })
        .await;
    }
    let sample = text_of("shared/contracts/samples/v1/case_changed.full.json");
    let admissions = async_nats::jetstream::new(broker.client("admissions").await);
    let published = admissions.publish(contracts::subjects::CASE_CHANGED, sample.into()).await;
    published.unwrap().await.unwrap();
    // What a restored database has forgotten is read from the intake; now there is nothing.
    let intake = admissions.get_stream("HEMGANG_INTAKE").await.unwrap();
    let nothing = intake.direct_get(1).await.unwrap_err();
    assert_eq!(nothing.kind(), DirectGetErrorKind::NotFound);
    for name in ["coordination", "sip", "deadlines"] {
        eventually(&format!("{name} has taken the event"), SOON, async || {
            let status: any::Status =
                caller.ask_any(name, any::STATUS, &()).await.map_err(|error| error.to_string())?;
            let waits = status.consumers.iter().any(|c| c.pending + c.in_hand > 0);
            if waits || status.unpublished > 0 { Err(format!("{status:?}")) } else { Ok(()) }
        })
        .await;
    }
    assert_eq!(broker.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_can_do_what_is_anothers() {
    let broker = Broker::start().await;
    let foreign = [
        ("sip", "hemgang.v1.coordination.assignment_changed"),
        ("sip", "hemgang.v1.cmd.admissions.read_notice"),
        ("sip", "hemgang.v1.receipts.siljan"),
        ("sip", "$JS.API.STREAM.DELETE.HEMGANG_SIP"),
        ("sip", "$JS.API.CONSUMER.CREATE.HEMGANG_INTAKE"),
        ("sip", "$JS.API.CONSUMER.MSG.NEXT.HEMGANG_INTAKE.admissions"),
        ("sip", "$JS.API.DIRECT.GET.HEMGANG_INTAKE"),
        ("operator", "hemgang.v1.sip.sip_changed"),
        ("operator", "$JS.API.STREAM.MSG.GET.HEMGANG_INTAKE"),
        ("provision", "hemgang.v1.sip.sip_changed"),
        ("sender_siljan", "hemgang.v1.intake.another.adt"),
        ("sender_siljan", "hemgang.v1.cmd.admissions.read_notice"),
    ];
    for (user, subject) in foreign {
        let client = broker.client(user).await;
        client.publish(subject, "".into()).await.unwrap();
        is_refused(&broker, &client, &format!("Publish Violation - Subject \"{subject}\"")).await;
    }
    for (user, subject) in [
        ("sip", "hemgang.v1.intake.>"),
        ("sip", "_INBOX_coordination.>"),
        ("operator", "hemgang.v1.>"),
        ("sender_siljan", "hemgang.v1.receipts.*"),
    ] {
        let client = broker.client(user).await;
        let _subscription = client.subscribe(subject).await.unwrap();
        is_refused(&broker, &client, &format!("Subscription Violation - Subject \"{subject}\""))
            .await;
    }
}

async fn is_refused(broker: &Broker, client: &Client, what: &str) {
    client.flush().await.unwrap();
    eventually(what, Duration::from_secs(5), async || {
        let refusals = broker.refusals();
        if refusals.iter().any(|line| line.contains(what)) {
            Ok(())
        } else {
            Err(refusals.join("\n"))
        }
    })
    .await;
}

#[tokio::test]
async fn a_password_is_asked_for() {
    let broker = Broker::start().await;
    let nobody = ConnectOptions::new().connect(format!("127.0.0.1:{}", broker.port)).await;
    assert!(nobody.is_err());
}
