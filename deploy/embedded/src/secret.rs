//! Random passwords for private servers, and files that only their owner can read.

use crate::Error;
use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// A password, which shows itself only on request.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The password kept in a file, made and kept (for its owner's eyes only) when there is none.
    pub fn kept_in(file: &Path) -> Result<Self, Error> {
        let known = std::fs::read_to_string(file).unwrap_or_default();
        if !known.trim().is_empty() {
            return Ok(Self(known.trim().to_owned()));
        }
        let made = random()?;
        write_private(file, &made)?;
        Ok(Self(made))
    }

    /// The password itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Writes a file that only its owner can read.
pub fn write_private(file: &Path, text: &str) -> Result<(), Error> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .map_err(Error::file("write", file))
}

/// 192 random bits in hexadecimal, which needs no escaping in URLs and configuration files.
fn random() -> Result<String, Error> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 24];
    File::open(source)
        .and_then(|mut open| open.read_exact(&mut bytes))
        .map_err(Error::file("read", source))?;
    Ok(hex(&bytes))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
