//! Documentation tests, compiled and not run. rustdoc is called as cargo would call it, but on the
//! metadata that `cargo check` has made: `cargo test --doc` would build every dependency in full.

use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::wrapper::log::Invocation;
use pitcrew_core::wrapper::rustc_args::RustcArgs;

/// What rustdoc is called with for one library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    pub args: Vec<String>,
    pub cwd: Utf8PathBuf,
    pub env: Vec<(String, String)>,
}

/// How the library that `library` compiles is documented. `richest` compiles something of the same
/// package that sees development dependencies too, as documentation tests do.
pub fn documented(library: &Invocation, richest: &Invocation) -> Option<Documented> {
    let own = RustcArgs::parse(library.args.iter().map(String::as_str));
    let name = own.crate_name.clone()?;
    let is_macro = own.crate_types.iter().any(|kind| kind == "proc-macro");
    if is_macro {
        // Its tests need the compiled macro, which a check does not make.
        return None;
    }
    let metadata = Utf8Path::new(own.out_dir.as_deref()?)
        .join(format!("lib{name}{}.rmeta", own.extra_filename));
    let mut args = vec!["--test".to_owned(), "--no-run".to_owned()];
    args.extend(["-Z".to_owned(), "unstable-options".to_owned()]);
    args.extend(["--crate-name".to_owned(), name.clone(), own.input.clone()?]);
    args.extend(kept(
        &library.args,
        &["--edition", "--cfg", "--check-cfg", "-L", "--target"],
    ));
    args.extend(kept(&richest.args, &["--extern"]));
    args.extend(["--extern".to_owned(), format!("{name}={metadata}")]);
    let mut env: Vec<(String, String)> = library
        .env
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // The flag to compile only is not yet stable.
    env.push(("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()));
    Some(Documented {
        args,
        cwd: library.cwd.clone().into(),
        env,
    })
}

/// The arguments of these names, with their values.
fn kept(args: &[String], names: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if names.contains(&arg.as_str()) {
            out.push(arg.clone());
            out.extend(args.next().cloned());
        } else if names.iter().any(|name| {
            arg.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
        }) {
            out.push(arg.clone());
        }
    }
    out
}

/// Compiles the tests; what rustdoc said where they do not compile.
pub fn compile(documented: &Documented, rustdoc: &Utf8Path) -> Result<Option<String>> {
    let mut command = Command::new(rustdoc);
    command
        .args(&documented.args)
        .current_dir(&documented.cwd)
        .envs(documented.env.iter().map(|(name, value)| (name, value)));
    let output = command
        .output()
        .with_context(|| format!("cannot run {rustdoc}"))?;
    if output.status.success() {
        return Ok(None);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Some(format!(
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(args: &str) -> Invocation {
        Invocation {
            args: args.split(' ').map(str::to_owned).collect(),
            cwd: "/copy".to_owned(),
            ..Invocation::default()
        }
    }

    #[test]
    fn rustdoc_sees_what_tests_see() {
        let library = call(
            "--crate-name a --edition=2024 src/lib.rs --crate-type lib --emit=metadata \
             --cfg feature=\"f\" -C extra-filename=-1 --out-dir /t/deps -L dependency=/t/deps \
             --extern x=/t/deps/libx.rmeta",
        );
        let test = call(
            "--crate-name a --edition=2024 src/lib.rs --test --extern x=/t/deps/libx.rmeta \
             --extern d=/t/deps/libd.rmeta",
        );
        let found = documented(&library, &test).unwrap();
        assert_eq!(
            found.args.join(" "),
            "--test --no-run -Z unstable-options --crate-name a src/lib.rs --edition=2024 \
             --cfg feature=\"f\" -L dependency=/t/deps --extern x=/t/deps/libx.rmeta \
             --extern d=/t/deps/libd.rmeta --extern a=/t/deps/liba-1.rmeta"
        );
        let macros = call("--crate-name a src/lib.rs --crate-type proc-macro --out-dir /t");
        assert_eq!(documented(&macros, &test), None);
    }
}
