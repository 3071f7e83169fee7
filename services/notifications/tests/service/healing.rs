//! What becomes of alerts when something outside was wrong for long, and is mended.

use contracts::alert::AlertState::{Failed, Queued, Sent, Unresolved, Withdrawn};
use contracts::commands::{AcknowledgeAlert, Actor, ListAlerts, Retried, RetryAlerts};
use contracts::ledger::StepKind;
use contracts::reach::Role;
use contracts::{CaseId, CommandId, Ledger};
use embedded::sinks::{Behaviour, Provider};
use messaging::CallError;
use serde_json::json;
use test_support::{SOON, eventually};

use crate::contacts::published;
use crate::harness::{BOTH, Service, show};
use crate::ledgers::{UNIT, done, missed, open_case, quiet_case, step};

const MAIL: &str = "vc01@example.se";
const OTHER: &str = "ny@example.se";
const NUMBER: &str = "+46701740605";

fn contact(name: &str, role: &str, email: &str) -> serde_json::Value {
    json!({"name": name, "role": role, "email": email})
}

async fn import(service: &Service, contacts: serde_json::Value) {
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
}

async fn start() -> Service {
    let service = Service::start(BOTH).await;
    import(&service, json!([contact("brevlåda", "unit", MAIL)])).await;
    service
}

fn failed(case: Option<CaseId>) -> RetryAlerts {
    RetryAlerts { state: Failed, case, since: None }
}

/// Waits until the mail server was asked so often, without any wait between attempts.
async fn asked(service: &Service, times: u64) {
    eventually("the mail server was asked", SOON, async || {
        service.hasten().await;
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts >= times { Ok(()) } else { Err(attempts) }
    })
    .await;
}

#[tokio::test]
async fn an_alert_outlasts_any_outage_and_is_sent_when_it_ends() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    asked(&service, 8).await;
    service.stands(ledger.case_id, &[Queued]).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.inbox(MAIL, 1).await;
    service.stands(ledger.case_id, &[Sent]).await;
}

#[tokio::test]
async fn old_news_that_nobody_took_are_given_up() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = open_case();
    service.tell(&ledger).await;
    asked(&service, 1).await;
    let sql = "update alert set raised_at = now() - interval '25 hours'";
    sqlx::query(sql).execute(&service.database.pool).await.unwrap();
    eventually("it is given up", SOON, async || {
        service.hasten().await;
        let alerts = service.alerts(ledger.case_id).await;
        if alerts[0].state == Failed { Ok(()) } else { Err(show(alerts[0].state)) }
    })
    .await;
}

#[tokio::test]
async fn an_operator_heals_alerts_to_nobody_once_somebody_is_there() {
    let service = start().await;
    let ledger = step(&quiet_case(), StepKind::Unit, Role::OnCall);
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    let still = service.call(&failed(None)).await.unwrap();
    assert_eq!(still, Retried { queued: 0, replaced: 0, to_nobody: 1 });
    import(&service, json!([contact("jour", "on_call", OTHER)])).await;
    let healed = service.call(&failed(Some(ledger.case_id))).await.unwrap();
    assert_eq!(healed, Retried { queued: 0, replaced: 1, to_nobody: 0 });
    service.stands(ledger.case_id, &[Withdrawn, Sent]).await;
    assert_eq!(service.sinks.sinks.messages().to(OTHER).len(), 1);
    assert_eq!(service.call(&failed(None)).await.unwrap(), Retried::default());
}

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

#[tokio::test]
async fn an_answer_that_comes_after_its_attempt_counted_as_lost_takes_back_the_repeat() {
    let mut service = start().await;
    service.start_replica().await;
    let late = Behaviour::Slow(std::time::Duration::from_secs(4));
    service.sinks.sinks.fail_next(Provider::Smtp, 1, late);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("attempting", 1)]).await;
    service.lose_leases().await;
    service.delivered(&[("unknown", 1), ("queued", 1)]).await;
    service.delivered(&[("accepted", 1), ("withdrawn", 1)]).await;
    service.stands(ledger.case_id, &[Sent]).await;
    assert_eq!(service.sinks.sinks.attempts(Provider::Smtp), 1);
}

