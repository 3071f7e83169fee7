//! Databases with the crates' migrations in them.

use crate::workspace::{MESSAGING, Package, messaging_migrations};
use anyhow::{Context as _, Result};
use sqlx::migrate::Migrator;
use std::path::Path;
use test_support::TestDatabase;

/// Makes a database, runs a crate's migrations in it (after those of `messaging`, if the crate
/// uses that) and says its URL.
pub(crate) async fn database(package: &Package) -> Result<String> {
    let database = TestDatabase::create(&[]).await;
    let messaging = messaging_migrations();
    let own = package.folder.join("migrations");
    if package.uses_messaging && messaging.is_dir() {
        run(&messaging, true, &database).await?;
    }
    run(&own, package.name == MESSAGING, &database).await?;
    database.pool.close().await;
    Ok(database.url)
}

async fn run(folder: &Path, of_messaging: bool, database: &TestDatabase) -> Result<()> {
    let failed = || format!("the migrations in {}", folder.display());
    let mut migrator = Migrator::new(folder).await.with_context(failed)?;
    if of_messaging {
        // As `messaging` does itself, so that it shares a database with its service.
        migrator.create_schema(MESSAGING);
        migrator.dangerous_set_table_name(format!("{MESSAGING}.migrations"));
    }
    migrator.run(&database.pool).await.with_context(failed)
}
