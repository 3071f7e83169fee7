//! The service's own database.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::Secret;

/// Settings of the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `DATABASE_URL`.
    pub url: Secret,
    /// The most connections that one process opens.
    pub max_connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: Secret::default(), max_connections: 8 }
    }
}

/// The database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The address is none.
    #[error("understand the database address (DATABASE_URL)")]
    Address(#[source] sqlx::Error),
    /// No connection.
    #[error("connect to the database")]
    Connect(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("bring the schema up to date")]
    Migrate(#[source] MigrateError),
    /// The schema is not the one of this release.
    #[error("the schema is not the one of this release: run `provision` first")]
    Outdated(#[source] MigrateError),
}

/// Opens the pool. A statement, a lock and an idle transaction each have a bound, so that one stuck
/// client never holds up the others.
pub async fn connect(settings: &Database, name: &str) -> Result<PgPool, DatabaseError> {
    let options = PgConnectOptions::from_str(settings.url.expose())
        .map_err(DatabaseError::Address)?
        .application_name(name)
        .options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "20s"),
        ]);
    PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .max_lifetime(Duration::from_mins(30))
        .connect_with(options)
        .await
        .map_err(DatabaseError::Connect)
}

/// Applies what is missing of each migrator, in the order given.
pub async fn migrate(pool: &PgPool, migrators: &[&Migrator]) -> Result<(), DatabaseError> {
    for migrator in migrators {
        migrator.run(pool).await.map_err(DatabaseError::Migrate)?;
    }
    Ok(())
}
