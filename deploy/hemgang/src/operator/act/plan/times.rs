//! Finding a time over calendars. Public holidays are filled in; others are typed in.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use contracts::commands::{
    AgainstSipTime, ExplainSipTime, ExplainedSipTime, ProposeSipTimes, ProposedSipTimes, SipHours,
    SipPeriod, SipTimeParticipant, SipTimeQuestion, SipWeekly,
};
use contracts::{Case, HsaId};
use deadlines::domain::calendar::{DayOff, Holiday, legal_day_off, local_date};

use super::super::super::failure::Failure;
use super::super::super::report::Report;
use super::super::super::system::CaseName;
use super::super::super::when;
use super::super::Desk;

/// Who is to meet.
#[derive(clap::Args)]
struct Question {
    /// How long the meeting is.
    #[arg(long, default_value_t = 60)]
    minutes: u16,
    /// A unit that is to be there in office hours, with its calendar (iCalendar) where it has one.
    #[arg(long = "with", required = true, value_name = "HSA-ID[=FILE]", value_parser = with)]
    units: Vec<(HsaId, Option<PathBuf>)>,
    /// When such a unit is there, in place of office hours, as `HSA-ID=mon-fri 07:30-16:00`. Repeat it
    /// for other days.
    #[arg(long, value_name = "HSA-ID=DAYS FROM-UNTIL", value_parser = hours)]
    hours: Vec<(HsaId, Vec<SipWeekly>)>,
    /// When such a unit is busy, as `HSA-ID=2026-11-24 09:00/2026-11-24 10:00`.
    #[arg(long, value_name = "HSA-ID=TIME/TIME", value_parser = busy)]
    busy: Vec<(HsaId, SipPeriod)>,
    /// The patient is there too, at any hour.
    #[arg(long)]
    patient: bool,
    /// Not before; now when absent.
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    earliest: Option<DateTime<Utc>>,
    /// The discharge that is expected: a red plan is made before it. With --case: the estimate of a
    /// case on the red track, unless stated.
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    discharge: Option<DateTime<Utc>>,
    /// The ready notice: three days from it. With --case: the case's, unless stated.
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    ready: Option<DateTime<Utc>>,
    /// By when the meeting has to have ended.
    #[arg(long, value_name = "TIME", value_parser = when::parse)]
    latest: Option<DateTime<Utc>>,
    /// A day off beside the public holidays.
    #[arg(long = "day-off", value_name = "DATE")]
    days_off: Vec<NaiveDate>,
}

#[derive(clap::Args)]
pub(in super::super) struct Propose {
    #[command(flatten)]
    question: Question,
    /// How many.
    #[arg(long)]
    count: Option<u8>,
}

#[derive(clap::Args)]
pub(in super::super) struct WhyNot {
    /// When the meeting would begin.
    #[arg(value_name = "TIME", value_parser = when::parse)]
    starts_at: DateTime<Utc>,
    #[command(flatten)]
    question: Question,
}

impl Propose {
    pub(super) async fn ask(self, desk: &Desk, case: Option<CaseName>) -> Result<Report, Failure> {
        let question = self.question.read(&limits(desk, case).await?)?;
        let query = ProposeSipTimes { question, count: self.count, every_minutes: None };
        let proposed = desk.system.tell(&query, &desk.signature).await?;
        Report::new(&proposed, proposals(&proposed))
    }
}

impl WhyNot {
    pub(super) async fn ask(self, desk: &Desk, case: Option<CaseName>) -> Result<Report, Failure> {
        let question = self.question.read(&limits(desk, case).await?)?;
        let starts_at = self.starts_at;
        let query = ExplainSipTime { question, starts_at };
        let explained = desk.system.tell(&query, &desk.signature).await?;
        Report::new(&explained, reasons(&explained))
    }
}

