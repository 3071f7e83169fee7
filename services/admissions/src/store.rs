//! All SQL of the service.

pub(crate) mod cases;
pub(crate) mod compare;
pub(crate) mod kept;
pub(crate) mod merges;
pub(crate) mod messages;
pub(crate) mod naming;
pub(crate) mod notices;
pub(crate) mod other_stays;
pub(crate) mod patients;
pub(crate) mod seen;

/// Most rows in one answer.
const MOST_LISTED: i64 = 1_000;
/// Most bytes of them: an answer must fit into a message of the broker.
const MOST_BYTES: usize = 512 * 1024;

/// As many rows as fit into an answer, but one at least.
fn fitting<T>(rows: Vec<T>, size: impl Fn(&T) -> usize) -> impl Iterator<Item = T> {
    let mut bytes = 0;
    rows.into_iter().take_while(move |row| {
        let fits = bytes < MOST_BYTES;
        bytes += size(row);
        fits
    })
}
