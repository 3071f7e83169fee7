//! Fresh databases.

use crate::parts;
use embedded::postgres::{self, Postgres, Settings};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

/// One server for the process. Being static it is never dropped; its supervisor stops it and
/// removes its data when the process ends.
static SERVER: OnceCell<Postgres> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// Connections of one test; the server allows two hundred in all.
const POOL: u32 = 10;

/// A database of one test, migrated.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its URL, password included.
    pub url: String,
    /// Connections to it.
    pub pool: PgPool,
}

impl TestDatabase {
    /// Makes an empty database and runs migrations in it, in this order. The migrations of two
    /// crates in one database need tables of their own to remember what was run.
    pub async fn create(migrators: &[&Migrator]) -> Self {
        let server = SERVER.get_or_init(start).await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin =
            PgConnection::connect(&server.url("postgres")).await.expect("the test server answers");
        admin
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await
            .expect("a database can be made");
        let url = server.url(&name);
        let pool = PgPoolOptions::new()
            .max_connections(POOL)
            .connect(&url)
            .await
            .expect("the new database answers");
        for migrator in migrators {
            migrator.run(&pool).await.expect("the migrations run in an empty database");
        }
        Self { url, pool }
    }
}

async fn start() -> Postgres {
    let started =
        spawn_blocking(|| postgres::start(&parts::POSTGRES, &Settings::throwaway(), &mut |_| {}));
    started.await.expect("starting Postgres does not panic").expect("Postgres starts")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tables(database: &TestDatabase) -> Vec<String> {
        let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
        sqlx::query_scalar(sql).fetch_all(&database.pool).await.unwrap()
    }

    #[tokio::test]
    async fn every_database_is_fresh() {
        let first = TestDatabase::create(&[]).await;
        first.pool.execute("CREATE TABLE mine (id int)").await.unwrap();
        let second = TestDatabase::create(&[]).await;
        assert_eq!(tables(&first).await, ["mine"]);
        assert_eq!(tables(&second).await, [""; 0]);
    }

    #[tokio::test]
    async fn migrations_of_two_crates_live_in_one_database() {
        let folder = tempfile::tempdir().unwrap();
        let mut migrators = Vec::new();
        for name in ["alpha", "beta"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("1_first.sql"), format!("CREATE TABLE {name} (id int);"))
                .unwrap();
            let mut migrator = Migrator::new(path).await.unwrap();
            migrator.create_schema("kept");
            migrator.dangerous_set_table_name(format!("kept.{name}"));
            migrators.push(migrator);
        }
        let database = TestDatabase::create(&migrators.iter().collect::<Vec<_>>()).await;
        let mut tables = tables(&database).await;
        tables.sort();
        assert_eq!(tables, ["alpha", "beta"]);
    }
}
