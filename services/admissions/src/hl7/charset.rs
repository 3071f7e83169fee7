//! Which letters the bytes are: MSH-18 where it is declared, else what fits.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::fault::{FaultCode, FieldFault, Location};

const MSH_18: usize = 17;

/// The text of a message.
///
/// A byte order mark decides and is dropped, and UTF-16 without one is known by its first letters.
/// Else MSH-18 decides (its first repetition; HL7 table 0211, and the spellings of the same names
/// that senders use). Undeclared, declared as ASCII, unknown, or declared and not true: UTF-8 where
/// the bytes are valid UTF-8, else ISO 8859-1, read as windows-1252, its superset. NUL is dropped: it
/// means nothing in HL7 and cannot be stored.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    decode_warned(bytes).0
}

/// The same, and what is wrong with MSH-18: a patient is not refused for it, but names may be.
pub(super) fn decode_warned(bytes: &[u8]) -> (String, Option<FieldFault>) {
    let (text, fault) = letters(bytes);
    (text.replace('\0', ""), fault.map(FieldFault::as_warning))
}

fn letters(bytes: &[u8]) -> (Cow<'_, str>, Option<FieldFault>) {
    if let Some((encoding, mark)) = marked(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return (encoding.decode_without_bom_handling(rest).0, None);
    }
    match declared(bytes) {
        Declared::Nothing => (guess(bytes), None),
        Declared::Unknown => (guess(bytes), Some(unknown())),
        Declared::Set(encoding) => match encoding.decode_without_bom_handling(bytes) {
            (text, false) => (text, None),
            (_, true) if encoding == UTF_8 => (guess(bytes), Some(untrue())),
            (text, true) => (text, Some(untrue())),
        },
    }
}

/// What the first bytes say, and how many of them say nothing else.
fn marked(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    let begins = |start: &[u8]| bytes.starts_with(start);
    Encoding::for_bom(bytes)
        .or_else(|| begins(b"M\0S\0H\0").then_some((UTF_16LE, 0)))
        .or_else(|| begins(b"\0M\0S\0H").then_some((UTF_16BE, 0)))
}

