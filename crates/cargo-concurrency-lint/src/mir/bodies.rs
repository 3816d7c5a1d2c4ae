//! Cuts the text of a crate's MIR into functions, one at a time, so that a crate of any size is read
//! in little memory.

use std::io::{self, BufRead};

/// A function longer than this is generated tables; it is counted and left out.
const LONGEST: usize = 32 << 20;

/// Hands the text of each function to `visit`, from its header to its closing brace. Gives the number
/// of functions that were too long, and of bytes read.
pub fn each(mut from: impl BufRead, visit: &mut dyn FnMut(&str)) -> io::Result<Cut> {
    let mut cut = Cut::default();
    let mut line = Vec::new();
    let mut text = Vec::new();
    let mut state = State::Between;
    loop {
        line.clear();
        let count = from.read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok(cut);
        }
        cut.bytes += u64::try_from(count).unwrap_or(u64::MAX);
        state = match state {
            State::Between if line.starts_with(b"fn ") && line.trim_ascii_end().ends_with(b"{") => {
                text.clear();
                text.extend_from_slice(&line);
                State::Within
            }
            // The second version of a `const fn`, for evaluation at compile time.
            State::Between if line.starts_with(b"// MIR FOR CTFE") => State::Again,
            State::Again if line.starts_with(b"}") => State::Between,
            State::Within | State::TooLong if line.starts_with(b"}") => {
                if matches!(state, State::Within) {
                    visit(&String::from_utf8_lossy(&text));
                }
                State::Between
            }
            State::Within if text.len() + line.len() > LONGEST => {
                cut.too_long += 1;
                State::TooLong
            }
            State::Within => {
                text.extend_from_slice(&line);
                State::Within
            }
            other => other,
        };
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    pub bytes: u64,
    pub too_long: u32,
}

enum State {
    Between,
    Within,
    TooLong,
    Again,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &[u8]) -> (Vec<String>, Cut) {
        let mut found = Vec::new();
        let cut = each(text, &mut |body| found.push(body.to_owned())).unwrap();
        (found, cut)
    }

    #[test]
    fn functions_are_cut_out_of_what_is_between() {
        let text = b"// WARNING\nfn a() -> () {\n    bb0: {\n    }\n}\n\nstatic S: u32 = {\n}\n\
            alloc1 (size: 1) {\n    00\n}\n\n// MIR FOR CTFE\nfn a() -> () {\n    twice\n}\nfn b() -> () {\n}\n";
        let (found, counted) = cut(text);
        assert_eq!(
            found,
            ["fn a() -> () {\n    bb0: {\n    }\n", "fn b() -> () {\n"]
        );
        assert_eq!(counted.bytes, text.len() as u64);
    }

    #[test]
    fn what_ends_early_or_is_no_utf8_is_no_error() {
        assert!(cut(b"fn a() -> () {\n    bb0: {\n").0.is_empty());
        assert_eq!(cut(b"fn \xff() -> () {\n}\n").0.len(), 1);
        assert!(cut(b"").0.is_empty());
    }

    #[test]
    fn what_is_too_long_is_left_out_and_counted() {
        let mut text = b"fn a() -> () {\n".to_vec();
        for _ in 0..5 {
            text.extend(vec![b' '; 8 << 20]);
            text.push(b'\n');
        }
        text.extend(b"}\nfn b() -> () {\n}\n");
        let (found, counted) = cut(&text);
        assert_eq!(found, ["fn b() -> () {\n"]);
        assert_eq!(counted.too_long, 1);
    }
}
