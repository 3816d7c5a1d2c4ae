//! The executables of a release build: what they weigh, and where a bench command finds them.

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use pitcrew_core::cargo::BuildOutput;

/// The programs that a build made, by name; examples and tests are not among what is shipped.
pub(super) fn programs(build: &BuildOutput) -> Vec<(String, Utf8PathBuf)> {
    let is_program = |kinds: &[String]| kinds.iter().any(|kind| kind == "bin");
    let mut programs: Vec<(String, Utf8PathBuf)> = build
        .artifacts()
        .filter(|artifact| is_program(&artifact.kinds) && !artifact.test)
        .filter_map(|artifact| Some((artifact.target.clone(), artifact.executable.clone()?)))
        .collect();
    programs.sort();
    programs.dedup();
    programs
}

/// Their bytes, all together.
pub(super) fn bytes(programs: &[(String, Utf8PathBuf)]) -> Result<u64> {
    let size = |(_, path): &(String, Utf8PathBuf)| {
        let meta = path.metadata();
        Ok(meta.with_context(|| format!("cannot read {path}"))?.len())
    };
    programs.iter().map(size).sum()
}

/// The user's bench command with `{bin}` and `{bin:NAME}` replaced by the programs' paths.
pub(super) fn fill_in(command: &str, programs: &[(String, Utf8PathBuf)]) -> Result<String, String> {
    let mut filled = command.to_owned();
    for (name, path) in programs {
        filled = filled.replace(&format!("{{bin:{name}}}"), path.as_str());
    }
    if filled.contains("{bin}") {
        match programs {
            [(_, path)] => filled = filled.replace("{bin}", path.as_str()),
            [] => return Err("`{bin}` in --bench: the build makes no program".to_owned()),
            [(first, _), ..] => {
                return Err(format!(
                    "`{{bin}}` in --bench: the build makes {} programs; \
                     name one, as in `{{bin:{first}}}`",
                    programs.len()
                ));
            }
        }
    }
    match filled.split_once("{bin:") {
        Some((_, rest)) => {
            let name = rest.split('}').next().unwrap_or(rest);
            Err(format!(
                "`{{bin:{name}}}` in --bench: the build makes no such program"
            ))
        }
        None => Ok(filled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(names: &[&str]) -> Vec<(String, Utf8PathBuf)> {
        let program = |name: &&str| ((*name).to_owned(), Utf8PathBuf::from(format!("/t/{name}")));
        names.iter().map(program).collect()
    }

    #[test]
    fn the_only_program_needs_no_name() {
        assert_eq!(
            fill_in("{bin} -n 3", &programs(&["a"])).unwrap(),
            "/t/a -n 3"
        );
        assert_eq!(fill_in("cargo bench", &[]).unwrap(), "cargo bench");
    }

    #[test]
    fn of_several_programs_one_is_named() {
        let two = programs(&["a", "b"]);
        assert_eq!(fill_in("{bin:b} | {bin:a}", &two).unwrap(), "/t/b | /t/a");
        let unclear = fill_in("{bin}", &two).unwrap_err();
        assert!(unclear.contains("{bin:a}"), "{unclear}");
        let unknown = fill_in("{bin:c}", &two).unwrap_err();
        assert!(unknown.contains("no such program"), "{unknown}");
    }
}
