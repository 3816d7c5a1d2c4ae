//! Which of rustc's unstable flags this compiler has: they come and go.

use std::collections::HashSet;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

/// Without these there is nothing to read.
const NEEDED: &[&str] = &["-Zmir-include-spans=on", "-Zmir-opt-level=0"];
/// Paths in full, and no work for code that nobody runs.
const WANTED: &[&str] = &[
    "-Ztrim-diagnostic-paths=no",
    "-Zno-codegen",
    "-Zhint-mostly-unused",
];
/// For the sizes of futures.
const SIZES: &str = "-Zprint-type-sizes";
/// rustc takes a library whose MIR it prints for one that is linked, and walks all generic code that it
/// would share with others: most of the time that a check takes, and nothing of it is printed. Of the
/// crate of compiler builtins alone it shares none. The MIR is the same byte for byte.
const LIGHT: &[&str] = &[
    "-Zcrate-attr=feature(compiler_builtins)",
    "-Zcrate-attr=compiler_builtins",
    "-Ainternal_features",
];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    pub all: Vec<String>,
    pub members: Vec<String>,
    /// Spare work. Where a crate does not compile with them, it may without.
    pub light: Vec<String>,
}

/// Asks the compiler, as it is found from `dir`.
pub fn of_compiler(rustc: &str, dir: &Utf8Path) -> Result<Flags> {
    let mut command = Command::new(rustc);
    command.current_dir(dir).env("RUSTC_BOOTSTRAP", "1");
    let output = command.arg("-Zhelp").output();
    let output = output.with_context(|| format!("cannot run `{rustc} -Zhelp`"))?;
    if !output.status.success() {
        bail!("`{rustc} -Zhelp` does not say which flags there are");
    }
    of_help(&String::from_utf8_lossy(&output.stdout))
}

fn of_help(help: &str) -> Result<Flags> {
    let known: HashSet<&str> = help.lines().filter_map(name).collect();
    let has = |flag: &&str| {
        let name = flag.trim_start_matches("-Z");
        known.contains(name.split('=').next().unwrap_or(name))
    };
    if let Some(missing) = NEEDED.iter().find(|flag| !has(flag)) {
        bail!("this compiler has no flag `{missing}`");
    }
    let texts = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect();
    let all = NEEDED.iter().chain(WANTED.iter().filter(|flag| has(flag)));
    let members = [SIZES].into_iter().filter(has);
    Ok(Flags {
        all: all.map(|flag| (*flag).to_owned()).collect(),
        members: members.map(str::to_owned).collect(),
        light: if has(&LIGHT[0]) {
            texts(LIGHT)
        } else {
            Vec::new()
        },
    })
}

/// `    -Z   mir-opt-level=val -- MIR optimization level`
fn name(line: &str) -> Option<&str> {
    let flag = line.trim_start().strip_prefix("-Z")?.trim_start();
    let name = flag.split_once(" -- ").map_or(flag, |(name, _)| name);
    name.split('=').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_compiler_lacks_is_not_asked_for() {
        let help = "\n    -Z             mir-include-spans=val -- include extra\n    \
            -Z                mir-opt-level=val -- MIR optimization level\n    \
            -Z                   no-codegen=val -- run all passes except codegen\n";
        let flags = of_help(help).unwrap();
        assert_eq!(
            flags.all,
            [
                "-Zmir-include-spans=on",
                "-Zmir-opt-level=0",
                "-Zno-codegen"
            ]
        );
        assert!(flags.members.is_empty() && flags.light.is_empty());
        let error = of_help("    -Z   no-codegen=val -- x").unwrap_err();
        assert!(error.to_string().contains("mir-include-spans"), "{error}");
    }

    #[test]
    fn the_installed_compiler_has_them_all() {
        let flags = of_compiler("rustc", Utf8Path::new(".")).unwrap();
        assert_eq!(flags.all.len(), NEEDED.len() + WANTED.len(), "{flags:?}");
        assert_eq!(flags.members, [SIZES]);
        assert_eq!(flags.light, LIGHT);
    }
}
