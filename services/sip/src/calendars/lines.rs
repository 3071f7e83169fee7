//! Where something stands in a calendar's text, for whoever has to mend it.

/// The first line that is so, counted from 1.
pub(super) fn position(text: &str, is: impl Fn(&str) -> bool) -> Option<usize> {
    text.lines().position(|line| is(line.trim())).map(|at| at + 1)
}

/// The `nth` line, counted from 0, that begins a property of that name.
pub(super) fn of_property(text: &str, name: &str, nth: usize) -> Option<usize> {
    let begins = |line: &str| {
        let after = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
        after.is_some() && line.get(name.len()..).is_some_and(|rest| rest.starts_with([':', ';']))
    };
    let mut found = text.lines().enumerate().filter(|(_, line)| begins(line));
    found.nth(nth).map(|(at, _)| at + 1)
}

/// The line of a part that is not closed: the text was cut off. The library closes it by itself.
pub(super) fn unclosed(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let begins =
            |name: &str| line.get(..name.len()).is_some_and(|s| s.eq_ignore_ascii_case(name));
        if begins("BEGIN:") {
            open.push(at + 1);
        } else if begins("END:") {
            open.pop();
        }
    }
    open.first().copied()
}
