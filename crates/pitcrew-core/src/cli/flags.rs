//! The flags that all plugins share, as data: cargo's own with cargo's own meaning, and those of
//! applying and of output. Plugins flatten these groups into their arguments.

use camino::Utf8PathBuf;
use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects};
use clap::{ArgAction, Args, ColorChoice};

use crate::render::Format;
use crate::workspace::LoadOptions;

/// The colours of cargo's own help.
pub(super) const CARGO_STYLES: Styles = Styles::styled()
    .header(AnsiColor::BrightGreen.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::BrightGreen.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::BrightCyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default())
    .error(AnsiColor::BrightRed.on_default().effects(Effects::BOLD))
    .valid(AnsiColor::BrightCyan.on_default().effects(Effects::BOLD))
    .invalid(AnsiColor::Yellow.on_default().effects(Effects::BOLD));

/// Which packages, features and platform, and how cargo is to work: cargo's flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct CargoFlags {
    /// Package to look at [may be repeated]
    #[arg(short, long = "package", value_name = "SPEC", help_heading = PACKAGES)]
    pub packages: Vec<String>,

    /// Look at all packages of the workspace
    #[arg(long, help_heading = PACKAGES)]
    pub workspace: bool,

    /// Leave out packages of the workspace [may be repeated]
    #[arg(long, value_name = "SPEC", requires = "workspace", help_heading = PACKAGES)]
    pub exclude: Vec<String>,

    /// Features to activate, separated by spaces or commas
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = FEATURES)]
    pub features: Vec<String>,

    /// Activate all features
    #[arg(long, help_heading = FEATURES)]
    pub all_features: bool,

    /// Do not activate the `default` feature
    #[arg(long, help_heading = FEATURES)]
    pub no_default_features: bool,

    /// Number of parallel jobs
    #[arg(
        short,
        long,
        value_name = "N",
        value_parser = jobs,
        allow_hyphen_values = true,
        help_heading = COMPILATION
    )]
    pub jobs: Option<String>,

    /// Build with the given profile
    #[arg(long, value_name = "PROFILE-NAME", help_heading = COMPILATION)]
    pub profile: Option<String>,

    /// Build for the target triple [may be repeated]
    #[arg(long, value_name = "TRIPLE", help_heading = COMPILATION)]
    pub target: Vec<String>,

    /// Directory for what cargo builds
    #[arg(long, value_name = "DIRECTORY", help_heading = COMPILATION)]
    pub target_dir: Option<Utf8PathBuf>,

    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = MANIFEST)]
    pub manifest_path: Option<Utf8PathBuf>,

    /// Require that Cargo.lock is up to date
    #[arg(long, help_heading = MANIFEST)]
    pub locked: bool,

    /// Work without the network
    #[arg(long, help_heading = MANIFEST)]
    pub offline: bool,

    /// `--locked` and `--offline`
    #[arg(long, help_heading = MANIFEST)]
    pub frozen: bool,

    /// Override a configuration value, or read a configuration file [may be repeated]
    #[arg(long, value_name = "KEY=VALUE|PATH", help_heading = MANIFEST)]
    pub config: Vec<String>,
}

const PACKAGES: &str = "Package Selection";
const FEATURES: &str = "Feature Selection";
const COMPILATION: &str = "Compilation Options";
const MANIFEST: &str = "Manifest Options";
const APPLYING: &str = "Applying";
const OUTPUT: &str = "Output Options";

impl CargoFlags {
    /// For `cargo build` and its like: packages, features, platform, jobs, lock file and network,
    /// configuration. Not the manifest, the profile and the target directory: those differ between
    /// the user's tree and a scratch copy.
    pub fn to_args(&self) -> Vec<String> {
        let mut args = Vec::new();
        repeat(&mut args, "--package", &self.packages);
        switch(&mut args, "--workspace", self.workspace);
        repeat(&mut args, "--exclude", &self.exclude);
        args.extend(self.feature_args());
        repeat(&mut args, "--target", &self.target);
        repeat(&mut args, "--jobs", self.jobs.as_slice());
        args.extend(self.resolve_args());
        args
    }

