//! The programs that the tests run, found or fetched once for each test process.

use embedded::{Cache, Error, Found, Parts, Progress, Search};
use std::sync::LazyLock;

/// Shared with the launcher, so that a checkout fetches things once.
const CACHE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.hemgang/cache");

pub(crate) static NATS_SERVER: LazyLock<Found> = LazyLock::new(|| found(Parts::nats_server));
pub(crate) static POSTGRES: LazyLock<Found> = LazyLock::new(|| found(Parts::postgres));

type Say<'a> = &'a mut dyn FnMut(Progress);

fn found(part: impl FnOnce(&Search, &Cache, Say<'_>) -> Result<Found, Error>) -> Found {
    match part(&Search::machine(), &Cache::new(CACHE), &mut |_| {}) {
        Ok(found) => found,
        // Its text says in several lines what to install.
        Err(error) => panic!("{error}"),
    }
}
