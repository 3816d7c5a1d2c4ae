//! Small programs with one planted inefficiency each. `corpus/<name>/slow.rs` has it in hot code and
//! once more in cold code, `corpus/<name>/fast.rs` is the same program mended. Comments mark the lines:
//! `// HOT rule-id` is what must be said, `// COLD` is where nothing may be.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::corpus::folders;

/// One program in both states.
#[derive(Debug)]
pub struct Planted {
    pub name: String,
    pub slow: Utf8PathBuf,
    pub fast: Utf8PathBuf,
    /// The rule that must speak first, and where.
    pub rule: String,
    pub hot: u32,
    pub cold: u32,
}

/// Every program of a corpus, in the order of their names.
pub fn load(corpus: &Utf8Path) -> Result<Vec<Planted>> {
    folders(corpus)?
        .into_iter()
        .map(|name| {
            let dir = corpus.join(&name);
            one(name, &dir).with_context(|| format!("in {dir}"))
        })
        .collect()
}

fn one(name: String, dir: &Utf8Path) -> Result<Planted> {
    let (slow, fast) = (dir.join("slow.rs"), dir.join("fast.rs"));
    let text = fs::read_to_string(&slow)?;
    ensure!(fast.is_file(), "there is no fast.rs");
    let (hot, rule) = marked(&text, "// HOT ").context("slow.rs has no `// HOT rule`")?;
    let (cold, _) = marked(&text, "// COLD").context("slow.rs has no `// COLD`")?;
    Ok(Planted {
        name,
        slow,
        fast,
        rule: rule.to_owned(),
        hot,
        cold,
    })
}

/// The number of the line with this mark, and what follows it there.
fn marked<'t>(text: &'t str, mark: &str) -> Option<(u32, &'t str)> {
    (1..).zip(text.lines()).find_map(|(number, line)| {
        let (_, rest) = line.split_once(mark)?;
        Some((number, rest.trim()))
    })
}

/// Builds all programs as `cargo hotpath` would, in one package below `folder`, in these `states`, and
/// gives the executables by `<name>-slow` and `<name>-fast`.
pub fn build(
    programs: &[Planted],
    states: &[&str],
    lock: &Utf8Path,
    folder: &Utf8Path,
) -> Result<BTreeMap<String, Utf8PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut manifest = MANIFEST.to_owned();
    for program in programs {
        for state in states {
            let path = match *state {
                "slow" => &program.slow,
                _ => &program.fast,
            };
            let name = format!("{}-{state}", program.name);
            manifest.push_str(&format!(
                "[[bin]]\nname = {name:?}\npath = {:?}\n",
                path.as_str()
            ));
        }
    }
    fs::write(folder.join("Cargo.toml"), manifest)?;
    // The versions that this workspace has already.
    fs::copy(lock, folder.join("Cargo.lock"))?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline", "--quiet"]);
    cargo.arg("--message-format=json-render-diagnostics");
    cargo.current_dir(folder).env_remove("CARGO_TARGET_DIR");
    cargo.env("RUSTFLAGS", "-Csymbol-mangling-version=v0");
    let output = cargo.output().context("cannot start cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "the corpus does not build:\n{said}"
    );
    let mut built = BTreeMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        if let Some(path) = message["executable"].as_str() {
            let path = Utf8PathBuf::from(path);
            let name = path.file_stem().unwrap_or_default().to_owned();
            built.insert(name, path);
        }
    }
    Ok(built)
}

/// A workspace of its own, wherever it lies; regex as small as it can be built.
const MANIFEST: &str = "\
[workspace]
[package]
name = \"corpus\"
version = \"0.0.0\"
edition = \"2024\"
[dependencies]
regex = { version = \"1\", default-features = false, features = [\"std\"] }
[profile.release]
debug = \"limited\"
strip = false
split-debuginfo = \"off\"
incremental = false
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_line_and_rule() {
        let text = "fn f() {\n    g(); // HOT growth\n    h(); // COLD\n}\n";
        assert_eq!(marked(text, "// HOT "), Some((2, "growth")));
        assert_eq!(marked(text, "// COLD"), Some((3, "")));
        assert_eq!(marked("", "// HOT "), None);
    }
}
