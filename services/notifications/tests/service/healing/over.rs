//! There is nothing to tell any more: alerts are withdrawn, acknowledged, and removed in the end.

use contracts::alert::AlertState::{Sent, Withdrawn};
use contracts::commands::{AcknowledgeAlert, Actor};
use contracts::{CommandId, Ledger};
use embedded::sinks::{Behaviour, Provider};
use messaging::CallError;
use serde_json::json;
use test_support::{SOON, eventually};

use super::{MAIL, NUMBER, asked, import, start};
use crate::harness::{Service, show};
use crate::ledgers::{done, missed, open_case, quiet_case};

#[tokio::test]
async fn what_one_way_refused_and_the_other_need_not_carry_any_more_is_withdrawn() {
    let service = start().await;
    let both = json!([{"name": "båda", "role": "unit", "email": MAIL, "sms": NUMBER}]);
    import(&service, both).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(550));
    for provider in [Provider::Elks, Provider::Kannel] {
        service.sinks.sinks.set_behaviour(provider, Behaviour::Refuse(503));
    }
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    eventually("both gateways have refused", SOON, async || {
        let attempts = service.sinks.sinks.attempts(Provider::Kannel);
        if attempts == 1 { Ok(()) } else { Err(attempts) }
    })
    .await;
    service.delivered(&[("failed", 1), ("queued", 1)]).await;
    service.tell(&done(&ledger)).await;
    service.stands(ledger.case_id, &[Withdrawn]).await;
}

#[tokio::test]
async fn what_holds_again_before_anybody_was_told_is_told_after_all() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.refused(1).await;
    service.tell(&done(&ledger)).await;
    service.stands(ledger.case_id, &[Withdrawn]).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Sent]).await;
}

#[tokio::test]
async fn what_was_first_heard_of_when_it_no_longer_held_is_told_once_it_does() {
    let service = start().await;
    let ledger = missed(&quiet_case());
    service.tell(&done(&ledger)).await;
    service.stands(ledger.case_id, &[Withdrawn]).await;
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Sent]).await;
}

#[tokio::test]
async fn what_another_unit_owes_now_is_not_told_to_the_first_any_more() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let mut ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    asked(&service, 1).await;
    ledger.obligations[0].units = vec!["SE2321000180-VC02".parse().unwrap()];
    service.tell(&ledger).await;
    eventually("it is withdrawn", SOON, async || {
        service.hasten().await;
        let alerts = service.alerts(ledger.case_id).await;
        if alerts[0].state == Withdrawn { Ok(()) } else { Err(show(alerts[0].state)) }
    })
    .await;
}

/// Whether the only alert is said again when something was lost.
async fn is_live(service: &Service) -> bool {
    let sql = "select live from messaging.outbox where subject = $1";
    let subject = contracts::subjects::ALERT_CHANGED;
    sqlx::query_scalar(sql).bind(subject).fetch_one(&service.database.pool).await.unwrap()
}

#[tokio::test]
async fn an_acknowledged_alert_is_live_until_its_cause_falls() {
    let service = start().await;
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    let alert = service.stands(ledger.case_id, &[Sent]).await[0].alert_id;
    assert!(!is_live(&service).await);
    service.call(&AcknowledgeAlert { alert }).await.unwrap();
    assert!(is_live(&service).await);
    service.tell(&done(&ledger)).await;
    service.has_heard().await;
    assert!(!is_live(&service).await);
}

#[tokio::test]
async fn only_the_unit_that_was_told_acknowledges() {
    let service = start().await;
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    let alert = service.stands(ledger.case_id, &[Sent]).await[0].alert_id;
    let stranger = Actor {
        staff: "SE2321000180-9A2B".parse().unwrap(),
        unit: "SE2321000180-VC02".parse().unwrap(),
    };
    let id = CommandId(chassis::new_id());
    let refused = service.caller.call(&AcknowledgeAlert { alert }, id, &stranger).await;
    let Err(CallError::Refused(refusal)) = refused else {
        panic!("it must be refused");
    };
    assert_eq!(refusal.code, "not_your_unit");
    assert!(service.alerts(ledger.case_id).await[0].acknowledged.is_none());
}

/// As if nothing had changed for so long.
async fn age(service: &Service, ledger: &Ledger, days: i32) {
    let sql = "update known_ledger set changed_at = now() - $2 * interval '1 day'
                where case_id = $1";
    let sql = sqlx::query(sql).bind(ledger.case_id.0).bind(days);
    sql.execute(&service.database.pool).await.unwrap();
}

#[tokio::test]
async fn alerts_of_a_case_that_is_long_over_are_removed_and_told_to_nobody_again() {
    let service = start().await;
    let ledgers = [done(&missed(&open_case())), missed(&open_case()), done(&open_case())];
    for ledger in &ledgers {
        service.tell(ledger).await;
    }
    service.has_heard().await;
    let [over, open, recent] = &ledgers;
    age(&service, over, 91).await;
    age(&service, open, 91).await;
    age(&service, recent, 89).await;
    eventually("they are removed", SOON, async || {
        let left = service.alerts(over.case_id).await.len();
        if left == 0 { Ok(()) } else { Err(left) }
    })
    .await;
    assert_eq!(service.alerts(open.case_id).await.len(), 2);
    assert_eq!(service.alerts(recent.case_id).await.len(), 1);
    service.tell(over).await;
    service.has_heard().await;
    assert_eq!(service.alerts(over.case_id).await.len(), 0);
}
