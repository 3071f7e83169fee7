//! A fuzz target over rulebook files: whatever is in one, it is read or its faults are told.

use crate::domain::rulebook::Rulebooks;

const NATIONAL: &str = include_str!("../rulebooks/se-2026.1.toml");

#[test]
fn rulebooks() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        for files in
            [vec![("a.toml", text.as_ref())], vec![("se.toml", NATIONAL), ("a.toml", &text)]]
        {
            if let Err(faults) = Rulebooks::load(files) {
                assert!(!faults.is_empty());
            }
        }
    });
}
