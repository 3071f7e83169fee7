//! The calendar, by example, by property and against an independent list. All times in the
//! examples are local (Europe/Stockholm) unless they end in Z.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers included")]

mod holidays;
mod local_time;
mod office_hours;
mod properties;
mod window;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday, WeekdaySet};
use deadlines::domain::calendar::{
    Calendar, DatedException, DoubledHour, OfficeHours, local_to_utc,
};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(opens: &str, closes: &str) -> OfficeHours {
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    OfficeHours::new(time(opens), time(closes)).unwrap()
}

fn at(local: &str) -> DateTime<Utc> {
    if local.ends_with('Z') {
        return DateTime::parse_from_rfc3339(local).unwrap().to_utc();
    }
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    local_to_utc(local, DoubledHour::Earlier)
}

/// Monday to Thursday 8.00–16.30, Friday 8.00–15.00.
fn office() -> Calendar {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    Calendar {
        hours: vec![
            (WeekdaySet::from_array([Mon, Tue, Wed, Thu]), hours("08:00", "16:30")),
            (WeekdaySet::single(Fri), hours("08:00", "15:00")),
        ],
        exceptions: BTreeMap::new(),
    }
}

fn with_exception(day: &str, exception: DatedException) -> Calendar {
    Calendar { exceptions: BTreeMap::from([(date(day), exception)]), ..office() }
}
