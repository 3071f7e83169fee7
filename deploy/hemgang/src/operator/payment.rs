//! `payment`: which days of a case the municipality is to pay and why not the others, and a month's
//! basis per municipality.

use chrono::{Datelike, Months, NaiveDate};
use contracts::commands::{
    AverageLimit, MunicipalityBasis, PaymentBasis, PaymentDays, PaymentReason, ShowPayment,
};
use deadlines::domain::payment::{add_up, in_words};

use super::failure::Failure;
use super::report::Report;
use super::system::{CaseName, Site, System};
use super::table::Table;

/// Arguments of `payment`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The case, by its reference or its id.
    #[arg(
        long,
        value_name = "REF|ID",
        required_unless_present = "month",
        conflicts_with = "month"
    )]
    case: Option<CaseName>,
    /// The month, such as 2026-11.
    #[arg(long, value_parser = month)]
    month: Option<NaiveDate>,
    /// The month's basis as comma-separated values, one line per municipality and policy.
    #[arg(long, requires = "month")]
    csv: bool,
}

/// Shows.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let system = site.connect().await?;
    if let Some(name) = arguments.case {
        let case = system.case_id(name).await?;
        let days = system.ask(&ShowPayment { case }).await?;
        return Report::new(&days, of_case(&days));
    }
    let Some(month) = arguments.month else {
        return Err(Failure::usage("Ange --case eller --month.", "State --case or --month."));
    };
    let rows = basis(&system, month).await?;
    if arguments.csv {
        return Report::new(&rows, csv(month, &rows)?);
    }
    let months = rows.iter().filter_map(|row| row.limit).map(|limit| limit.months).max();
    let mut earlier = Vec::new();
    for back in 1..months.unwrap_or(1) {
        if let Some(month) = month.checked_sub_months(Months::new(back)) {
            earlier.extend(basis(&system, month).await?);
        }
    }
    let together = add_up(rows.iter().cloned().chain(earlier));
    Report::new(&rows, of_month(month, &rows, &together))
}

/// All pages of a month, added up.
async fn basis(system: &System, month: NaiveDate) -> Result<Vec<MunicipalityBasis>, Failure> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = system.ask(&PaymentBasis { month, after }).await?;
        rows.extend(page.municipalities);
        // A service that does not go on would be asked for ever.
        if page.next.is_none() || page.next <= after {
            return Ok(add_up(rows));
        }
        after = page.next;
    }
}

fn of_case(days: &PaymentDays) -> String {
    let mut table = Table::new(&[("dag", "day"), ("betalas", "paid"), ("därför", "because")]);
    for day in &days.days {
        let paid = if day.payable { "ja / yes" } else { "nej / no" };
        let reasons = day.reasons.iter().map(|reason| code(*reason)).collect::<Vec<_>>();
        table.row([day.day.to_string(), paid.to_owned(), reasons.join(", ")]);
    }
    let why: Vec<String> =
        days.why.iter().map(|words| format!("– {}\n  {}", words.sv, words.en)).collect();
    let reasons: Vec<String> = days
        .reasons
        .iter()
        .map(|one| format!("{}: {}\n  {}", code(one.reason), one.words.sv, one.words.en))
        .collect();
    let more = if days.more { "\n…" } else { "" };
    let policy = days.policy.as_deref().unwrap_or("–");
    let payer = municipality(days.municipality.as_ref());
    format!(
        "Vårdtillfälle / case {} ({})\nkommun / municipality {payer} · regel / policy {policy}\n{}\n\
         \n{table}{more}\n\n{}",
        days.case_ref,
        days.case,
        why.join("\n"),
        reasons.join("\n"),
    )
}

fn of_month(
    month: NaiveDate,
    rows: &[MunicipalityBasis],
    together: &[MunicipalityBasis],
) -> String {
    let mut table = Table::new(&[
        ("kommun", "municipality"),
        ("regel", "policy"),
        ("ärenden", "cases"),
        ("dagar att betala", "days to pay"),
        ("kronor", "kronor"),
        ("vistelser", "stays"),
        ("snitt", "average"),
        ("snitt över perioden", "average of the period"),
        ("långa", "long"),
    ]);
    for row in rows {
        let same = |one: &&MunicipalityBasis| {
            one.municipality == row.municipality && one.policy == row.policy
        };
        let of_months = together.iter().find(same).map_or_else(String::new, held_against);
        table.row([
            municipality(row.municipality.as_ref()),
            row.policy.clone(),
            row.cases.len().to_string(),
            row.payable_days.to_string(),
            row.amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string()),
            row.stays.to_string(),
            mean(row),
            of_months,
            row.long_stays.to_string(),
        ]);
    }
    let unknown = rows.iter().any(|row| row.municipality.is_none());
    let note = if unknown {
        "\n\n?: skyddad identitet eller ingen kommun angiven; en person tar reda på vem som betalar.\n\
         ?: protected identity or no municipality stated; a person finds out who pays."
    } else {
        ""
    };
    format!("{:04}-{:02}\n\n{table}{note}", month.year(), month.month())
}