impl Question {
    fn read(self, of_case: &Limits) -> Result<SipTimeQuestion, Failure> {
        let from = self.earliest.unwrap_or_else(chassis::real_now);
        let mut participants = Vec::new();
        for (unit, file) in self.units {
            let own = self.busy.iter().filter(|(other, _)| *other == unit);
            let busy = own.map(|(_, period)| *period).collect();
            let calendars = file.map(|file| calendar(&file)).transpose()?.into_iter().collect();
            let there = self.hours.iter().filter(|(other, _)| *other == unit);
            let there: Vec<SipWeekly> = there.flat_map(|(_, there)| there).copied().collect();
            let hours = if there.is_empty() { SipHours::Office } else { SipHours::Weekly(there) };
            participants.push(SipTimeParticipant { unit: Some(unit), hours, busy, calendars });
        }
        if self.patient {
            participants.push(SipTimeParticipant { hours: SipHours::Always, ..Default::default() });
        }
        Ok(SipTimeQuestion {
            minutes: self.minutes,
            participants,
            earliest: self.earliest,
            discharge_at: self.discharge.or(of_case.discharge_at),
            ready_at: self.ready.or(of_case.ready_at),
            latest: self.latest,
            days_off: holidays(local_date(from)).chain(self.days_off).collect(),
        })
    }
}

/// By when a case's plan has to be made.
#[derive(Default)]
struct Limits {
    discharge_at: Option<DateTime<Utc>>,
    ready_at: Option<DateTime<Utc>>,
}

impl Limits {
    fn of(case: &Case) -> Self {
        let is_red = case.planning.track().is_some_and(|track| track.as_str() == "red");
        Self {
            discharge_at: case.estimate().filter(|_| is_red),
            ready_at: case.ready_in_force().map(|ready| ready.stamp.occurred_at),
        }
    }
}

/// The limits of the case, where one is stated.
async fn limits(desk: &Desk, case: Option<CaseName>) -> Result<Limits, Failure> {
    match case {
        Some(case) => Ok(Limits::of(&desk.system.case(case).await?)),
        None => Ok(Limits::default()),
    }
}

/// The weekdays of the next months on which offices are closed by law.
fn holidays(from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let is_closed = |day: &NaiveDate| match legal_day_off(*day) {
        None | Some(DayOff::Saturday | DayOff::Holiday(Holiday::Sunday)) => false,
        Some(_) => true,
    };
    from.iter_days().take(120).filter(is_closed)
}

fn calendar(file: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|_| {
        let file = file.display();
        Failure::usage(format!("{file} gick inte att läsa."), format!("{file} could not be read."))
    })
}

fn with(text: &str) -> Result<(HsaId, Option<PathBuf>), String> {
    let (unit, file) = text.split_once('=').map_or((text, None), |(u, f)| (u, Some(f.into())));
    Ok((
        unit.parse().map_err(|_| "an HSA-id is SE, ten digits, a hyphen and more".to_owned())?,
        file,
    ))
}

fn busy(text: &str) -> Result<(HsaId, SipPeriod), String> {
    let form = || "write it as HSA-ID=2026-11-24 09:00/2026-11-24 10:00".to_owned();
    let (unit, times) = text.split_once('=').ok_or_else(form)?;
    let (from, until) = times.split_once('/').ok_or_else(form)?;
    let from = when::parse(from).map_err(|error| error.to_string())?;
    let until = when::parse(until).map_err(|error| error.to_string())?;
    let unit = unit.parse().map_err(|_| form())?;
    if from < until { Ok((unit, SipPeriod { from, until })) } else { Err(form()) }
}

/// `HSA-ID=mon-fri 07:30-16:00`, or of one day: `HSA-ID=wed 13:00-18:00`.
fn hours(text: &str) -> Result<(HsaId, Vec<SipWeekly>), String> {
    let form = || "write it as HSA-ID=mon-fri 07:30-16:00".to_owned();
    let (unit, text) = text.split_once('=').ok_or_else(form)?;
    let (days, times) = text.split_once(' ').ok_or_else(form)?;
    let (from, until) = times.split_once('-').ok_or_else(form)?;
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| form());
    let (from, until) = (time(from)?, time(until)?);
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let day = |text: &str| {
        let weekday: Weekday = text.parse().map_err(|_| form())?;
        Ok::<u8, String>(u8::try_from(weekday.number_from_monday()).unwrap_or(1))
    };
    let days = day(first)?..=day(last)?;
    if days.is_empty() {
        return Err(form());
    }
    let weekly = days.map(|weekday| SipWeekly { weekday, from, until });
    Ok((unit.parse().map_err(|_| form())?, weekly.collect()))
}

