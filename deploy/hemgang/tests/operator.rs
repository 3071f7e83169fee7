//! The operator's command line as a process of its own, against a real broker on which a stand-in
//! answers for a service.

#![expect(clippy::unwrap_used, reason = "a test helper fails its test")]

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use async_nats::{ConnectOptions, Message};
use embedded::nats::{self, Nats, Settings};
use embedded::{Cache, Parts, Search};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const CASE: &str = "00000000-0000-0000-0000-00000000000c";
const COMMAND_ID: &str = "00000000-0000-0000-0000-000000000007";
const SIGNED: [&str; 6] =
    ["--as", "SE2321000016-9A2B", "--unit", "SE2321000016-VC01", "--command-id", COMMAND_ID];

/// Where programs that had to be fetched lie, shared with the launcher.
const CACHE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.hemgang/cache");

/// A broker of the test's own, which asks for a password and ends with it.
async fn broker() -> Nats {
    let start = || {
        let program = Parts::nats_server(&Search::machine(), &Cache::new(CACHE), &mut |_| {})?;
        nats::start(&program, &Settings::throwaway())
    };
    tokio::task::spawn_blocking(start).await.unwrap().unwrap()
}

/// Runs a command in a folder, with no broker in its environment unless one is given.
async fn hemgang(folder: &Path, broker: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hemgang"));
    command.current_dir(folder).stdin(Stdio::null()).env_remove("NATS_URL").args(arguments);
    if let Some(url) = broker {
        command.env("NATS_URL", url);
    }
    command.output().await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Answers what is asked of any service with the answer for its verb and passes on what was asked.
async fn stand_in(
    broker: &Nats,
    answers: Vec<(&'static str, Answer)>,
) -> UnboundedReceiver<Message> {
    let login = (nats::USER.to_owned(), broker.password().to_owned());
    let options = ConnectOptions::with_user_and_password(login.0, login.1);
    let client = options.connect(broker.url()).await.unwrap();
    let mut asked = client.subscribe("hemgang.v1.cmd.>").await.unwrap();
    client.flush().await.unwrap();
    let (heard, hearing) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = asked.next().await {
            let verb = message.subject.rsplit('.').next().unwrap_or_default();
            let answer = answers.iter().find(|(known, _)| *known == verb).map(|(_, answer)| answer);
            let (headers, body) = match answer {
                Some(Answer::Yes(body)) => (async_nats::HeaderMap::new(), body.to_string()),
                Some(Answer::No(refusal)) => {
                    let mut headers = async_nats::HeaderMap::new();
                    headers.insert("Nats-Service-Error-Code", "409");
                    headers.insert("Nats-Service-Error", "refused");
                    (headers, refusal.to_string())
                }
                // It listens and never answers.
                None => continue,
            };
            if let Some(reply) = message.reply.clone() {
                client.publish_with_headers(reply, headers, body.into()).await.unwrap();
            }
            heard.send(message).unwrap();
        }
    });
    hearing
}

enum Answer {
    Yes(Value),
    No(Value),
}

fn header<'m>(message: &'m Message, name: &str) -> &'m str {
    message.headers.as_ref().and_then(|headers| headers.get(name)).unwrap().as_str()
}

#[tokio::test]
async fn a_deed_is_told_to_its_service_signed_with_who_acts() {
    let broker = broker().await;
    let done = Answer::Yes(json!({"changed": true}));
    let mut heard = stand_in(&broker, vec![("record_consent", done)]).await;
    let here = tempfile::tempdir().unwrap();
    let deed = ["act", "consent", "given", "--case", CASE, "--at", "2026-11-24 14:00"];
    let output =
        hemgang(here.path(), Some(&broker.url()), &[&deed[..], &SIGNED[..]].concat()).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "Klart. / Done.\n");
    let told = heard.recv().await.unwrap();
    assert_eq!(told.subject.as_str(), "hemgang.v1.cmd.admissions.record_consent");
    assert_eq!(header(&told, "Hemgang-Command-Id"), COMMAND_ID);
    let actor: Value = serde_json::from_str(header(&told, "Hemgang-Actor")).unwrap();
    assert_eq!(actor, json!({"staff": "SE2321000016-9A2B", "unit": "SE2321000016-VC01"}));
    let consent: Value = serde_json::from_slice(&told.payload).unwrap();
    let at = "2026-11-24T13:00:00Z";
    assert_eq!(consent, json!({"case": CASE, "answer": "given", "occurred_at": at}));
}

