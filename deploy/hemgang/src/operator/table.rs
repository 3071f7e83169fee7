//! Tables for people: aligned columns under a Swedish and an English heading.

use std::fmt;

/// A table. Built row by row, printed as a whole.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

/// How many lines the heading has: Swedish, English.
const HEADING: usize = 2;

impl Table {
    /// A table with these columns, named in Swedish and English.
    pub(crate) fn new(columns: &[(&str, &str)]) -> Self {
        let (sv, en) = columns.iter().map(|(sv, en)| ((*sv).to_owned(), (*en).to_owned())).unzip();
        Self { rows: vec![sv, en] }
    }

    /// Adds a row. A line break in a cell would break the table.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into_iter().map(|cell| cell.replace(['\n', '\r'], " ")).collect());
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for (at, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            f.write_str(if at == 0 { "" } else { "\n" })?;
            f.write_str(line.trim_end())?;
        }
        f.write_str(if self.rows.len() == HEADING { "\n(inga / none)" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&[("tjänst", "service"), ("epok", "epoch")]);
        table.row(["sip".to_owned(), "1".to_owned()]);
        table.row(["coordination".to_owned(), "one\ntwo".to_owned()]);
        assert_eq!(
            table.to_string(),
            "tjänst        epok\n\
             service       epoch\n\
             sip           1\n\
             coordination  one two"
        );
    }

    #[test]
    fn a_table_without_rows_says_so() {
        let table = Table::new(&[("tjänst", "service")]);
        assert_eq!(table.to_string(), "tjänst\nservice\n(inga / none)");
    }
}
