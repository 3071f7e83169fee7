use contracts::commands::{Figure, FigureDefinition, FigureRow};
use contracts::ledger::Words;

use super::text::{mean, row_in_words, share, text};
use super::*;

fn words(text: &str) -> Words {
    Words { sv: text.to_owned(), en: text.to_owned() }
}

fn definition(id: &str, given: bool) -> FigureDefinition {
    FigureDefinition {
        id: id.to_owned(),
        name: Words { sv: "Hem samma dag".to_owned(), en: "Home on the same day".to_owned() },
        definition: words("så räknas det"),
        unit: words("vårdtillfällen"),
        source: words("K36"),
        given,
    }
}

fn figure(row: FigureRow, of: u32, yes: u32) -> Figure {
    Figure {
        id: "same_day_home".to_owned(),
        row,
        municipality: None,
        units: vec![],
        track: None,
        of,
        yes: Some(yes),
        late: None,
        never: None,
        median: Some(1),
        sum: None,
    }
}

fn page() -> StatisticsPage {
    let falun =
        Figure { municipality: Some("2080".parse().unwrap()), ..figure(FigureRow::Group, 20, 15) };
    StatisticsPage {
        region: "dalarna".to_owned(),
        now: "2027-01-10T10:00:00Z".parse().unwrap(),
        month: "2026-11-01".parse().unwrap(),
        counted_at: Some("2027-01-10T10:00:00Z".parse().unwrap()),
        looked_at: 40,
        unread: 0,
        preliminary: false,
        definitions: vec![
            definition("same_day_home", true),
            definition("frequent", true),
            definition("readmission_30d", false),
        ],
        figures: vec![
            figure(FigureRow::All, 40, 25),
            falun,
            figure(FigureRow::Group, 10, 5),
            figure(FigureRow::Rest, 10, 5),
        ],
        next: None,
    }
}

#[test]
fn each_measure_stands_with_its_definition_and_its_figures() {
    let text = text(&page(), StatisticsBy::Municipality);
    assert!(
        text.starts_with("2026-11 · dalarna\n\nHem samma dag / Home on the same day"),
        "{text}"
    );
    assert!(text.contains("så räknas det\n"), "{text}");
    assert!(text.contains("alla/all                40      25           62.5 %"), "{text}");
    assert!(text.contains("2080                    20      15           75.0 %"), "{text}");
    assert!(text.contains("okänd kommun/not known  10"), "{text}");
    assert!(text.contains("övriga/the rest         10"), "{text}");
}

#[test]
fn what_is_too_small_and_what_is_not_known_are_said_and_not_left_out() {
    let text = text(&page(), StatisticsBy::Municipality);
    let frequent = text.split("(frequent)").nth(1).unwrap();
    assert!(frequent.starts_with("\nRäknas som ovan."), "{frequent}");
    assert!(frequent.contains("Inte angivet: inga, eller för små tal."), "{frequent}");
    let unknown = text.split("(readmission_30d)").nth(1).unwrap();
    assert!(!unknown.contains("för små tal"), "{unknown}");
}

#[test]
fn what_is_not_final_is_said_to_be_so() {
    let preliminary = StatisticsPage { preliminary: true, unread: 2, ..page() };
    let text = text(&preliminary, StatisticsBy::Municipality);
    assert!(text.contains("Preliminära siffror") && text.contains("2 cases could not be read"));
}

#[test]
fn a_spreadsheet_has_a_line_per_figure_with_its_definition() {
    let bytes = csv::lines(&[page(), page()], StatisticsBy::Municipality).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 13);
    assert_eq!(
        lines[2],
        "2026-11,nej,same_day_home,Hem samma dag,Home on the same day,grupp,2080,,,20,15,75.0 %,,,1,\
         ,,vårdtillfällen,vårdtillfällen,så räknas det,så räknas det,K36"
    );
    assert!(lines[3].contains(",grupp,okänd,"), "{}", lines[3]);
    assert!(lines[4].contains(",övriga,,"), "{}", lines[4]);
    assert!(
        lines[5].contains("frequent") && lines[5].contains(",inga eller för små tal,"),
        "{}",
        lines[5]
    );
    assert!(lines[6].contains(",inte känt,"), "{}", lines[6]);
}

#[test]
fn units_stand_in_their_municipality_and_several_together() {
    let units = ["SE2321000180-KH", "SE2321000180-ST"].map(|unit| unit.parse().unwrap());
    let of = Figure {
        municipality: Some("2080".parse().unwrap()),
        units: units.to_vec(),
        ..figure(FigureRow::Group, 20, 15)
    };
    let row = row_in_words(&of, StatisticsBy::Unit);
    assert_eq!(row, "2080 SE2321000180-KH + SE2321000180-ST");
}

#[test]
fn a_mean_is_of_those_who_count() {
    let of = Figure { yes: None, sum: Some(50), ..figure(FigureRow::All, 20, 0) };
    assert_eq!((mean(&of).as_str(), share(&of).as_str()), ("2.50", ""));
    let of_some = Figure { yes: Some(10), ..of };
    assert_eq!((mean(&of_some).as_str(), share(&of_some).as_str()), ("5.00", "50.0 %"));
    assert_eq!(mean(&Figure { yes: Some(0), sum: Some(0), ..of_some }), "");
}
