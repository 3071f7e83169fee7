//! What every service answers, whatever its business: its state, its dead letters, who has read what, a resync, and up
//! to where it has published.

use contracts::commands::{Refusal, any};
use contracts::ledger::Words;

use crate::bus::Bus;
use crate::commands::{Answer, Call, CommandError, answer as reply};
use crate::{access, dead_letters, losses, watermark};

pub(crate) const VERBS: &[&str] = &[
    any::LIST_DEAD_LETTERS,
    any::SHOW_DEAD_LETTER,
    any::REPLAY_DEAD_LETTER,
    any::DISCARD_DEAD_LETTER,
    any::LIST_ACCESSES,
    any::RESYNC,
    any::PUBLISHED_UP_TO,
    any::STATUS,
];

pub(crate) async fn answer(bus: &Bus, call: &Call) -> Result<Answer, CommandError> {
    match call.verb.as_str() {
        any::LIST_DEAD_LETTERS => reply(&dead_letters::list(&bus.pool).await?),
        any::SHOW_DEAD_LETTER => {
            let found = dead_letters::find(&bus.pool, letter_id(call)?).await?;
            reply(&found.ok_or_else(no_such_letter)?)
        }
        any::REPLAY_DEAD_LETTER => {
            let by = &call.actor()?.staff;
            let asked = dead_letters::request_replay(bus, letter_id(call)?, by).await?;
            bus.replay.notify_waiters();
            bus.wake();
            if asked { reply(&()) } else { Err(no_such_letter().into()) }
        }
        any::DISCARD_DEAD_LETTER => {
            let by = &call.actor()?.staff;
            let known = dead_letters::discard(&bus.pool, letter_id(call)?, by).await?;
            if known { reply(&()) } else { Err(no_such_letter().into()) }
        }
        any::LIST_ACCESSES => reply(&access::list(&bus.pool, call.read()?).await?),
        any::RESYNC => {
            // Whoever asks without words asks for the usual.
            let asked: Option<any::Resync> = call.read()?;
            let any::Resync { restored } = asked.unwrap_or_default();
            if restored {
                ask_sources(bus).await?;
            }
            let aggregates = losses::request_resync(bus, restored).await?;
            reply(&any::Resynced { aggregates })
        }
        any::PUBLISHED_UP_TO => match watermark::published_up_to(bus).await? {
            Some(published) => reply(&published),
            None => Err(not_yet().into()),
        },
        _ => reply(&status(bus).await?),
    }
}

/// A database that was restored has forgotten what its durables have acknowledged since. How far they
/// are does not tell: one message that was still in hand holds their floor back, with others above it
/// acknowledged. So the sources say everything again, before the new epoch begins: whoever is refused
/// here asks again, and nothing is half done.
async fn ask_sources(bus: &Bus) -> Result<(), Refusal> {
    for subscription in &bus.subscriptions {
        let source = subscription.source;
        if let Err(error) = bus.caller().resync(source).await {
            tracing::warn!(source, %error, "a source does not say everything again");
            return Err(Refusal::new(
                "source_silent",
                format!("{source} svarar inte. Försök igen när tjänsten är i gång."),
                format!("{source} does not answer. Try again when the service is running."),
            ));
        }
    }
    Ok(())
}

fn letter_id(call: &Call) -> Result<uuid::Uuid, CommandError> {
    call.read::<any::DeadLetterId>().map(|letter| letter.id)
}

fn no_such_letter() -> Refusal {
    Refusal::new(
        "no_such_dead_letter",
        "Det finns inget sådant undanlagt meddelande som väntar.",
        "There is no such dead letter that waits.",
    )
}

fn not_yet() -> Refusal {
    let message = Words {
        sv: "Utkorgen hann inte tömmas.".to_owned(),
        en: "The outbox was not emptied in time.".to_owned(),
    };
    Refusal { code: "unpublished".to_owned(), message, field: None }
}

async fn status(bus: &Bus) -> Result<any::Status, CommandError> {
    let row = sqlx::query!(
        r#"select (select epoch from messaging.self) as "epoch!",
                  count(*) as "unpublished!",
                  coalesce(extract(epoch from now() - min(queued_at)), 0)::float8 as "oldest!",
                  (select count(*) from messaging.dead_letter where replayed_at is null
                      and discarded_at is null) as "dead_letters!"
             from messaging.queue"#
    )
    .fetch_one(&bus.pool)
    .await?;
    let mut consumers = Vec::new();
    for subscription in &bus.subscriptions {
        let stream = subscription.stream();
        let Ok(durable) = subscription.durable(bus.service).find(&bus.js).await else {
            continue;
        };
        let info = durable.cached_info();
        let in_hand = info.num_ack_pending as u64;
        consumers.push(any::ConsumerStatus { stream, pending: info.num_pending, in_hand });
    }
    Ok(any::Status {
        service: bus.service.to_owned(),
        release: bus.release.to_owned(),
        epoch: row.epoch,
        unpublished: row.unpublished,
        oldest_unpublished_s: row.oldest,
        dead_letters: row.dead_letters,
        consumers,
    })
}
