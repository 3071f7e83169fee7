//! Messages in a file, as people keep them: with any line ends, many in one, framed or not.

use std::path::Path;

use super::super::failure::Failure;

/// Reads a file's messages as they go over the wire: segments end with CR. The letters stay as they
/// are, whatever set they are of.
pub(super) fn read(file: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::new(
            "unreadable_file",
            format!("{name} kan inte läsas: {error}."),
            format!("{name} cannot be read: {error}."),
        )
    })?;
    split(&bytes).ok_or_else(|| {
        Failure::new(
            "no_hl7",
            format!("{name} börjar inte med ett MSH-segment."),
            format!("{name} does not begin with an MSH segment."),
        )
    })
}

/// Splits where a line begins with MSH; the envelope of a batch (FHS, BHS, BTS, FTS) is left out, for
/// each message is sent by itself. `None`: the first line begins no message.
fn split(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_framing = |byte: &u8| matches!(byte, 0x0b | 0x1c);
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for line in bytes.split(|byte| matches!(byte, b'\r' | b'\n')) {
        let line: Vec<u8> = line.iter().copied().filter(|byte| !is_framing(byte)).collect();
        if line.trim_ascii().is_empty() {
            continue;
        }
        if ["FHS", "BHS", "BTS", "FTS"].iter().any(|name| begins(&line, name)) {
            continue;
        }
        if begins(&line, "MSH") {
            messages.push(Vec::new());
        }
        let message = messages.last_mut()?;
        message.extend(line);
        message.push(b'\r');
    }
    Some(messages).filter(|messages| !messages.is_empty())
}

/// Whether a line is the segment of that name, which stands before a delimiter or, in an envelope's
/// end, alone.
fn begins(line: &[u8], name: &str) -> bool {
    let Some(rest) = line.strip_prefix(name.as_bytes()) else { return false };
    let ends = |byte: &u8| !byte.is_ascii_alphanumeric() && !byte.is_ascii_whitespace();
    rest.first().map_or(name.ends_with("TS"), ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &[u8]) -> Option<Vec<String>> {
        let messages = split(file)?;
        Some(messages.iter().map(|message| String::from_utf8_lossy(message).into()).collect())
    }

    #[test]
    fn segments_end_with_a_carriage_return_however_the_file_ends_its_lines() {
        let one = Some(vec!["MSH|^~\\&|A\rPID|1\r".to_owned()]);
        for file in ["MSH|^~\\&|A\rPID|1", "MSH|^~\\&|A\r\nPID|1\r\n", "MSH|^~\\&|A\nPID|1\n\n"] {
            assert_eq!(texts(file.as_bytes()), one, "{file:?}");
        }
    }

    #[test]
    fn every_line_that_begins_with_msh_begins_a_message() {
        let file = b"\xef\xbb\xbfMSH|^~\\&|A\nPID|MSH|\n\nMSH|^~\\&|B\nMSHX\n";
        let two = ["MSH|^~\\&|A\rPID|MSH|\r", "MSH|^~\\&|B\rMSHX\r"];
        assert_eq!(texts(file).unwrap(), two);
    }

    #[test]
    fn the_envelope_of_a_batch_is_left_out() {
        let file = b"FHS|^~\\&|A\nBHS|^~\\&|A\nMSH|^~\\&|A\nPID|1\nMSH|^~\\&|B\nBTS|2\nFTS\n";
        assert_eq!(texts(file).unwrap(), ["MSH|^~\\&|A\rPID|1\r", "MSH|^~\\&|B\r"]);
    }

    #[test]
    fn framing_in_the_file_is_not_sent_twice() {
        let file = b"\x0bMSH|^~\\&|A\rPID|1\r\x1c\r\x0bMSH|^~\\&|B\r\x1c\r";
        assert_eq!(texts(file).unwrap(), ["MSH|^~\\&|A\rPID|1\r", "MSH|^~\\&|B\r"]);
    }

    #[test]
    fn letters_of_any_set_stay_as_they_are() {
        let file = b"MSH|^~\\&|\xc5\xe4\rPID|1\r";
        assert_eq!(split(file).unwrap(), [file.to_vec()]);
    }

    #[test]
    fn what_does_not_begin_with_msh_is_no_hl7() {
        for file in ["", "\n", "PID|1\rMSH|^~\\&|A", "{}"] {
            assert_eq!(texts(file.as_bytes()), None, "{file:?}");
        }
    }
}
