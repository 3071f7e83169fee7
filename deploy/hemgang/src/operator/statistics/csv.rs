//! Figures for a spreadsheet: a line each, with what it means.

use contracts::commands::{Figure, FigureDefinition, FigureRow, StatisticsBy, StatisticsPage};

use super::text::{mean, share};

const HEADING: [&str; 22] = [
    "Månad",
    "Preliminär",
    "Mått",
    "Namn",
    "Name",
    "Rad",
    "Kommun",
    "Enheter",
    "Spår",
    "Antal",
    "Ja eller i tid",
    "Andel",
    "Senare",
    "Aldrig",
    "Median",
    "Summa",
    "Medel",
    "Enhet",
    "Unit",
    "Definition",
    "Definition (English)",
    "Källa",
];

/// The lines of these months. A measure whose numbers are too small has one without numbers, and so has
/// what is not known.
pub(super) fn lines(months: &[StatisticsPage], by: StatisticsBy) -> Option<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(HEADING).ok()?;
    for page in months {
        for definition in &page.definitions {
            let mut figures = page.figures.iter().filter(|one| one.id == definition.id).peekable();
            if figures.peek().is_none() {
                csv.write_record(line(page, definition, None, by)).ok()?;
            }
            for figure in figures {
                csv.write_record(line(page, definition, Some(figure), by)).ok()?;
            }
        }
    }
    csv.into_inner().ok()
}

fn line(
    page: &StatisticsPage,
    definition: &FigureDefinition,
    figure: Option<&Figure>,
    by: StatisticsBy,
) -> [String; 22] {
    let number = |of: fn(&Figure) -> Option<u32>| {
        figure.and_then(of).map(|number| number.to_string()).unwrap_or_default()
    };
    let group = figure.filter(|figure| figure.row == FigureRow::Group);
    let municipality = group.and_then(|figure| figure.municipality.as_ref());
    let unknown = if group.is_some() && by == StatisticsBy::Municipality { "okänd" } else { "" };
    let track = group.and_then(|figure| figure.track.as_ref());
    let none = if group.is_some() && by == StatisticsBy::Track { "inget" } else { "" };
    let units = group.map(|figure| figure.units.iter().map(contracts::HsaId::as_str));
    [
        page.month.format("%Y-%m").to_string(),
        if page.preliminary { "ja" } else { "nej" }.to_owned(),
        definition.id.clone(),
        definition.name.sv.clone(),
        definition.name.en.clone(),
        row(definition, figure).to_owned(),
        municipality.map_or(unknown, contracts::MunicipalityCode::as_str).to_owned(),
        units.into_iter().flatten().collect::<Vec<_>>().join(" "),
        track.map_or(none, contracts::Track::as_str).to_owned(),
        number(|figure| Some(figure.of)),
        number(|figure| figure.yes),
        figure.map(share).unwrap_or_default(),
        number(|figure| figure.late),
        number(|figure| figure.never),
        number(|figure| figure.median),
        figure.and_then(|figure| figure.sum).map(|sum| sum.to_string()).unwrap_or_default(),
        figure.map(mean).unwrap_or_default(),
        definition.unit.sv.clone(),
        definition.unit.en.clone(),
        definition.definition.sv.clone(),
        definition.definition.en.clone(),
        definition.source.sv.clone(),
    ]
}

fn row(definition: &FigureDefinition, figure: Option<&Figure>) -> &'static str {
    match figure.map(|figure| figure.row) {
        Some(FigureRow::All) => "alla",
        Some(FigureRow::Rest) => "övriga",
        Some(FigureRow::Group | FigureRow::Unknown) => "grupp",
        None if definition.given => "inga eller för små tal",
        None => "inte känt",
    }
}
