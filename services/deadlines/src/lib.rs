//! Time: rulebooks, calendar, ledger of obligations, ladder.
