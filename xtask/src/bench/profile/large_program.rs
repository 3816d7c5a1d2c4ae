//! A large program that is busy for as many seconds as it is told: it parses and prints Rust, JSON, TOML
//! and Markdown, each by a library of some weight. For the bench of `cargo hotpath`.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quote::ToTokens as _;
use syn::visit::Visit;

fn rust_source(functions: usize) -> String {
    let mut text = String::new();
    for n in 0..functions {
        let _ = writeln!(
            text,
            "/// Number {n}.\npub async fn function_{n}<T: Into<u64> + Clone, const N: usize>(input: &[T; N], map: \
             &std::collections::HashMap<String, Vec<T>>) -> Result<Option<u64>, Box<dyn std::error::Error>> {{\n    \
             let mut sum = {n}u64;\n    for (at, value) in input.iter().enumerate() {{\n        match at % 3 {{\n            \
             0 if at > 2 => sum += value.clone().into(),\n            1 | 2 => {{ sum = sum.wrapping_mul(31) ^ {n}; }}\n            \
             _ => continue,\n        }}\n    }}\n    let named = map.get(&format!(\"key {{}}\", sum)).map(|v| v.len());\n    \
             if let Some(len @ 1..=9) = named {{ return Ok(Some(len as u64)); }}\n    Ok(Some(sum))\n}}"
        );
    }
    text
}

struct Names(usize);

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.0 += ident.to_string().len();
    }
}

fn rust(source: &str) -> usize {
    let Ok(file) = syn::parse_file(source) else { return 0 };
    let mut names = Names(0);
    names.visit_file(&file);
    let mut hasher = DefaultHasher::new();
    file.hash(&mut hasher);
    let same = file.clone() == file;
    names.0 + file.into_token_stream().to_string().len() + hasher.finish() as usize % 7 + usize::from(same)
}

fn json(records: usize) -> usize {
    let mut all = Vec::new();
    for n in 0..records {
        all.push(serde_json::json!({"id": n, "name": format!("record {n}"), "tags": ["a", "b", n], "ratio": n as f64 / 7.0}));
    }
    let text = serde_json::to_string_pretty(&all).unwrap_or_default();
    let back: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let loose = jsonc_parser::parse_to_serde_value::<serde_json::Value>(&text, &Default::default());
    text.len() + back.as_array().map_or(0, Vec::len) + usize::from(loose.is_ok())
}

fn toml(tables: usize) -> usize {
    let mut text = String::new();
    for n in 0..tables {
        let _ = writeln!(text, "[package.p{n}] # {n}\nversion = \"1.{n}\"\nfeatures = [\"a\", 'b', {n}]\nwhen = 1979-05-27T07:32:00Z");
    }
    let Ok(mut document) = text.parse::<toml_edit::DocumentMut>() else { return 0 };
    document["more"] = toml_edit::value(3.5);
    document.to_string().len()
}

fn markdown(paragraphs: usize) -> usize {
    let mut text = String::new();
    for n in 0..paragraphs {
        let _ = writeln!(text, "# Title {n}\n\n*Some* **text** with `code` and a [link](https://example.org/{n}).\n\n- one\n- two\n");
    }
    let words = regex::Regex::new(r"(?i)\b(?:t[a-z]+|\d{1,3})\b");
    let found = words.map_or(0, |words| words.find_iter(&text).count());
    let other = text.replace("two", "three");
    let changes = similar::TextDiff::from_lines(&text, &other).iter_all_changes().count();
    pulldown_cmark::Parser::new(&text).count() + found + changes
}

fn arguments(n: usize) -> usize {
    let command = clap::Command::new("x")
        .arg(clap::Arg::new("a").long("all").action(clap::ArgAction::SetTrue).help("All of it"))
        .arg(clap::Arg::new("n").long("number").value_parser(clap::value_parser!(u32)));
    let number = n.to_string();
    let parsed = command.clone().try_get_matches_from(["x", "--all", "--number", &number]);
    parsed.map_or(0, |matches| matches.get_one::<u32>("n").map_or(0, |n| *n as usize)) + command.clone().render_long_help().to_string().len()
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1.0);
    let wanted = Duration::from_secs_f64(f64::max(seconds, 0.0));
    let source = rust_source(40);
    if seconds < 0.0 {
        // Linked, never run: what makes the program large.
        let graph = guppy::MetadataCommand::new().build_graph();
        println!("{}", graph.is_ok_and(|graph| graph.package_count() > 0));
    }
    let begun = Instant::now();
    let (mut sum, mut rounds) = (0, 0);
    while begun.elapsed() < wanted {
        sum += rust(&source) + json(120) + toml(60) + markdown(60) + arguments(rounds);
        rounds += 1;
    }
    black_box(sum);
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64());
    println!("ran {:.4} cpu 0 ended {ended:.4}", begun.elapsed().as_secs_f64());
}
