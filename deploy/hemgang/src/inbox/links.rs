//! Finds the addresses in a text, so that a page can make links of them.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Text(&'a str),
    /// An address of the web.
    Link(&'a str),
}

/// The text in parts; together they are the text.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = next_link(rest) {
        let (before, from) = rest.split_at(at);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        // A full stop or a bracket after an address is the sentence's.
        let link = from.get(..end).unwrap_or(from).trim_end_matches(['.', ',', ')', '>', ';']);
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Link(link));
        rest = from.get(link.len()..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

fn next_link(text: &str) -> Option<usize> {
    ["http://", "https://"].iter().filter_map(|scheme| text.find(scheme)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_a_link_without_the_stop_after_it() {
        let parts = parts("Se http://127.0.0.1:8082/a/b?c=d. Hej");
        let link = Part::Link("http://127.0.0.1:8082/a/b?c=d");
        assert_eq!(parts, [Part::Text("Se "), link, Part::Text(". Hej")]);
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in "(\\PC|http://|https://|\n){0,40}") {
            let together: String = parts(&text).iter().map(|part| match part {
                Part::Text(text) | Part::Link(text) => *text,
            }).collect();
            prop_assert_eq!(together, text);
        }
    }
}
