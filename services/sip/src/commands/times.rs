//! Finding a time. Questions alone: what calendars say is read, used and forgotten.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::{
    AgainstReason, ExplainSipTime, ExplainedSipTime, ProposeSipTimes, ProposedSipTimes, Refusal,
    SipPeriod, SipTimeParticipant, SipTimeQuestion,
};

use crate::calendars::{self, Budget, Fault, FaultKind};
use crate::domain::slots::{self, Person, Search};

/// Looks for an answer on a thread of its own: calendars take their time, and what a library makes of
/// a calendar that nobody has thought of ends with that thread.
pub(super) async fn look<Q, A>(
    question: Q,
    now: DateTime<Utc>,
    answer: fn(Q, DateTime<Utc>) -> Result<A, Refusal>,
) -> Result<A, Refusal>
where
    Q: Send + 'static,
    A: Send + 'static,
{
    let looked = tokio::task::spawn_blocking(move || answer(question, now)).await;
    looked.unwrap_or_else(|_| Err(unreadable()))
}

fn unreadable() -> Refusal {
    Refusal::new(
        "no_calendar",
        "En kalender kan inte läsas. Skriv in tiderna som upptagna i stället.",
        "A calendar cannot be read. State its times as busy instead.",
    )
    .at("/question/participants")
}

/// Proposals unless asked otherwise, and at most.
const COUNT: (u8, u8) = (5, 100);

pub(super) fn propose(
    ProposeSipTimes { question, count, every_minutes }: ProposeSipTimes,
    now: DateTime<Utc>,
) -> Result<ProposedSipTimes, Refusal> {
    let every = every_minutes.unwrap_or(15);
    if ![5, 10, 15, 30, 60].contains(&every) {
        return Err(Refusal::new(
            "every_minutes",
            "Ange 5, 10, 15, 30 eller 60 minuter.",
            "State 5, 10, 15, 30 or 60 minutes.",
        )
        .at("/every_minutes"));
    }
    let search = read(question, now)?;
    let count = count.unwrap_or(COUNT.0).min(COUNT.1);
    let every = TimeDelta::minutes(every.into());
    let times = slots::propose(&search, every, count.into());
    let nearest = if times.is_empty() { slots::nearest(&search, every) } else { Vec::new() };
    Ok(ProposedSipTimes { times, nearest, looked_until: search.until() })
}

pub(super) fn explain(
    ExplainSipTime { question, starts_at }: ExplainSipTime,
    now: DateTime<Utc>,
) -> Result<ExplainedSipTime, Refusal> {
    near(now, starts_at, "/starts_at")?;
    let search = read_around(question, now, Some(starts_at))?;
    let against = slots::explain(&search, starts_at);
    Ok(ExplainedSipTime { possible: against.is_empty(), against })
}

fn read(question: SipTimeQuestion, now: DateTime<Utc>) -> Result<Search, Refusal> {
    read_around(question, now, None)
}

/// The question with its calendars read, as far as they concern what is looked at.
fn read_around(
    question: SipTimeQuestion,
    now: DateTime<Utc>,
    asked: Option<DateTime<Utc>>,
) -> Result<Search, Refusal> {
    let earliest = question.earliest.unwrap_or(now);
    near(now, earliest, "/question/earliest")?;
    let three_days = question.ready_at.map(slots::three_days_after);
    let limits = [
        (question.discharge_at, AgainstReason::AfterDischarge),
        (three_days, AgainstReason::AfterThreeDays),
        (question.latest, AgainstReason::TooLate),
    ];
    let limits = limits.into_iter().filter_map(|(at, reason)| at.zip(Some(reason)));
    let mut search = Search {
        length: TimeDelta::minutes(question.minutes.into()),
        people: Vec::new(),
        earliest,
        limits: limits.collect(),
        days_off: question.days_off,
    };
    let from = asked.map_or(earliest, |asked| asked.min(earliest));
    let until = asked.map_or(search.until(), |asked| asked + search.length);
    let whole = SipPeriod { from, until };
    let mut left = Budget::default();
    for (at, participant) in question.participants.into_iter().enumerate() {
        search.people.push(person(participant, at, whole, &mut left)?);
    }
    search.check()?;
    Ok(search)
}

fn person(
    participant: SipTimeParticipant,
    person: usize,
    whole: SipPeriod,
    left: &mut Budget,
) -> Result<Person, Refusal> {
    let SipTimeParticipant { unit, hours, mut busy, calendars } = participant;
    for (at, text) in calendars.iter().enumerate() {
        let field = format!("/question/participants/{person}/calendars/{at}");
        let read = calendars::busy(text, whole, left).map_err(|fault| refused(fault).at(&field))?;
        busy.extend(read);
    }
    Ok(Person { unit, hours, busy })
}

/// Years away nobody plans, and arithmetic has an end.
fn near(now: DateTime<Utc>, at: DateTime<Utc>, field: &str) -> Result<(), Refusal> {
    if (at - now).abs() <= TimeDelta::days(730) {
        return Ok(());
    }
    Err(Refusal::new(
        "too_far",
        "Tiden ligger mer än två år bort.",
        "The time is more than two years away.",
    )
    .at(field))
}

fn refused(Fault { kind, line }: Fault) -> Refusal {
    let (code, sv, en) = match kind {
        FaultKind::NoCalendar => (
            "no_calendar",
            "Texten är ingen hel kalender (iCalendar).",
            "The text is no whole calendar (iCalendar).",
        ),
        FaultKind::Event => (
            "event",
            "En händelse saknar början, eller dess tid finns inte.",
            "An event has no beginning, or its time does not exist.",
        ),
        FaultKind::Rule => (
            "rule",
            "En upprepning kan inte följas. Skriv in tiderna som upptagna i stället.",
            "A repetition cannot be followed. State its times as busy instead.",
        ),
        FaultKind::Zone => ("zone", "En tidszon är okänd.", "A time zone is unknown."),
        FaultKind::TooMany => (
            "too_many",
            "Kalendern har för många tider. Ta bort gamla händelser.",
            "The calendar has too many times. Leave old events out.",
        ),
    };
    match line {
        Some(line) => Refusal::new(code, format!("Rad {line}: {sv}"), format!("Line {line}: {en}")),
        None => Refusal::new(code, sv, en),
    }
}
