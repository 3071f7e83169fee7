//! How a command finds the system that runs on this machine.
//!
//! Who starts a system in a checkout leaves its addresses in `.hemgang/<run>/reach.json`; who wants
//! to reach it looks there, from the current folder upwards, as git does. The file holds the
//! broker's password, so nobody but its owner may read it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The project's own folder in a checkout.
const FOLDER: &str = ".hemgang";
/// Its subfolders in which a system may run, in the order in which they are tried.
const RUNS: [&str; 2] = ["demo", "plain"];
const FILE: &str = "reach.json";

/// The addresses of a system. Does not print itself: the broker's has a password in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The broker, user and password included.
    pub nats_url: String,
    /// Where hospitals' HL7 messages are taken, `host:port`.
    pub mllp: String,
    /// The page with all mail and SMS, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<String>,
    /// The services by name.
    #[serde(default)]
    pub services: BTreeMap<String, ServiceReach>,
}

/// The addresses of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceReach {
    /// The URL below which `/livez`, `/readyz` and `/metrics` lie.
    pub probes: String,
}

impl Reach {
    /// Leaves the addresses in the folder of a run. They are there as a whole or not at all.
    pub fn write(&self, run: &Path) -> io::Result<()> {
        let part = run.join(".reach.json.part");
        // What an earlier process left may be readable by others: it is not used again.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        fs::rename(&part, run.join(FILE))
    }

    /// The systems that were started in the checkout that `from` lies in, nearest first. Whether
    /// they still run shows when they are called; a file that cannot be read is none.
    #[must_use]
    pub fn find(from: &Path) -> Vec<Self> {
        from.ancestors().flat_map(|folder| Self::of_runs_in(&folder.join(FOLDER))).collect()
    }

    /// The systems that were started in a folder of runs.
    #[must_use]
    pub fn of_runs_in(folder: &Path) -> Vec<Self> {
        let files = RUNS.iter().map(|run| folder.join(run).join(FILE));
        files
            .filter_map(|file| fs::read(file).ok())
            .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn reach(port: u16) -> Reach {
        Reach {
            nats_url: format!("nats://hemgang:secret@127.0.0.1:{port}"),
            mllp: "127.0.0.1:2575".to_owned(),
            inbox: None,
            services: BTreeMap::new(),
        }
    }

    fn run_in(checkout: &Path, name: &str) -> std::path::PathBuf {
        let run = checkout.join(FOLDER).join(name);
        fs::create_dir_all(&run).unwrap();
        run
    }

    #[test]
    fn a_system_is_found_from_any_folder_of_its_checkout_the_demo_first() {
        let checkout = tempfile::tempdir().unwrap();
        let deep = checkout.path().join("services/sip");
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(Reach::find(&deep).len(), 0);
        reach(2).write(&run_in(checkout.path(), "plain")).unwrap();
        reach(1).write(&run_in(checkout.path(), "demo")).unwrap();
        let urls: Vec<_> = Reach::find(&deep).into_iter().map(|found| found.nats_url).collect();
        assert_eq!(urls, [reach(1).nats_url, reach(2).nats_url]);
    }

    #[test]
    fn nobody_else_may_read_the_addresses() {
        let checkout = tempfile::tempdir().unwrap();
        let run = run_in(checkout.path(), "demo");
        fs::write(run.join(".reach.json.part"), "left by a killed process").unwrap();
        reach(1).write(&run).unwrap();
        reach(2).write(&run).unwrap();
        let mode = fs::metadata(run.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(Reach::find(checkout.path()).len(), 1);
    }

    #[test]
    fn what_is_no_file_of_addresses_is_passed_over() {
        let checkout = tempfile::tempdir().unwrap();
        fs::write(run_in(checkout.path(), "demo").join(FILE), "{").unwrap();
        reach(2).write(&run_in(checkout.path(), "plain")).unwrap();
        assert_eq!(Reach::find(checkout.path()).len(), 1);
    }
}
