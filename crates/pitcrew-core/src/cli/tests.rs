//! What `cli` promises, tested.

use super::*;
use insta::assert_snapshot;

#[derive(Debug, Parser)]
#[command(name = "cargo-x", version = "1.2.3", about = "Does x")]
struct X {
    #[command(flatten)]
    cargo: CargoFlags,
    #[command(flatten)]
    apply: ApplyFlags,
    #[command(flatten)]
    output: OutputFlags,
    #[command(subcommand)]
    command: Option<Sub>,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// Print the documentation of a rule
    Explain { rule: Option<String> },
}

type Run = fn(X, &mut Out<'_>) -> anyhow::Result<Exit>;

/// Status, stdout, stderr of `cargo-x <args>`.
fn run_with(args: &[&str], stdout_terminal: bool, run: Run) -> (Exit, String, String) {
    run_on(args, (stdout_terminal, false), run)
}

/// The same where stderr may be a terminal too.
fn run_on(args: &[&str], terminals: (bool, bool), run: Run) -> (Exit, String, String) {
    let args: Vec<OsString> = ["cargo-x"].iter().chain(args).map(OsString::from).collect();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let exit = start(
        &args,
        &Plugin {
            subcommand: "x",
            output: |x: &X| &x.output,
            run,
        },
        &Terminals {
            stdout: terminals.0,
            stderr: terminals.1,
            width: 80,
        },
        &|_| None,
        (&mut stdout, &mut stderr),
    );
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(stdout), text(stderr))
}

fn parsed(args: &[&str]) -> X {
    let args: Vec<OsString> = ["cargo-x"].iter().chain(args).map(OsString::from).collect();
    parse::<X>("x", &args, 80).unwrap()
}

fn normalized(args: &[&str]) -> Vec<OsString> {
    normalize(args.iter().map(OsString::from), "x")
}

#[test]
fn all_ways_to_start_are_one() {
    let wanted = normalized(&["cargo-x", "--check"]);
    assert_eq!(wanted, ["cargo-x", "--check"]);
    assert_eq!(normalized(&["cargo-x", "x", "--check"]), wanted);
    assert_eq!(
        normalized(&["cargo-x", "x", "x"]),
        ["cargo-x", "x"],
        "only the one that cargo adds"
    );
    assert_eq!(
        normalized(&["cargo-x", "explain", "x"]),
        ["cargo-x", "explain", "x"]
    );
    assert_eq!(normalized(&[]), ["cargo-x"]);
}

