//! Which letters the bytes are: MSH-18 where it is declared, else what fits.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

const MSH_18: usize = 17;

/// The text of a message.
///
/// A byte order mark decides and is dropped. Else MSH-18 decides (its first repetition; HL7 table
/// 0211, and the spellings of the same names that senders use). Undeclared, unknown, or declared
/// as UTF-8 or ASCII and not true: UTF-8 where the bytes are valid UTF-8, else ISO 8859-1, read as
/// windows-1252, its superset. NUL is dropped: it means nothing in HL7 and cannot be stored.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    let text = if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        encoding.decode_without_bom_handling(rest).0
    } else {
        match declared(bytes) {
            Some(encoding) if encoding != UTF_8 => encoding.decode_without_bom_handling(bytes).0,
            Some(_) | None => guess(bytes),
        }
    };
    text.replace('\0', "")
}

/// UTF-8 where the bytes allow it, else windows-1252, which allows everything.
pub(super) fn guess(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The character set that MSH-18 names. All that stands before it is ASCII in every set of the
/// table, so the bytes can be split before they are decoded.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.iter().position(u8::is_ascii_alphabetic)?;
    let msh = bytes.get(start..)?.strip_prefix(b"MSH")?;
    let msh = msh.split(|&byte| byte == b'\r' || byte == b'\n').next()?;
    let (&separator, rest) = msh.split_first()?;
    let field = rest.split(|&byte| byte == separator).nth(MSH_18.checked_sub(1)?)?;
    let name = field.split(|byte| !(byte.is_ascii_alphanumeric() || b"/- _".contains(byte)));
    named(std::str::from_utf8(name.into_iter().next()?).ok()?)
}

fn named(name: &str) -> Option<&'static Encoding> {
    let name = name.trim().to_ascii_uppercase().replace(['_', ' '], "-");
    match name.as_str() {
        "" | "ASCII" | "US-ASCII" => None,
        "UNICODE" | "UNICODE-UTF-8" | "UTF-8" | "UTF8" => Some(UTF_8),
        _ => {
            let part = ["ISO-8859", "ISO8859", "8859"].iter().find_map(|p| name.strip_prefix(p));
            match part.map(|part| part.trim_start_matches(['/', '-'])) {
                Some(part) => Encoding::for_label(format!("iso-8859-{part}").as_bytes()),
                None => Encoding::for_label(name.as_bytes()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn msh(charset: &str, name: &[u8]) -> Vec<u8> {
        let mut bytes = format!("MSH|^~\\&|A|B|C|D|20261117||ADT^A01|1|P|2.5||||||{charset}\rPID|")
            .into_bytes();
        bytes.extend_from_slice(name);
        bytes
    }

    #[test]
    fn a_declared_latin_set_is_read_as_declared() {
        for charset in ["8859/1", "8859/15", "ISO-8859-1", "iso_8859-1", "WINDOWS-1252", "8859/9"] {
            assert!(decode(&msh(charset, b"\xC5sa")).ends_with("|Åsa"), "{charset}");
        }
    }

    #[test]
    fn the_set_with_the_euro_sign_is_not_the_one_without() {
        assert!(decode(&msh("8859/15", b"\xA4")).ends_with('€'));
        assert!(decode(&msh("8859/1", b"\xA4")).ends_with('¤'));
    }

    #[test]
    fn a_declared_latin_set_wins_over_bytes_that_would_be_utf8() {
        assert!(decode(&msh("8859/1", "Å".as_bytes())).ends_with("|Ã…"));
    }

    #[test]
    fn undeclared_is_utf8_where_valid_and_latin_where_not() {
        for charset in ["", "ASCII", "KLINGON", "UNICODE UTF-8", "UNICODE UTF-8~8859/1"] {
            assert!(decode(&msh(charset, "Åsa".as_bytes())).ends_with("|Åsa"), "{charset}");
            assert!(decode(&msh(charset, b"\xC5sa")).ends_with("|Åsa"), "{charset}");
        }
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_dropped() {
        let mut bytes = b"\xEF\xBB\xBF".to_vec();
        bytes.extend(msh("8859/1", "Å".as_bytes()));
        let text = decode(&bytes);
        assert!(text.starts_with("MSH|") && text.ends_with("|Å"));
    }

    #[test]
    fn nul_is_dropped() {
        assert!(decode(&msh("", b"a\0b")).ends_with("|ab"));
    }
}
