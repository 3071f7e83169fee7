//! Whole ways home, each by two rulebooks: what one region asks for and another does not is a table,
//! the steps are the same.
//!
//! A journey ends with everything done: then its ledger is held against the table, nothing about the
//! patient stands anywhere, and its events, doubled and shuffled, end in the same.

#[path = "journeys/books.rs"]
mod books;
#[path = "journeys/common.rs"]
mod common;
#[path = "journeys/green.rs"]
mod green;
#[path = "journeys/meeting.rs"]
mod meeting;
#[path = "journeys/reading.rs"]
mod reading;
#[path = "journeys/readmission.rs"]
mod readmission;
#[path = "journeys/red.rs"]
mod red;
#[path = "journeys/yellow.rs"]
mod yellow;
