//! What everything that runs uses: memory, processor time, room, and which statements cost most.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use super::System;
use crate::measure;
use crate::process::Process;

impl System {
    /// Resident memory by process, in megabytes.
    pub(crate) fn rss_mb(&self) -> Value {
        self.memory(measure::rss_mb)
    }

    /// The most that it was since each process began.
    pub(crate) fn rss_mb_peak(&self) -> Value {
        self.memory(measure::rss_mb_peak)
    }

    fn memory(&self, of: impl Fn(u32) -> Option<f64>) -> Value {
        let running = self.processes.iter().filter_map(Process::running);
        running.map(|(name, pid)| (name.to_owned(), json!(of(pid)))).collect()
    }

    /// Processor time so far by process, server and database, in seconds; `bench` is the load and the
    /// sinks.
    pub(crate) fn cpu_s(&self) -> BTreeMap<String, f64> {
        let mut used = BTreeMap::new();
        let mut add =
            |name: &str, pid| used.insert(name.to_owned(), measure::cpu_s(pid).unwrap_or_default());
        for (name, pid) in self.processes.iter().filter_map(Process::running) {
            add(name, pid);
        }
        add("bench", std::process::id());
        self.nats.pid().map(|pid| add("nats", pid));
        let postgres = self.postgres.pid().map(measure::postgres_cpu_s).unwrap_or_default();
        used.extend(postgres.into_iter().map(|(name, used)| (format!("postgres {name}"), used)));
        used
    }

    /// Processor time used since, by the same names.
    pub(crate) fn cpu_since(&self, before: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        let mut used = self.cpu_s();
        for (name, before) in before {
            *used.entry(name.clone()).or_default() -= before;
        }
        used.into_iter().map(|(name, used)| (name, measure::round(used))).collect()
    }

    /// Bytes of all databases together, and of what the broker keeps.
    pub(crate) async fn bytes(&self) -> anyhow::Result<(f64, f64)> {
        let mut database = self.database("postgres").await?;
        let sql = "select sum(pg_database_size(oid))::float8 from pg_database
                    where datname not in ('postgres', 'template0', 'template1')";
        let databases = sqlx::query_scalar(sql).fetch_one(&mut database).await?;
        let account = async_nats::jetstream::new(self.client.clone()).query_account().await;
        #[expect(clippy::cast_precision_loss, reason = "sizes of a benchmark")]
        let broker = account.context("ask the broker what it keeps")?.storage as f64;
        Ok((databases, broker))
    }

    /// Has Postgres tell which statements cost most; it is restarted for that.
    pub(crate) async fn count_statements(&mut self) -> anyhow::Result<()> {
        let mut admin = self.database("postgres").await?;
        for setting in ["shared_preload_libraries = pg_stat_statements", "compute_query_id = on"] {
            admin.execute(AssertSqlSafe(format!("alter system set {setting}"))).await?;
        }
        self.postgres.start_again()?;
        let mut admin = self.database("postgres").await?;
        admin.execute("create extension pg_stat_statements").await.context("count statements")?;
        admin.execute("alter system set pg_stat_statements.track_planning = on").await?;
        admin.execute("select pg_reload_conf()").await?;
        Ok(())
    }

    /// The costliest statements since the last call, a line each.
    pub(crate) async fn costliest_statements(&self) -> anyhow::Result<Vec<String>> {
        let mut admin = self.database("postgres").await?;
        let lines = sqlx::query_scalar(
            r"select format('%s s (%s s planning), %s calls, %s rows, %s: %s',
                      round((total_exec_time + total_plan_time)::numeric / 1000, 2),
                      round(total_plan_time::numeric / 1000, 2), calls, rows, datname,
                      left(regexp_replace(query, '\s+', ' ', 'g'), 110))
               from pg_stat_statements s join pg_database d on d.oid = s.dbid
              order by total_exec_time + total_plan_time desc limit 40",
        );
        let lines = lines.fetch_all(&mut admin).await?;
        admin.execute("select pg_stat_statements_reset()").await?;
        Ok(lines)
    }

    /// Versions and settings that figures depend on.
    pub(crate) async fn versions(&self) -> anyhow::Result<Value> {
        let mut database = self.database("postgres").await?;
        let mut setting = async |name: &str| -> anyhow::Result<String> {
            let sql = format!("select current_setting('{name}')");
            Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut database).await?)
        };
        Ok(json!({
            "postgres": setting("server_version").await?,
            "fsync": setting("fsync").await?,
            "synchronous_commit": setting("synchronous_commit").await?,
            "nats": self.client.server_info().version,
            "release_build": !cfg!(debug_assertions),
            "processors": std::thread::available_parallelism().map_or(0, usize::from),
        }))
    }
}