    /// What to load when started in `cwd`.
    pub fn load_options(&self, cwd: impl Into<Utf8PathBuf>) -> LoadOptions {
        LoadOptions {
            cwd: cwd.into(),
            manifest_path: self.manifest_path.clone(),
            features: self.features.clone(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
            // Cargo filters by one platform; with several all dependencies are needed.
            filter_platform: match self.target.as_slice() {
                [target] => Some(target.clone()),
                _ => None,
            },
            locked: self.locked,
            offline: self.offline,
            frozen: self.frozen,
            no_deps: false,
            config: self.config_with_target_dir(),
            packages: self.packages.clone(),
            workspace: self.workspace,
            exclude: self.exclude.clone(),
            no_wrapper: false,
        }
    }

    /// `cargo metadata` has no `--target-dir`, but takes it as configuration.
    fn config_with_target_dir(&self) -> Vec<String> {
        let mut config = self.config.clone();
        config.extend(self.target_dir.iter().map(|dir| {
            let dir = toml_edit::Value::from(dir.as_str());
            format!("build.target-dir = {dir}")
        }));
        config
    }

    /// For `cargo metadata`, which selects no packages: features, lock file and network,
    /// configuration.
    pub fn metadata_args(&self) -> Vec<String> {
        let mut args = self.feature_args();
        args.extend(self.resolve_args());
        args
    }

    /// How dependencies are resolved: `--locked`, `--offline`, `--frozen`, `--config`.
    pub fn resolve_args(&self) -> Vec<String> {
        let mut args = Vec::new();
        switch(&mut args, "--locked", self.locked);
        switch(&mut args, "--offline", self.offline);
        switch(&mut args, "--frozen", self.frozen);
        repeat(&mut args, "--config", &self.config);
        args
    }

    fn feature_args(&self) -> Vec<String> {
        let mut args = Vec::new();
        repeat(&mut args, "--features", &self.features);
        switch(&mut args, "--all-features", self.all_features);
        switch(&mut args, "--no-default-features", self.no_default_features);
        args
    }

    /// How many jobs `--jobs` means on a machine of this many cores: a negative number counts down
    /// from them.
    pub fn jobs_on(&self, cores: u32) -> Option<u32> {
        let asked: i64 = self.jobs.as_deref()?.parse().ok()?;
        let jobs = if asked < 0 {
            i64::from(cores) + asked
        } else {
            asked
        };
        Some(u32::try_from(jobs.max(1)).unwrap_or(u32::MAX))
    }
}

fn switch(args: &mut Vec<String>, flag: &str, on: bool) {
    if on {
        args.push(flag.to_owned());
    }
}

fn repeat(args: &mut Vec<String>, flag: &str, values: &[String]) {
    // `--flag=value` keeps a value that starts with a hyphen a value.
    args.extend(values.iter().map(|value| format!("{flag}={value}")));
}

/// What cargo takes for `--jobs`: a number but 0, or `default`.
fn jobs(value: &str) -> Result<String, String> {
    match value.parse::<i32>() {
        Ok(0) => Err("cargo needs at least one job".to_owned()),
        Ok(_) => Ok(value.to_owned()),
        Err(_) if value == "default" => Ok(value.to_owned()),
        Err(_) => Err("not a number, nor `default`".to_owned()),
    }
}

/// Writing changes, taking them back, or only asking whether there are any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ApplyFlags {
    /// Write the changes, after showing them as a diff
    #[arg(long, conflicts_with_all = ["undo", "check"], help_heading = APPLYING)]
    pub apply: bool,

    /// Take the last `--apply` back, byte for byte
    #[arg(long, conflicts_with = "check", help_heading = APPLYING)]
    pub undo: bool,

    /// Write nothing and exit with status 1 if there are findings
    #[arg(long, help_heading = APPLYING)]
    pub check: bool,

    /// Change files with uncommitted changes too
    #[arg(long, help_heading = APPLYING)]
    pub allow_dirty: bool,

    /// Change files with staged changes too
    #[arg(long, help_heading = APPLYING)]
    pub allow_staged: bool,

    /// Change files that no version control tracks
    #[arg(long, help_heading = APPLYING)]
    pub allow_no_vcs: bool,

    /// Apply changes too that may alter what the program does
    #[arg(long, requires = "apply", help_heading = APPLYING)]
    pub allow_maybe_incorrect: bool,
}

/// How results are shown. Given before or after a subcommand.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct OutputFlags {
    /// Format of the report on stdout
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "human",
        hide_possible_values = false,
        global = true,
        help_heading = OUTPUT
    )]
    pub format: Format,

    /// Coloring
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        help_heading = OUTPUT
    )]
    pub color: ColorChoice,

    /// Do not print progress, warnings and timings
    #[arg(short, long, conflicts_with = "verbose", global = true, help_heading = OUTPUT)]
    pub quiet: bool,

    /// Say more (-vv: very verbose)
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = OUTPUT)]
    pub verbose: u8,
}

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    Quiet,
    Normal,
    Verbose,
    VeryVerbose,
}

impl OutputFlags {
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::VeryVerbose,
        }
    }
}
