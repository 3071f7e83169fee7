//! A running service, hospitals that talk to it, and what it says.

use std::net::SocketAddr;
use std::path::Path;

use admissions::Admissions;
use admissions::app::{Listening, Own};
use async_nats::jetstream;
use chassis::clock::Anchor;
use chassis::config::{Common, Nats, Secret, Settings};
use chassis::{Clock, Process, Program, Readiness, Tasks};
use contracts::commands::{Actor, CaseCounts, Command, CountCases, FindCase, ListCases};
use contracts::{Case, CommandId, Event};
use futures::{StreamExt, TryStreamExt};
use messaging::{CallError, Caller};
use test_support::{Broker, SOON, TestDatabase, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Beginning of the domain time of every test: a week after the messages in `tests/messages`.
pub(crate) const NOW: &str = "2026-11-24T08:00:00Z";

/// A broker, a database, and processes of the service on them.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) database: TestDatabase,
    folder: tempfile::TempDir,
}

/// One process of the service.
pub(crate) struct Service {
    pub(crate) at: Listening,
    pub(crate) process: Process,
}

impl World {
    pub(crate) async fn start() -> Self {
        let broker = Broker::start().await;
        let database = TestDatabase::create(&[]).await;
        let folder = tempfile::tempdir().unwrap();
        let anchor =
            Anchor { domain: NOW.parse().unwrap(), real: chassis::real_now(), factor: 1.0 };
        anchor.write(&folder.path().join("clock")).unwrap();
        let world = Self { broker, database, folder };
        world.register(&senders());
        Admissions::provision(world.settings()).await.unwrap();
        world
    }

    /// A world with one process.
    pub(crate) async fn with_service() -> (Self, Service) {
        let world = Self::start().await;
        let service = world.serve().await;
        (world, service)
    }

    /// Writes the file of senders; processes read it when they start.
    pub(crate) fn register(&self, senders: &str) {
        std::fs::write(self.folder.path().join("senders.toml"), senders).unwrap();
    }

    pub(crate) fn settings(&self) -> Settings<Own> {
        let mut common = Common::default();
        common.database.url = Secret::new(&self.database.url);
        common.nats = Nats { url: Secret::new(self.broker.url()), credentials: None };
        let mut service = Own::default();
        service.intake.senders = Some(self.folder.path().join("senders.toml"));
        service.mllp.addr = SocketAddr::from(([127, 0, 0, 1], 0));
        service.http.addr = SocketAddr::from(([127, 0, 0, 1], 0));
        Settings { common, service }
    }

    pub(crate) async fn serve(&self) -> Service {
        self.serve_with(self.settings()).await
    }

    pub(crate) async fn serve_with(&self, settings: Settings<Own>) -> Service {
        let process = Process {
            clock: Clock::file(&self.folder.path().join("clock")).unwrap(),
            tasks: Tasks::default(),
            readiness: Readiness::default(),
        };
        let at = admissions::app::start(settings, process.clone()).await.unwrap();
        Service { at, process }
    }

    /// Asks or tells the service, once it answers.
    pub(crate) async fn ask<C: Command>(&self, query: &C) -> C::Answer {
        let caller = Caller::new(self.broker.client().await);
        eventually("the service answers", SOON, async || caller.ask(query).await).await
    }

    pub(crate) async fn tell<C: Command>(
        &self,
        command: &C,
        actor: &Actor,
    ) -> Result<C::Answer, CallError> {
        self.ask(&CountCases {}).await;
        let caller = Caller::new(self.broker.client().await);
        caller.call(command, CommandId(chassis::new_id()), actor).await
    }

    pub(crate) async fn cases(&self) -> Vec<Case> {
        self.ask(&ListCases::default()).await
    }

    pub(crate) async fn the_case(&self) -> Case {
        let cases = self.cases().await;
        assert_eq!(cases.len(), 1, "{} cases", cases.len());
        self.ask(&FindCase { case_ref: cases[0].case_ref }).await.case
    }

    pub(crate) async fn counts(&self) -> CaseCounts {
        self.ask(&CountCases {}).await
    }

    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(self.broker.client().await)
    }

    /// Publishes to the intake, as a hospital system does.
    pub(crate) async fn publish(&self, subject: &str, id: &str, body: impl Into<Vec<u8>>) {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", id);
        let subject = format!("hemgang.v1.intake.{subject}");
        let js = self.jetstream().await;
        let publish = js.publish_with_headers(subject, headers, body.into().into()).await.unwrap();
        publish.await.unwrap();
    }

    /// What a stream holds, once it holds so many messages.
    pub(crate) async fn stream(&self, name: &str, count: u64) -> Vec<Vec<u8>> {
        let js = self.jetstream().await;
        eventually("the stream holds what is expected", SOON, async || {
            let mut stream = js.get_stream(name).await.map_err(|error| error.to_string())?;
            let held = stream.info().await.unwrap().state.messages;
            if held < count { Err(format!("{held} messages")) } else { Ok(()) }
        })
        .await;
        let consumer = jetstream::consumer::pull::OrderedConfig::default();
        let stream = js.get_stream(name).await.unwrap();
        let held = stream.cached_info().state.messages;
        let messages = stream.create_consumer(consumer).await.unwrap().messages().await.unwrap();
        let held = usize::try_from(held).unwrap();
        messages.take(held).map_ok(|message| message.payload.to_vec()).try_collect().await.unwrap()
    }

    /// The events of cases, once there are so many.
    pub(crate) async fn events(&self, count: u64) -> Vec<Event<Case>> {
        let all = self.stream("HEMGANG_ADMISSIONS", count).await;
        all.iter().map(|event| serde_json::from_slice(event).unwrap()).collect()
    }
}

