//! The structure of an HL7 v2 message: segments, fields, repetitions, components.
//!
//! Own code, after trying the published parsers on what real senders do. The best kept one stops
//! silently at a segment without fields or at an empty line, so that a message loses its patient
//! and still parses; it shifts MSH by a field when MSH-2 declares a truncation character; and its
//! error texts quote the message. The other permissively licensed one panics on a hexadecimal
//! escape with a letter beyond ASCII. Splitting at five delimiters is less than either mistake.

use std::fmt;

use super::escape::unescape;
use super::fault::Location;
use super::path::FieldPath;
use crate::stated::Stated;

/// The delimiters that a message declares in MSH-1 and MSH-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    pub(super) field: char,
    pub(super) component: char,
    pub(super) repetition: char,
    pub(super) escape: char,
    pub(super) subcomponent: char,
    /// Since 2.7, where it is declared: what is cut off ends with it, and `\P\` means it.
    pub(super) truncation: Option<char>,
}

impl Delimiters {
    /// The recommended delimiters, `|^~\&`.
    pub const STANDARD: Self = Self {
        field: '|',
        component: '^',
        repetition: '~',
        escape: '\\',
        subcomponent: '&',
        truncation: None,
    };

    /// Reads what follows `MSH`. MSH-2 may be short: what it leaves out is as recommended.
    fn declared(after_msh: &str) -> Option<Self> {
        let field = after_msh.chars().next()?;
        let rest = after_msh.strip_prefix(field)?;
        let mut declared = rest.split(field).next()?.chars();
        let component = declared.next()?;
        let repetition = declared.next().unwrap_or(Self::STANDARD.repetition);
        let escape = declared.next().unwrap_or(Self::STANDARD.escape);
        let subcomponent = declared.next().unwrap_or(Self::STANDARD.subcomponent);
        let all = [field, component, repetition, escape, subcomponent];
        let usable = |letter: &char| !letter.is_alphanumeric() && !letter.is_control();
        let distinct = all.iter().all(|one| all.iter().filter(|other| *other == one).count() == 1);
        (all.iter().all(usable) && distinct).then_some(Self {
            field,
            component,
            repetition,
            escape,
            subcomponent,
            truncation: declared.next(),
        })
    }
}

/// Why bytes are no HL7 v2 message at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing in it.
    #[error("the message is empty")]
    Empty,
    /// The first segment is not MSH.
    #[error("the message does not begin with an MSH segment")]
    NoHeader,
    /// MSH-1 and MSH-2 do not declare five different delimiters.
    #[error("MSH-1 and MSH-2 declare no usable delimiters")]
    BadDelimiters,
}

/// What may stand around a message beside white space: the framing of MLLP (its first byte is white
/// space), where a file or a body over HTTP has kept it, and a byte order mark.
const AROUND: [char; 2] = ['\u{1C}', '\u{FEFF}'];

/// A message, split into segments.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    delimiters: Delimiters,
    segments: Vec<Segment>,
}

/// One segment; its fields are split when they are asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Segment {
    name: String,
    line: String,
    delimiters: Delimiters,
}

impl Message {
    /// Splits a message. CR, LF and CRLF all end a segment; empty lines, and lines that begin with
    /// no segment name (a free text with a raw line break), are passed over.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let is_around = |letter: char| letter.is_whitespace() || AROUND.contains(&letter);
        let text = text.trim_matches(is_around);
        if text.is_empty() {
            return Err(Unreadable::Empty);
        }
        let header = text.strip_prefix("MSH").ok_or(Unreadable::NoHeader)?;
        let header = header.split(['\r', '\n']).next().unwrap_or_default();
        let delimiters = Delimiters::declared(header).ok_or(Unreadable::BadDelimiters)?;
        let segments =
            text.split(['\r', '\n']).filter_map(|line| Segment::read(line, delimiters)).collect();
        Ok(Self { delimiters, segments })
    }

    /// The declared delimiters.
    #[must_use]
    pub const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// All segments of that name, in order.
    pub fn segments(&self, name: &str) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(move |segment| segment.name == name)
    }

    /// All segments whose names begin with Z: what the standard leaves to the sender.
    pub fn z_segments(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.name.starts_with('Z'))
    }

    /// A field of the first segment of that name; an empty one where it is missing.
    #[must_use]
    pub fn field(&self, segment: &str, number: u16) -> Part<'_> {
        let found = self.segments(segment).next().map(|segment| segment.field(number));
        found.unwrap_or(Part { raw: "", delimiters: self.delimiters })
    }

    /// Every value at a path, in all repetitions of all segments of that name, with its place.
    pub fn at<'m>(&'m self, path: &'m FieldPath) -> impl Iterator<Item = (Location, Part<'m>)> {
        numbered(self.segments(&path.segment)).flat_map(move |(sequence, segment)| {
            numbered(segment.field(path.field).repetitions()).map(move |(repetition, part)| {
                let place = Location::field(&path.segment, path.field)
                    .in_segment(sequence)
                    .at(repetition, path.component);
                let part = part.component(path.component);
                (place, part.subcomponent(path.subcomponent))
            })
        })
    }
}

