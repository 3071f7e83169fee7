//! Figures for people: each measure in words, with its rows below.

use chrono::Datelike;
use contracts::commands::{Figure, FigureDefinition, FigureRow, StatisticsBy, StatisticsPage};
use contracts::ledger::Words;

use crate::operator::table::Table;

pub(super) fn text(page: &StatisticsPage, by: StatisticsBy) -> String {
    let mut above = None;
    let measures = page.definitions.iter().map(|definition| {
        let is_said = above.replace(&definition.definition) == Some(&definition.definition);
        of_measure(page, definition, is_said, by)
    });
    std::iter::once(heading(page)).chain(measures).collect::<Vec<_>>().join("\n\n")
}

fn heading(page: &StatisticsPage) -> String {
    let month = page.month;
    let mut lines = vec![format!("{:04}-{:02} · {}", month.year(), month.month(), page.region)];
    if page.preliminary {
        lines.push("Preliminära siffror: vårdtillfällen i månaden är ännu öppna.".to_owned());
        lines.push("Preliminary: cases of the month are still open.".to_owned());
    }
    if page.unread > 0 {
        let unread = page.unread;
        lines.push(format!("{unread} vårdtillfällen kunde inte läsas och är inte med."));
        lines.push(format!("{unread} cases could not be read and are left out."));
    }
    lines.join("\n")
}

fn of_measure(
    page: &StatisticsPage,
    definition: &FigureDefinition,
    is_said: bool,
    by: StatisticsBy,
) -> String {
    let words = in_words(definition, is_said);
    let of = page.figures.iter().filter(|figure| figure.id == definition.id);
    let figures: Vec<&Figure> = of.collect();
    if !figures.is_empty() {
        format!("{words}\n\n{}", table(&figures, by))
    } else if definition.given {
        format!("{words}\n\n{TOO_SMALL}")
    } else {
        words
    }
}

const AS_ABOVE: &str = "Räknas som ovan. / Counted as above.";

const TOO_SMALL: &str =
    "Inte angivet: inga, eller för små tal.\nNot given: none, or numbers that are too small.";

/// What the measure above has said already is not said again.
fn in_words(definition: &FigureDefinition, is_said: bool) -> String {
    let FigureDefinition { id, name, definition, unit, source, .. } = definition;
    format!(
        "{} / {} ({id})\n{}\nenhet/unit: {} / {} · källa/source: {}",
        name.sv,
        name.en,
        if is_said { AS_ABOVE.to_owned() } else { format!("{}\n{}", definition.sv, definition.en) },
        unit.sv,
        unit.en,
        once(source),
    )
}

/// What is the same in both languages stands once.
fn once(words: &Words) -> String {
    if words.sv == words.en { words.sv.clone() } else { format!("{} / {}", words.sv, words.en) }
}

fn table(figures: &[&Figure], by: StatisticsBy) -> Table {
    let mut table = Table::new(&[
        ("för", "of"),
        ("antal", "number"),
        ("ja/i tid", "yes/in time"),
        ("andel", "share"),
        ("senare", "later"),
        ("aldrig", "never"),
        ("median", "median"),
        ("summa", "sum"),
        ("medel", "mean"),
    ]);
    let cell = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    for figure in figures {
        table.row([
            row_in_words(figure, by),
            figure.of.to_string(),
            cell(figure.yes),
            share(figure),
            cell(figure.late),
            cell(figure.never),
            cell(figure.median),
            figure.sum.map(|sum| sum.to_string()).unwrap_or_default(),
            mean(figure),
        ]);
    }
    table
}

pub(super) fn row_in_words(figure: &Figure, by: StatisticsBy) -> String {
    let municipality = figure.municipality.as_ref().map(contracts::MunicipalityCode::as_str);
    match (figure.row, by) {
        (FigureRow::All, _) => "alla/all".to_owned(),
        (FigureRow::Rest, _) => "övriga/the rest".to_owned(),
        (_, StatisticsBy::Municipality) => {
            municipality.unwrap_or("okänd kommun/not known").to_owned()
        }
        (_, StatisticsBy::Track) => {
            let track = figure.track.as_ref().map(contracts::Track::as_str);
            track.unwrap_or("inget spår/no track").to_owned()
        }
        _ => {
            let units: Vec<&str> = figure.units.iter().map(contracts::HsaId::as_str).collect();
            let units =
                if units.is_empty() { "ingen enhet/no unit".to_owned() } else { units.join(" + ") };
            municipality.map_or_else(|| units.clone(), |code| format!("{code} {units}"))
        }
    }
}

/// In percent, to one place.
pub(super) fn share(figure: &Figure) -> String {
    let of = f64::from(figure.of);
    figure.yes.map(|yes| format!("{:.1} %", 100.0 * f64::from(yes) / of)).unwrap_or_default()
}

/// To two places; of those who did, where that is told.
pub(super) fn mean(figure: &Figure) -> String {
    let sum = figure.sum.and_then(|sum| u32::try_from(sum).ok());
    let of = figure.yes.unwrap_or(figure.of);
    let mean = sum.filter(|_| of > 0).map(|sum| f64::from(sum) / f64::from(of));
    mean.map(|mean| format!("{mean:.2}")).unwrap_or_default()
}
