//! The ledger: which duties there are, how they stand, and who is told when. All times are local
//! (Europe/Stockholm). 2 June 2026 is a Tuesday, 6 June the National Day, a Saturday.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers included")]

mod between;
mod care_contact;
mod comparing;
mod consent;
mod drift;
mod each_line;
mod endings;
mod explaining;
mod ladder;
mod lead_officer;
mod news;
mod notice;
mod payment;
mod plans;
mod play;
mod properties;
mod red_track;
mod rulebooks;
mod sip;
mod statistics;
mod together;
mod way_home;

use chrono::{DateTime, NaiveDateTime, Utc};
use contracts::ledger::ObligationState::{Cancelled, Met, MetLate, Missed, Open, StillMissed};
use contracts::ledger::StepKind;
use contracts::{Owner, Party};
use deadlines::domain::calendar::{DoubledHour, local_to_utc};

use play::{Play, unit};

const OPEN_CARE: Party = Party::OpenCare;
const HEALTH: Party = Party::MunicipalHealthCare;
const SOCIAL: Party = Party::SocialServices;

fn at(local: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    local_to_utc(local, DoubledHour::Earlier)
}
