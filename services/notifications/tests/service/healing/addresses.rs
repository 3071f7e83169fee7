//! An address is bad or replaced: what it does to the unit's reach and to the alerts that wait.

use contracts::alert::AlertState::{Failed, Queued, Sent, Withdrawn};
use contracts::commands::Retried;
use contracts::reach::Role;
use embedded::sinks::{Behaviour, Provider};
use serde_json::json;
use test_support::{SOON, eventually};

use super::{MAIL, OTHER, asked, contact, failed, import, start};
use crate::contacts::published;
use crate::ledgers::{missed, quiet_case};

#[tokio::test]
async fn a_channel_that_was_refused_is_out_of_reach_until_it_takes_something() {
    let service = start().await;
    service.sinks.sinks.set_behaviour_to(Provider::Smtp, MAIL, Behaviour::RefuseRecipient(550));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    assert_eq!(published(&service, 2).await.roles, []);
    service.sinks.sinks.set_behaviour_to(Provider::Smtp, MAIL, Behaviour::Accept);
    let queued = service.call(&failed(None)).await.unwrap();
    assert_eq!(queued, Retried { queued: 1, replaced: 0, to_nobody: 0 });
    service.stands(ledger.case_id, &[Sent]).await;
    assert_eq!(published(&service, 3).await.roles, [Role::Unit]);
}

#[tokio::test]
async fn another_address_is_not_held_to_be_bad_and_the_same_one_is() {
    let service = start().await;
    service.sinks.sinks.set_behaviour_to(Provider::Smtp, MAIL, Behaviour::RefuseRecipient(550));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    assert_eq!(published(&service, 2).await.roles, []);
    import(&service, json!([contact("brevlåda", "unit", MAIL)])).await;
    import(&service, json!([contact("brevlåda", "unit", OTHER)])).await;
    assert_eq!(published(&service, 3).await.roles, [Role::Unit]);
}

#[tokio::test]
async fn one_bad_contact_keeps_nothing_from_the_others() {
    let service = start().await;
    let both = json!([contact("brevlåda", "unit", MAIL), contact("chef", "unit", OTHER)]);
    import(&service, both).await;
    service.sinks.sinks.set_behaviour_to(Provider::Smtp, MAIL, Behaviour::RefuseRecipient(450));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Queued, Sent]).await;
}

#[tokio::test]
async fn when_a_contact_point_is_replaced_its_waiting_alerts_go_to_the_new_one() {
    let service = start().await;
    service.sinks.sinks.set_behaviour_to(Provider::Smtp, MAIL, Behaviour::RefuseRecipient(450));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    asked(&service, 1).await;
    import(&service, json!([contact("ny brevlåda", "unit", OTHER)])).await;
    service.hasten().await;
    eventually("the new one is told", SOON, async || {
        service.hasten().await;
        let mails = service.sinks.sinks.messages().to(OTHER).len();
        if mails == 1 { Ok(()) } else { Err(mails) }
    })
    .await;
    service.stands(ledger.case_id, &[Withdrawn, Sent]).await;
    service.delivered(&[("withdrawn", 1), ("accepted", 1)]).await;
}

#[tokio::test]
async fn when_one_contact_point_replaces_two_it_is_told_once_and_the_lane_goes_on() {
    const THIRD: &str = "tredje@example.se";
    let service = start().await;
    let both = json!([contact("brevlåda", "unit", MAIL), contact("jourdator", "unit", THIRD)]);
    import(&service, both).await;
    for address in [MAIL, THIRD] {
        let refuse = Behaviour::RefuseRecipient(450);
        service.sinks.sinks.set_behaviour_to(Provider::Smtp, address, refuse);
    }
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    asked(&service, 2).await;
    import(&service, json!([contact("ny brevlåda", "unit", OTHER)])).await;
    eventually("the new one is told", SOON, async || {
        service.hasten().await;
        let mails = service.sinks.sinks.messages().to(OTHER).len();
        if mails == 1 { Ok(()) } else { Err(mails) }
    })
    .await;
    service.stands(ledger.case_id, &[Withdrawn, Withdrawn, Sent]).await;
    let next = missed(&quiet_case());
    service.tell(&next).await;
    service.stands(next.case_id, &[Sent]).await;
}