#[tokio::test]
async fn a_refusal_is_printed_in_both_languages_and_ends_with_1() {
    let broker = broker().await;
    let refusal = json!({
        "code": "already_appointed",
        "message": {"sv": "Någon är redan utsedd.", "en": "Somebody is appointed already."},
        "field": "/replaces",
    });
    let answers = vec![("appoint_care_contact", Answer::No(refusal.clone()))];
    let _heard = stand_in(&broker, answers).await;
    let here = tempfile::tempdir().unwrap();
    let deed = ["act", "care-contact", "appoint", "SE2321000016-9A2C", "--case", CASE];
    let deed = [&deed[..], &SIGNED[..]].concat();
    let output = hemgang(here.path(), Some(&broker.url()), &deed).await;
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    for part in ["Någon är redan utsedd.", "Somebody is appointed already.", "/replaces"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let deed = [&deed[..], &["--output", "json"]].concat();
    let output = hemgang(here.path(), Some(&broker.url()), &deed).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&output.stderr).unwrap(), refusal);
}

#[tokio::test]
async fn a_service_that_does_not_run_is_shown_in_the_state_and_ends_a_command_with_69() {
    let broker = broker().await;
    let here = tempfile::tempdir().unwrap();
    let output = hemgang(here.path(), Some(&broker.url()), &["state", "--output", "json"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let state: Value = serde_json::from_slice(&output.stdout).unwrap();
    let services = state["services"].as_array().unwrap();
    assert_eq!(services.len(), 5);
    assert!(services.iter().all(|service| service["failure"]["code"] == "unreachable"), "{state}");
    assert!(state["streams"][0]["problem"].as_str().unwrap().contains("HEMGANG_INTAKE"), "{state}");
    let output = hemgang(here.path(), Some(&broker.url()), &["list", "units"]).await;
    assert_eq!(output.status.code(), Some(69));
}

#[tokio::test]
async fn without_a_system_it_says_how_to_start_one() {
    let here = tempfile::tempdir().unwrap();
    let output = hemgang(here.path(), None, &["state"]).await;
    assert_eq!(output.status.code(), Some(69));
    assert!(text(&output.stderr).contains("cargo run"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn the_system_of_the_checkout_is_found_and_its_cases_by_their_short_name() {
    let broker = broker().await;
    let case = json!({
        "case_id": CASE, "case_ref": "K7M2-9QXD", "hospital": "SE2321000016-H1",
        "admitted": {
            "id": CASE, "occurred_at": "2026-11-24T13:00:00Z", "recorded_at": "2026-11-24T13:00:00Z"
        },
    });
    let answers = vec![
        ("find_case", Answer::Yes(json!({"case": case}))),
        ("call_sip", Answer::Yes(json!({"changed": false}))),
    ];
    let mut heard = stand_in(&broker, answers).await;
    let checkout = tempfile::tempdir().unwrap();
    let run = checkout.path().join(".hemgang/demo");
    std::fs::create_dir_all(&run).unwrap();
    let reach = hemgang::reach::Reach {
        nats_url: broker.url(),
        mllp: "127.0.0.1:1".to_owned(),
        inbox: None,
        services: [].into(),
    };
    reach.write(&run).unwrap();
    let deed = [&["act", "sip", "call", "--case", "k7m29qxd"][..], &SIGNED[..]].concat();
    let output = hemgang(&run, None, &deed).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("inget ändrades"), "{}", text(&output.stdout));
    let asked: Value = serde_json::from_slice(&heard.recv().await.unwrap().payload).unwrap();
    assert_eq!(asked, json!({"case_ref": "K7M2-9QXD"}));
    let told: Value = serde_json::from_slice(&heard.recv().await.unwrap().payload).unwrap();
    assert_eq!(told["case"], CASE);
}

#[tokio::test]
async fn units_of_a_file_are_imported_and_a_fault_in_it_is_told_to_nobody() {
    let broker = broker().await;
    let imported = Answer::Yes(json!({"changed": 1, "unchanged": 0}));
    let mut heard = stand_in(&broker, vec![("import_units", imported)]).await;
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("units.toml");
    let unit = "[[unit]]\nunit = \"SE2321000016-VC01\"\nparty = \"open_care\"\nname = \"VC\"\n";
    std::fs::write(&file, unit.replace("name", "nam")).unwrap();
    let command = [&["import", "units", "units.toml"][..], &SIGNED[..]].concat();
    let output = hemgang(here.path(), Some(&broker.url()), &command).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("units.toml, unit 1"), "{}", text(&output.stderr));
    std::fs::write(&file, unit).unwrap();
    let output = hemgang(here.path(), Some(&broker.url()), &command).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told: Value = serde_json::from_slice(&heard.recv().await.unwrap().payload).unwrap();
    assert_eq!(told["units"][0]["name"], "VC", "the file without faults came first: {told}");
}

/// Takes one connection and answers its messages, in their order.
async fn hospital_door(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for answer in answers {
            let mut message = Vec::new();
            while !message.ends_with(&[0x1c, 0x0d]) {
                message.push(stream.read_u8().await.unwrap());
            }
            let header = "MSH|^~\\&|H|H|E|W|20261124140000+0100||ACK|1|P|2.5.1";
            let framed = format!("\u{b}{header}\r{answer}\r\u{1c}\r");
            stream.write_all(framed.as_bytes()).await.unwrap();
        }
    });
    address
}

const REFUSAL: &str = "MSA|AE|2|fel\rERR||PID^1^3^1|101^Required field missing^HL70357|E||||saknas";

fn two_messages(folder: &Path) -> PathBuf {
    let file = folder.join("two.hl7");
    std::fs::write(&file, "MSH|^~\\&|A\nPID|1\n\nMSH|^~\\&|B\nPID|1\n").unwrap();
    file
}

#[tokio::test]
async fn the_answer_to_every_message_is_printed_and_one_refusal_ends_with_1() {
    let here = tempfile::tempdir().unwrap();
    let file = two_messages(here.path());
    let file = file.to_str().unwrap();
    let address = hospital_door(&["MSA|AA|1", REFUSAL]).await;
    let output = hemgang(here.path(), None, &["send-hl7", file, "--to", &address]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("[1]: AA") && said.contains("[2]: AE"), "{said}");
    assert!(said.contains("PID-3: saknas"), "{said}");
    let address = hospital_door(&["MSA|AA|1", "MSA|CA|2"]).await;
    let output = hemgang(here.path(), None, &["send-hl7", file, "--to", &address]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[tokio::test]
async fn a_message_without_an_answer_is_the_last_one_sent() {
    let here = tempfile::tempdir().unwrap();
    let file = two_messages(here.path());
    let address = hospital_door(&[]).await;
    let command =
        ["send-hl7", file.to_str().unwrap(), "--to", address.as_str(), "--output", "json"];
    let output = hemgang(here.path(), None, &command).await;
    assert_eq!(output.status.code(), Some(1));
    let sent: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sent.as_array().unwrap().len(), 1);
    assert_eq!(sent[0]["reply"], Value::Null);
}

#[tokio::test]
async fn a_comparison_with_a_service_that_is_silent_does_not_say_that_nothing_is_missing() {
    let broker = broker().await;
    let here = tempfile::tempdir().unwrap();
    let output = hemgang(here.path(), Some(&broker.url()), &["reconcile"]).await;
    assert_eq!(output.status.code(), Some(69));
    assert_eq!(text(&output.stdout), "");
}

#[tokio::test]
async fn a_service_that_lists_the_same_cases_for_ever_ends_the_comparison() {
    let broker = broker().await;
    let known = json!([{"case": CASE, "version": {"epoch": 1, "n": 1}}]);
    let answers = vec![
        ("list_senders", Answer::Yes(json!([]))),
        ("list_known_cases", Answer::Yes(known)),
        ("compare_cases", Answer::Yes(json!([]))),
    ];
    let _heard = stand_in(&broker, answers).await;
    let here = tempfile::tempdir().unwrap();
    let output = hemgang(here.path(), Some(&broker.url()), &["reconcile"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("does not list cases in their order"));
}

#[tokio::test]
async fn where_nobody_knows_of_a_case_nothing_is_missing() {
    let broker = broker().await;
    let nothing = || Answer::Yes(json!([]));
    let answers = vec![("list_senders", nothing()), ("list_known_cases", nothing())];
    let _heard = stand_in(&broker, answers).await;
    let here = tempfile::tempdir().unwrap();
    let output = hemgang(here.path(), Some(&broker.url()), &["reconcile"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("Inget saknas: 0 ärenden jämfördes."));
}

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/deadlines/examples");

#[tokio::test]
async fn two_rulebooks_are_compared_over_what_deadlines_knows() {
    let broker = broker().await;
    let facts = std::fs::read_to_string(format!("{EXAMPLES}/facts-red.json")).unwrap();
    let facts: Value = serde_json::from_str(&facts).unwrap();
    let page = json!({"region": "se", "now": "2027-03-10T10:00:00Z", "cases": [facts]});
    let mut heard = stand_in(&broker, vec![("list_facts", Answer::Yes(page))]).await;
    let here = tempfile::tempdir().unwrap();
    let compare = ["rulebook", "compare", "--from", "dalarna-2026.1", "--to", "dalarna-2026.2"];
    let output = hemgang(here.path(), Some(&broker.url()), &compare).await;
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}{}", text(&output.stderr));
    assert!(told.starts_with("dalarna 2026.1 → dalarna 2026.2: 1 ärenden / cases"), "{told}");
    let is_missed = |line: &str| {
        line.starts_with("K7M2-9QXD  K35 ") && line.contains("socialtjänst/social services")
    };
    assert!(told.lines().any(is_missed), "{told}");
    assert_eq!(heard.recv().await.unwrap().subject.as_str(), "hemgang.v1.cmd.deadlines.list_facts");
}

#[tokio::test]
async fn a_months_payment_is_written_per_municipality() {
    let broker = broker().await;
    let row = json!({
        "municipality": "2080", "policy": "se 2026.1", "model": "individual", "cases": [],
        "payable_days": 4, "amount": 42_000, "stays": 0, "stay_days": 0, "long_stays": 0,
    });
    let now = "2027-03-10T10:00:00Z";
    let page = json!({"region": "se", "now": now, "municipalities": [row]});
    let mut heard = stand_in(&broker, vec![("payment_basis", Answer::Yes(page))]).await;
    let here = tempfile::tempdir().unwrap();
    let month = ["payment", "--month", "2027-02", "--csv"];
    let output = hemgang(here.path(), Some(&broker.url()), &month).await;
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}{}", text(&output.stderr));
    assert_eq!(told.lines().nth(1), Some("2027-02,2080,se 2026.1,0,4,42000,0,0,,0"), "{told}");
    let asked = heard.recv().await.unwrap();
    assert_eq!(asked.subject.as_str(), "hemgang.v1.cmd.deadlines.payment_basis");
}

/// A month of which nothing but the number of its cases is known.
fn figures_of(month: &str) -> Value {
    let words = json!({"sv": "sv", "en": "en"});
    let definition = json!({
        "id": "cases", "name": words, "definition": words, "unit": words, "source": words,
    });
    let now = "2027-03-10T10:00:00Z";
    json!({
        "region": "se", "now": now, "month": month, "counted_at": now, "looked_at": 7,
        "definitions": [definition], "figures": [{"id": "cases", "row": "all", "of": 7}],
    })
}

#[tokio::test]
async fn a_months_figures_are_written_with_their_definitions() {
    let broker = broker().await;
    let page = figures_of("2027-02-01");
    let mut heard = stand_in(&broker, vec![("show_statistics", Answer::Yes(page))]).await;
    let here = tempfile::tempdir().unwrap();
    let month = ["statistics", "--month", "2027-02", "--by", "track", "--csv", "figures.csv"];
    let output = hemgang(here.path(), Some(&broker.url()), &month).await;
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}{}", text(&output.stderr));
    assert!(told.starts_with("Skrivet till figures.csv."), "{told}");
    let lines = std::fs::read_to_string(here.path().join("figures.csv")).unwrap();
    let line = "2027-02,nej,cases,sv,en,alla,,,,7,,,,,,,,sv,en,sv,en,sv";
    assert_eq!(lines.lines().nth(1), Some(line));
    let asked: Value = serde_json::from_slice(&heard.recv().await.unwrap().payload).unwrap();
    assert_eq!(asked, json!({"month": "2027-02-01", "by": "track", "after": 0}));
}

#[tokio::test]
async fn a_half_year_is_six_months_each_by_itself() {
    let broker = broker().await;
    let page = figures_of("2026-11-01");
    let mut heard = stand_in(&broker, vec![("show_statistics", Answer::Yes(page))]).await;
    let here = tempfile::tempdir().unwrap();
    let half_year = ["statistics", "--month", "2026-09", "--months", "6", "--by", "municipality"];
    let output = hemgang(here.path(), Some(&broker.url()), &half_year).await;
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}{}", text(&output.stderr));
    assert_eq!(told.matches("alla/all").count(), 6, "{told}");
    let mut asked = Vec::new();
    while let Ok(message) = heard.try_recv() {
        let question: Value = serde_json::from_slice(&message.payload).unwrap();
        asked.push(question["month"].as_str().unwrap().to_owned());
    }
    let months = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"];
    assert_eq!(asked, months.map(|month| format!("{month}-01")));
}

