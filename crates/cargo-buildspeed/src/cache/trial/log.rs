//! The log of sccache's server at `SCCACHE_LOG=debug`, read for what became of each crate. Lines that
//! are not understood are left out: they are not made for us.

use std::collections::HashMap;

use pitcrew_core::wrapper::rustc_args::RustcArgs;

/// One compilation that the server was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub krate: String,
    /// The source file, as rustc was given it.
    pub input: String,
    pub is_build_script: bool,
    pub answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Hit,
    Miss,
    /// It is never asked for, for sccache's reason.
    Uncacheable(String),
    /// The storage did not answer as it should.
    Trouble(String),
    /// The log ends before.
    Unknown,
}

/// All calls in a log, in their order.
pub fn read(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut open: HashMap<String, Vec<usize>> = HashMap::new();
    for line in text.lines() {
        let Some((_, said)) = line.split_once("] ") else {
            continue;
        };
        if let Some(rest) = said.strip_prefix("parse_arguments: CannotCache(") {
            calls.extend(uncacheable(rest));
        } else if let Some((krate, said)) = of_a_crate(said) {
            if let Some(args) = said.strip_prefix("get_cached_or_compile: ") {
                open.entry(krate.to_owned()).or_default().push(calls.len());
                calls.push(call(args, Answer::Unknown));
            } else if let Some(answer) = answer(said)
                // Two crates of one name are answered in the order in which they asked.
                && let Some(waiting) = open.get_mut(krate).filter(|waiting| !waiting.is_empty())
            {
                let at = waiting.remove(0);
                calls[at].answer = answer;
            }
        }
    }
    calls
}

fn of_a_crate(said: &str) -> Option<(&str, &str)> {
    said.strip_prefix('[')?.split_once("]: ")
}

fn answer(said: &str) -> Option<Answer> {
    if said.starts_with("Cache hit in") {
        Some(Answer::Hit)
    } else if said.starts_with("Cache miss in") {
        Some(Answer::Miss)
    } else if said.starts_with("Cache timed out") || said.starts_with("Cache read error") {
        let first = said.split(" in ").next().unwrap_or(said);
        Some(Answer::Trouble(first.to_owned()))
    } else {
        None
    }
}

/// `crate-type, bin): ["--crate-name", ...`
fn uncacheable(rest: &str) -> Option<Call> {
    let (why, args) = rest.split_once("): ")?;
    let why = match why.split_once(", ") {
        Some((why, more)) => format!("{why} ({more})"),
        None => why.to_owned(),
    };
    // cargo's questions to the compiler name no crate, or none that there is.
    let call = call(args, Answer::Uncacheable(why));
    (!call.krate.is_empty() && call.krate != "___").then_some(call)
}

fn call(args: &str, answer: Answer) -> Call {
    // As Rust prints a list of strings, which is JSON but for rare escapes.
    let args: Vec<String> = serde_json::from_str(args).unwrap_or_default();
    let parsed = RustcArgs::parse(args.iter().map(String::as_str));
    let krate = parsed.crate_name.unwrap_or_default();
    Call {
        is_build_script: krate.starts_with("build_script_"),
        krate,
        input: parsed.input.unwrap_or_default(),
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"[2026-11-24T17:28:07.197Z INFO  sccache::server] start_server: 127.0.0.1:45690
[2026-11-24T17:28:07.459Z DEBUG sccache::server] parse_arguments: CannotCache(missing input): ["-vV"]
[2026-11-24T17:28:07.475Z DEBUG sccache::server] parse_arguments: CannotCache(-): ["-", "--crate-name", "___", "--print=file-names"]
[2026-11-24T17:28:07.521Z DEBUG sccache::compiler::compiler] [a]: get_cached_or_compile: ["--crate-name", "a", "--edition=2021", "a/src/lib.rs", "--crate-type", "lib"]
[2026-11-24T17:28:07.523Z DEBUG sccache::server] parse_arguments: CannotCache(crate-type, bin): ["--crate-name", "build_script_build", "build.rs", "--crate-type", "bin"]
[2026-11-24T17:28:07.524Z DEBUG sccache::compiler::compiler] [b]: get_cached_or_compile: ["--crate-name", "b", "b/src/lib.rs", "--crate-type", "lib"]
[2026-11-24T17:28:07.575Z DEBUG sccache::compiler::compiler] [a]: Cache miss in 0.001 s
[2026-11-24T17:28:07.576Z DEBUG sccache::compiler::compiler] [b]: Cache hit in 0.001 s
[2026-11-24T17:28:07.642Z DEBUG sccache::compiler::compiler] [a]: Compiled in 0.066 s, storing in cache
[2026-11-24T17:28:07.969Z DEBUG sccache::server] parse_arguments: CannotCache(incremental): ["--crate-name", "q", "src/lib.rs", "-C", "incremental=/i"]
[2026-11-24T17:28:08.000Z DEBUG sccache::compiler::compiler] [c]: get_cached_or_compile: ["--crate-name", "c", "c.rs"]
torn li"#;

    #[test]
    fn each_crate_has_its_answer() {
        let calls = read(LOG);
        let told: Vec<(&str, &Answer)> = calls
            .iter()
            .map(|c| (c.krate.as_str(), &c.answer))
            .collect();
        let why = |text: &str| Answer::Uncacheable(text.to_owned());
        assert_eq!(
            told,
            [
                ("a", &Answer::Miss),
                ("build_script_build", &why("crate-type (bin)")),
                ("b", &Answer::Hit),
                ("q", &why("incremental")),
                ("c", &Answer::Unknown),
            ]
        );
        assert!(calls[1].is_build_script && !calls[0].is_build_script);
        assert_eq!(calls[0].input, "a/src/lib.rs");
    }

    #[test]
    fn crates_of_one_name_are_answered_in_turn() {
        let log = "[x] [a]: get_cached_or_compile: [\"--crate-name\", \"a\", \"1.rs\"]\n\
                   [x] [a]: get_cached_or_compile: [\"--crate-name\", \"a\", \"2.rs\"]\n\
                   [x] [a]: Cache hit in 0.1 s\n[x] [a]: Cache timed out 60.0 s\n";
        let calls = read(log);
        assert_eq!(calls[0].answer, Answer::Hit);
        assert!(matches!(calls[1].answer, Answer::Trouble(_)), "{calls:?}");
    }
}
