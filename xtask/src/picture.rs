//! `cargo xtask picture`: a plugin's real output in a real project, as the picture of a terminal for the
//! README and the tour. Nothing is redrawn by hand.

use std::fs;
use std::process::{Command, Stdio};

use anstyle_svg::Term;
use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;

use crate::plugins::PLUGINS;
use crate::process::{self, cargo, say};

#[derive(clap::Args)]
pub struct Args {
    /// The plugin, as it follows `cargo`
    #[arg(value_name = "PLUGIN")]
    plugin: String,

    /// Where it runs
    #[arg(long, value_name = "DIR")]
    project: Utf8PathBuf,

    /// The picture, by default docs/pictures/PLUGIN.svg
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,

    /// How many lines to show; what is left out is said in the picture
    #[arg(long, value_name = "N", default_value_t = 40)]
    lines: usize,

    /// What follows the plugin's name
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let plugin = PLUGINS.iter().find(|plugin| plugin.name == args.plugin);
    let plugin = plugin.with_context(|| format!("there is no plugin `{}`", args.plugin))?;
    // All of them, as the demo does it: one alone would be built with other features of the same crates.
    let mut build = cargo();
    build.args(["build", "--release", "--locked"]);
    for plugin in PLUGINS {
        build.args(["-p", plugin.package]);
    }
    process::run(&mut build)?;
    let binary = crate::root().join("target/release").join(plugin.package);
    let mut command = Command::new(binary.canonicalize_utf8()?);
    command
        .args([plugin.name, "--color", "always"])
        .args(&args.args);
    command
        .current_dir(&args.project)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    command.env("COLUMNS", "80");
    let output = command.output().context("cannot start the plugin")?;
    // 1 is findings under `--check`.
    ensure!(
        output.status.code().is_some_and(|code| code < 2),
        "the plugin failed: {}",
        output.status
    );
    let text = String::from_utf8(output.stdout).context("a plugin prints UTF-8")?;
    let words: Vec<&str> = args.args.iter().map(String::as_str).collect();
    let call = format!("cargo {} {}", plugin.name, words.join(" "));
    let svg = Term::new().render_svg(&shown(call.trim(), &text, args.lines));
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| crate::root().join(format!("docs/pictures/{}.svg", plugin.name)));
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
    }
    fs::write(&out, svg).with_context(|| format!("cannot write {out}"))?;
    say(&format!("wrote {out}"));
    Ok(())
}

/// The call, and as much of the output as fits.
fn shown(call: &str, text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let mut out = format!("\u{1b}[1m$ {call}\u{1b}[0m\n");
    for line in lines.iter().take(most) {
        out.push_str(line);
        out.push('\n');
    }
    if let Some(left) = lines.len().checked_sub(most).filter(|left| *left > 0) {
        out.push_str(&format!("\u{1b}[2m… {left} more lines\u{1b}[0m\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let text = shown("cargo x", "a\nb\nc\n", 2);
        assert_eq!(
            text,
            "\u{1b}[1m$ cargo x\u{1b}[0m\na\nb\n\u{1b}[2m… 1 more lines\u{1b}[0m\n"
        );
        assert!(!shown("cargo x", "a\nb\n", 2).contains('…'));
    }
}
