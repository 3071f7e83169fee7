//! Versions as programs print them.

use std::fmt;

/// A version number; what follows the numbers (`rc1`, `(Debian …)`) is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number, 0 when there is none.
    pub minor: u32,
    /// The third number, 0 when there is none.
    pub patch: u32,
}

impl Version {
    /// A version, spelled out.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// The version in what a program prints for `--version`: its first word that is a number,
    /// with or without a `v` before it.
    #[must_use]
    pub fn in_output(output: &str) -> Option<Self> {
        output.split_whitespace().find_map(Self::in_word)
    }

    fn in_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let mut numbers = word.get(..end)?.split('.').map(str::parse::<u32>);
        let major = numbers.next()?.ok()?;
        let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Self::new(major, next(), next()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn the_version_is_read_as_each_program_prints_it() {
        for (output, version) in [
            ("nats-server: v2.9.10\n", Version::new(2, 9, 10)),
            ("nats-server: v2.12.0-RC.1", Version::new(2, 12, 0)),
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Version::new(15, 18, 0)),
            ("postgres (PostgreSQL) 19beta2", Version::new(19, 0, 0)),
        ] {
            assert_eq!(Version::in_output(output), Some(version), "{output}");
        }
    }

    #[test]
    fn output_without_a_number_has_no_version() {
        for output in ["", "command not found", "v", "postgres (PostgreSQL) devel"] {
            assert_eq!(Version::in_output(output), None, "{output}");
        }
    }

    #[test]
    fn two_ten_is_newer_than_two_nine() {
        assert!(Version::new(2, 10, 0) > Version::new(2, 9, 10));
    }
}