/// UTF-8 where the bytes allow it, else windows-1252, which allows everything.
pub(super) fn guess(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// What MSH-18 says.
enum Declared {
    /// Nothing, or ASCII: the field's default, which systems leave there whatever they send.
    Nothing,
    /// A set that is known.
    Set(&'static Encoding),
    /// A name that is not, or one of a set in which no header could stand.
    Unknown,
}

/// All that stands before MSH-18 is ASCII in every set of the table, so the bytes can be split before
/// they are decoded.
fn declared(bytes: &[u8]) -> Declared {
    let name = || {
        let start = bytes.iter().position(u8::is_ascii_alphabetic)?;
        let msh = bytes.get(start..)?.strip_prefix(b"MSH")?;
        let msh = msh.split(|&byte| byte == b'\r' || byte == b'\n').next()?;
        let (&separator, rest) = msh.split_first()?;
        let field = rest.split(|&byte| byte == separator).nth(MSH_18.checked_sub(1)?)?;
        field.split(|byte| !(byte.is_ascii_alphanumeric() || b"/- _.:".contains(byte))).next()
    };
    let name = name().map(String::from_utf8_lossy).unwrap_or_default();
    let name = name.trim().to_ascii_uppercase().replace(['_', ' '], "-");
    match name.as_str() {
        "" | "ASCII" | "US-ASCII" => Declared::Nothing,
        "UNICODE" | "UNICODE-UTF-8" | "UTF-8" | "UTF8" => Declared::Set(UTF_8),
        name => named(name).map_or(Declared::Unknown, Declared::Set),
    }
}

fn named(name: &str) -> Option<&'static Encoding> {
    let part = ["ISO-8859", "ISO8859", "8859"].iter().find_map(|p| name.strip_prefix(p));
    let label = match (part.map(|part| part.trim_start_matches(['/', '-'])), name) {
        (Some(part), _) => format!("iso-8859-{part}"),
        (None, "GB-18030-2000") => "gb18030".to_owned(),
        (None, "BIG-5") => "big5".to_owned(),
        (None, "KS-X-1001") => "euc-kr".to_owned(),
        (None, other) => other.to_owned(),
    };
    // The header was read as ASCII, so a set in which it would be something else is not the one.
    Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

fn unknown() -> FieldFault {
    let sv = "är ingen känd teckenuppsättning; bokstäverna har gissats";
    let en = "names no known character set; the letters were guessed";
    FieldFault::new(Location::field("MSH", 18), FaultCode::TableValueNotFound, sv, en)
}

fn untrue() -> FieldFault {
    let sv = "stämmer inte med meddelandets bokstäver";
    let en = "does not fit the letters of the message";
    FieldFault::new(Location::field("MSH", 18), FaultCode::DataType, sv, en)
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

    #[test]
    fn every_set_of_the_table_is_read_by_its_name() {
        for (charset, bytes, letter) in [
            ("8859/1", &b"\xE5"[..], 'å'),
            ("8859/2", b"\xB1", 'ą'),
            ("8859/3", b"\xA1", 'Ħ'),
            ("8859/4", b"\xA1", 'Ą'),
            ("8859/5", b"\xB0", 'А'),
            ("8859/6", b"\xC7", 'ا'),
            ("8859/7", b"\xE1", 'α'),
            ("8859/8", b"\xE0", 'א'),
            ("8859/9", b"\xF0", 'ğ'),
            ("8859/15", b"\xA4", '€'),
            ("GB 18030-2000", b"\xC4\xE3", '你'),
            ("BIG-5", b"\xA7\x41", '你'),
            ("KS X 1001", b"\xB0\xA1", '가'),
            ("UNICODE UTF-8", "å".as_bytes(), 'å'),
        ] {
            let (text, fault) = decode_warned(&msh(charset, bytes));
            assert!(text.ends_with(letter), "{charset}");
            assert_eq!(fault, None, "{charset}");
        }
    }

    #[test]
    fn a_set_that_nobody_knows_is_a_warning_of_msh_18_and_the_letters_are_guessed() {
        for charset in ["KLINGON", "8859/12", "UNICODE UTF-16", "ISO IR87", "ISO-2022-JP", "850"] {
            let (text, fault) = decode_warned(&msh(charset, "Åsa".as_bytes()));
            assert!(text.ends_with("|Åsa"), "{charset}");
            let fault = fault.unwrap();
            assert_eq!(fault.location.to_string(), "MSH-18", "{charset}");
            assert!(!fault.refuses() && fault.code == FaultCode::TableValueNotFound, "{charset}");
        }
    }

    #[test]
    fn letters_that_are_not_of_the_declared_set_are_a_warning_of_msh_18() {
        for (charset, letters, read) in
            [("UNICODE UTF-8", b"\xC5sa", "|Åsa"), ("8859/7", b"\xFFsa", "|\u{FFFD}sa")]
        {
            let (text, fault) = decode_warned(&msh(charset, letters));
            assert!(text.ends_with(read), "{charset}");
            assert_eq!(fault.unwrap().code, FaultCode::DataType, "{charset}");
        }
    }

    #[test]
    fn what_says_nothing_of_its_letters_is_no_fault() {
        for (charset, letters) in [("", &b"\xC5sa"[..]), ("ASCII", b"\xC5sa"), ("8859/1", b"\x81")]
        {
            assert_eq!(decode_warned(&msh(charset, letters)).1, None, "{charset}");
        }
    }

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        let text = "MSH|^~\\&|A\rPID|Åsa";
        let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
        let big = || text.encode_utf16().flat_map(u16::to_be_bytes);
        let marked = |mark: [u8; 2], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
        for bytes in [
            little().collect(),
            big().collect(),
            marked([0xFF, 0xFE], little().collect()),
            marked([0xFE, 0xFF], big().collect()),
        ] {
            assert_eq!(decode(&bytes), text);
        }
    }
}
