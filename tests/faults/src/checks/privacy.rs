//! Nothing about a patient outside `admissions`: not in a stream (the intake excepted), a log, a
//! metric, a mail or an SMS.

use std::path::Path;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use contracts::subjects::stream;
use futures::StreamExt;

use super::{Evidence, Findings};
use crate::load::messages::PATIENTS;

const STREAMS: [&str; 6] = [
    stream::ADMISSIONS,
    stream::COORDINATION,
    stream::SIP,
    stream::DEADLINES,
    stream::NOTIFICATIONS,
    stream::RECEIPTS,
];
const BATCH: usize = 500;

pub(super) async fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    let marks = marks();
    let mut look = |place: &str, text: &str| {
        findings.count("places searched for patients", 1);
        if marks.iter().any(|mark| text.contains(mark.as_str())) {
            findings.broken("nothing tells of a patient", place);
        }
    };
    for name in STREAMS {
        each_of(evidence, name, |message| {
            let text = String::from_utf8_lossy(&message.payload);
            look(name, &format!("{} {:?} {text}", message.subject, message.headers));
        })
        .await?;
    }
    for (place, text) in evidence.world.services.metrics().await {
        look(&place, &text);
    }
    let messages = evidence.world.sinks.sinks.messages();
    for message in messages.all().into_iter().chain(messages.lost()) {
        look(&format!("message {}", message.id), &format!("{message:?}"));
    }
    let servers = &evidence.world.servers;
    for folder in [evidence.world.services.logs(), servers.postgres.folder(), servers.nats.folder()]
    {
        logs_in(folder, &mut look)?;
    }
    Ok(())
}

/// What a scan looks for: each patient's words, and the numbers in every form.
fn marks() -> Vec<String> {
    let of = |patient: &crate::load::messages::Patient| {
        let short = patient.number.get(2..).unwrap_or_default();
        let (day, last) = short.split_at_checked(6).unwrap_or_default();
        let words = [patient.family, patient.given, patient.street, patient.diagnosis];
        let numbers = [short.to_owned(), format!("{day}-{last}")];
        words.map(str::to_owned).into_iter().chain(numbers).collect::<Vec<_>>()
    };
    PATIENTS.iter().flat_map(of).collect()
}

/// Everything in a stream.
async fn each_of(
    evidence: &Evidence<'_>,
    name: &str,
    mut look: impl FnMut(&jetstream::Message),
) -> anyhow::Result<()> {
    let js = jetstream::new(evidence.world.client.clone());
    let stream = js.get_stream(name).await?;
    let all = pull::Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        inactive_threshold: Duration::from_secs(30),
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(all).await?;
    let mut left = stream.cached_info().state.messages;
    while left > 0 {
        let fetch = consumer.fetch().max_messages(BATCH).expires(Duration::from_secs(2));
        let mut batch = fetch.messages().await?;
        let before = left;
        while let Some(Ok(message)) = batch.next().await {
            look(&message);
            left = left.saturating_sub(1);
        }
        anyhow::ensure!(left < before, "{name} gives no messages; {left} are left");
    }
    Ok(())
}

/// Files that look like logs; the databases' and the broker's own data are not read.
fn logs_in(folder: &Path, look: &mut impl FnMut(&str, &str)) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "data" && name != "store" {
            logs_in(&path, look)?;
        } else if name.contains("log") {
            let text = std::fs::read(&path)?;
            look(&path.display().to_string(), &String::from_utf8_lossy(&text));
        }
    }
    Ok(())
}