fn proposals(proposed: &ProposedSipTimes) -> String {
    let until = when::show(proposed.looked_until);
    if proposed.times.is_empty() {
        let near = proposed
            .nearest
            .iter()
            .map(|near| format!("\n{}\n{}", when::show(near.time.from), words_of(&near.against)));
        let near: String = near.collect();
        let most = if near.is_empty() { "" } else { "\nNärmast / nearest:" };
        return format!(
            "Ingen gemensam tid till {until}. / No common time until {until}.{most}{near}"
        );
    }
    let times = proposed.times.iter().map(|time| {
        let minutes = (time.until - time.from).num_minutes();
        format!("{}  ({minutes} min)", when::show(time.from))
    });
    times.collect::<Vec<_>>().join("\n")
}

fn reasons(explained: &ExplainedSipTime) -> String {
    if explained.possible {
        return "Tiden går bra. / The time is possible.".to_owned();
    }
    words_of(&explained.against)
}

fn words_of(against: &[AgainstSipTime]) -> String {
    let words = against.iter().map(|one| format!("– {}\n  {}", one.words.sv, one.words.en));
    words.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use contracts::case::{Estimate, TrackSet};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_red_case_is_planned_before_its_discharge_and_each_within_three_days_of_ready() {
        let stamp = |at: &str| {
            contracts::Stamp::now(contracts::EntryId(Uuid::nil()), at.parse().unwrap(), None)
        };
        let (id, name) = (contracts::CaseId(Uuid::nil()), contracts::CaseRef::from_random(7));
        let hospital = "SE2321000016-S".parse().unwrap();
        let mut case = Case::new(id, name, hospital, stamp("2026-11-20T08:00:00Z"));
        let discharge = "2026-11-27T11:00:00Z".parse().ok();
        case.estimates = vec![Estimate::new(stamp("2026-11-20T08:00:00Z"), discharge)];
        let ready = stamp("2026-11-24T09:00:00Z");
        case.ready = vec![contracts::Revocable { stamp: ready.clone(), revoked: None }];
        let limits = Limits::of(&case);
        assert_eq!((limits.discharge_at, limits.ready_at), (None, Some(ready.occurred_at)));
        let track = "red".parse().unwrap();
        case.planning.tracks = vec![TrackSet { stamp: ready, track, change: None }];
        assert_eq!(Limits::of(&case).discharge_at, discharge);
    }

    #[test]
    fn public_holidays_on_weekdays_are_filled_in() {
        let from = "2026-12-20".parse().unwrap();
        let days: Vec<_> = holidays(from).take(4).map(|day| day.to_string()).collect();
        assert_eq!(days, ["2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31"]);
    }

    #[test]
    fn hours_are_those_of_some_weekdays() {
        let (unit, weekly) = hours("SE2321000016-VC01=mon-wed 07:30-16:00").unwrap();
        assert_eq!(unit.as_str(), "SE2321000016-VC01");
        assert_eq!(weekly.iter().map(|one| one.weekday).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(hours("SE2321000016-VC01=wed 13:00-18:00").unwrap().1.len(), 1);
        for bad in
            ["SE2321000016-VC01=wed", "VC01=wed 13:00-18:00", "SE2321000016-VC01=fri-mon 8-9"]
        {
            assert!(hours(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_unit_is_given_with_or_without_its_calendar() {
        let (unit, file) = with("SE2321000016-VC01=a=b.ics").unwrap();
        assert_eq!((unit.as_str(), file), ("SE2321000016-VC01", Some("a=b.ics".into())));
        assert_eq!(with("SE2321000016-VC01").unwrap().1, None);
        assert!(with("VC01").is_err());
        let (_, period) = busy("SE2321000016-VC01=2026-11-24 09:00/2026-11-24 10:00").unwrap();
        assert_eq!((period.until - period.from).num_minutes(), 60);
        assert!(busy("SE2321000016-VC01=2026-11-24 09:00").is_err());
    }
}
