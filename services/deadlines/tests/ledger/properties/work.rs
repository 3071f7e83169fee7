//! What the parties do on the way home, at random, and the rulebooks that ask for it.

use std::sync::LazyLock;

use contracts::assignment::{AnnexKind, Confirmed, EntryKind};
use contracts::case::{CheckKind, Consent, ConsentAnswer, FormAnswer};
use contracts::sip::MeetingPoint;
use contracts::{Party, Revocable};
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};
use proptest::prelude::*;

use crate::play::{Play, unit_of};
use crate::{HEALTH, OPEN_CARE, SOCIAL, at};

#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    Track(&'static str),
    Form(bool),
    Checked(CheckKind),
    CheckRevoked(CheckKind),
    DischargeNotice,
    Entered(Party, EntryKind),
    EntryWithdrawn,
    Confirmed(Party, Confirmed),
    ConfirmationRevoked,
    Annexed,
    Messaged(Party),
    MessageRead(Party),
    MessageWithdrawn,
    FollowedUp(Party),
    Proposed,
    Answered(Party, bool),
    ProposalWithdrawn,
    Closed,
    Reopened,
    SipNeeded,
    Held,
    Came(Party),
    Points,
    PlanMade(u8),
    PlanConfirmed(Party),
    PlanFollowedUp(Option<u8>),
    ConsentUntil,
}

/// Dalarna's newest lines under a name of their own, since the play begins before they are valid, and
/// lines that stand on a consent.
pub(super) fn region() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("dalarna"), Just("next"), Just("orebro"), Just("consenting")]
}

const CONSENTING: &str = r#"
id = "consenting"
version = "1"
valid_from = 2018-01-01
extends = "se"
title = { sv = "Region", en = "Region" }

[[rule]]
id = "C1"
title = { sv = "Planera", en = "Plan" }
source = "Regionens rutin"
owner = ["ward", "open_care"]
trigger = "notice"
when = [{ consent = "information" }, "owner_concerned"]
proof = { entry = "homecoming_plan" }
clock = { hours = 72 }
until = "closing"
ladder = [{ step = "reminder", before_due_hours = 24 }, { step = "unit" }]

[[shown]]
id = "C2"
title = { sv = "Kartlägg", en = "Map" }
source = "Regionens rutin"
owner = ["ward", "social_services"]
trigger = "notice"
when = [{ consent = "information" }]
proof = { entry = "mapping" }
until = "closing"
"#;

pub(super) fn follow(play: &mut Play, region: &'static str) {
    static BOOKS: LazyLock<Rulebooks> = LazyLock::new(|| {
        let (_, newest) = EMBEDDED.iter().find(|(name, _)| *name == "dalarna-2026.2.toml").unwrap();
        let next = newest
            .replace("id = \"dalarna\"", "id = \"next\"")
            .replace("valid_from = 2027-01-01", "valid_from = 2018-01-01");
        let own = [("next.toml", next.as_str()), ("consenting.toml", CONSENTING)];
        Rulebooks::load(EMBEDDED.into_iter().chain(own)).unwrap()
    });
    play.rulebooks = BOOKS.clone();
    play.region = region;
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::Ward), Just(OPEN_CARE), Just(HEALTH), Just(SOCIAL)]
}

fn check() -> impl Strategy<Value = CheckKind> {
    prop_oneof![
        prop::sample::select(CheckKind::HOME_READY.to_vec()),
        Just(CheckKind::SelfCareAssessed),
        Just(CheckKind::StaffTrained),
    ]
}

