//! What is agreed with the other parties, and who speaks for the ward.

use contracts::assignment::{TrackAnswer, TrackChange};
use contracts::case::ConsentAnswer;
use contracts::commands::{GiveReady, ReadNotice, RecordConsent, SetTrack};
use contracts::{Assignment, CaseId, EntryId, Party, Stamp};
use messaging::CallError;
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::notice::{CENTRE, admitted, route, say};
use crate::support::{NOW, World, actor};

const WARD: &str = "SE2321000180-2001";
const PROPOSAL: EntryId = EntryId(Uuid::from_u128(77));

/// Open care proposes the red track, and the ward has answered. Social services were asked too, and do not
/// have the case any more.
fn proposed(case: CaseId, approved: bool) -> Assignment {
    let stamp = |id| Stamp::now(id, NOW.parse().unwrap(), None);
    let (party, unit) = (Party::Ward, WARD.parse().unwrap());
    let answer = TrackAnswer { stamp: stamp(EntryId(chassis::new_id())), party, unit, approved };
    let mut assignment = Assignment::new(case);
    assignment.cooperation.track_changes.push(TrackChange {
        stamp: stamp(PROPOSAL),
        party: Party::OpenCare,
        unit: CENTRE.parse().unwrap(),
        from: None,
        to: "red".parse().unwrap(),
        asked: vec![Party::Ward, Party::SocialServices],
        answers: vec![answer],
        withdrawn: None,
    });
    assignment
}

fn set(case: CaseId, track: &str) -> SetTrack {
    SetTrack { case, track: track.parse().unwrap(), change: Some(PROPOSAL) }
}

fn code<T: std::fmt::Debug>(answer: Result<T, CallError>) -> String {
    match answer.unwrap_err() {
        CallError::Refused(refusal) => refusal.code,
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn the_ward_carries_out_a_proposal_that_all_have_approved_and_no_other() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    assert_eq!(code(world.tell(&set(case, "red"), &actor(WARD)).await), "not_agreed");
    say(&world, 1, proposed(case, false)).await;
    say(&world, 2, proposed(case, true)).await;
    let done = eventually("the agreement is heard", SOON, async || {
        world.tell(&set(case, "red"), &actor(WARD)).await
    })
    .await;
    assert!(done.changed);
    assert_eq!(code(world.tell(&set(case, "yellow"), &actor(WARD)).await), "not_agreed");
    say(&world, 3, proposed(case, false)).await;
    eventually("the refusal is heard", SOON, async || {
        match world.tell(&set(case, "red"), &actor(WARD)).await {
            Err(CallError::Refused(refusal)) if refusal.code == "not_agreed" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

#[tokio::test]
async fn a_unit_that_has_the_case_for_another_party_does_not_speak_for_the_ward() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    route(&world, case, 1, Some(CENTRE)).await;
    eventually("the route is known", SOON, async || {
        world.tell(&ReadNotice { case }, &actor(CENTRE)).await
    })
    .await;
    let ready = GiveReady { case, occurred_at: None };
    assert_eq!(code(world.tell(&ready, &actor(CENTRE)).await), "not_the_ward");
    assert!(world.tell(&ready, &actor(WARD)).await.unwrap().changed);
    let consent = RecordConsent::new(case, ConsentAnswer::Given);
    assert!(world.tell(&consent, &actor(CENTRE)).await.unwrap().changed);
}
