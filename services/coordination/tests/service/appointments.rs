//! Two who do the same at once.

use contracts::assignment::{Appointed, Confirmed};
use contracts::case::Outcome;
use contracts::commands::{AppointCareContact, Confirm, ProposeTrack};
use futures::future::join_all;

use crate::support::{CASE, CENTRE, SOCIAL, WARD, World};

#[tokio::test]
async fn of_two_who_appoint_at_once_one_stands_and_the_other_is_told_who_was_appointed() {
    let world = World::start().await;
    let names = ["SE2321000180-ANNA", "SE2321000180-BERIT"];
    let appoint = names.map(|name| AppointCareContact {
        case: CASE,
        staff: name.parse().unwrap(),
        replaces: None,
        occurred_at: None,
    });
    let answers = join_all(appoint.iter().map(|command| world.act(CENTRE, command))).await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, "already_appointed");
    let contacts = world.assignment().await.care_contacts;
    assert_eq!(contacts.len(), 1);
    let Appointed::Named { staff } = &contacts[0].appointed else { panic!("nobody is named") };
    assert!(refused[0].message.en.contains(staff.as_str()), "{:?}", refused[0]);
}

#[tokio::test]
async fn of_two_who_propose_a_track_at_once_one_waits_for_answers() {
    let world = World::start().await;
    let propose = |to: &str| ProposeTrack {
        case: CASE,
        to: to.parse().unwrap(),
        motive: "Mer hjälp behövs.".into(),
    };
    let (yellow, red) = (propose("yellow"), propose("red"));
    let answers = tokio::join!(world.act(SOCIAL, &yellow), world.act(WARD, &red));
    assert!(answers.0.is_ok() != answers.1.is_ok());
    assert_eq!(world.assignment().await.cooperation.track_changes.len(), 1);
}

#[tokio::test]
async fn what_many_confirm_at_once_is_all_there() {
    let world = World::start().await;
    let confirm = Confirm {
        case: CASE,
        what: Confirmed::HomeReady,
        outcome: Outcome::Done,
        occurred_at: None,
    };
    let units = [WARD, CENTRE, SOCIAL, WARD, CENTRE, SOCIAL];
    let answers = join_all(units.map(|unit| world.act(unit, &confirm))).await;
    assert_eq!(answers.into_iter().filter(|answer| answer.as_ref().unwrap().changed).count(), 3);
    assert_eq!(world.assignment().await.cooperation.confirmations.len(), 3);
}