pub(super) fn work() -> impl Strategy<Value = Work> {
    let entry = prop_oneof![
        Just(EntryKind::HomecomingPlan),
        Just(EntryKind::PlannedSupport),
        Just(EntryKind::Mapping),
    ];
    let confirmed = prop_oneof![
        Just(Confirmed::HomeReady),
        Just(Confirmed::CareStarted),
        Just(Confirmed::MedicalResponsibility),
    ];
    let track = prop_oneof![Just("green"), Just("yellow"), Just("red")];
    prop_oneof![
        4 => track.prop_map(Work::Track),
        1 => any::<bool>().prop_map(Work::Form),
        3 => check().prop_map(Work::Checked),
        1 => check().prop_map(Work::CheckRevoked),
        1 => Just(Work::DischargeNotice),
        3 => (party(), entry).prop_map(|(party, kind)| Work::Entered(party, kind)),
        1 => Just(Work::EntryWithdrawn),
        3 => (party(), confirmed).prop_map(|(party, what)| Work::Confirmed(party, what)),
        1 => Just(Work::ConfirmationRevoked),
        1 => Just(Work::Annexed),
        2 => party().prop_map(Work::Messaged),
        1 => party().prop_map(Work::MessageRead),
        1 => Just(Work::MessageWithdrawn),
        1 => party().prop_map(Work::FollowedUp),
        1 => Just(Work::Proposed),
        2 => (party(), any::<bool>()).prop_map(|(party, yes)| Work::Answered(party, yes)),
        1 => Just(Work::ProposalWithdrawn),
        1 => Just(Work::Closed),
        1 => Just(Work::Reopened),
        1 => Just(Work::SipNeeded),
        1 => Just(Work::Held),
        1 => party().prop_map(Work::Came),
        1 => Just(Work::Points),
        2 => (0..40_u8).prop_map(Work::PlanMade),
        1 => party().prop_map(Work::PlanConfirmed),
        2 => prop::option::of(0..40_u8).prop_map(Work::PlanFollowedUp),
        2 => Just(Work::ConsentUntil),
    ]
}

pub(super) fn happens(play: &mut Play, work: Work, now: &str, later: &str) {
    let on = |days: u8| at(now).date_naive() + chrono::Days::new(days.into());
    match work {
        Work::Track(name) => play.track_set(now, name),
        Work::Form(true) => play.form(now, &[FormAnswer::StaffTrainingNeeded], &[]),
        Work::Form(false) => play.form(now, &[], &[]),
        Work::Checked(what) => play.checked(now, what),
        Work::CheckRevoked(what) => play.check_revoked(now, what),
        Work::DischargeNotice => play.discharge_notice(now),
        Work::Entered(party, kind) => play.entered(now, party, kind),
        Work::EntryWithdrawn => play.entry_withdrawn(now),
        Work::Confirmed(party, what) => play.confirmed(now, party, what),
        Work::ConfirmationRevoked => play.confirmation_revoked(now),
        Work::Annexed => play.annexed(now, AnnexKind::RiskPlan),
        Work::Messaged(party) => {
            let all = [Party::Ward, OPEN_CARE, HEALTH, SOCIAL];
            play.sent(now, party, &all.into_iter().filter(|to| *to != party).collect::<Vec<_>>());
        }
        Work::MessageRead(party) => play.read(now, unit_of(party)),
        Work::MessageWithdrawn => play.message_withdrawn(now),
        Work::FollowedUp(party) => play.followed_up(now, party),
        Work::Proposed => {
            play.proposed(now, "yellow", &[OPEN_CARE, SOCIAL]);
        }
        Work::Answered(party, yes) => play.answered(now, party, yes),
        Work::ProposalWithdrawn => play.proposal_withdrawn(now),
        Work::Closed if !has_closed(play) => play.closed(now),
        Work::Reopened if has_closed(play) => play.reopened(now),
        Work::SipNeeded => play.sip_needed(now),
        Work::Held => play.held(now),
        Work::PlanConfirmed(party) => play.plan_confirmed(now, party),
        Work::Came(party) => play.came(now, party),
        Work::Points => play.points(now, &MeetingPoint::BEFORE),
        Work::PlanMade(days) => play.plan_made(now, on(days)),
        Work::PlanFollowedUp(days) => play.plan_followed_up(now, &[OPEN_CARE], days.map(on)),
        Work::ConsentUntil => {
            let stamp = play.stamp(now, now);
            let given = Consent::new(stamp, ConsentAnswer::Given);
            play.case().consents.push(Consent { expires_at: Some(at(later)), ..given });
        }
        Work::Closed | Work::Reopened => {}
    }
}

fn has_closed(play: &mut Play) -> bool {
    let closings = &play.assignment().cooperation.closings;
    closings.last().is_some_and(Revocable::in_force)
}