impl Service {
    pub(crate) async fn stop(self) {
        self.process.tasks.finish().await.unwrap();
    }

    pub(crate) async fn mllp(&self) -> Hospital {
        Hospital(TcpStream::connect(self.at.mllp).await.unwrap())
    }
}

/// A connection over MLLP.
pub(crate) struct Hospital(TcpStream);

impl Hospital {
    /// Sends a message and returns its acknowledgement.
    pub(crate) async fn send(&mut self, message: &[u8]) -> String {
        let frame = [b"\x0b", message, b"\x1c\r"].concat();
        self.0.write_all(&frame).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\x1c\r") {
            answer.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(answer[1..answer.len() - 2].to_vec()).unwrap()
    }
}

impl Hospital {
    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next answer; `None` when the connection is closed.
    pub(crate) async fn answer(&mut self) -> Option<String> {
        let mut answer = Vec::new();
        while !answer.ends_with(b"\x1c\r") {
            answer.push(self.0.read_u8().await.ok()?);
        }
        Some(String::from_utf8(answer[1..answer.len() - 2].to_vec()).unwrap())
    }
}

/// A message of `tests/messages` with changes in its text.
pub(crate) fn changed(name: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let mut text = String::from_utf8(message(name)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text.into_bytes()
}

/// Another event from one of `tests/messages`, so many hours later.
pub(crate) fn event(from: &str, code: &str, id: &str, recorded: &str) -> Vec<u8> {
    let text = String::from_utf8(message(from)).unwrap();
    let old_code = text.split("ADT^").nth(1).unwrap()[..3].to_owned();
    let old_id = text.split('|').nth(9).unwrap().to_owned();
    let old_time = text.split("EVN|").nth(1).unwrap().split('|').nth(1).unwrap();
    let old_time = old_time.split(['\r', '\n']).next().unwrap().to_owned();
    let text = text.replace(&format!("ADT^{old_code}"), &format!("ADT^{code}"));
    text.replace(&old_id, id).replacen(&old_time, recorded, 1).into_bytes()
}

/// A message over MLLP.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    [b"\x0b", message, b"\x1c\r"].concat()
}

/// MSA-1 of an acknowledgement.
pub(crate) fn code(acknowledgement: &str) -> &str {
    let msa = acknowledgement.split('\r').find(|segment| segment.starts_with("MSA")).unwrap();
    msa.split('|').nth(1).unwrap()
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)).unwrap()
}

pub(crate) fn senders() -> String {
    String::from_utf8(read("senders.toml")).unwrap()
}

/// A message of `tests/messages`.
pub(crate) fn message(name: &str) -> Vec<u8> {
    read(&format!("messages/{name}.hl7"))
}

/// Our own document of an admission with need, and what differs from it.
pub(crate) fn document(differs: &serde_json::Value) -> Vec<u8> {
    let mut document = serde_json::json!({
        "message_id": "42",
        "kind": "admitted",
        "visit": "V2026-9",
        "occurred_at": "2026-11-17T08:10:00+01:00",
        "ward": "MED1",
        "patient": {
            "identity": { "type": "personal", "value": "18900101-9802" },
            "name": { "given": "Åsa", "family": "Tolvansson" },
            "address": { "lines": ["Storgatan 1"], "postal_code": "79171", "city": "FALUN" },
            "municipality": "2080",
            "listed_care_centre": "SE2321000180-3001"
        },
        "estimated_discharge": { "at": "2026-11-20" },
        "diagnoses": [{ "code": "I50.0", "text": "Hjärtsvikt" }],
        "need": { "parties": ["social_services"] }
    });
    for (member, value) in differs.as_object().unwrap() {
        document[member] = value.clone();
    }
    document.to_string().into_bytes()
}

/// Every value of the test patient that must not get out.
pub(crate) const PRIVATE: [&str; 10] = [
    "Tolvansson",
    "Åsa",
    "Storgatan",
    "79171",
    "FALUN",
    "18900101",
    "9802",
    "I50",
    "Hjärtsvikt",
    "V2026",
];

pub(crate) fn actor(unit: &str) -> Actor {
    Actor { staff: "SE2321000180-ANNA".parse().unwrap(), unit: unit.parse().unwrap() }
}
