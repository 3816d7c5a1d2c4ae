//! Lines out of a stream of bytes that arrive in pieces.

/// Splits at line feeds, and at carriage returns where a counter redraws itself.
#[derive(Debug)]
pub struct Lines {
    partial: Vec<u8>,
    at_carriage_return: bool,
}

impl Lines {
    pub fn new(at_carriage_return: bool) -> Self {
        Self {
            partial: Vec::new(),
            at_carriage_return,
        }
    }

    /// Calls `on_line` for each line that is now complete, without its end.
    pub fn feed(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(&str)) {
        let ends = |byte: &u8| *byte == b'\n' || (self.at_carriage_return && *byte == b'\r');
        for piece in bytes.split_inclusive(ends) {
            match piece.split_last() {
                Some((last, line)) if ends(last) => {
                    self.partial.extend_from_slice(line);
                    on_line(&String::from_utf8_lossy(&self.partial));
                    self.partial.clear();
                }
                _ => self.partial.extend_from_slice(piece),
            }
        }
    }
}

/// The text without terminal control sequences (`ESC [ ... letter`).
pub fn without_control(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.next() == Some('[') {
                chars.by_ref().find(char::is_ascii_alphabetic);
            }
        } else if !c.is_control() || c == '\t' {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_they_arrive() {
        let mut lines = Lines::new(true);
        let mut seen = Vec::new();
        for piece in ["on", "e\ntw", "o\rthree", "\n", "rest"] {
            lines.feed(piece.as_bytes(), &mut |line| seen.push(line.to_owned()));
        }
        assert_eq!(seen, ["one", "two", "three"]);
    }

    #[test]
    fn control_sequences_are_dropped() {
        assert_eq!(
            without_control("\u{1b}[K\u{1b}[1;32mok\u{1b}[0m\t!\u{7}"),
            "ok\t!"
        );
        assert_eq!(without_control("\u{1b}[12"), "");
    }
}
