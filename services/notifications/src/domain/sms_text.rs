//! How long an SMS really is.
//!
//! An operator charges by part, and a part holds 160 characters only while every character is in the
//! GSM-7 alphabet (3GPP TS 23.038). One typographic quotation mark moves the whole text to UCS-2
//! and more than halves that, so what has a plain equivalent is replaced before anything is counted.

/// The default alphabet in code order, without the escape at 0x1B: one septet each.
const DEFAULT: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: an escape and a character, so two septets each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The alphabet that a text is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a character.
    Gsm7,
    /// Two bytes a UTF-16 unit, for everything that GSM-7 cannot say.
    Ucs2,
}

impl Encoding {
    /// The leanest alphabet that can say `text`.
    fn of(text: &str) -> Self {
        if text.chars().all(|c| septets(c).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Units (septets or UTF-16 units) in a text of one part, and in each part of a longer one,
    /// where a header that joins the parts takes its share.
    const fn capacity(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    fn units(self, c: char) -> usize {
        match self {
            Self::Gsm7 => septets(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// The septets that a character takes, or `None` when GSM-7 lacks it.
fn septets(c: char) -> Option<usize> {
    if DEFAULT.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// A text as it will be sent, with its alphabet and number of parts.
///
/// `Debug` shows the measures only.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsText {
    text: String,
    encoding: Encoding,
    parts: usize,
}

impl SmsText {
    /// Transliterates and measures `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = transliterate(text);
        let encoding = Encoding::of(&text);
        let parts = segments(&text, encoding).len();
        Self { text, encoding, parts }
    }

    /// The text to hand to a provider.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The alphabet that the provider will have to use.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Parts that will be charged; an empty text is one.
    #[must_use]
    pub const fn parts(&self) -> usize {
        self.parts
    }
}

impl std::fmt::Debug for SmsText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmsText")
            .field("encoding", &self.encoding)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

/// Splits a text as a gateway does: as much as fits in each part, never through the middle of a
/// character, since half an escape pair or half a surrogate pair is another character.
#[must_use]
fn segments(text: &str, encoding: Encoding) -> Vec<&str> {
    let (alone, joined) = encoding.capacity();
    let total: usize = text.chars().map(|c| encoding.units(c)).sum();
    if total <= alone {
        return vec![text];
    }
    let mut segments = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(fitting(rest, encoding, joined));
        segments.push(head);
        rest = tail;
    }
    segments
}

/// The length in bytes of the longest beginning of `text` within `capacity` units.
fn fitting(text: &str, encoding: Encoding, capacity: usize) -> usize {
    let mut used = 0;
    text.char_indices()
        .find(|(_, c)| {
            used += encoding.units(*c);
            used > capacity
        })
        .map_or(text.len(), |(at, _)| at)
}

/// Replaces what would force UCS-2 although GSM-7 has as good a character; leaves the rest.
#[must_use]
pub fn transliterate(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '“' | '”' | '„' | '‟' | '«' | '»' => plain.push('"'),
            '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' => plain.push('\''),
            '\u{2010}'..='\u{2015}' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            '•' | '·' => plain.push('*'),
            '×' => plain.push('x'),
            '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' => plain.push(' '),
            // Soft hyphen, zero widths, direction marks and isolates: nothing that is seen.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gsm_text() -> impl Strategy<Value = String> {
        let alphabet: Vec<char> = DEFAULT.chars().chain(EXTENSION.chars()).collect();
        proptest::collection::vec(proptest::sample::select(alphabet), 0..700)
            .prop_map(|chars| chars.into_iter().collect())
    }

    #[test]
    fn the_default_alphabet_has_every_code_but_the_escape() {
        let mut seen: Vec<char> = DEFAULT.chars().collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 127);
    }

    #[test]
    fn swedish_letters_are_gsm_7() {
        assert_eq!(SmsText::new("åäöÅÄÖé").encoding(), Encoding::Gsm7);
    }

    #[test]
    fn a_text_of_160_septets_is_one_part_and_161_are_two() {
        assert_eq!(SmsText::new(&"å".repeat(160)).parts(), 1);
        assert_eq!(SmsText::new(&"å".repeat(161)).parts(), 2);
        assert_eq!(SmsText::new(&"å".repeat(307)).parts(), 3);
    }

    #[test]
    fn a_character_of_the_extension_table_counts_twice() {
        assert_eq!(SmsText::new(&"€".repeat(80)).parts(), 1);
        assert_eq!(SmsText::new(&"€".repeat(81)).parts(), 2);
    }

    #[test]
    fn an_escape_pair_is_not_split() {
        let text = format!("{}€{}", "a".repeat(152), "a".repeat(152));
        let parts = segments(&text, Encoding::Gsm7);
        assert_eq!(parts.len(), 3, "the pair moves whole to the second part, which then overflows");
        assert!(parts[1].starts_with('€'));
    }

    #[test]
    fn a_text_of_70_utf16_units_is_one_part_and_71_are_two() {
        assert_eq!(SmsText::new(&"ж".repeat(70)).parts(), 1);
        assert_eq!(SmsText::new(&"ж".repeat(71)).parts(), 2);
        assert_eq!(SmsText::new(&"😀".repeat(35)).parts(), 1);
    }

    #[test]
    fn a_surrogate_pair_is_not_split() {
        let text = format!("{}😀{}", "ж".repeat(66), "ж".repeat(10));
        let parts = segments(&text, Encoding::Ucs2);
        assert_eq!(parts[0].chars().count(), 66);
        assert!(parts[1].starts_with('😀'));
    }

    #[test]
    fn typography_is_made_plain_instead_of_paid_for() {
        let text = SmsText::new("”Kl.\u{a0}14–16…” it’s");
        assert_eq!(text.as_str(), "\"Kl. 14-16...\" it's");
        assert_eq!(text.encoding(), Encoding::Gsm7);
    }

    #[test]
    fn debug_shows_no_text() {
        assert!(!format!("{:?}", SmsText::new("hemligt")).contains("hemligt"));
    }

    proptest! {
        #[test]
        fn parts_hold_the_whole_text_and_none_is_too_long(text in any::<String>()) {
            let text = transliterate(&text);
            let encoding = Encoding::of(&text);
            let (alone, joined) = encoding.capacity();
            let parts = segments(&text, encoding);
            let limit = if parts.len() == 1 { alone } else { joined };
            prop_assert_eq!(parts.concat(), text.as_str());
            for part in parts {
                prop_assert!(part.chars().map(|c| encoding.units(c)).sum::<usize>() <= limit);
            }
        }

        #[test]
        fn no_part_could_have_taken_one_character_more(text in gsm_text()) {
            let parts = segments(&text, Encoding::Gsm7);
            for pair in parts.windows(2) {
                let next = pair[1].chars().next().expect("no part is empty");
                let used: usize = pair[0].chars().map(|c| Encoding::Gsm7.units(c)).sum();
                prop_assert!(used + Encoding::Gsm7.units(next) > 153);
            }
        }

        #[test]
        fn gsm_text_passes_through_unchanged(text in gsm_text()) {
            prop_assert_eq!(transliterate(&text), text);
        }

        #[test]
        fn transliterating_twice_changes_nothing_more(text in any::<String>()) {
            let once = transliterate(&text);
            prop_assert_eq!(transliterate(&once), once);
        }
    }
}
