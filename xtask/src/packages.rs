//! What crates.io and its users ask of our packages: that each can be packaged, and that the minimum
//! supported Rust version in the manifest is one that our dependencies keep to.

use anyhow::{Result, ensure};
use cargo_metadata::semver::Version;
use pitcrew_core::workspace::{self, LoadOptions, Workspace};

use crate::process::{self, cargo, output, say};

/// Packs each crate that is meant for crates.io, without building it once more.
pub fn run() -> Result<()> {
    let workspace = ours()?;
    pack(&workspace, &["--no-verify"])?;
    minimum_rust(&workspace)
}

/// Packs each, and builds it from what was packed.
pub fn verify() -> Result<()> {
    pack(&ours()?, &[])
}

fn ours() -> Result<Workspace> {
    workspace::load(&LoadOptions {
        cwd: crate::root().to_owned(),
        locked: true,
        ..LoadOptions::default()
    })
}

fn pack(workspace: &Workspace, how: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["package", "--workspace", "--locked", "--allow-dirty"]);
    command.arg("--quiet").args(how);
    let kept = workspace
        .members()
        .filter(|member| member.publish == Some(Vec::new()));
    command.args(kept.map(|member| format!("--exclude={}", member.name)));
    process::run(&mut command)
}

/// No dependency asks for a newer compiler than we say; and where this is that compiler, all that ran
/// before was the proof. clippy's `incompatible_msrv` looks at our own use of std.
fn minimum_rust(workspace: &Workspace) -> Result<()> {
    let packages = &workspace.metadata.packages;
    let own = packages.iter().filter(|package| package.source.is_none());
    let stated: Vec<&Version> = own
        .filter_map(|package| package.rust_version.as_ref())
        .collect();
    let Some(stated) = stated.into_iter().min() else {
        anyhow::bail!("no package here states a `rust-version`");
    };
    let newer: Vec<String> = packages
        .iter()
        .filter(|package| {
            package
                .rust_version
                .as_ref()
                .is_some_and(|asked| asked > stated)
        })
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    ensure!(
        newer.is_empty(),
        "`rust-version` is {stated}, but these ask for a newer one: {}",
        newer.join(", ")
    );
    let told = output(std::process::Command::new("rustc").arg("--version"))?;
    let this = told.split(' ').nth(1).unwrap_or_default();
    let same = this.starts_with(&format!("{}.{}.", stated.major, stated.minor));
    say(&if same {
        format!("minimum Rust {stated}: all of this ran with it, and no dependency asks for more")
    } else {
        format!(
            "minimum Rust {stated}: no dependency asks for more; this is {this}, so compiling with it is not shown here"
        )
    });
    Ok(())
}