#[test]
fn help_is_cargos_kind_of_help() {
    let (exit, stdout, stderr) = run_with(&["--help"], false, |_, _| Ok(Exit::Findings));
    assert_eq!((exit, stderr.as_str()), (Exit::Clean, ""));
    assert_snapshot!(stdout, @r#"
    Does x

    Usage: cargo x [OPTIONS] [COMMAND]

    Commands:
      explain  Print the documentation of a rule
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Package Selection:
      -p, --package <SPEC>
              Package to look at [may be repeated]

          --workspace
              Look at all packages of the workspace

          --exclude <SPEC>
              Leave out packages of the workspace [may be repeated]

    Feature Selection:
      -F, --features <FEATURES>
              Features to activate, separated by spaces or commas

          --all-features
              Activate all features

          --no-default-features
              Do not activate the `default` feature

    Compilation Options:
      -j, --jobs <N>
              Number of parallel jobs

          --profile <PROFILE-NAME>
              Build with the given profile

          --target <TRIPLE>
              Build for the target triple [may be repeated]

          --target-dir <DIRECTORY>
              Directory for what cargo builds

    Manifest Options:
          --manifest-path <PATH>
              Path to Cargo.toml

          --locked
              Require that Cargo.lock is up to date

          --offline
              Work without the network

          --frozen
              `--locked` and `--offline`

          --config <KEY=VALUE|PATH>
              Override a configuration value, or read a configuration file [may be
              repeated]

    Applying:
          --apply
              Write the changes, after showing them as a diff

          --undo
              Take the last `--apply` back, byte for byte

          --check
              Write nothing and exit with status 1 if there are findings

          --allow-dirty
              Change files with uncommitted changes too

          --allow-staged
              Change files with staged changes too

          --allow-no-vcs
              Change files that no version control tracks

          --allow-maybe-incorrect
              Apply changes too that may alter what the program does

    Output Options:
          --format <FORMAT>
              Format of the report on stdout

              Possible values:
              - human:    For reading in a terminal
              - json:     The versioned contract of docs/schema/report.schema.json
              - sarif:    SARIF 2.1.0, for code scanning
              - github:   Annotations of GitHub Actions
              - markdown: For a pull-request comment
              
              [default: human]

          --color <WHEN>
              Coloring
              
              [default: auto]
              [possible values: auto, always, never]

      -q, --quiet
              Do not print progress, warnings and timings

      -v, --verbose...
              Say more (-vv: very verbose)
    "#);
}

#[test]
fn help_is_coloured_on_a_terminal_or_when_told() {
    let run: Run = |_, _| Ok(Exit::Clean);
    assert!(run_with(&["--help"], true, run).1.contains("\u{1b}[1m"));
    let always = run_with(&["--color", "always", "-h"], false, run).1;
    assert!(always.contains("\u{1b}[1m"));
    let never = run_with(&["--color=never", "-h"], true, run).1;
    assert!(!never.contains('\u{1b}'));
}

#[test]
fn the_version_goes_to_stdout() {
    let (exit, stdout, _) = run_with(&["-V"], false, |_, _| Ok(Exit::Findings));
    assert_eq!((exit, stdout.as_str()), (Exit::Clean, "cargo-x 1.2.3\n"));
}

#[test]
fn usage_errors_go_to_stderr_and_fail() {
    let (exit, stdout, stderr) = run_with(&["--aply"], false, |_, _| Ok(Exit::Clean));
    assert_eq!((exit, stdout.as_str()), (Exit::Failed, ""));
    assert_snapshot!(stderr, @r#"
    error: unexpected argument '--aply' found

      tip: a similar argument exists: '--apply'

    Usage: cargo x --apply

    For more information, try '--help'.
    "#);
    for conflict in [
        ["--apply", "--undo"],
        ["--apply", "--check"],
        ["--undo", "--check"],
    ] {
        let (exit, _, stderr) = run_with(&conflict, false, |_, _| Ok(Exit::Clean));
        assert_eq!(exit, Exit::Failed);
        assert!(stderr.contains("cannot be used with"), "{stderr}");
    }
}

#[test]
fn the_plugins_own_status_is_returned() {
    let (exit, stdout, _) = run_with(&["--check"], false, |x, out| {
        assert!(x.apply.check);
        writeln!(out.stdout, "one finding")?;
        Ok(Exit::Findings)
    });
    assert_eq!((exit, stdout.as_str()), (Exit::Findings, "one finding\n"));
}

#[test]
fn failures_show_the_chain_of_causes() {
    let (exit, stdout, stderr) = run_with(&[], false, |_, _| {
        Err(anyhow::anyhow!("expected `=`\n  |\n3 | debug 1\n"))
            .context("cannot parse Cargo.toml")
            .context("cannot load the workspace")
    });
    assert_eq!((exit, stdout.as_str()), (Exit::Failed, ""));
    assert_snapshot!(stderr, @r#"
    error: cannot load the workspace
      caused by: cannot parse Cargo.toml
      caused by: expected `=`
          |
        3 | debug 1
    "#);
}

#[test]
fn errors_cannot_drive_the_terminal() {
    let (_, _, stderr) = run_with(&[], false, |_, _| {
        Err(anyhow::anyhow!("no file `a\u{1b}[2J\u{9b}31m`"))
    });
    assert_eq!(stderr, "error: no file `a\\u{1b}[2J\\u{9b}31m`\n");
}

#[test]
fn an_interrupt_is_told_without_causes() {
    let (exit, _, stderr) = run_with(&[], false, |_, _| {
        Err(Error::from(Interrupted).context("cannot run `cargo build`"))
    });
    assert_eq!(exit, Exit::Failed);
    assert_eq!(stderr, "error: interrupted; nothing was changed\n");
}

#[test]
fn notes_keep_to_the_columns_of_a_terminal_and_are_whole_in_a_log() {
    let run: Run = |_, out| {
        out.note(
            "Cargo.lock holds several versions of one crate, and `cargo update -p syn@1.0.109` joins \
             them\n  * /a/path/that/is/far/too/long/to/stand/in/one/line/but/must/not/be/broken/in/two.rs",
        )?;
        Ok(Exit::Clean)
    };
    let (_, _, stderr) = run_on(&[], (false, true), run);
    insta::assert_snapshot!(stderr, @r"
    note: Cargo.lock holds several versions of one crate, and `cargo update -p
          syn@1.0.109` joins them
      * /a/path/that/is/far/too/long/to/stand/in/one/line/but/must/not/be/broken/in/two.rs
    ");
    let (_, _, stderr) = run_on(&[], (false, false), run);
    assert_eq!(stderr.lines().count(), 2);
}

#[test]
fn a_reader_that_left_is_no_failure() {
    let (exit, stdout, stderr) = run_with(&[], false, |_, _| {
        Err(io::Error::from(io::ErrorKind::BrokenPipe)).context("cannot write the report")
    });
    assert_eq!((exit, stdout + &stderr), (Exit::Clean, String::new()));
}

#[test]
fn output_flags_stand_before_or_after_a_subcommand() {
    let x = parsed(&[
        "--format", "json", "explain", "linker", "-vv", "--color", "never",
    ]);
    assert_eq!(x.output.format, crate::render::Format::Json);
    assert_eq!(x.output.color, ColorChoice::Never);
    assert_eq!(x.output.verbosity(), Verbosity::VeryVerbose);
    let Some(Sub::Explain { rule }) = x.command else {
        panic!("no subcommand");
    };
    assert_eq!(rule.as_deref(), Some("linker"));
    assert_eq!(parsed(&["-q"]).output.verbosity(), Verbosity::Quiet);
}

#[test]
fn cargo_flags_are_passed_on() {
    let x = parsed(&[
        "--workspace",
        "--exclude",
        "a",
        "-F",
        "b,c",
        "--features=d",
        "--no-default-features",
        "--target",
        "wasm32-wasip1",
        "-j",
        "-1",
        "--locked",
        "--config",
        "build.jobs=2",
        "--profile",
        "release",
        "--manifest-path",
        "x/Cargo.toml",
        "--target-dir",
        "t",
    ]);
    assert_eq!(
        x.cargo.to_args(),
        [
            "--workspace",
            "--exclude=a",
            "--features=b,c",
            "--features=d",
            "--no-default-features",
            "--target=wasm32-wasip1",
            "--jobs=-1",
            "--locked",
            "--config=build.jobs=2",
        ]
    );
    assert_eq!(
        x.cargo.metadata_args(),
        [
            "--features=b,c",
            "--features=d",
            "--no-default-features",
            "--locked",
            "--config=build.jobs=2",
        ]
    );
    assert_eq!(x.cargo.profile.as_deref(), Some("release"));
    let options = x.cargo.load_options("/w");
    assert_eq!((options.cwd.as_str(), options.locked), ("/w", true));
    assert_eq!(options.filter_platform.as_deref(), Some("wasm32-wasip1"));
    let elsewhere = parsed(&["--target-dir", "/t"]).cargo.load_options("/w");
    assert_eq!(elsewhere.config, [r#"build.target-dir = "/t""#]);
    let two = parsed(&["--target", "a", "--target", "b"]);
    assert_eq!(two.cargo.load_options("/w").filter_platform, None);
    assert_eq!(x.cargo.jobs_on(4), Some(3));
    assert_eq!(parsed(&["-j8"]).cargo.jobs_on(4), Some(8));
    assert_eq!(parsed(&["-jdefault"]).cargo.jobs_on(4), None);
}

#[test]
fn impossible_job_counts_and_a_lone_exclude_are_refused() {
    for args in [["-j", "0"], ["-j", "many"], ["--exclude", "a"]] {
        let (exit, ..) = run_with(&args, false, |_, _| Ok(Exit::Clean));
        assert_eq!(exit, Exit::Failed, "{args:?}");
    }
}

#[test]
fn the_width_is_the_terminals_then_the_environments() {
    let columns = |value: &'static str| move |_: &str| Some(value.to_owned());
    assert_eq!(text_width(Some(120), &columns("90")), 120);
    assert_eq!(text_width(Some(0), &columns("90")), 90);
    assert_eq!(text_width(None, &columns("90")), 90);
    assert_eq!(text_width(None, &columns("wide")), 80);
    assert_eq!(text_width(None, &|_| None), 80);
    assert_eq!(text_width(Some(3), &|_| None), 40);
}
