//! Deeds that need no case: finding a time, which takes the limits of one that is stated, and a
//! month's registrations.

use chrono::NaiveDate;
use contracts::commands::{ExportSipRegistrations, SipRegistrationKey, SipRegistrationRow};

use super::super::super::failure::Failure;
use super::super::super::report::Report;
use super::super::super::system::CaseName;
use super::super::Desk;
use super::times;

#[derive(clap::Subcommand)]
pub(in super::super) enum Deed {
    /// Propose the earliest times at which all can meet.
    Propose(Box<times::Propose>),
    /// Say what is against a certain time.
    WhyNot(Box<times::WhyNot>),
    /// What the unit has registered of the meetings of a month, as CSV.
    Registrations {
        /// The month, as `2026-11`.
        #[arg(long, value_parser = month)]
        month: NaiveDate,
    },
}

impl Deed {
    pub(in super::super) async fn do_it(
        self,
        desk: &Desk,
        case: Option<CaseName>,
    ) -> Result<Report, Failure> {
        match self {
            Self::Propose(asked) => asked.ask(desk, case).await,
            Self::WhyNot(asked) => asked.ask(desk, case).await,
            Self::Registrations { month } => {
                let rows = all(desk, month).await?;
                Report::new(&rows, table(&rows)?)
            }
        }
    }
}

/// All pages of a month.
async fn all(desk: &Desk, month: NaiveDate) -> Result<Vec<SipRegistrationRow>, Failure> {
    let mut rows: Vec<SipRegistrationRow> = Vec::new();
    loop {
        let after = rows
            .last()
            .map(|row| SipRegistrationKey { held_on: row.held_on, registration: row.registration });
        let query = ExportSipRegistrations { month, after };
        let page = desk.system.tell(&query, &desk.signature).await?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

/// The columns have the routine's names; every cell is a code or one of its words.
fn table(rows: &[SipRegistrationRow]) -> Result<String, Failure> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let heading = [
        "Datum",
        "Vårdtillfälle",
        "Enhet",
        "Vårdgivare",
        "Besökstyp",
        "Besöksform",
        "Besöksorsak",
        "Avgiftstyp",
        "Betalsätt",
        "KVÅ",
    ];
    csv.write_record(heading).map_err(|_| unwritable())?;
    for row in rows {
        let some = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let cells = [
            row.held_on.to_string(),
            row.case.to_string(),
            row.unit.to_string(),
            row.staff.as_str().to_owned(),
            row.visit_type.clone(),
            row.visit_form.clone(),
            some(&row.cause),
            some(&row.fee),
            some(&row.payment),
            some(&row.procedure),
        ];
        csv.write_record(cells).map_err(|_| unwritable())?;
    }
    let bytes = csv.into_inner().map_err(|_| unwritable())?;
    String::from_utf8(bytes).map_err(|_| unwritable())
}

fn unwritable() -> Failure {
    Failure::new("unwritable", "Listan kan inte skrivas.", "The list cannot be written.")
}

/// The first day of a month.
fn month(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
        .map_err(|_| "write a month as 2026-11".to_owned())
}

#[cfg(test)]
mod tests {
    use contracts::{CaseId, EntryId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_month_is_written_with_the_routines_words() {
        let row = SipRegistrationRow {
            registration: EntryId(Uuid::nil()),
            case: CaseId(Uuid::nil()),
            held_on: "2026-11-25".parse().unwrap(),
            unit: "SE2321000016-VC01".parse().unwrap(),
            staff: "SE2321000016-9A2B".parse().unwrap(),
            visit_type: "annan plats".to_owned(),
            visit_form: "Enskilt besök".to_owned(),
            cause: Some("Vårdplanering".to_owned()),
            fee: Some("P0".to_owned()),
            payment: Some("Gena".to_owned()),
            procedure: Some("AU124".to_owned()),
        };
        let text = table(&[row]).unwrap();
        let (heading, row) = text.split_once('\n').unwrap();
        assert!(heading.starts_with("Datum,Vårdtillfälle,Enhet"), "{heading}");
        let end = "annan plats,Enskilt besök,Vårdplanering,P0,Gena,AU124\n";
        assert!(row.starts_with("2026-11-25,") && row.ends_with(end), "{row}");
    }

    #[test]
    fn a_month_is_typed_as_year_and_month() {
        assert_eq!(month("2026-11"), Ok("2026-11-01".parse().unwrap()));
        assert!(month("november").is_err() && month("2026-13").is_err());
    }
}