fn csv(month: NaiveDate, rows: &[MunicipalityBasis]) -> Result<String, Failure> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let heading = [
        "Månad",
        "Kommun",
        "Regel",
        "Ärenden",
        "Dagar att betala",
        "Kronor",
        "Vistelser",
        "Vistelsedagar",
        "Genomsnitt",
        "Långa vistelser",
    ];
    csv.write_record(heading).map_err(|_| unwritable())?;
    for row in rows {
        let cells = [
            month.format("%Y-%m").to_string(),
            row.municipality.as_ref().map_or("", |code| code.as_str()).to_owned(),
            row.policy.clone(),
            row.cases.len().to_string(),
            row.payable_days.to_string(),
            row.amount.map(|amount| amount.to_string()).unwrap_or_default(),
            row.stays.to_string(),
            row.stay_days.to_string(),
            mean(row),
            row.long_stays.to_string(),
        ];
        csv.write_record(cells).map_err(|_| unwritable())?;
    }
    let bytes = csv.into_inner().map_err(|_| unwritable())?;
    String::from_utf8(bytes).map_err(|_| unwritable())
}

/// Days of a stay on average, to two places; nothing where there is no stay.
fn mean(row: &MunicipalityBasis) -> String {
    if row.stays == 0 {
        return String::new();
    }
    format!("{:.2}", f64::from(row.stay_days) / f64::from(row.stays))
}

/// The same over the months that it is decided by, and what it is held against.
fn held_against(row: &MunicipalityBasis) -> String {
    let Some(limit) = row.limit.filter(|_| row.stays > 0) else { return String::new() };
    let AverageLimit { more_than_days, months } = limit;
    let too_long = row.stay_days > more_than_days.saturating_mul(row.stays);
    let sign = if too_long { ">" } else { "≤" };
    format!("{} {sign} {more_than_days} ({months} mån/mon)", mean(row))
}

fn municipality(code: Option<&contracts::MunicipalityCode>) -> String {
    code.map_or_else(|| "?".to_owned(), |code| code.as_str().to_owned())
}

/// The reason's code, as programs read it.
fn code(reason: PaymentReason) -> String {
    let code = serde_json::to_value(reason).ok();
    let code = code.and_then(|code| code.as_str().map(str::to_owned));
    code.unwrap_or_else(|| in_words(reason).en)
}

fn unwritable() -> Failure {
    Failure::new("unwritable", "Listan kan inte skrivas.", "The list cannot be written.")
}

/// The first day of a month.
pub(super) fn month(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
        .map_err(|_| "write a month as 2026-11".to_owned())
}

#[cfg(test)]
mod tests {
    use contracts::commands::{PaymentDay, PaymentModel, PaymentWords};
    use contracts::{CaseId, CaseRef, EntryId};
    use uuid::Uuid;

    use super::*;

    fn row(municipality: Option<&str>, stays: u32, stay_days: u32) -> MunicipalityBasis {
        MunicipalityBasis {
            municipality: municipality.map(|code| code.parse().unwrap()),
            policy: "se 2026.1".to_owned(),
            model: PaymentModel::Individual,
            cases: vec![],
            payable_days: 4,
            amount: None,
            limit: None,
            stays,
            stay_days,
            long_stays: 0,
        }
    }

    #[test]
    fn a_month_is_written_one_line_per_municipality() {
        let rows = [row(Some("2080"), 0, 0), row(None, 3, 10)];
        let text = csv("2026-11-01".parse().unwrap(), &rows).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1], "2026-11,2080,se 2026.1,0,4,,0,0,,0");
        assert_eq!(lines[2], "2026-11,,se 2026.1,0,4,,3,10,3.33,0");
    }

    #[test]
    fn who_pays_is_asked_of_a_person_where_it_is_not_known() {
        let month = "2026-11-01".parse().unwrap();
        let known = of_month(month, &[row(Some("2080"), 0, 0)], &[]);
        assert!(known.contains("2080") && !known.contains('?'), "{known}");
        assert!(of_month(month, &[row(None, 0, 0)], &[]).contains("protected identity"));
    }

    #[test]
    fn an_average_is_held_against_its_limit_over_its_months() {
        let limit = Some(AverageLimit { more_than_days: 3, months: 3 });
        let of = |days| held_against(&MunicipalityBasis { limit, ..row(None, 2, days) });
        assert_eq!(of(6), "3.00 ≤ 3 (3 mån/mon)");
        assert_eq!(of(7), "3.50 > 3 (3 mån/mon)");
        assert_eq!(held_against(&row(None, 2, 7)), "");
    }

    #[test]
    fn each_day_of_a_case_stands_with_its_reasons() {
        let reason = PaymentReason::SipNotCalled;
        let day = |day: &str, reasons: Vec<PaymentReason>| PaymentDay {
            day: day.parse().unwrap(),
            notice: EntryId(Uuid::nil()),
            payable: reasons.is_empty(),
            reasons,
        };
        let text = of_case(&PaymentDays {
            case: CaseId(Uuid::nil()),
            case_ref: CaseRef::from_random(7),
            municipality: None,
            policy: Some("se 2026.1".to_owned()),
            days: vec![day("2026-11-05", vec![reason]), day("2026-11-06", vec![])],
            more: false,
            running: false,
            why: vec![],
            reasons: vec![PaymentWords { reason, words: in_words(reason) }],
        });
        assert!(text.contains("2026-11-05  nej / no  sip_not_called"), "{text}");
        assert!(text.contains("2026-11-06  ja / yes"), "{text}");
        assert!(text.contains("sip_not_called: En SIP ska göras"), "{text}");
    }
}
