//! The service's own database.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};

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
    /// The schema could not be looked at.
    #[error("look at the schema")]
    Look(#[source] sqlx::Error),
    /// The schema is not the one of this release.
    #[error("the database lacks version {version} of the schema: run `provision` first")]
    Outdated {
        /// The oldest version that it lacks.
        version: i64,
    },
}

/// Opens the pool. A statement, a lock and an idle transaction each have a bound, so that one stuck
/// client never holds up the others.
pub async fn connect(settings: &Database, name: &str) -> Result<PgPool, DatabaseError> {
    let bounds = [
        ("statement_timeout", "30s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "20s"),
        // Statements find few rows by key, in tables that grow: reading a table whole looks cheap only
        // as long as nobody has analyzed it. So a connection plans each statement once, whatever its
        // parameters, and again when its tables have been analyzed.
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("enable_material", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        // They are too short for compiling them to pay.
        ("jit", "off"),
    ];
    open(settings, address(settings)?.application_name(name).options(bounds)).await
}

/// Opens a pool for provisioning, where an index on a large table may take its time.
pub async fn connect_without_bounds(
    settings: &Database,
    name: &str,
) -> Result<PgPool, DatabaseError> {
    open(settings, address(settings)?.application_name(name)).await
}

pub(crate) fn address(settings: &Database) -> Result<PgConnectOptions, DatabaseError> {
    PgConnectOptions::from_str(settings.url.expose()).map_err(DatabaseError::Address)
}

async fn open(settings: &Database, options: PgConnectOptions) -> Result<PgPool, DatabaseError> {
    PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .max_lifetime(Duration::from_mins(30))
        .connect_with(options)
        .await
        .map_err(DatabaseError::Connect)
}

/// Lets a transaction read tables whole, for a statement that is about all of their rows, or no longer:
/// the plans of those that follow serve for good.
pub async fn read_whole(tx: &mut PgConnection, may: bool) -> Result<(), sqlx::Error> {
    let setting =
        if may { "set local enable_seqscan = on" } else { "set local enable_seqscan = off" };
    sqlx::query(setting).execute(tx).await.map(drop)
}

/// A value for a column of type `json`, given to the statement as text: that is how it is stored, so
/// nothing is converted.
pub fn json_text<T: Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Applies what is missing of each migrator, in the order given.
pub async fn migrate(pool: &PgPool, migrators: &[&Migrator]) -> Result<(), DatabaseError> {
    for migrator in migrators {
        migrator.run(pool).await.map_err(DatabaseError::Migrate)?;
    }
    Ok(())
}

/// Makes sure that everything that these migrators would apply has been applied. A database that knows
/// more is a later release's, which a rolling upgrade allows.
pub async fn verify(pool: &PgPool, migrators: &[&Migrator]) -> Result<(), DatabaseError> {
    for migrator in migrators {
        let sql = format!("select version from {} where success", migrator.table_name);
        let applied: Vec<i64> =
            match sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await {
                Ok(applied) => applied,
                // No table: nothing was ever applied.
                Err(error) if is_undefined_table(&error) => Vec::new(),
                Err(error) => return Err(DatabaseError::Look(error)),
            };
        let lacking = migrator.iter().find(|migration| !applied.contains(&migration.version));
        if let Some(migration) = lacking {
            return Err(DatabaseError::Outdated { version: migration.version });
        }
    }
    Ok(())
}

fn is_undefined_table(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|c| c == "42P01")
}
