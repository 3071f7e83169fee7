//! The demo's domain time: fast, held while nothing runs, and never earlier than it was.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use chassis::clock::Anchor;
use chassis::real_now;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Europe::Stockholm;
use embedded::secret;

use super::child;
use super::folder::Folder;

/// Domain seconds per real second unless chosen: a second is 72 minutes, a day is 20 seconds, so
/// that a weekend has passed within two minutes.
pub(crate) const USUAL_RATE: f64 = 4_320.0;
/// How often it is written down that time goes on (real time).
pub(crate) const BEAT: Duration = Duration::from_millis(250);
/// On which hour of which day the demo begins.
const BEGINS: (Weekday, u32) = (Weekday::Tue, 7);
/// Not before all lines of the demo region's agreement are in force; after Epiphany, so that the week is
/// like others.
const FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2027, 1, 12);

/// The clock that every process of the demo is given.
#[derive(Clone, Debug)]
pub(crate) struct DemoClock {
    file: PathBuf,
    beat: PathBuf,
    rate: f64,
}

impl DemoClock {
    /// Goes on where an earlier run stopped, or begins on a Tuesday morning; held until
    /// [`DemoClock::run`].
    pub(crate) fn open(folder: &Folder, rate: Option<f64>) -> anyhow::Result<Self> {
        let rate = rate.unwrap_or(USUAL_RATE);
        let clock = Self { file: folder.at("clock.json"), beat: folder.at("clock.beat"), rate };
        let now = real_now();
        let domain = if clock.file.exists() {
            let last = std::fs::read_to_string(&clock.beat).ok();
            let last = last.and_then(|text| text.trim().parse().ok()).unwrap_or(now);
            resumed(Anchor::read(&clock.file)?, last, now)
        } else {
            beginning(now).context("find the last Tuesday")?
        };
        clock.write(domain, 0.0)?;
        Ok(clock)
    }

    /// The file, for the settings of services.
    pub(crate) fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// Domain seconds per real second.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// Lets time run.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let held = Anchor::read(&self.file)?;
        self.beat()?;
        self.write(held.domain, self.rate)
    }

    /// Writes down that time still runs.
    pub(crate) fn beat(&self) -> anyhow::Result<()> {
        Ok(secret::write_private(&self.beat, &real_now().to_rfc3339())?)
    }

    /// Stops time. What services were told until now is the past.
    pub(crate) fn hold(&self) -> anyhow::Result<()> {
        let anchor = Anchor::read(&self.file)?;
        self.write(anchor.at(real_now()), 0.0)
    }

    fn write(&self, domain: DateTime<Utc>, factor: f64) -> anyhow::Result<()> {
        Ok(Anchor { domain, real: real_now(), factor }.write(&self.file)?)
    }
}

/// Where domain time goes on. A clock that was not held was left by a launcher that was killed: time
/// ran until its last beat, and on for as long as services may have taken to notice.
fn resumed(anchor: Anchor, last_beat: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let linger = TimeDelta::from_std(child::GRACE + 2 * BEAT).unwrap_or_default();
    anchor.at((last_beat.max(anchor.real) + linger).min(now))
}

/// Seven o'clock in Sweden on the last Tuesday, or on the first one from [`FROM`] on.
fn beginning(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (weekday, hour) = BEGINS;
    let time = NaiveTime::from_hms_opt(hour, 0, 0)?;
    let first = FROM?.and_time(time).and_local_timezone(Stockholm).single()?.to_utc();
    if now < first {
        return Some(first);
    }
    let today = now.with_timezone(&Stockholm).date_naive();
    let since = today.weekday().days_since(weekday);
    let days = [since, since + 7].map(|days| today.checked_sub_days(Days::new(days.into())));
    days.into_iter().flatten().find_map(|day| {
        let begins = day.and_time(time).and_local_timezone(Stockholm).single()?.to_utc();
        (begins <= now).then_some(begins)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_demo_begins_at_seven_on_the_last_tuesday_in_summer_and_winter() {
        for (now, begins) in [
            ("2027-11-22T16:00:00Z", "2027-11-16T06:00:00Z"),
            ("2027-11-23T05:59:00Z", "2027-11-16T06:00:00Z"),
            ("2027-11-23T06:00:00Z", "2027-11-23T06:00:00Z"),
            ("2027-06-30T12:00:00Z", "2027-06-29T05:00:00Z"),
            ("2026-11-24T06:00:00Z", "2027-01-12T06:00:00Z"),
        ] {
            assert_eq!(beginning(at(now)), Some(at(begins)), "{now}");
        }
    }

    #[test]
    fn time_that_the_demo_stood_still_does_not_count() {
        let top = tempfile::tempdir().unwrap();
        let folder = Folder::open(&top.path().join("demo"), false).unwrap();
        let clock = DemoClock::open(&folder, None).unwrap();
        clock.run().unwrap();
        clock.hold().unwrap();
        let stopped = Anchor::read(clock.file()).unwrap().domain;
        let clock = DemoClock::open(&folder, None).unwrap();
        assert_eq!(Anchor::read(clock.file()).unwrap().at(real_now()), stopped);
    }

    proptest! {
        #[test]
        fn however_it_ended_time_never_goes_back(
            ran in 0_i64..100_000, since_beat in 0_i64..250, lingered in 0_i64..10_000,
            away in 0_i64..10_000_000,
        ) {
            let start = at("2026-11-22T16:00:00Z");
            let anchor = Anchor { domain: start, real: start, factor: USUAL_RATE };
            let killed = start + TimeDelta::milliseconds(ran);
            let beat = killed - TimeDelta::milliseconds(since_beat);
            let ended = killed + TimeDelta::milliseconds(lingered);
            let now = ended + TimeDelta::milliseconds(away);
            prop_assert!(resumed(anchor, beat, now) >= anchor.at(ended));
        }
    }
}
