//! `state`: how the services, the streams between them and the cases stand. A service that does not
//! answer is a line of the picture, not the end of it.

use async_nats::jetstream;
use chrono::{DateTime, Utc};
use contracts::commands::{
    AlertCounts, CaseCounts, CountAlerts, CountCases, CountObligations, ObligationCounts, any,
};
use contracts::subjects;
use futures::future::join_all;
use messaging::streams::Found;
use serde::Serialize;
use uuid::Uuid;

use super::failure::Failure;
use super::report::Report;
use super::system::{Site, System};
use super::table::Table;
use super::{when, words};
use crate::service::NAMES;

/// Arguments of `state`.
#[derive(clap::Args)]
pub(crate) struct Arguments {}

#[derive(Serialize)]
struct State {
    services: Vec<Service>,
    streams: Vec<Stream>,
    cases: Option<CaseCounts>,
    obligations: Option<ObligationCounts>,
    alerts: Option<AlertCounts>,
}

#[derive(Serialize)]
struct Service {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<any::Status>,
    /// Why there is no status.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

#[derive(Serialize)]
struct Stream {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Figures>,
    /// Why there are no figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize)]
struct Figures {
    messages: u64,
    bytes: u64,
    first_sequence: u64,
    last_sequence: u64,
    last_at: Option<DateTime<Utc>>,
    incarnation: Uuid,
}

/// Asks everybody at once, so that the slowest decides how long it takes, not their sum.
pub(crate) async fn run(site: Site, _: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    let (services, streams, cases, obligations, alerts) = futures::join!(
        join_all(NAMES.map(|service| service_of(&system, service))),
        streams_of(&system),
        system.ask(&CountCases {}),
        system.ask(&CountObligations {}),
        system.ask(&CountAlerts {}),
    );
    let (cases, obligations, alerts) = (cases.ok(), obligations.ok(), alerts.ok());
    let state = State { services, streams, cases, obligations, alerts };
    Report::new(&state, text(&state))
}

async fn service_of(system: &System, name: &'static str) -> Service {
    match system.ask_any(name, any::STATUS, &()).await {
        Ok(status) => Service { name, status: Some(status), failure: None },
        Err(failure) => Service { name, status: None, failure: Some(failure) },
    }
}

async fn streams_of(system: &System) -> Vec<Stream> {
    let js = jetstream::new(system.client.clone());
    let intake = [subjects::stream::INTAKE, subjects::stream::RECEIPTS].map(str::to_owned);
    let names = intake.into_iter().chain(NAMES.iter().map(|name| subjects::stream_of(name)));
    join_all(names.map(|stream| stream_of(&js, stream))).await
}

async fn stream_of(js: &jetstream::Context, name: String) -> Stream {
    match Found::named(js, &name).await {
        Ok(Found { info, incarnation }) => {
            let at = info.state.last_timestamp;
            let figures = Figures {
                messages: info.state.messages,
                bytes: info.state.bytes,
                first_sequence: info.state.first_sequence,
                last_sequence: info.state.last_sequence,
                last_at: DateTime::from_timestamp(at.unix_timestamp(), at.nanosecond())
                    .filter(|_| info.state.last_sequence > 0),
                incarnation,
            };
            Stream { name, figures: Some(figures), problem: None }
        }
        Err(error) => Stream { name, figures: None, problem: Some(error.to_string()) },
    }
}

fn text(state: &State) -> String {
    let parts = [
        services_text(&state.services),
        backlog_text(&state.services),
        streams_text(&state.streams),
        counts_text(state),
    ];
    parts.join("\n\n")
}

fn services_text(services: &[Service]) -> String {
    let mut table = Table::new(&[
        ("tjänst", "service"),
        ("svarar", "answers"),
        ("utgåva", "release"),
        ("epok", "epoch"),
        ("opublicerat", "unpublished"),
        ("äldst", "oldest"),
        ("undanlagda", "dead letters"),
    ]);
    for Service { name, status, failure } in services {
        let Some(status) = status else {
            let why = failure.as_ref().map_or("–", |failure| failure.code.as_str());
            let none = || "–".to_owned();
            let answers = format!("{} ({why})", words::yes(false));
            table.row([(*name).to_owned(), answers, none(), none(), none(), none(), none()]);
            continue;
        };
        table.row([
            (*name).to_owned(),
            words::yes(true),
            status.release.clone(),
            status.epoch.to_string(),
            status.unpublished.to_string(),
            format!("{:.1} s", status.oldest_unpublished_s),
            status.dead_letters.to_string(),
        ]);
    }
    table.to_string()
}

fn backlog_text(services: &[Service]) -> String {
    let mut table = Table::new(&[
        ("läsare", "consumer"),
        ("ström", "stream"),
        ("väntar", "pending"),
        ("i arbete", "in hand"),
    ]);
    for status in services.iter().filter_map(|service| service.status.as_ref()) {
        for consumer in &status.consumers {
            table.row([
                status.service.clone(),
                consumer.stream.clone(),
                consumer.pending.to_string(),
                consumer.in_hand.to_string(),
            ]);
        }
    }
    table.to_string()
}

fn streams_text(streams: &[Stream]) -> String {
    let mut table = Table::new(&[
        ("ström", "stream"),
        ("meddelanden", "messages"),
        ("byte", "bytes"),
        ("första", "first"),
        ("sista", "last"),
        ("senast", "last at"),
        ("inkarnation", "incarnation"),
    ]);
    for Stream { name, figures, problem } in streams {
        let Some(figures) = figures else {
            let none = || "–".to_owned();
            let problem = problem.clone().unwrap_or_default();
            table.row([name.clone(), none(), none(), none(), none(), none(), problem]);
            continue;
        };
        table.row([
            name.clone(),
            figures.messages.to_string(),
            figures.bytes.to_string(),
            figures.first_sequence.to_string(),
            figures.last_sequence.to_string(),
            when::show_some(figures.last_at),
            figures.incarnation.to_string(),
        ]);
    }
    table.to_string()
}

fn counts_text(state: &State) -> String {
    let mut table = Table::new(&[("vad", "what"), ("antal", "number")]);
    let mut add = |what: &str, number: i64| table.row([what.to_owned(), number.to_string()]);
    if let Some(cases) = &state.cases {
        add("vårdtillfällen / cases", cases.cases);
        add("  med bedömt behov / with a judged need", cases.with_need);
        add("avvisade sjukhusmeddelanden / refused messages", cases.refused);
    }
    if let Some(duties) = &state.obligations {
        add("mottagna inskrivningsmeddelanden / notices received", duties.notices);
        add("åtaganden, öppna / duties, open", duties.open);
        add("  missade / missed", duties.missed);
        add("  uppfyllda / met", duties.met);
        add("  uppfyllda sent / met late", duties.met_late);
        add("  bortfallna / cancelled", duties.cancelled);
        add("  förblev missade / still missed", duties.still_missed);
        add("påminnelser / reminders", duties.reminders);
        add("eskaleringar / escalations", duties.escalations);
    }
    if let Some(alerts) = &state.alerts {
        add("aviseringar / alerts", alerts.alerts);
        add("  väntar / queued", alerts.queued);
        add("  e-brev / mails", alerts.mails);
        add("  sms / SMS", alerts.sms);
        add("  misslyckade / failed", alerts.failed);
        add("  ovissa / unresolved", alerts.unresolved);
        add("  återkallade / withdrawn", alerts.withdrawn);
        add("  kvitterade / acknowledged", alerts.acknowledged);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_does_not_answer_is_a_line_among_the_others() {
        let status = any::Status {
            service: "sip".to_owned(),
            release: "0.1.0".to_owned(),
            epoch: 1,
            unpublished: 2,
            oldest_unpublished_s: 0.25,
            dead_letters: 0,
            consumers: vec![],
        };
        let failure = Failure::unreachable("Borta.", "Gone.");
        let text = services_text(&[
            Service { name: "sip", status: Some(status), failure: None },
            Service { name: "deadlines", status: None, failure: Some(failure) },
        ]);
        let rows: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            rows.first().unwrap().split_whitespace().collect::<Vec<_>>(),
            ["sip", "ja/yes", "0.1.0", "1", "2", "0.2", "s", "0"]
        );
        assert!(rows.get(1).unwrap().starts_with("deadlines  nej/no (unreachable)"), "{text}");
    }

    #[test]
    fn a_missing_stream_is_shown_with_its_problem() {
        let name = "HEMGANG_SIP".to_owned();
        let problem = Some("stream HEMGANG_SIP is not there".to_owned());
        let text = streams_text(&[Stream { name, figures: None, problem }]);
        assert!(text.ends_with("stream HEMGANG_SIP is not there"), "{text}");
    }
}
