//! Time: rulebooks, calendar, ledger of obligations, ladder.
pub mod domain;
