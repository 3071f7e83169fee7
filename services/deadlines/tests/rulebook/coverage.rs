//! Every obligation of the guidelines lives somewhere and is proven by a test: `coverage.toml` says
//! where, and `COVERAGE.md` is made from it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use contracts::case::{CheckKind, FormAnswer};
use contracts::ledger::NewsKind;
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};
use deadlines::domain::statistics;
use serde::Deserialize;

/// How many obligations the guidelines have, by their letters: Dalarna, Örebro, registration, NOSAM.
const CATALOGUE: [(char, usize); 4] = [('K', 53), ('R', 16), ('P', 8), ('N', 5)];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    what: String,
    lives: Vec<String>,
    #[serde(default)]
    tests: Vec<String>,
}

fn rows() -> BTreeMap<String, Row> {
    toml::from_str(&std::fs::read_to_string(own("coverage.toml")).unwrap()).unwrap()
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn of_repository(name: &str) -> PathBuf {
    own("../..").join(name)
}

fn catalogue() -> impl Iterator<Item = String> {
    let ids = |(letter, count)| (1..=count).map(move |number| format!("{letter}{number:02}"));
    CATALOGUE.into_iter().flat_map(ids)
}

#[test]
fn every_obligation_has_a_row_and_every_row_a_home() {
    let rows = rows();
    for id in catalogue() {
        let row = rows.get(&id).unwrap_or_else(|| panic!("{id} has no row"));
        assert!(!row.what.is_empty() && !row.lives.is_empty(), "{id} lives nowhere");
        let is_text = row.lives.iter().all(|home| home.starts_with("sentence "));
        assert!(is_text || !row.tests.is_empty(), "{id} is proven by no test");
    }
    assert_eq!(rows.len(), catalogue().count());
}

#[test]
fn every_home_that_is_named_is_there() {
    let books = Rulebooks::load(EMBEDDED).unwrap();
    for (id, row) in rows() {
        for home in &row.lives {
            let missing = missing(&books, home);
            assert_eq!(missing, None, "{id}: {home}");
        }
    }
}

/// What is wrong with a home.
fn missing(books: &Rulebooks, home: &str) -> Option<String> {
    let (kind, rest) = home.split_once(' ').unwrap();
    match kind {
        "line" => {
            let (book, line) = rest.rsplit_once(' ')?;
            let found = books.named(book).is_some_and(|book| book.rule(line).is_some());
            (!found).then(|| "there is no such line".to_owned())
        }
        "command" => {
            let (service, verb) = rest.split_once(' ').unwrap();
            let file = format!("shared/contracts/src/commands/{service}.rs");
            let text = std::fs::read_to_string(of_repository(&file)).unwrap();
            (!text.contains(&format!("=> \"{verb}\""))).then(|| format!("{service} has no {verb}"))
        }
        "check" => unknown(rest, &CheckKind::Unknown),
        "form" if rest == "sbar" => None,
        "form" => unknown(rest, &FormAnswer::Unknown),
        "news" => unknown(rest, &NewsKind::Unknown),
        "statistic" => {
            let is_counted = statistics::IDS.contains(&rest);
            (!is_counted).then(|| format!("{rest} is not counted"))
        }
        "sentence" => None,
        other => Some(format!("{other} is no kind of home")),
    }
}

fn unknown<T: PartialEq + for<'de> Deserialize<'de>>(code: &str, unknown: &T) -> Option<String> {
    let read: T = serde_json::from_value(code.into()).unwrap();
    (read == *unknown).then(|| format!("{code} is no code"))
}

#[test]
fn every_test_that_is_named_is_there() {
    for (id, row) in rows() {
        for test in &row.tests {
            let (file, name) = test.split_once("::").unwrap();
            let text = std::fs::read_to_string(of_repository(file));
            let text = text.unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
            assert!(is_test(&text, name), "{id}: {file} has no test {name}");
        }
    }
}

/// A function of that name stands below an attribute of a test, and is not left out.
fn is_test(text: &str, name: &str) -> bool {
    let Some((above, _)) = text.split_once(&format!("fn {name}(")) else { return false };
    let attributes = above.rsplit("\n\n").next().unwrap_or_default();
    ["#[test]", "#[tokio::test"].iter().any(|one| attributes.contains(one))
        && !attributes.contains("#[ignore")
}

#[test]
fn a_helper_or_a_test_that_is_left_out_proves_nothing() {
    let text =
        "fn a_helper() {}\n\n#[test]\nfn it_is_so() {}\n\n#[test]\n#[ignore]\nfn not_yet() {}";
    assert_eq!(
        ["a_helper", "it_is_so", "not_yet"].map(|name| is_test(text, name)),
        [false, true, false]
    );
}

#[test]
fn the_table_is_made_from_the_rows() {
    let (path, table) = (own("COVERAGE.md"), table());
    if std::env::var_os("UPDATE_COVERAGE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == table, "COVERAGE.md is not up to date: run with UPDATE_COVERAGE=1");
}

fn table() -> String {
    let rows = rows();
    let mut text = format!(
        "# Where every obligation lives\n\n\
         Made from `coverage.toml` by a test, which fails when an obligation has no home, a home or a \
         test that is named is not there, or this table is not the one that follows.\n\n\
         K: Dalarna's guideline. R: Örebro's guidelines for the red track. P: the routine for the \
         registration of SIP. N: the assignment of NOSAM Angered. A line is a line of a rulebook: \
         `hemgang rulebook try` shows what it asks for. A statistic is a measure of `hemgang statistics`.\n\n\
         {} obligations.\n\n\
         | | obligation | lives in | proven by |\n|---|---|---|---|\n",
        rows.len(),
    );
    for (id, row) in catalogue_of(&rows) {
        let homes: Vec<String> = row.lives.iter().map(|home| home_in_words(home)).collect();
        let tests: Vec<String> =
            row.tests.iter().map(|test| format!("`{}`", short(test))).collect();
        let (homes, tests) = (homes.join("<br>"), tests.join("<br>"));
        writeln!(text, "| {id} | {} | {homes} | {tests} |", row.what).unwrap();
    }
    text
}

/// In the order of the guidelines.
fn catalogue_of(rows: &BTreeMap<String, Row>) -> impl Iterator<Item = (&str, &Row)> {
    let of = |letter| move |(id, _): &(&String, &Row)| id.starts_with(letter);
    let all = CATALOGUE.into_iter().flat_map(move |(letter, _)| rows.iter().filter(of(letter)));
    all.map(|(id, row)| (id.as_str(), row))
}

fn home_in_words(home: &str) -> String {
    let (kind, rest) = home.split_once(' ').unwrap();
    if kind == "sentence" { rest.to_owned() } else { format!("{kind} `{rest}`") }
}

/// `crate file::test`, for a table that people can read.
fn short(test: &str) -> String {
    let (file, name) = test.split_once("::").unwrap();
    let service = file.split('/').nth(1).unwrap_or_default();
    let file = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    format!("{service} {file}::{name}")
}
