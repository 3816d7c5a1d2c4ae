//! The command line of `cargo buildspeed cache`, as data.

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use pitcrew_core::cli::{self, ApplyFlags, CargoFlags, OutputFlags};

use super::backend::Kind;
use crate::lever::Scope;

#[derive(Debug, ClapArgs)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// What is set up, whether it answers, and what it did so far; builds nothing
    Status(StatusArgs),
    /// Measure in scratch directories what a cache would give here, and what it cannot answer for
    Trial(TrialArgs),
    /// Show what to write into `.cargo/config.toml` for a backend; `--apply` writes it
    Setup(Box<SetupArgs>),
    /// Find why the cache misses: settings, and what enters the keys of this checkout's crates
    Doctor(DoctorArgs),
    /// Print what a CI job needs
    Ci(CiArgs),
}

impl CacheCommand {
    pub fn output(&self) -> &OutputFlags {
        match self {
            Self::Status(args) => &args.output,
            Self::Trial(args) => &args.output,
            Self::Setup(args) => &args.output,
            Self::Doctor(args) => &args.output,
            Self::Ci(args) => &args.output,
        }
    }
}

/// How long `status` and `doctor` wait for a server that does not answer.
const WAIT: &str = "2s";

#[derive(Debug, ClapArgs)]
pub struct StatusArgs {
    /// Wait at most so long for the cache's servers
    #[arg(long, value_name = "TIME", default_value = WAIT, value_parser = cli::fine_duration)]
    pub wait: Duration,

    /// Exit with status 1 where something is wrong
    #[arg(long)]
    pub check: bool,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

#[derive(Debug, ClapArgs)]
pub struct TrialArgs {
    /// How often all builds are repeated, interleaved; from 6 on an interval holds 95 %
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: u32,

    /// End the trial after so long, with the rounds that are done by then
    #[arg(long, value_name = "TIME", value_parser = cli::duration)]
    pub budget: Option<Duration>,

    /// Compile without incremental compilation where the cache is used, as CI does
    #[arg(long)]
    pub no_incremental: bool,

    /// Not possible here, and said so
    #[arg(long, hide = true)]
    pub no_build: bool,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

#[derive(Debug, ClapArgs)]
pub struct SetupArgs {
    /// Where compiled crates are kept
    #[arg(long, value_enum, value_name = "BACKEND")]
    pub backend: Kind,

    #[command(flatten)]
    pub options: BackendFlags,

    /// Have rustc called by sccache itself: a server that does not answer then breaks builds
    #[arg(long)]
    pub no_guard: bool,

    /// Whose cargo configuration: the project's, or your own for all projects
    #[arg(long, value_enum, value_name = "SCOPE", default_value = "project")]
    pub scope: Scope,

    #[command(flatten)]
    pub apply: ApplyFlags,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

/// Each backend takes some of these, and says which.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Backend Options")]
pub struct BackendFlags {
    /// Address of the server: `redis://cache.example:6379`, `https://cache.example/rust`
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,

    /// Bucket, for s3 and gcs
    #[arg(long, value_name = "NAME")]
    pub bucket: Option<String>,

    /// Region, for s3; `auto` where an endpoint is given
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,

    /// Container, for azure
    #[arg(long, value_name = "NAME")]
    pub container: Option<String>,

    /// Storage account, for azure without a connection string
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,

    /// What all keys begin with, where the storage is shared
    #[arg(long, value_name = "PREFIX")]
    pub key_prefix: Option<String>,

    /// Number of the database, for redis
    #[arg(long, value_name = "N")]
    pub db: Option<String>,

    /// Seconds after which entries go, for redis and memcached
    #[arg(long, value_name = "SECONDS")]
    pub expiration: Option<String>,

    /// Directory, for local
    #[arg(long, value_name = "PATH")]
    pub dir: Option<String>,

    /// Most bytes on disk, for local: `20G`
    #[arg(long, value_name = "SIZE")]
    pub size: Option<String>,

    /// Version of the entries, for gha; a new one starts empty
    #[arg(long, value_name = "TEXT")]
    pub entries_version: Option<String>,

    /// Ask the cache and put nothing in
    #[arg(long)]
    pub read_only: bool,

    /// Ask without credentials, for s3 that anyone may read
    #[arg(long)]
    pub no_credentials: bool,
}

#[derive(Debug, ClapArgs)]
pub struct DoctorArgs {
    /// Compare with what `--save` wrote elsewhere: on another machine, in CI, in another checkout
    #[arg(long, value_name = "FILE")]
    pub against: Option<Utf8PathBuf>,

    /// Write what enters the keys of this checkout's crates to FILE
    #[arg(long, value_name = "FILE")]
    pub save: Option<Utf8PathBuf>,

    /// Read a log of sccache's server (SCCACHE_LOG=debug, SCCACHE_ERROR_LOG=FILE), crate by crate
    #[arg(long, value_name = "FILE")]
    pub log: Option<Utf8PathBuf>,

    /// Judge settings and servers only
    #[arg(long, conflicts_with_all = ["against", "save"])]
    pub no_build: bool,

    /// Wait at most so long for the cache's servers
    #[arg(long, value_name = "TIME", default_value = WAIT, value_parser = cli::fine_duration)]
    pub wait: Duration,

    /// Exit with status 1 where something is wrong
    #[arg(long)]
    pub check: bool,

    #[command(flatten)]
    pub output: OutputFlags,

    #[command(flatten)]
    pub cargo: CargoFlags,
}

#[derive(Debug, ClapArgs)]
pub struct CiArgs {
    /// Whose syntax
    #[arg(long = "for", value_enum, value_name = "CI")]
    pub service: Service,

    /// Where compiled crates are kept
    #[arg(long, value_enum, value_name = "BACKEND")]
    pub backend: Option<Kind>,

    #[command(flatten)]
    pub options: BackendFlags,

    #[command(flatten)]
    pub output: OutputFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
}
