//! The summary's words and figures. Pure: what is known comes in, lines come out.

use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::commands::{AlertCounts, CaseCounts, ObligationCounts};

/// What services answered; absent where one did not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) cases: Option<CaseCounts>,
    pub(crate) duties: Option<ObligationCounts>,
    pub(crate) alerts: Option<AlertCounts>,
}

/// Something that just happened, in plain words and without a word about a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// The case's reference.
    pub(crate) case: String,
    pub(crate) sv: &'static str,
    pub(crate) en: &'static str,
    /// The unit's name.
    pub(crate) unit: String,
}

/// A figure with its names.
struct Entry {
    value: Option<i64>,
    sv: &'static str,
    en: &'static str,
}

const WEEKDAYS: [&str; 7] = ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"];
const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// `tisdag 24 november 2026 kl. 14.05`, in Swedish time.
fn moment(at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&Stockholm);
    let weekday = WEEKDAYS.get(at.weekday().num_days_from_monday() as usize).unwrap_or(&"");
    let month = MONTHS.get(at.month0() as usize).unwrap_or(&"");
    format!("{weekday} {} {month} {} kl. {}", at.day(), at.year(), at.format("%H.%M"))
}

/// How fast time passes, `1 s = 72 min` in both languages.
pub(crate) fn rate(factor: f64) -> (String, String) {
    let minutes = factor / 60.0;
    let text = if minutes >= 1.0 {
        format!("{} min", rounded(minutes))
    } else {
        format!("{} s", rounded(factor))
    };
    (format!("1 s här är {text} där"), format!("1 s here is {text} there"))
}

fn rounded(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn entries(Figures { cases, duties, alerts }: &Figures) -> [[Entry; 2]; 6] {
    let of_cases = |get: fn(&CaseCounts) -> i64| cases.as_ref().map(get);
    let of_duties = |get: fn(&ObligationCounts) -> i64| duties.as_ref().map(get);
    let of_alerts = |get: fn(&AlertCounts) -> i64| alerts.as_ref().map(get);
    let entry = |value, sv, en| Entry { value, sv, en };
    [
        [
            entry(of_cases(|c| c.cases), "inskrivna", "admitted"),
            entry(of_duties(|d| d.open), "åtaganden pågår", "duties open"),
        ],
        [
            entry(of_cases(|c| c.with_need), "med behov", "with need"),
            entry(of_duties(|d| d.met), "gjorda i tid", "met in time"),
        ],
        [
            entry(of_duties(|d| d.notices), "meddelanden", "notices"),
            entry(of_duties(|d| d.missed), "försenade nu", "overdue now"),
        ],
        [
            entry(of_duties(|d| d.reminders), "påminnelser", "reminders"),
            entry(of_duties(|d| d.met_late), "gjorda för sent", "met late"),
        ],
        [
            entry(of_duties(|d| d.escalations), "eskaleringar", "escalations"),
            entry(of_duties(|d| d.still_missed), "aldrig gjorda", "never done"),
        ],
        [
            entry(of_alerts(|a| a.mails), "e-brev", "mails"),
            entry(of_alerts(|a| a.sms), "SMS", "SMS"),
        ],
    ]
}

/// The block for a terminal; `newest` is the newest message of the inbox.
pub(crate) fn block(
    now: DateTime<Utc>,
    factor: Option<f64>,
    figures: &Figures,
    news: &[News],
    newest: Option<&str>,
) -> Vec<String> {
    let fast = factor.map(|factor| format!("   ({})", rate(factor).0)).unwrap_or_default();
    let mut lines = vec![format!("  {}{fast}", moment(now)), String::new()];
    lines.extend(entries(figures).iter().map(|[left, right]| {
        format!("{}   {}", column(left), column(right)).trim_end().to_owned()
    }));
    if !news.is_empty() {
        lines.push(String::new());
        let line = |News { case, sv, en, unit }: &News| format!("  {case}  {sv} / {en} ({unit})");
        lines.extend(news.iter().map(line));
    }
    if let Some(newest) = newest {
        lines.push(String::new());
        lines.push(format!("  → {newest}"));
    }
    lines
}

fn column(entry: &Entry) -> String {
    let names = if entry.sv == entry.en {
        entry.sv.to_owned()
    } else {
        format!("{} / {}", entry.sv, entry.en)
    };
    format!("{:>7}  {names:<28}", value(entry))
}

fn value(entry: &Entry) -> String {
    entry.value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// One line for a log, in both languages.
pub(crate) fn line(now: DateTime<Utc>, figures: &Figures) -> (String, String) {
    let all = entries(figures);
    let told = |name: fn(&Entry) -> &'static str| {
        let told = all.iter().flatten().filter(|entry| entry.value.is_some());
        told.map(|entry| format!("{} {}", value(entry), name(entry))).collect::<Vec<_>>().join(", ")
    };
    (format!("{}: {}", moment(now), told(|entry| entry.sv)), told(|entry| entry.en))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let cases = CaseCounts { cases: 12, with_need: 4, refused: 0 };
        Figures { cases: Some(cases), ..Figures::default() }
    }

    #[test]
    fn the_moment_is_told_in_swedish_time_with_its_weekday() {
        let at = "2026-11-21T23:05:00Z".parse().unwrap();
        assert_eq!(moment(at), "söndag 22 november 2026 kl. 00.05");
    }

    #[test]
    fn the_rate_is_told_in_minutes_or_seconds() {
        assert_eq!(rate(4_320.0).0, "1 s här är 72 min där");
        assert_eq!(rate(1.5).1, "1 s here is 1.5 s there");
    }

    #[test]
    fn a_service_that_does_not_answer_has_a_dash_and_is_left_out_of_the_line() {
        let now = "2026-11-24T06:00:00Z".parse().unwrap();
        let block = block(now, None, &figures(), &[], None).join("\n");
        assert!(block.contains("     12  inskrivna / admitted"), "{block}");
        assert!(block.contains("      –  påminnelser / reminders"), "{block}");
        let (sv, en) = line(now, &figures());
        assert!(
            sv.ends_with("12 inskrivna, 4 med behov") && en == "12 admitted, 4 with need",
            "{sv} {en}"
        );
    }

    #[test]
    fn news_stand_below_the_figures() {
        let (case, unit) = ("K7M2-9QXD".to_owned(), "Medicin".to_owned());
        let news = News { case, sv: "utskriven", en: "discharged", unit };
        let now = "2026-11-24T06:00:00Z".parse().unwrap();
        assert_eq!(
            block(now, Some(60.0), &figures(), &[news], None).last().unwrap().trim(),
            "K7M2-9QXD  utskriven / discharged (Medicin)"
        );
    }
}
