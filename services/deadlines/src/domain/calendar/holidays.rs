//! Which days the law sets apart, without any agreement's additions.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

/// A public holiday (allmän helgdag) by the act (1989:253), sections 1 and 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it, and `swedish` and `english` spell it out")]
pub enum Holiday {
    NewYearsDay,
    Epiphany,
    GoodFriday,
    EasterSunday,
    EasterMonday,
    MayDay,
    AscensionDay,
    WhitSunday,
    /// A public holiday until 2004: the act (2004:1320) put the National Day in its place.
    WhitMonday,
    /// A public holiday from 2005.
    NationalDay,
    MidsummerDay,
    AllSaintsDay,
    ChristmasDay,
    BoxingDay,
    /// A Sunday that is none of the others.
    Sunday,
}

impl Holiday {
    /// The act's name, as inside a sentence.
    #[must_use]
    pub fn swedish(self) -> &'static str {
        match self {
            Self::NewYearsDay => "nyårsdagen",
            Self::Epiphany => "trettondedag jul",
            Self::GoodFriday => "långfredagen",
            Self::EasterSunday => "påskdagen",
            Self::EasterMonday => "annandag påsk",
            Self::MayDay => "första maj",
            Self::AscensionDay => "Kristi himmelsfärdsdag",
            Self::WhitSunday => "pingstdagen",
            Self::WhitMonday => "annandag pingst",
            Self::NationalDay => "nationaldagen",
            Self::MidsummerDay => "midsommardagen",
            Self::AllSaintsDay => "alla helgons dag",
            Self::ChristmasDay => "juldagen",
            Self::BoxingDay => "annandag jul",
            Self::Sunday => "söndag",
        }
    }

    /// The customary English name.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::NewYearsDay => "New Year's Day",
            Self::Epiphany => "Epiphany",
            Self::GoodFriday => "Good Friday",
            Self::EasterSunday => "Easter Sunday",
            Self::EasterMonday => "Easter Monday",
            Self::MayDay => "May Day",
            Self::AscensionDay => "Ascension Day",
            Self::WhitSunday => "Whit Sunday",
            Self::WhitMonday => "Whit Monday",
            Self::NationalDay => "the National Day",
            Self::MidsummerDay => "Midsummer Day",
            Self::AllSaintsDay => "All Saints' Day",
            Self::ChristmasDay => "Christmas Day",
            Self::BoxingDay => "Boxing Day",
            Self::Sunday => "Sunday",
        }
    }
}

/// Why a day is no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff {
    /// A public holiday, Sundays included.
    Holiday(Holiday),
    /// The Friday before Midsummer Day; like the next three by the act (1930:173), section 2.
    MidsummerEve,
    /// 24 December.
    ChristmasEve,
    /// 31 December.
    NewYearsEve,
    /// A Saturday that is none of the above.
    Saturday,
    /// Closed by the party's agreement.
    Closed,
}

impl DayOff {
    /// A Saturday or Sunday with nothing else to it: naming the day of the week says why.
    pub(super) fn is_plain_weekend(self) -> bool {
        matches!(self, Self::Saturday | Self::Holiday(Holiday::Sunday))
    }

    /// The Swedish name, as inside a sentence.
    #[must_use]
    pub fn swedish(self) -> &'static str {
        match self {
            Self::Holiday(holiday) => holiday.swedish(),
            Self::MidsummerEve => "midsommarafton",
            Self::ChristmasEve => "julafton",
            Self::NewYearsEve => "nyårsafton",
            Self::Saturday => "lördag",
            Self::Closed => "stängt enligt överenskommelsen",
        }
    }

    /// The English name, as inside a sentence.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Holiday(holiday) => holiday.english(),
            Self::MidsummerEve => "Midsummer Eve",
            Self::ChristmasEve => "Christmas Eve",
            Self::NewYearsEve => "New Year's Eve",
            Self::Saturday => "Saturday",
            Self::Closed => "closed by the agreement",
        }
    }
}

/// The public holiday that falls on `date`. Where two coincide, the one with the fixed date.
#[must_use]
pub fn public_holiday(date: NaiveDate) -> Option<Holiday> {
    let weekday = date.weekday();
    match (date.month(), date.day(), weekday) {
        (1, 1, _) => Some(Holiday::NewYearsDay),
        (1, 6, _) => Some(Holiday::Epiphany),
        (5, 1, _) => Some(Holiday::MayDay),
        (6, 6, _) if date.year() >= 2005 => Some(Holiday::NationalDay),
        (6, 20..=26, Weekday::Sat) => Some(Holiday::MidsummerDay),
        (10, 31, Weekday::Sat) | (11, 1..=6, Weekday::Sat) => Some(Holiday::AllSaintsDay),
        (12, 25, _) => Some(Holiday::ChristmasDay),
        (12, 26, _) => Some(Holiday::BoxingDay),
        _ => easter_holiday(date).or((weekday == Weekday::Sun).then_some(Holiday::Sunday)),
    }
}

fn easter_holiday(date: NaiveDate) -> Option<Holiday> {
    match (date - easter_sunday(date.year())?).num_days() {
        -2 => Some(Holiday::GoodFriday),
        0 => Some(Holiday::EasterSunday),
        1 => Some(Holiday::EasterMonday),
        39 => Some(Holiday::AscensionDay),
        49 => Some(Holiday::WhitSunday),
        50 if date.year() < 2005 => Some(Holiday::WhitMonday),
        _ => None,
    }
}

/// Easter Sunday of a year of the Gregorian calendar, by the Meeus/Jones/Butcher algorithm (J.
/// Meeus, *Astronomical Algorithms*, chapter 8). `None` only beyond the years that chrono knows.
#[must_use]
pub fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let golden = year % 19;
    let (century, in_century) = (year / 100, year % 100);
    let moon_orbit = (century - (century + 8) / 25 + 1) / 3;
    let full_moon = (19 * golden + century - century / 4 - moon_orbit + 15) % 30;
    let to_sunday =
        (32 + 2 * (century % 4) + 2 * (in_century / 4) - full_moon - in_century % 4) % 7;
    let week_early = (golden + 11 * full_moon + 22 * to_sunday) / 451;
    let after_22_march = full_moon + to_sunday - 7 * week_early;
    NaiveDate::from_ymd_opt(year, 3, 22)?
        .checked_add_signed(TimeDelta::days(i64::from(after_22_march)))
}

/// Why the law counts `date` as no weekday, if it does not: the act (1930:173), section 2, in
/// today's wording for all years.
#[must_use]
pub fn legal_day_off(date: NaiveDate) -> Option<DayOff> {
    if let Some(holiday) = public_holiday(date) {
        return Some(DayOff::Holiday(holiday));
    }
    match (date.month(), date.day(), date.weekday()) {
        (6, 19..=25, Weekday::Fri) => Some(DayOff::MidsummerEve),
        (12, 24, _) => Some(DayOff::ChristmasEve),
        (12, 31, _) => Some(DayOff::NewYearsEve),
        (_, _, Weekday::Sat) => Some(DayOff::Saturday),
        _ => None,
    }
}

/// Whether `date` is a weekday (vardag) by law, before any agreement.
#[must_use]
pub fn is_weekday(date: NaiveDate) -> bool {
    legal_day_off(date).is_none()
}
