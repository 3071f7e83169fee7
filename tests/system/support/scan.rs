//! The scan for patients: in streams (the intake excepted), in logs (Postgres' and the broker's
//! included), in metrics, in mails and SMS, and in the databases of all services but `admissions`.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sqlx::AssertSqlSafe;

use crate::support::System;
use crate::support::hl7::{TAGE, TOVA};
use crate::support::system::SERVICES;

pub(crate) const STREAMS: [&str; 6] = [
    "HEMGANG_ADMISSIONS",
    "HEMGANG_COORDINATION",
    "HEMGANG_SIP",
    "HEMGANG_DEADLINES",
    "HEMGANG_NOTIFICATIONS",
    "HEMGANG_RECEIPTS",
];

/// Everything that the system has said and written, by where it stands.
pub(crate) async fn everything(system: &System) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for stream in STREAMS {
        for message in system.stream(stream).await {
            let place = format!("{stream} {}", message.sequence);
            let text = String::from_utf8_lossy(&message.payload).into_owned();
            said.push((place, format!("{} {:?} {text}", message.subject, message.headers)));
        }
    }
    for service in SERVICES {
        said.push((format!("{service} /metrics"), system.metrics(service).await));
    }
    for message in system.sinks.sinks.messages().all() {
        let place = format!("message {} {:?}", message.id, message.channel);
        let parts = message.mail.iter().flat_map(|mail| &mail.parts);
        // Calendars fold their lines.
        let unfolded: String = parts.map(|part| part.body.replace("\r\n ", "")).collect();
        said.push((place, format!("{message:?} {unfolded}")));
    }
    for service in SERVICES.into_iter().filter(|service| *service != "admissions") {
        said.extend(tables_of(system, service).await);
    }
    for folder in [system.folder.path(), system.postgres.folder(), system.nats.folder()] {
        logs_in(folder, &mut said);
    }
    said
}

/// Everything in the database of a service, its outbox, stored answers and dead letters included.
async fn tables_of(system: &System, service: &str) -> Vec<(String, String)> {
    let mut database = system.database(service).await;
    let tables = "select format('%I.%I', table_schema, table_name) from information_schema.tables
                  where table_schema not in ('pg_catalog', 'information_schema')
                    and table_type = 'BASE TABLE'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut database).await.unwrap();
    let mut said = Vec::new();
    for table in tables {
        let rows = format!("select string_agg(row::text, ' ') from {table} row");
        let rows: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(rows)).fetch_one(&mut database).await.unwrap();
        said.push((format!("{service} table {table}"), rows.unwrap_or_default()));
    }
    said
}

/// Files that look like logs; the databases' and the broker's own data are not read.
fn logs_in(folder: &Path, said: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "data" && name != "store" {
            logs_in(&path, said);
        } else if name.contains("log") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            said.push((path.display().to_string(), text));
        }
    }
}

/// The places where one of the marks stands.
pub(crate) fn places_of(marks: &[String], said: &[(String, String)]) -> Vec<String> {
    let holds = |text: &str| marks.iter().any(|mark| text.contains(mark.as_str()));
    said.iter().filter(|(_, text)| holds(text)).map(|(place, _)| place.clone()).collect()
}

/// What a scan looks for: each patient's words, and the numbers in every form.
pub(crate) fn marks() -> Vec<String> {
    let words = [TOVA.marks(), TAGE.marks()].concat();
    let numbers = [TOVA.number, TAGE.number, "189001019803"];
    let short = numbers.map(|number| number[2..].to_owned());
    let dashed = numbers.map(|number| format!("{}-{}", &number[2..8], &number[8..]));
    let codes = ["I50.0", "FALUN"];
    words
        .into_iter()
        .chain(numbers)
        .chain(codes)
        .map(str::to_owned)
        .chain(short)
        .chain(dashed)
        .collect()
}

/// Looks everywhere for the patients, and for what people have written about them everywhere but in the
/// databases of the services that keep it; what was looked at.
pub(crate) async fn nothing_leaks(system: &System, written: &[&str]) -> Vec<(String, String)> {
    let said = everything(system).await;
    // There are receipts only of what came over the broker.
    let streams = STREAMS.into_iter().filter(|stream| *stream != "HEMGANG_RECEIPTS");
    let places = streams.chain(SERVICES).chain([
        "postgres",
        "nats",
        "Email",
        "sip table public.sip",
        "sip table messaging.command",
    ]);
    for place in places {
        assert!(said.iter().any(|(at, _)| at.contains(place)), "{place} is read");
    }
    assert_eq!(places_of(&marks(), &said), Vec::<String>::new());
    // Annexes travel in Base64.
    let written = written.iter().flat_map(|text| [(*text).to_owned(), STANDARD.encode(text)]);
    let mut places = places_of(&written.collect::<Vec<_>>(), &said);
    places.retain(|place| {
        let keepers = ["coordination table public.", "sip table public."];
        !keepers.iter().any(|keeper| place.starts_with(keeper))
    });
    assert_eq!(places, Vec::<String>::new());
    said
}
