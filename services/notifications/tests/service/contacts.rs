//! Contact points and what others are told of them.

use contracts::commands::{ImportContactPoints, Imported};
use contracts::envelope::Event;
use contracts::reach::Role;
use contracts::{Aggregate, UnitReach};
use messaging::CallError;
use serde_json::json;

use crate::harness::{BOTH, Service};
use crate::ledgers::UNIT;
use test_support::{SOON, eventually};

/// The newest reach that was published.
pub(crate) async fn published(service: &Service, version: i64) -> UnitReach {
    let stream = service.js.get_stream("HEMGANG_NOTIFICATIONS").await.unwrap();
    eventually("the reach is published", SOON, async || {
        let message = stream.get_last_raw_message_by_subject(UnitReach::SUBJECT).await;
        let message = message.map_err(|error| error.to_string())?;
        let event: Event<UnitReach> = serde_json::from_slice(&message.payload).unwrap();
        if event.version == version { Ok(event.data) } else { Err(event.version.to_string()) }
    })
    .await
}

#[tokio::test]
async fn an_import_says_how_a_unit_is_reached_and_only_when_that_has_changed() {
    let service = Service::start(BOTH).await;
    let one = |address: &str| {
        let hours = json!({"opens": "07:30:00", "closes": "17:00:00"});
        json!([{"unit": UNIT, "hours": hours, "contacts": [
            {"name": "brevlåda", "role": "unit", "email": address}]}])
    };
    let imported = service.import(one("vc01@example.se")).await;
    assert_eq!(imported, Imported { changed: 1, unchanged: 0 });
    let reach = published(&service, 1).await;
    assert_eq!(reach.roles, [Role::Unit]);
    assert_eq!(reach.hours.opens.to_string(), "07:30:00");
    let again = service.import(one("vc01@example.se")).await;
    assert_eq!(again, Imported { changed: 0, unchanged: 1 });
    let moved = service.import(one("ny@example.se")).await;
    assert_eq!(moved, Imported { changed: 1, unchanged: 0 });
    let emptied = service.import(json!([{"unit": UNIT, "contacts": []}])).await;
    assert_eq!(emptied, Imported { changed: 1, unchanged: 0 });
    // The second: another address is nobody else's business.
    assert_eq!(published(&service, 2).await.roles, []);
}

#[tokio::test]
async fn a_bad_import_changes_nothing_and_names_the_field() {
    let service = Service::start(BOTH).await;
    let import: ImportContactPoints = serde_json::from_value(json!({"units": [
        {"unit": UNIT, "contacts": [{"name": "a", "role": "unit", "email": "vc01@example.se"},
                                    {"name": "b", "role": "unit", "sms": "12"}]}]}))
    .unwrap();
    let Err(CallError::Refused(refusal)) = service.call(&import).await else {
        panic!("it must be refused");
    };
    assert_eq!(refusal.field.as_deref(), Some("/units/0/contacts/1/sms"));
    let count: i64 = sqlx::query_scalar("select count(*) from contact_point")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    assert_eq!(count, 0);
}