#[tokio::test]
async fn figures_that_are_still_counted_are_asked_for_again_and_not_for_ever() {
    let broker = broker().await;
    let mut page = figures_of("2027-02-01");
    page.as_object_mut().unwrap().remove("counted_at");
    let mut heard = stand_in(&broker, vec![("show_statistics", Answer::Yes(page))]).await;
    let here = tempfile::tempdir().unwrap();
    let month = ["statistics", "--month", "2027-02"];
    let output = hemgang(here.path(), Some(&broker.url()), &month).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("Siffrorna blev inte färdigräknade"));
    let asked = std::iter::from_fn(|| heard.try_recv().ok()).count();
    assert!((2..20).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_rulebook_is_checked_and_tried_without_a_system() {
    let here = tempfile::tempdir().unwrap();
    let faulty = "id = \"mine\"\nversion = \"1\"\nvalid_from = 2027-01-01\nextends = \"sv\"\n\
                  title = { sv = \"Min\", en = \"Mine\" }\n";
    std::fs::write(here.path().join("mine.toml"), faulty).unwrap();
    let checked = hemgang(here.path(), None, &["rulebook", "check", "mine.toml"]).await;
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(text(&checked.stdout), "mine.toml:4: no rulebook sv is valid on 2027-01-01\n");
    let facts = format!("{EXAMPLES}/facts-red.json");
    let tried = ["rulebook", "try", "--case", facts.as_str(), "--region", "orebro"];
    let tried = hemgang(here.path(), None, &tried).await;
    assert!(tried.status.success(), "{}", text(&tried.stderr));
    assert!(text(&tried.stdout).contains("R01  öppenvård/open care, uppfylld/met"));
}
