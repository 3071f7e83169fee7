//! What Postgres alone can do: admissions committed with the rows that the job cannot do without,
//! one statement and so one transaction and one round trip each, prepared, by eight clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::task::JoinSet;

use crate::system::System;
use crate::{measure, say};

const CLIENTS: usize = 8;
/// Three of ten admissions have a need.
const WITH_NEED: usize = 3;

const TABLES: &str = "
    create table hospital_case (case_id uuid primary key, snapshot text not null);
    create table raw_message (case_id uuid primary key, body bytea not null);
    create table assignment (
      case_id uuid, n integer, snapshot text not null, primary key (case_id, n));
    create table obligation (
      case_id uuid, n integer, snapshot text not null, primary key (case_id, n));
    create table notice (
      case_id uuid, n integer, snapshot text not null, primary key (case_id, n));
    create table outbox (
      case_id uuid, n integer, snapshot text not null, primary key (case_id, n));";

const WITHOUT: &str = "
    with c as (insert into hospital_case values ($1, $3)),
         r as (insert into raw_message values ($1, $2))
    insert into outbox values ($1, 1, $3)";

const WITH: &str = "
    with c as (insert into hospital_case values ($1, $3)),
         r as (insert into raw_message values ($1, $2)),
         a as (insert into assignment select $1, n, $4 from generate_series(1, 2) n),
         d as (insert into obligation select $1, n, $4 from generate_series(1, 4) n),
         m as (insert into notice select $1, n, $4 from generate_series(1, 3) n)
    insert into outbox select $1, n, $3 from generate_series(1, 4) n";

/// Admissions a second.
pub(crate) async fn measure(system: &System, time: Duration) -> anyhow::Result<f64> {
    let mut admin = system.database("postgres").await?;
    admin.execute("create database floor").await?;
    system.database("floor").await?.execute(AssertSqlSafe(TABLES)).await?;
    system.checkpoint().await?;
    let (done, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let connection = PgConnection::connect(&system.database_url("floor")).await?;
        clients.spawn(commit(connection, Arc::clone(&done), begun + time));
    }
    while let Some(client) = clients.join_next().await {
        client?.context("commit an admission")?;
    }
    let rate = measure::per_second(done.load(Ordering::Relaxed), begun.elapsed().as_secs_f64());
    say(&format!("Postgres alone commits {rate} admissions a second"));
    Ok(rate)
}

async fn commit(
    mut connection: PgConnection,
    done: Arc<AtomicUsize>,
    until: Instant,
) -> Result<(), sqlx::Error> {
    // Of the sizes that cases, raw messages and entries have.
    let (body, snapshot, entry) = (vec![b'x'; 900], "x".repeat(700), "x".repeat(250));
    while Instant::now() < until {
        let number = done.fetch_add(1, Ordering::Relaxed);
        let with_need = number % 10 < WITH_NEED;
        let query = sqlx::query(if with_need { WITH } else { WITHOUT });
        let query = query.bind(chassis::new_id()).bind(&body).bind(&snapshot);
        let query = if with_need { query.bind(&entry) } else { query };
        query.execute(&mut connection).await?;
    }
    Ok(())
}
