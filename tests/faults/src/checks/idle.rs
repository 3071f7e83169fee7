//! A watch for connections that services leave in a transaction, all the time that a run lasts.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::{Connection, PgConnection};

use crate::world::services::SERVICES;

const LOOK: Duration = Duration::from_secs(1);
/// The server ends what is idle in a transaction after 20 s, also of a process that stands still.
const IDLE: &str = "
    select distinct application_name || ' (' || pid || ', since ' || state_change || ')'
      from pg_stat_activity
     where state like 'idle in transaction%' and application_name = any($1)
       and state_change < now() - interval '25 seconds'";

/// What it has seen. It goes on until the process ends.
pub(crate) struct Idle(Arc<Mutex<BTreeSet<String>>>);

impl Idle {
    pub(crate) fn watch(url: String) -> Self {
        let seen = Arc::default();
        let noting = Arc::clone(&seen);
        tokio::spawn(async move {
            // Until nobody asks any more.
            while Arc::strong_count(&noting) > 1 {
                let _ = look(&url, &noting).await;
                tokio::time::sleep(LOOK).await;
            }
        });
        Self(seen)
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

async fn look(url: &str, noting: &Mutex<BTreeSet<String>>) -> Result<(), sqlx::Error> {
    let mut database = PgConnection::connect(url).await?;
    let services = SERVICES.map(str::to_owned).to_vec();
    let idle: Vec<String> =
        sqlx::query_scalar(IDLE).bind(services).fetch_all(&mut database).await?;
    noting.lock().unwrap_or_else(PoisonError::into_inner).extend(idle);
    Ok(())
}
