//! Nothing is left: nothing unpublished, nothing set aside, no transaction open, no wait for proofs
//! that never came, no process that ended without having been struck.

use std::time::Duration;

use super::{Evidence, Findings};
use crate::world::services::SERVICES;

/// Two looks this far apart must not find the same transaction open and idle.
const LOOK: Duration = Duration::from_millis(700);

const OPEN: &str = "
    select application_name || ' (' || datname || '), since ' || xact_start::text
      from pg_stat_activity
     where state like 'idle in transaction%' and application_name = any($1)";

pub(super) async fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    for service in SERVICES {
        let mut database = evidence.world.servers.database(service).await?;
        let unpublished: i64 = sqlx::query_scalar("select count(*) from messaging.queue")
            .fetch_one(&mut database)
            .await?;
        if unpublished > 0 {
            findings.broken("nothing is left unpublished", format!("{service}: {unpublished}"));
        }
        let aside: Vec<(String, String)> = sqlx::query_as(
            "select subject, reason from messaging.dead_letter where replayed_at is null",
        )
        .fetch_all(&mut database)
        .await?;
        for (subject, reason) in aside {
            findings.broken("nothing is set aside", format!("{service}: {subject}: {reason}"));
        }
    }
    let mut database = evidence.world.servers.database("postgres").await?;
    let mut open: Vec<Vec<String>> = Vec::new();
    for _ in 0..2 {
        let services = SERVICES.map(str::to_owned).to_vec();
        open.push(sqlx::query_scalar(OPEN).bind(services).fetch_all(&mut database).await?);
        tokio::time::sleep(LOOK).await;
    }
    if let [first, second] = open.as_slice() {
        for one in first.iter().filter(|one| second.contains(*one)) {
            findings.broken("no connection is left in a transaction", one);
        }
    }
    for exit in &evidence.world.services.exits {
        let struck = evidence.blows.iter().any(|blow| {
            let margin = chrono::TimeDelta::minutes(3);
            blow.from <= exit.at && exit.at <= blow.to + margin
        });
        findings.count("processes that ended by themselves", 1);
        if !struck {
            findings.broken(
                "no process ends without a fault",
                format!("{} at {}: {}", exit.name, exit.at, exit.how),
            );
        }
    }
    Ok(())
}
