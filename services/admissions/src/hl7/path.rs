//! Where a value stands, as people write it: `PID-11.9`.

use std::str::FromStr;

use super::fault::Location;

/// The place of a value, written as `ZHG-2`, `PID-11.9` or `PV1-3.4.2`; a component or
/// subcomponent that is left out is the first.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct FieldPath {
    pub(super) segment: String,
    pub(super) field: u16,
    pub(super) component: u16,
    pub(super) subcomponent: u16,
}

/// What is not a [`FieldPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the place of a field, such as ZHG-2 or PID-11.9")]
pub struct BadPath;

impl FieldPath {
    /// Whether it stands in this field.
    #[must_use]
    pub fn is_in(&self, segment: &str, field: u16) -> bool {
        self.segment == segment && self.field == field
    }

    /// Where the value is, for a fault about it.
    #[must_use]
    pub fn location(&self) -> Location {
        Location::field(&self.segment, self.field).at(1, self.component)
    }
}

impl FromStr for FieldPath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let (segment, numbers) = text.split_once('-').ok_or(BadPath)?;
        let is_name = segment.len() == 3
            && segment.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        let mut numbers = numbers.split('.').map(|n| n.parse::<u16>().ok().filter(|&n| n > 0));
        let field = numbers.next().flatten().filter(|_| is_name).ok_or(BadPath)?;
        let component = numbers.next().unwrap_or(Some(1)).ok_or(BadPath)?;
        let subcomponent = numbers.next().unwrap_or(Some(1)).ok_or(BadPath)?;
        if numbers.next().is_some() {
            return Err(BadPath);
        }
        Ok(Self { segment: segment.to_owned(), field, component, subcomponent })
    }
}

impl TryFrom<String> for FieldPath {
    type Error = BadPath;

    fn try_from(text: String) -> Result<Self, BadPath> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_with_its_parts() {
        let path: FieldPath = "PV1-3.4.2".parse().unwrap();
        assert_eq!((path.segment.as_str(), path.field), ("PV1", 3));
        assert_eq!((path.component, path.subcomponent), (4, 2));
        assert_eq!("ZHG-2".parse::<FieldPath>().unwrap().location().to_string(), "ZHG-2.1");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "ZHG", "ZHG-", "ZHG-0", "zhg-1", "ZH-1", "PID-1.2.3.4", "PID-1.", "PID-x"]
        {
            assert_eq!(text.parse::<FieldPath>(), Err(BadPath), "{text}");
        }
    }
}
