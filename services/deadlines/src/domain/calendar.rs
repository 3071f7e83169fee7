//! Working days and office hours in Sweden: what a duty's clock is read against.
//!
//! Three notions are kept apart, because their sources differ:
//!
//! * a **public holiday** is what the act (1989:253) lists, Sundays included: [`public_holiday`];
//! * a **weekday** (vardag) is what the act (1930:173), section 2, leaves over: neither a public
//!   holiday nor a Saturday, Midsummer Eve, Christmas Eve or New Year's Eve: [`is_weekday`];
//! * a **working day** and its **office hours** are what an agreement makes of that for one party:
//!   [`Calendar`], which may close a weekday or staff a holiday, by date.
//!
//! Holidays are computed here because no crate could be trusted with them: `holidays_se` 1.0.0
//! mixes eves into the holidays, fails at the turn of the year and rests on deprecated types of an
//! old chrono-tz; `holidays` 0.1.0 declares no licence. The tests compare every day of 2000–2060 with an
//! independent list.

mod holidays;
mod local_time;
mod window;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, WeekdaySet};

pub use holidays::{DayOff, Holiday, easter_sunday, is_weekday, legal_day_off, public_holiday};
pub use local_time::{
    DoubledHour, end_of_calendar_day_after, end_of_day, local_date, local_time, local_to_utc,
    plus_hours,
};
pub use window::{Reading, Reason, Window, twenty_four_hours_or_next_weekday};
pub use words::{
    english_day, english_hours, english_time, swedish_day, swedish_hours, swedish_time,
};

use local_time::days_after;

/// How many days a search goes forward before it says that a calendar never opens.
pub const SEARCH_DAYS: u32 = 400;

/// Office hours of one day, local time, from `opens` until just before `closes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeHours {
    opens: NaiveTime,
    closes: NaiveTime,
}

impl OfficeHours {
    /// `closes` at 00:00 means the midnight that ends the day, so 00:00–00:00 is the whole day.
    pub fn new(opens: NaiveTime, closes: NaiveTime) -> Result<Self, CalendarError> {
        if opens < closes || closes == NaiveTime::MIN {
            Ok(Self { opens, closes })
        } else {
            Err(CalendarError::ClosesBeforeOpening { opens, closes })
        }
    }

    /// The instants of opening and of closing on `date`. A doubled hour is open throughout, and
    /// hours that the change to summer time swallows are no hours at all.
    fn on(self, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let opens = local_to_utc(date.and_time(self.opens), DoubledHour::Earlier);
        let closes = if self.closes == NaiveTime::MIN {
            end_of_day(date)
        } else {
            local_to_utc(date.and_time(self.closes), DoubledHour::Later)
        };
        (opens < closes).then_some((opens, closes))
    }
}

/// What an agreement says about one date, whatever the law calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatedException {
    /// Closed, and no working day: a duty that runs out then gets relief.
    Closed,
    /// Staffed, and a working day: a duty that runs out then gets no relief.
    Staffed(OfficeHours),
}

/// One party's working days and office hours, in Europe/Stockholm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Office hours by day of the week; the first entry that names the day counts. They do not
    /// hold on public holidays and the three eves. Weekend hours open the doors, but make
    /// no working day.
    pub hours: Vec<(WeekdaySet, OfficeHours)>,
    /// Dates that the agreement names; they go before everything else.
    pub exceptions: BTreeMap<NaiveDate, DatedException>,
}

impl Calendar {
    /// Why `date` is no working day for this party, if it is none.
    #[must_use]
    pub fn day_off(&self, date: NaiveDate) -> Option<DayOff> {
        match self.exceptions.get(&date) {
            Some(DatedException::Closed) => Some(DayOff::Closed),
            Some(DatedException::Staffed(_)) => None,
            None => legal_day_off(date),
        }
    }

    /// The office hours of `date`, `None` when closed all day.
    #[must_use]
    pub fn office_hours(&self, date: NaiveDate) -> Option<OfficeHours> {
        match self.exceptions.get(&date) {
            Some(DatedException::Closed) => return None,
            Some(DatedException::Staffed(hours)) => return Some(*hours),
            None => {}
        }
        if legal_day_off(date).is_some_and(|day_off| !day_off.is_plain_weekend()) {
            return None;
        }
        let named = |(days, _): &&(WeekdaySet, OfficeHours)| days.contains(date.weekday());
        self.hours.iter().find(named).map(|(_, hours)| *hours)
    }

    /// Whether `instant` lies within office hours; the closing instant itself does not.
    #[must_use]
    pub fn is_open(&self, instant: DateTime<Utc>) -> bool {
        self.open_span(local_date(instant))
            .is_some_and(|(opens, closes)| opens <= instant && instant < closes)
    }

    /// The first instant at or after `instant` that lies within office hours.
    pub fn next_opening(&self, instant: DateTime<Utc>) -> Result<DateTime<Utc>, CalendarError> {
        let today = local_date(instant);
        (0..=SEARCH_DAYS)
            .filter_map(|days| self.open_span(days_after(today, days)))
            .find(|(_, closes)| instant < *closes)
            .map(|(opens, _)| opens.max(instant))
            .ok_or(CalendarError::NeverOpen { from: today })
    }

    /// The end of office hours on the first working day after the local day of `instant`.
    pub fn next_weekday_close(
        &self,
        instant: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, CalendarError> {
        let today = local_date(instant);
        (1..=SEARCH_DAYS)
            .map(|days| days_after(today, days))
            .filter(|date| self.day_off(*date).is_none())
            .find_map(|date| self.open_span(date))
            .map(|(_, closes)| closes)
            .ok_or(CalendarError::NeverOpen { from: today })
    }

    fn open_span(&self, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.office_hours(date)?.on(date)
    }
}

/// What is wrong with a calendar as it was configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Office hours must end after they begin, on the same day.
    #[error("office hours close at {closes}, which is not after they open at {opens}")]
    ClosesBeforeOpening {
        /// Opening, local time.
        opens: NaiveTime,
        /// Closing, local time.
        closes: NaiveTime,
    },
    /// A search for office hours found none.
    #[error("the calendar has no office hours within {SEARCH_DAYS} days of {from}")]
    NeverOpen {
        /// Local date on which the search began.
        from: NaiveDate,
    },
}