/// Numbers things from 1. Nobody limits how many a sender repeats: the last number stands for all
/// that come after it.
pub(super) fn numbered<T>(things: impl Iterator<Item = T>) -> impl Iterator<Item = (u16, T)> {
    let number = |at: usize| u16::try_from(at.saturating_add(1)).unwrap_or(u16::MAX);
    things.enumerate().map(move |(at, thing)| (number(at), thing))
}

/// Names of segments only: the content belongs to a patient.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.segments.iter().map(Segment::name)).finish()
    }
}

impl Segment {
    fn read(line: &str, delimiters: Delimiters) -> Option<Self> {
        let line = line.trim_start();
        let name = line.get(..3)?;
        let is_name = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        let after = line.get(3..)?;
        let ends = after.trim().is_empty() || after.starts_with(delimiters.field);
        (is_name && ends).then(|| Self { name: name.to_owned(), line: line.to_owned(), delimiters })
    }

    /// The three letters that name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field of that number, counted from 1 as in the standard (MSH-1 is the separator
    /// itself, so MSH counts one further); an empty one where it is missing.
    #[must_use]
    pub fn field(&self, number: u16) -> Part<'_> {
        let is_header = self.name == "MSH";
        let index = usize::from(number).checked_sub(usize::from(is_header));
        let raw = index
            .filter(|&index| index > 0)
            .and_then(|index| self.line.split(self.delimiters.field).nth(index));
        Part { raw: raw.unwrap_or_default(), delimiters: self.delimiters }
    }
}

/// The name only: the content belongs to a patient.
impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({})", self.name)
    }
}

/// A field or a part of one, not unescaped yet.
#[derive(Clone, Copy)]
pub struct Part<'m> {
    raw: &'m str,
    delimiters: Delimiters,
}

impl<'m> Part<'m> {
    /// The repetitions of a field: one, for a field that does not repeat.
    pub fn repetitions(self) -> impl Iterator<Item = Self> + 'm {
        self.raw.split(self.delimiters.repetition).map(move |raw| Self { raw, ..self })
    }

    /// A component of a repetition, counted from 1; an empty one where it is missing.
    #[must_use]
    pub fn component(self, number: u16) -> Self {
        self.nth(self.delimiters.component, number)
    }

    /// A subcomponent of a component, counted from 1; an empty one where it is missing.
    #[must_use]
    pub fn subcomponent(self, number: u16) -> Self {
        self.nth(self.delimiters.subcomponent, number)
    }

    fn nth(self, delimiter: char, number: u16) -> Self {
        let index = usize::from(number).checked_sub(1);
        let raw = index.and_then(|index| self.raw.split(delimiter).nth(index));
        Self { raw: raw.unwrap_or_default(), ..self }
    }

    /// The components of a repetition, unescaped.
    pub(super) fn components(self) -> impl Iterator<Item = String> + 'm {
        self.raw.split(self.delimiters.component).map(move |raw| unescape(raw, self.delimiters))
    }

    /// What is stated here: nothing, `""` (removed), or a text, unescaped and trimmed.
    #[must_use]
    pub fn stated(self) -> Stated<String> {
        if self.raw.trim() == "\"\"" {
            return Stated::Removed;
        }
        let text = unescape(self.raw, self.delimiters);
        let text = text.trim();
        if text.is_empty() { Stated::Absent } else { Stated::Value(text.to_owned()) }
    }

    /// The text that is stated here, unescaped and trimmed.
    #[must_use]
    pub fn text(self) -> Option<String> {
        self.stated().into_value()
    }
}

/// That something is there, not what: the content belongs to a patient.
impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({} bytes)", self.raw.len())
    }
}
