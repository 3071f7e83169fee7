//! When a duty is due, given when its clock started.

use chrono::{DateTime, Utc};

use crate::domain::calendar::{
    Calendar, Reading, Window, end_of_calendar_day_after, plus_hours,
    twenty_four_hours_or_next_weekday,
};

/// The clock of a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// None, by the source: shown, never missed.
    None,
    /// Elapsed hours, weekends included.
    Hours {
        /// How many.
        hours: u32,
    },
    /// Elapsed hours, or the end of the next weekday where they run out on a day off.
    HoursOrNextWeekday {
        /// How many.
        hours: u32,
        /// How "or the next weekday" is read.
        reading: Reading,
    },
    /// The end of the n-th calendar day after the day of the trigger.
    CalendarDays {
        /// How many.
        days: u32,
    },
    /// Due when the patient is discharged.
    AtDischarge,
    /// The end of the day, in Sweden, on which the clock started.
    SameDay,
    /// The end of the day that the facts name: that of the follow-up.
    OnDay,
}

/// What a clock says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Later than this is amber.
    pub target: Option<DateTime<Utc>>,
    /// Later than this is missed.
    pub due: Option<DateTime<Utc>>,
    /// Where target and due can differ: why.
    pub window: Option<Window>,
}

impl Clock {
    /// Target and due for a clock that started at `started_at`. `event_at` is when the event happens
    /// that it is due at: the discharge in force, or the end of the day that is named. A calendar that never opens gives no relief.
    #[must_use]
    pub fn times(
        self,
        calendar: &Calendar,
        started_at: DateTime<Utc>,
        event_at: Option<DateTime<Utc>>,
    ) -> Times {
        let both = |instant| Times { target: Some(instant), due: Some(instant), window: None };
        match self {
            Self::None => Times::default(),
            Self::Hours { hours } => both(plus_hours(started_at, hours)),
            Self::HoursOrNextWeekday { hours, reading } => {
                match twenty_four_hours_or_next_weekday(calendar, started_at, hours, reading) {
                    Ok(window) => Times {
                        target: Some(window.target),
                        due: Some(window.due),
                        window: Some(window),
                    },
                    Err(_) => both(plus_hours(started_at, hours)),
                }
            }
            Self::CalendarDays { days } => both(end_of_calendar_day_after(started_at, days)),
            Self::AtDischarge => Times { due: event_at, ..Times::default() },
            Self::SameDay => both(end_of_calendar_day_after(started_at, 0)),
            Self::OnDay => Times { target: event_at, due: event_at, window: None },
        }
    }
}
