//! Running a command in the open: what is run is printed first, so that a reader can repeat it.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::root());
    command
}

/// `cargo install --path`, `cargo nextest run`: the command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![
        program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    ];
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        words.push(if arg.contains([' ', '"', '*']) {
            format!("'{arg}'")
        } else {
            arg.into()
        });
    }
    words.join(" ")
}

/// Runs it with our own standard streams; a failure is an error that names it.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    say(&format!("$ {shown}"));
    let status = command
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed with {status}");
    Ok(())
}

/// Runs it silently and gives what it printed on stdout.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(
        output.status.success(),
        "`{shown}` failed with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A line about our own progress.
#[expect(
    clippy::print_stdout,
    reason = "chores talk to the person who ran them"
)]
pub fn say(line: &str) {
    println!("{line}");
}
