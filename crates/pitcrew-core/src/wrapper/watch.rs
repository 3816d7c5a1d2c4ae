//! Listening to rustc's JSON messages as they pass by.

use std::ffi::OsString;

use serde_json::Value;

/// The pieces of a stream as lines, each cut at a length.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// Calls `found` with each line that ends in `bytes`, until it says to stop.
    fn feed(&mut self, bytes: &[u8], longest: usize, found: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = longest.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let stop = found(&self.line);
                self.line.clear();
                if stop {
                    return true;
                }
            }
        }
        false
    }
}

/// Looks for `{"$message_type":"artifact",...,"emit":"metadata"}` in a stream of lines.
#[derive(Default)]
pub(super) struct MetadataWatch {
    lines: Lines,
}

impl MetadataWatch {
    /// Longer lines are diagnostics.
    const LONGEST: usize = 8 * 1024;

    pub(super) fn feed(&mut self, bytes: &[u8]) -> bool {
        self.lines.feed(bytes, Self::LONGEST, &mut Self::says_so)
    }

    fn says_so(line: &[u8]) -> bool {
        let is_artifact = [&b"{\"$message_type\":\"artifact\""[..], b"{\"artifact\":"]
            .iter()
            .any(|start| line.starts_with(start));
        is_artifact && contains(line, b"\"emit\":\"metadata\"")
    }
}

/// Takes the messages of some lints out of a stream of lines.
#[derive(Default)]
pub(super) struct LintWatch {
    /// `"code":"unused_crate_dependencies"`, as the lines hold it.
    codes: Vec<String>,
    lines: Lines,
    pub(super) found: Vec<String>,
}

impl LintWatch {
    /// The lints that are watched for say more than this about nothing.
    const LONGEST: usize = 64 * 1024;

    pub(super) fn new(lints: Vec<OsString>) -> Self {
        let code = |lint: OsString| format!("\"code\":\"{}\"", lint.to_string_lossy());
        Self {
            codes: lints.into_iter().map(code).collect(),
            ..Self::default()
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.codes.is_empty() {
            return;
        }
        let (codes, found) = (&self.codes, &mut self.found);
        self.lines.feed(bytes, Self::LONGEST, &mut |line| {
            if codes.iter().any(|code| contains(line, code.as_bytes())) {
                let message = serde_json::from_slice::<Value>(line).ok();
                let message = message.and_then(|m| m["message"].as_str().map(str::to_owned));
                found.extend(message);
            }
            false
        });
    }
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &[u8] =
        b"{\"$message_type\":\"artifact\",\"artifact\":\"/t/liba.rmeta\",\"emit\":\"metadata\"}\n";

    #[test]
    fn metadata_is_seen_however_the_bytes_arrive() {
        let mut watch = MetadataWatch::default();
        let (last, rest) = READY.split_last().unwrap();
        assert!(rest.iter().all(|byte| !watch.feed(&[*byte])));
        assert!(watch.feed(&[*last]));

        let long = [b"{\"message\":\"", &vec![b'x'; 20_000][..], b"\"}\n", READY].concat();
        assert!(MetadataWatch::default().feed(&long));
    }

    #[test]
    fn a_diagnostic_that_quotes_an_artifact_is_not_one() {
        let quote =
            b"{\"$message_type\":\"diagnostic\",\"message\":\"\\\"emit\\\":\\\"metadata\\\"\"}\n";
        assert!(!MetadataWatch::default().feed(quote));
        let link = b"{\"$message_type\":\"artifact\",\"artifact\":\"/t/a\",\"emit\":\"link\"}\n";
        assert!(!MetadataWatch::default().feed(link));
    }

    #[test]
    fn only_the_lints_asked_for_are_heard() {
        let said = |code: &str| {
            format!(
                "{{\"$message_type\":\"diagnostic\",\"message\":\"about {code}\",\
                 \"code\":{{\"code\":\"{code}\",\"explanation\":null}}}}\n"
            )
        };
        let mut watch = LintWatch::new(vec!["unused_crate_dependencies".into()]);
        let stream = [said("unused_variables"), said("unused_crate_dependencies")].concat();
        for piece in stream.as_bytes().chunks(7) {
            watch.feed(piece);
        }
        assert_eq!(watch.found, ["about unused_crate_dependencies"]);
    }
}
