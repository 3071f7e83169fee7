//! Who may read the notice, and what it says.

use async_nats::jetstream;
use contracts::case::ConsentAnswer;
use contracts::commands::{ReadNotice, RecordConsent, WithdrawNeed, any};
use contracts::{Assignment, CaseId, EntryId, Event, EventId, Party, Stamp, subjects};
use messaging::{CallError, Caller};
use serde_json::json;
use test_support::{SOON, eventually};

use crate::support::{NOW, World, actor, document};

pub(crate) const CENTRE: &str = "SE2321000180-3001";

/// Says as `coordination` does that the case is routed to a unit, or to nobody any more.
pub(crate) async fn route(world: &World, case: CaseId, version: i64, unit: Option<&str>) {
    let mut assignment = Assignment::new(case);
    assignment.routes.extend(unit.map(|unit| contracts::assignment::Route {
        stamp: Stamp::now(EntryId(chassis::new_id()), NOW.parse().unwrap(), None),
        party: Party::OpenCare,
        unit: unit.parse().unwrap(),
        ended: None,
    }));
    say(world, version, assignment).await;
}

/// Says as `coordination` does how it stands with a case.
pub(crate) async fn say(world: &World, version: i64, assignment: Assignment) {
    let event = Event {
        specversion: "1.0".to_owned(),
        id: EventId(chassis::new_id()),
        source: "/hemgang/coordination".to_owned(),
        kind: "case_routed".to_owned(),
        subject: assignment.case_id.to_string(),
        time: NOW.parse().unwrap(),
        datacontenttype: "application/json".to_owned(),
        epoch: 1,
        version,
        traceparent: None,
        data: assignment,
    };
    let js = jetstream::new(world.broker.client().await);
    let payload = serde_json::to_vec(&event).unwrap();
    js.publish(subjects::ASSIGNMENT_CHANGED, payload.into()).await.unwrap().await.unwrap();
}

pub(crate) async fn admitted(world: &World) -> CaseId {
    world.publish("falun.admission", "delivery-1", document(&json!({}))).await;
    world.events(1).await.remove(0).data.case_id
}

async fn read(
    world: &World,
    case: CaseId,
    unit: &str,
) -> Result<contracts::commands::Notice, CallError> {
    world.tell(&ReadNotice { case }, &actor(unit)).await
}

fn is_not_routed(error: &CallError) -> bool {
    matches!(error, CallError::Refused(refusal) if refusal.code == "not_routed")
}

#[tokio::test]
async fn only_a_unit_that_the_case_is_routed_to_reads_the_notice() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    assert!(is_not_routed(&read(&world, case, CENTRE).await.unwrap_err()));
    route(&world, case, 1, Some(CENTRE)).await;
    let notice =
        eventually("the route is known", SOON, async || read(&world, case, CENTRE).await).await;
    assert_eq!(notice.name.as_deref(), Some("Åsa Tolvansson"));
    assert_eq!(notice.address.as_deref(), Some("Storgatan 1, 79171 FALUN"));
    assert_eq!(notice.identity.unwrap().expose(), "189001019802");
    assert!(notice.estimated_discharge.is_some() && notice.with_consent.is_none());
    assert!(is_not_routed(&read(&world, case, "SE2321000180-3002").await.unwrap_err()));
}

#[tokio::test]
async fn a_unit_that_the_case_was_taken_from_reads_no_more() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    route(&world, case, 2, Some(CENTRE)).await;
    eventually("the route is known", SOON, async || read(&world, case, CENTRE).await).await;
    route(&world, case, 3, None).await;
    route(&world, case, 1, Some(CENTRE)).await;
    eventually("the route is gone", SOON, async || match read(&world, case, CENTRE).await {
        Err(error) if is_not_routed(&error) => Ok(()),
        _ => Err("it still reads"),
    })
    .await;
}

#[tokio::test]
async fn every_reading_is_logged_and_the_first_is_published() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    route(&world, case, 1, Some(CENTRE)).await;
    eventually("the route is known", SOON, async || read(&world, case, CENTRE).await).await;
    read(&world, case, CENTRE).await.unwrap();
    let caller = Caller::new(world.broker.client().await);
    let asked = any::ListAccesses { case, before: None };
    let logged: Vec<any::Access> =
        caller.ask_any("admissions", any::LIST_ACCESSES, &asked).await.unwrap();
    let logged: Vec<_> = logged.iter().map(|one| (one.unit.as_str(), one.what.as_str())).collect();
    assert_eq!(logged, [(CENTRE, "read_notice"); 2]);
    let event = world.events(2).await.remove(1);
    assert_eq!((event.kind.as_str(), event.data.reads.len()), ("notice_read", 1));
    assert_eq!(world.the_case().await.reads, event.data.reads);
}

#[tokio::test]
async fn the_diagnosis_is_shown_while_there_is_consent_and_not_before_or_after() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    route(&world, case, 1, Some(CENTRE)).await;
    let before =
        eventually("the route is known", SOON, async || read(&world, case, CENTRE).await).await;
    assert!(before.with_consent.is_none());
    let ward = actor("SE2321000180-2001");
    for (answer, is_shown) in [(ConsentAnswer::Given, true), (ConsentAnswer::Withdrawn, false)] {
        let consent = RecordConsent::new(case, answer);
        assert!(world.tell(&consent, &ward).await.unwrap().changed);
        let notice = read(&world, case, CENTRE).await.unwrap();
        let more = notice.with_consent.map(|more| (more.admitted_at.is_some(), more.diagnoses));
        assert_eq!(more, is_shown.then(|| (true, vec!["I50.0 Hjärtsvikt".to_owned()])));
    }
}

#[tokio::test]
async fn a_consent_for_some_parties_shows_the_diagnosis_to_them_alone() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    route(&world, case, 1, Some(CENTRE)).await;
    eventually("the route is known", SOON, async || read(&world, case, CENTRE).await).await;
    let ward = actor("SE2321000180-2001");
    for (party, is_shown) in [(Party::SocialServices, false), (Party::OpenCare, true)] {
        let consent = RecordConsent::new(case, ConsentAnswer::Given);
        let consent = RecordConsent { parties: [party].into(), ..consent };
        world.tell(&consent, &ward).await.unwrap();
        let notice = read(&world, case, CENTRE).await.unwrap();
        assert_eq!(notice.with_consent.is_some(), is_shown, "{party:?}");
    }
}

#[tokio::test]
async fn nobody_reads_the_notice_once_nobody_is_concerned_though_the_case_is_still_routed() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    route(&world, case, 1, Some(CENTRE)).await;
    eventually("the route is known", SOON, async || read(&world, case, CENTRE).await).await;
    world.tell(&WithdrawNeed { case }, &actor("SE2321000180-2001")).await.unwrap();
    assert!(is_not_routed(&read(&world, case, CENTRE).await.unwrap_err()));
}

#[tokio::test]
async fn what_a_process_of_the_release_before_notes_is_in_the_log_too() {
    let (world, _service) = World::with_service().await;
    let case = admitted(&world).await;
    sqlx::query(
        "insert into access_log (id, case_id, staff, unit, action, at)
         values (gen_random_uuid(), $1, 'SE2321000180-ANNA', $2, 'read_notice', now())",
    )
    .bind(case.0)
    .bind(CENTRE)
    .execute(&world.database.pool)
    .await
    .unwrap();
    let noted: Vec<String> = sqlx::query_scalar("select unit from messaging.access")
        .fetch_all(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(noted, [CENTRE]);
}