#[tokio::test]
async fn a_process_never_counts_its_own_attempt_as_lost() {
    let service = start().await;
    let late = Behaviour::Slow(std::time::Duration::from_secs(2));
    service.sinks.sinks.fail_next(Provider::Smtp, 1, late);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("attempting", 1)]).await;
    service.lose_leases().await;
    service.stands(ledger.case_id, &[Sent]).await;
    service.delivered(&[("accepted", 1)]).await;
}

#[tokio::test]
async fn what_ended_while_the_database_was_away_is_not_taken_for_lost() {
    let service = start().await;
    let addresses = [MAIL, OTHER, "chef@example.se"];
    let contacts = addresses.map(|address| contact(address, "unit", address));
    import(&service, json!(contacts)).await;
    for (seconds, address) in (1..).zip(addresses) {
        let late = Behaviour::Slow(std::time::Duration::from_secs(seconds));
        service.sinks.sinks.set_behaviour_to(Provider::Smtp, address, late);
    }
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("attempting", 3)]).await;
    service.lose_leases().await;
    let pool = &service.database.pool;
    sqlx::query("alter table delivery rename to away").execute(pool).await.unwrap();
    eventually("all have been taken", SOON, async || {
        let total = service.sinks.sinks.messages().total();
        if total == 3 { Ok(()) } else { Err(total) }
    })
    .await;
    sqlx::query("alter table away rename to delivery").execute(pool).await.unwrap();
    service.stands(ledger.case_id, &[Sent; 3]).await;
    service.delivered(&[("accepted", 3)]).await;
}

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

#[tokio::test]
async fn what_failed_is_found_without_a_case_and_only_while_it_matters() {
    let service = start().await;
    let ledger = step(&quiet_case(), StepKind::Unit, Role::OnCall);
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    let find = |state| ListAlerts { case: None, state: Some(state) };
    assert_eq!(service.caller.ask(&find(Failed)).await.unwrap().len(), 1);
    assert_eq!(service.caller.ask(&find(Unresolved)).await.unwrap(), []);
    service.tell(&done(&ledger)).await;
    service.has_heard().await;
    assert_eq!(service.caller.ask(&find(Failed)).await.unwrap(), []);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_read_stops_none_of_the_others() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledgers = [missed(&quiet_case()), missed(&quiet_case())];
    for ledger in &ledgers {
        service.tell(ledger).await;
    }
    asked(&service, 2).await;
    eventually("one is written by another release", SOON, async || {
        let sql = "update delivery set provider = 'telex' where state = 'queued'
                     and alert_id in (select alert_id from alert where case_id = $1)";
        let case = ledgers[0].case_id.0;
        let done = sqlx::query(sql).bind(case).execute(&service.database.pool).await.unwrap();
        if done.rows_affected() == 1 { Ok(()) } else { Err("it is under way") }
    })
    .await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.inbox(MAIL, 1).await;
    service.stands(ledgers[0].case_id, &[Failed]).await;
    service.stands(ledgers[1].case_id, &[Sent]).await;
}

#[tokio::test]
async fn a_provider_that_fails_again_and_again_is_left_alone() {
    let service = Service::start(BOTH).await;
    let phone = json!([{"name": "telefon", "role": "unit", "sms": NUMBER}]);
    import(&service, phone).await;
    service.sinks.sinks.set_reports(Provider::Kannel, None);
    service.sinks.sinks.set_behaviour(Provider::Elks, Behaviour::Refuse(429));
    for _ in 0..7 {
        let ledger = missed(&quiet_case());
        service.tell(&ledger).await;
        service.stands(ledger.case_id, &[Sent]).await;
    }
    // After five failures nobody asks it again, unless its pause is over on a slow machine.
    assert!(service.sinks.sinks.attempts(Provider::Elks) < 7);
    assert_eq!(service.sinks.sinks.attempts(Provider::Kannel), 7);
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
