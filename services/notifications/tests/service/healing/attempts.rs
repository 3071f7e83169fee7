//! It is unknown what became of an attempt: when it counts as lost, and what its late answer does.

use std::time::Duration;

use contracts::alert::AlertState::Sent;
use embedded::sinks::{Behaviour, Provider};
use serde_json::json;
use test_support::{SOON, eventually};

use super::{MAIL, OTHER, contact, import, start};
use crate::ledgers::{missed, quiet_case};

#[tokio::test]
async fn an_answer_that_comes_after_its_attempt_counted_as_lost_takes_back_the_repeat() {
    let mut service = start().await;
    service.start_replica().await;
    let late = Behaviour::Slow(Duration::from_secs(4));
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
    let late = Behaviour::Slow(Duration::from_secs(2));
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
        let late = Behaviour::Slow(Duration::from_secs(seconds));
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
