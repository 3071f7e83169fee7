//! Real servers: started, stopped, killed, started again.

#![expect(clippy::unwrap_used, reason = "a test helper fails its test")]

use embedded::{Cache, Error, Log, Parts, Port, Search, nats, postgres};
use sqlx::{Connection as _, PgConnection};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

const CACHE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.hemgang/cache");
const SOON: Duration = Duration::from_secs(20);

static PARTS: LazyLock<Parts> =
    LazyLock::new(|| Parts::locate(&Search::machine(), &Cache::new(CACHE), &mut |_| {}).unwrap());

fn start_postgres(settings: &postgres::Settings) -> Result<postgres::Postgres, Error> {
    postgres::start(&PARTS.postgres, settings, &mut |_| {})
}

async fn ask(url: &str, sql: &'static str) -> Result<String, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar(sql).fetch_one(&mut connection).await
}

async fn execute(url: &str, sql: &'static str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
}

#[tokio::test]
async fn what_postgres_was_told_is_there_after_a_stop_a_kill_and_a_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let settings = postgres::Settings::kept(folder.path().join("postgres"));
    let mut first = start_postgres(&settings).unwrap();
    let url = first.url("postgres");
    execute(&url, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('one')").await.unwrap();
    first.kill().unwrap();
    first.start_again().unwrap();
    assert_eq!(ask(&url, "SELECT word FROM kept").await.unwrap(), "one");
    first.stop().unwrap();
    drop(first);
    // What a killed server leaves, with a process id that now belongs to something else.
    fs::write(folder.path().join("postgres/data/postmaster.pid"), "1\n").unwrap();
    let second = start_postgres(&settings).unwrap();
    assert_eq!(second.url("postgres"), url, "port and password are kept");
    assert_eq!(ask(&url, "SELECT word FROM kept").await.unwrap(), "one");
}

/// A database of root runs as somebody else, and the checkout may lie where only root may look.
#[tokio::test]
async fn data_in_a_closed_folder_is_kept_where_its_server_can_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let settings = postgres::Settings::kept(folder.path().join("postgres"));
    let mut first = start_postgres(&settings).unwrap();
    let url = first.url("postgres");
    execute(&url, "CREATE TABLE kept AS SELECT 'one'::text AS word").await.unwrap();
    first.stop().unwrap();
    drop(first);
    let mut second = start_postgres(&settings).unwrap();
    assert_eq!(ask(&url, "SELECT word FROM kept").await.unwrap(), "one");
    second.stop().unwrap();
    if !second.folder().starts_with(folder.path()) {
        fs::remove_dir_all(second.folder().parent().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn postgres_asks_for_its_password_and_listens_on_loopback_only() {
    let server = start_postgres(&postgres::Settings::throwaway()).unwrap();
    let without = format!("postgres://hemgang@127.0.0.1:{}/postgres", server.port());
    assert!(ask(&without, "SELECT 'in'").await.is_err());
    let addresses = ask(&server.url("postgres"), "SHOW listen_addresses").await.unwrap();
    assert_eq!(addresses, "127.0.0.1");
}

#[tokio::test]
async fn only_data_that_is_to_be_kept_is_forced_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let kept = start_postgres(&postgres::Settings::kept(folder.path())).unwrap();
    assert_eq!(ask(&kept.url("postgres"), "SHOW fsync").await.unwrap(), "on");
    let throwaway = start_postgres(&postgres::Settings::throwaway()).unwrap();
    assert_eq!(ask(&throwaway.url("postgres"), "SHOW fsync").await.unwrap(), "off");
}

#[tokio::test]
async fn nothing_of_a_row_or_a_parameter_reaches_the_log() {
    let server = start_postgres(&postgres::Settings::throwaway()).unwrap();
    let url = server.url("postgres");
    execute(&url, "CREATE TABLE once (word text UNIQUE); INSERT INTO once VALUES ('secret')")
        .await
        .unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for sql in ["INSERT INTO once VALUES ($1)", "SELECT $1::text::int::text"] {
        let failed = sqlx::query(sql).bind("secret").execute(&mut connection).await;
        assert!(failed.is_err(), "{sql}");
    }
    assert!(execute(&url, "SELECT 'secret'::uuid").await.is_err());
    let log = fs::read_to_string(server.folder().join("postgres.log")).unwrap();
    assert!(log.contains("ready to accept connections"), "it is the log: {log}");
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn data_of_another_major_version_is_left_alone_and_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/PG_VERSION"), "9\n").unwrap();
    let failed = start_postgres(&postgres::Settings::kept(folder.path())).unwrap_err();
    assert!(failed.to_string().contains("was made by Postgres 9"), "{failed}");
}

#[test]
fn a_folder_that_is_in_use_is_not_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let _server = nats::start(&PARTS.nats_server, &nats::Settings::kept(folder.path())).unwrap();
    let second = Log::open(folder.path().join("nats-server.log"), Duration::ZERO);
    assert!(matches!(second, Err(Error::InUse { .. })));
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let settings = nats::Settings::throwaway().on(Port::Fixed(port));
    let failed = nats::start(&PARTS.nats_server, &settings);
    assert!(matches!(failed, Err(Error::PortTaken(named)) if named == port));
}

#[test]
fn the_broker_starts_again_on_the_same_port_with_its_store_deleted() {
    let mut broker = nats::start(&PARTS.nats_server, &nats::Settings::throwaway()).unwrap();
    let (url, first) = (broker.url(), broker.pid());
    broker.kill().unwrap();
    assert!(broker.store().exists());
    broker.delete_store().unwrap();
    broker.start_again().unwrap();
    assert_eq!(broker.url(), url);
    assert_ne!(broker.pid(), first);
    assert!(broker.is_running().unwrap());
}

#[test]
fn throwaway_folders_are_gone_once_their_server_is_dropped() {
    let broker = nats::start(&PARTS.nats_server, &nats::Settings::throwaway()).unwrap();
    let database = start_postgres(&postgres::Settings::throwaway()).unwrap();
    let folders = [broker.folder().to_owned(), database.folder().to_owned()];
    assert!(folders.iter().all(|folder| folder.exists()));
    drop((broker, database));
    for folder in &folders {
        wait_until_gone(folder);
    }
}

fn wait_until_gone(folder: &Path) {
    let until = std::time::Instant::now() + SOON;
    while folder.exists() {
        assert!(std::time::Instant::now() < until, "{} is still there", folder.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}
