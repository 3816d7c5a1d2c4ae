//! Running `cargo metadata` so that it changes nothing, and saying in short what it refused.

use std::process::{Command, Output};

use anyhow::{Context as _, Error, Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{CargoOpt, MetadataCommand};

use super::LoadOptions;
use super::lockfile::Lockfile;

/// The JSON that cargo prints.
///
/// cargo would write `Cargo.lock` where it is missing or out of date. So it is asked with
/// `--locked` first, which is right nearly always; only where that is refused is it asked again,
/// with the lockfile kept and put back afterwards.
pub(super) fn run(options: &LoadOptions) -> Result<String> {
    let user_locked = options.locked || options.frozen;
    // Without dependencies there is nothing to lock, and cargo does not look.
    let writes_nothing = user_locked || options.no_deps;
    let extra = if writes_nothing {
        None
    } else {
        Some("--locked")
    };
    let first = output(&mut command(options, extra))?;
    if first.status.success() {
        return text(first.stdout);
    }
    let refusal = String::from_utf8_lossy(&first.stderr);
    if writes_nothing || !refusal.contains("--locked") {
        return Err(explained(&refusal, user_locked));
    }

    let lockfile = Lockfile::keep(&root_manifest(options)?.with_file_name("Cargo.lock"))?;
    let second = output(&mut command(options, None));
    lockfile.put_back()?;
    let second = second?;
    if second.status.success() {
        text(second.stdout)
    } else {
        let refusal = String::from_utf8_lossy(&second.stderr);
        Err(explained(&refusal, user_locked))
    }
}

fn command(options: &LoadOptions, extra: Option<&str>) -> Command {
    let mut command = MetadataCommand::new();
    command.current_dir(dir(options));
    if let Some(path) = &options.manifest_path {
        command.manifest_path(path);
    }
    if options.all_features {
        command.features(CargoOpt::AllFeatures);
    }
    if options.no_default_features {
        command.features(CargoOpt::NoDefaultFeatures);
    }
    if !options.features.is_empty() {
        command.features(CargoOpt::SomeFeatures(options.features.clone()));
    }
    if options.no_deps {
        command.no_deps();
    }
    let mut rest = vec!["--color", "never"];
    let flags = [
        ("--locked", options.locked),
        ("--offline", options.offline),
        ("--frozen", options.frozen),
    ];
    rest.extend(flags.iter().filter(|(_, on)| *on).map(|(flag, _)| *flag));
    rest.extend(extra);
    if let Some(triple) = &options.filter_platform {
        rest.extend(["--filter-platform", triple]);
    }
    for config in &options.config {
        rest.extend(["--config", config]);
    }
    command.other_options(rest.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let mut command = command.cargo_command();
    if options.no_wrapper {
        command.env("RUSTC_WRAPPER", "");
    }
    command
}

fn dir(options: &LoadOptions) -> &Utf8Path {
    if options.cwd.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        &options.cwd
    }
}

/// The root manifest, as cargo finds it.
fn root_manifest(options: &LoadOptions) -> Result<Utf8PathBuf> {
    let cargo = command(options, None).get_program().to_owned();
    let mut command = Command::new(cargo);
    command
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .args(["--color", "never"])
        .current_dir(dir(options));
    if let Some(path) = &options.manifest_path {
        command.arg("--manifest-path").arg(path);
    }
    let output = output(&mut command)?;
    if !output.status.success() {
        return Err(explained(&String::from_utf8_lossy(&output.stderr), false));
    }
    let path = text(output.stdout)?;
    Ok(Utf8Path::new(path.trim_end_matches(['\r', '\n'])).to_owned())
}

fn output(command: &mut Command) -> Result<Output> {
    command.output().map_err(|error| {
        let program = command.get_program().to_string_lossy();
        // A working directory that is not there is reported as the program not being there.
        let dir_missing = command.get_current_dir().is_some_and(|dir| !dir.is_dir());
        match command.get_current_dir() {
            Some(dir) if dir_missing => anyhow!("`{}` is not a directory", dir.display()),
            _ if error.kind() == std::io::ErrorKind::NotFound => anyhow!(
                "cannot run `{program}`: not found; install Rust from https://rustup.rs or set CARGO"
            ),
            _ => Error::new(error).context(format!("cannot run `{program}`")),
        }
    })
}

fn text(stdout: Vec<u8>) -> Result<String> {
    String::from_utf8(stdout).context("cargo printed something that is not UTF-8")
}

/// cargo's own error without what it printed before it, and what to do about it.
fn explained(stderr: &str, locked: bool) -> Error {
    let error = stderr
        .find("error: ")
        .map_or(stderr, |at| &stderr[at + "error: ".len()..])
        .trim_end();
    let advice = if error.is_empty() {
        return anyhow!("`cargo metadata` failed and did not say why");
    } else if error.starts_with("could not find `Cargo.toml`") {
        "\nrun this inside a Rust project, or name one with --manifest-path"
    } else if locked && error.contains("--locked") {
        "\nrun `cargo generate-lockfile` or `cargo update --workspace` first, or leave out --locked"
    } else if error.contains("Cargo.lock") && DENIED.iter().any(|why| error.contains(why)) {
        "\ncargo must write Cargo.lock first: run `cargo generate-lockfile` where that is allowed"
    } else {
        ""
    };
    anyhow!("{error}{advice}")
}

/// How the systems say that a tree cannot be written to.
const DENIED: &[&str] = &[
    "Permission denied",
    "Read-only file system",
    "Access is denied",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_cannot_be_written_to_is_named_with_the_remedy() {
        let stderr = "error: failed to write `/w/Cargo.lock`\n\nCaused by:\n  \
                      Permission denied (os error 13)\n";
        let text = explained(stderr, false).to_string();
        assert!(
            text.ends_with("run `cargo generate-lockfile` where that is allowed"),
            "{text}"
        );
    }

    #[test]
    fn notices_before_the_error_are_dropped() {
        let stderr = "    Updating crates.io index\nwarning: old\nerror: failed to parse\n\nCaused by:\n  x\n";
        assert_eq!(
            explained(stderr, false).to_string(),
            "failed to parse\n\nCaused by:\n  x"
        );
    }

    #[test]
    fn silence_is_named() {
        assert_eq!(
            explained("", false).to_string(),
            "`cargo metadata` failed and did not say why"
        );
    }
}
