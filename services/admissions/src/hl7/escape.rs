//! HL7's escape sequences, both ways.

use super::charset::guess;
use super::wire::Delimiters;

/// The text that an escaped field means.
///
/// Delimiters (`\F\ \S\ \T\ \R\ \E\`, and `\P\` where MSH-2 declares what it means), hexadecimal bytes (`\X..\`) and line breaks (`\.br\`,
/// `\.sp\`) are resolved, highlighting (`\H\ \N\`) is dropped. What is no known sequence, a
/// Windows path for example, stays as it is: an escape character may begin one or mean itself.
pub(super) fn unescape(text: &str, delimiters: Delimiters) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(delimiters.escape) {
        out.push_str(before);
        let known = after
            .split_once(delimiters.escape)
            .and_then(|(code, tail)| Some((resolve(code, delimiters)?, tail)));
        if let Some((meaning, tail)) = known {
            out.push_str(&meaning);
            rest = tail;
        } else {
            out.push(delimiters.escape);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn resolve(code: &str, delimiters: Delimiters) -> Option<String> {
    let meaning = match code {
        "F" => delimiters.field,
        "S" => delimiters.component,
        "T" => delimiters.subcomponent,
        "R" => delimiters.repetition,
        "E" => delimiters.escape,
        "P" => delimiters.truncation?,
        ".br" | ".sp" | ".ce" => '\n',
        "H" | "N" => return Some(String::new()),
        _ => return code.strip_prefix('X').and_then(hexadecimal),
    };
    Some(meaning.to_string())
}

fn hexadecimal(digits: &str) -> Option<String> {
    let digits: Option<Vec<u8>> =
        digits.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit))
        .filter(|&byte| byte != 0)
        .collect();
    Some(guess(&bytes).into_owned())
}

/// The text with every delimiter and control character of a message escaped.
pub(super) fn escape(text: &str, delimiters: Delimiters) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let code = match letter {
            _ if letter == delimiters.field => "F".to_owned(),
            _ if letter == delimiters.component => "S".to_owned(),
            _ if letter == delimiters.subcomponent => "T".to_owned(),
            _ if letter == delimiters.repetition => "R".to_owned(),
            _ if letter == delimiters.escape => "E".to_owned(),
            _ if letter.is_ascii_control() => format!("X{:02X}", u32::from(letter)),
            _ => {
                out.push(letter);
                continue;
            }
        };
        out.extend([delimiters.escape]);
        out.push_str(&code);
        out.extend([delimiters.escape]);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        unescape(text, Delimiters::STANDARD)
    }

    #[test]
    fn every_delimiter_comes_back() {
        assert_eq!(read(r"a\F\b\S\c\T\d\R\e\E\f"), r"a|b^c&d~e\f");
    }

    #[test]
    fn bytes_and_line_breaks_are_resolved_and_highlighting_is_dropped() {
        assert_eq!(read(r"\XC3A5\ och \XE5\.\.br\\H\Obs\N\"), "å och å.\nObs");
    }

    #[test]
    fn the_truncation_character_comes_back_where_it_is_declared() {
        let delimiters = Delimiters { truncation: Some('#'), ..Delimiters::STANDARD };
        assert_eq!(unescape(r"lgh \P\3", delimiters), "lgh #3");
        assert_eq!(read(r"lgh \P\3"), r"lgh \P\3");
    }

    #[test]
    fn what_is_no_sequence_stays() {
        for text in [r"C:\temp\bilaga", r"\Xåb\", r"\X0\", r"\X\", "a\\", r"\", r"\\"] {
            assert_eq!(read(text), text);
        }
        assert_eq!(read(r"a\b\T\c"), r"a\b&c");
    }

    proptest! {
        #[test]
        fn an_escaped_text_reads_as_itself(text in "[^\0]*") {
            prop_assert_eq!(read(&escape(&text, Delimiters::STANDARD)), text);
        }

        #[test]
        fn no_text_panics(text in "[\\\\XFSa-c0-9å.]*") {
            read(&text);
        }
    }
}
