//! Nothing says that a duty was missed as long as the proof of it may be on its way.

use contracts::assignment::{Appointed, Appointment, Route};
use contracts::case::Need;
use contracts::ledger::{NewsKind, ObligationState};
use contracts::{Assignment, Case, CaseId, CaseRef, EntryId, HsaId, Party, Stamp};
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::{World, at, write};

fn unit(name: &str) -> HsaId {
    format!("SE2321000180-{name}").parse().unwrap()
}

fn stamp(entry: u128, when: &str) -> Stamp {
    Stamp::now(EntryId(Uuid::from_u128(entry)), at(when), None)
}

fn case(case_id: CaseId, when: &str) -> Case {
    Case {
        ward: Some(unit("AVD")),
        needs: vec![Need {
            stamp: stamp(2, when),
            parties: [Party::OpenCare].into(),
            frequent_patient: false,
            withdrawn: None,
        }],
        ..Case::new(case_id, CaseRef::from_random(7), unit("SJUKHUS"), stamp(1, when))
    }
}

fn received(case_id: CaseId, when: &str) -> Assignment {
    let route =
        Route { stamp: stamp(3, when), party: Party::OpenCare, unit: unit("VC"), ended: None };
    Assignment { routes: vec![route], ..Assignment::new(case_id) }
}

#[tokio::test]
async fn a_proof_in_a_transaction_that_ends_after_the_due_is_waited_for() {
    let world = World::start("2026-06-02 10:00").await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    let (_sip, _notifications) = (world.source("sip").await, world.source("notifications").await);
    let case_id = CaseId(Uuid::from_u128(42));
    admissions.say(&case(case_id, "2026-06-02 10:00")).await;
    let mut assignment = received(case_id, "2026-06-02 10:00");
    coordination.say(&assignment).await;
    world.duty_is(case_id, "K06", ObligationState::Open).await;

    // Somebody names the care contact a minute before the due, and the commit takes its time.
    let mut slow = coordination.begin().await;
    assignment.care_contacts.push(Appointment {
        stamp: stamp(4, "2026-06-03 09:59"),
        unit: unit("VC"),
        appointed: Appointed::Named { staff: unit("ANNA").as_str().parse().unwrap() },
        ended: None,
    });
    write(&mut slow, &assignment).await;
    world.set_time("2026-06-03 10:01");
    // Other news makes the ledger anew meanwhile, and lets nothing be missed.
    let mut news = case(case_id, "2026-06-02 10:00");
    news.ready.push(contracts::Revocable { stamp: stamp(5, "2026-06-03 10:01"), revoked: None });
    admissions.say(&news).await;
    eventually("the ready notice is news", SOON, async || {
        let news = world.ledger(case_id).await.news;
        if news.iter().any(|one| one.kind == NewsKind::ReadyGiven) {
            Ok(())
        } else {
            Err(format!("{news:?}"))
        }
    })
    .await;
    world.duty_is(case_id, "K06", ObligationState::Open).await;

    slow.commit().await.unwrap();
    world.duty_is(case_id, "K06", ObligationState::Met).await;
    let duty = world.duty(case_id, "K06", "a duty", |_| true).await;
    assert!(duty.steps.iter().all(|step| !step.kind.is_escalation()), "{:?}", duty.steps);
}

#[tokio::test]
async fn a_duty_without_proof_is_missed_at_its_due() {
    let world = World::start("2026-06-02 10:00").await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    let (_sip, _notifications) = (world.source("sip").await, world.source("notifications").await);
    let case_id = CaseId(Uuid::from_u128(42));
    admissions.say(&case(case_id, "2026-06-02 10:00")).await;
    coordination.say(&received(case_id, "2026-06-02 10:00")).await;
    world.duty_is(case_id, "K06", ObligationState::Open).await;
    world.set_time("2026-06-03 10:00");
    world.duty_is(case_id, "K06", ObligationState::Missed).await;
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_stops_nobody_elses_ladder() {
    let world = World::start("2026-06-02 10:00").await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    let (_sip, _notifications) = (world.source("sip").await, world.source("notifications").await);
    let [broken, sound] = [41, 42].map(|id| CaseId(Uuid::from_u128(id)));
    for case_id in [broken, sound] {
        admissions.say(&case(case_id, "2026-06-02 10:00")).await;
        coordination.say(&received(case_id, "2026-06-02 10:00")).await;
        world.duty_is(case_id, "K06", ObligationState::Open).await;
    }
    world.break_ledger(broken).await;
    world.set_time("2026-06-03 10:00");
    world.duty_is(sound, "K06", ObligationState::Missed).await;
}
