//! What the person at the terminal sees: lines that stay, and below them a block that is painted
//! again and again. Swedish first, English second.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

/// The terminal, or whatever standard output is. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Console(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    terminal: bool,
    block: Vec<String>,
}

impl Console {
    /// Standard output.
    pub(crate) fn new() -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self(Arc::new(Mutex::new(State { terminal, block: Vec::new() })))
    }

    /// Somebody sees it being painted; otherwise it is a log.
    pub(crate) fn is_terminal(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).terminal
    }

    /// A line that stays, in both languages.
    pub(crate) fn say(&self, sv: &str, en: &str) {
        self.print(|state| {
            let line = if state.terminal {
                format!("{sv}  \x1b[2m{en}\x1b[0m")
            } else {
                format!("{sv}  |  {en}")
            };
            vec![line]
        });
    }

    /// Text that stays as it is.
    pub(crate) fn quote(&self, text: &str) {
        self.print(|_| text.lines().map(str::to_owned).collect());
    }

    /// Paints the block anew; on anything but a terminal it is not to be called often.
    pub(crate) fn paint(&self, block: Vec<String>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let erase = state.erasure();
        write(&format!("{erase}{}", joined(&block)));
        if state.terminal {
            state.block = block;
        }
    }

    /// Leaves the block as it is; what comes now comes below it.
    pub(crate) fn settle(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).block.clear();
    }

    fn print(&self, lines: impl FnOnce(&State) -> Vec<String>) {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (erase, lines, block) = (state.erasure(), joined(&lines(&state)), joined(&state.block));
        write(&format!("{erase}{lines}{block}"));
    }
}

impl State {
    /// Back to the block's first line, and nothing below it.
    fn erasure(&self) -> String {
        match self.block.len() {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\r\x1b[J"),
        }
    }
}

fn joined(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// Whoever reads us may be gone (`hemgang | head`), which is no reason to stop.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// How many characters fit on a line; 80 when it is not known.
pub(crate) fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(80)
}

/// A line that does not wrap, which would put the painting out of step.
pub(crate) fn fit(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_cut_at_a_character() {
        assert_eq!(fit("Hemgång", 7), "Hemgång");
        assert_eq!(fit("Hemgång går", 7), "Hemgån…");
    }
}
