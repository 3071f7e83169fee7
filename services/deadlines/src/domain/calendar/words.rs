//! Instants and spans in words, in Swedish local time, as they stand inside a sentence.

use chrono::{DateTime, Datelike, Timelike, Utc, Weekday};

use super::local_time::{local_date, to_local};

/// `24 timmar`
#[must_use]
pub fn swedish_hours(hours: u32) -> String {
    format!("{hours} {}", if hours == 1 { "timme" } else { "timmar" })
}

/// `24 hours`
#[must_use]
pub fn english_hours(hours: u32) -> String {
    format!("{hours} {}", if hours == 1 { "hour" } else { "hours" })
}

/// `måndag 8 juni kl. 16.30`
#[must_use]
pub fn swedish_time(instant: DateTime<Utc>) -> String {
    let local = to_local(instant);
    format!("{} kl. {:02}.{:02}", swedish_day(instant), local.hour(), local.minute())
}

/// `måndag 8 juni`
#[must_use]
pub fn swedish_day(instant: DateTime<Utc>) -> String {
    let date = local_date(instant);
    let weekday = match date.weekday() {
        Weekday::Mon => "måndag",
        Weekday::Tue => "tisdag",
        Weekday::Wed => "onsdag",
        Weekday::Thu => "torsdag",
        Weekday::Fri => "fredag",
        Weekday::Sat => "lördag",
        Weekday::Sun => "söndag",
    };
    let month = match date.month() {
        1 => "januari",
        2 => "februari",
        3 => "mars",
        4 => "april",
        5 => "maj",
        6 => "juni",
        7 => "juli",
        8 => "augusti",
        9 => "september",
        10 => "oktober",
        11 => "november",
        _ => "december",
    };
    format!("{weekday} {} {month}", date.day())
}

/// `Monday 8 June at 16:30`
#[must_use]
pub fn english_time(instant: DateTime<Utc>) -> String {
    to_local(instant).format("%A %-d %B at %H:%M").to_string()
}

/// `Monday 8 June`
#[must_use]
pub fn english_day(instant: DateTime<Utc>) -> String {
    to_local(instant).format("%A %-d %B").to_string()
}
