//! A role and a database for each service, which no other service can enter.

use anyhow::Context;
use embedded::postgres::Postgres;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::folder::Folder;
use crate::service;

/// Makes what is missing, and sets all passwords.
pub(crate) async fn make(superuser: &str, folder: &Folder) -> anyhow::Result<()> {
    let options: sqlx::postgres::PgConnectOptions = superuser.parse()?;
    let mut connection = options.connect().await.context("connect to Postgres")?;
    for database in ["postgres", "template1"] {
        close(&mut connection, database).await?;
    }
    for service in &service::ALL {
        let password = folder.secret(service.name)?;
        make_one(&mut connection, service.name, &password)
            .await
            .with_context(|| format!("make the database {}", service.name))?;
    }
    connection.close().await?;
    Ok(())
}

/// The address of a service's database, with its own role and password.
pub(crate) fn url(postgres: &Postgres, folder: &Folder, service: &str) -> anyhow::Result<String> {
    let password = folder.secret(service)?;
    Ok(format!("postgres://{service}:{password}@127.0.0.1:{}/{service}", postgres.port()))
}

/// `name` is one of ours and the password hexadecimal: neither needs quoting. The password does not
/// reach the log, which holds no statements.
async fn make_one(connection: &mut PgConnection, name: &str, password: &str) -> sqlx::Result<()> {
    let there = exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1", name).await?;
    let verb = if there { "ALTER" } else { "CREATE" };
    execute(connection, format!("{verb} ROLE {name} LOGIN PASSWORD '{password}'")).await?;
    if !exists(connection, "SELECT 1 FROM pg_database WHERE datname = $1", name).await? {
        execute(connection, format!("CREATE DATABASE {name} OWNER {name}")).await?;
    }
    close(connection, name).await
}

/// Lets nobody in but the owner.
async fn close(connection: &mut PgConnection, database: &str) -> sqlx::Result<()> {
    execute(connection, format!("REVOKE CONNECT, TEMPORARY ON DATABASE {database} FROM PUBLIC"))
        .await
}

async fn exists(
    connection: &mut PgConnection,
    query: &'static str,
    name: &str,
) -> sqlx::Result<bool> {
    Ok(sqlx::query(query).bind(name).fetch_optional(connection).await?.is_some())
}

async fn execute(connection: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}
