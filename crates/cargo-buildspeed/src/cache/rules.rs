//! What `cargo buildspeed cache` may find: the names and the documentation of its findings, for
//! `explain` and the book. Their checks are where their facts are: in `judge`, `trial` and `doctor`.

use pitcrew_core::finding::{RuleInfo, Severity};

/// All of them, sorted.
pub static ALL: &[&RuleInfo] = &[
    &ENVIRONMENT,
    &KEYS_DIFFER,
    &OTHER_SERVER,
    &PATH_BOUND,
    &SECRET,
    &TRIAL,
    &UNCACHEABLE,
    &UNGUARDED,
    &UNREACHABLE,
    &UNSUPPORTED,
    &UNUSED,
];

pub static ENVIRONMENT: RuleInfo = RuleInfo {
    id: "cache-environment",
    summary: "a variable of the user's environment enters every key of the cache",
    severity: Severity::Advice,
    docs: r#"## What it does
Names the variables `CARGO_*` that are set where you build and that cargo did not set itself, and a
`RUSTFLAGS`. `cargo buildspeed cache doctor` finds them in a recorded build.

## Why it matters
sccache makes each variable that begins with `CARGO_` a part of every key, whatever it does. A CI that
sets `CARGO_TERM_COLOR` and developers who do not share nothing.

## Example
```console
$ CARGO_TERM_COLOR=always cargo build   # no entry of a build without the variable is found
```
Set it for all through `[term] color = "always"` in cargo's configuration, which enters no key.

## When it is wrong
Everyone who shares the cache sets the same variables to the same values.
"#,
};

pub static KEYS_DIFFER: RuleInfo = RuleInfo {
    id: "cache-keys-differ",
    summary: "two builds of the same crate have different keys",
    severity: Severity::Warning,
    docs: r#"## What it does
`cargo buildspeed cache doctor --against FILE` compares what enters the keys of this checkout's crates
with what was saved elsewhere: compiler, flags, variables, directories, sources. It names the first
cause of each crate; crates that miss only because one below them does are counted with it.

## Why it matters
One differing flag or path is enough for a miss, and a miss makes the crates above it miss too.

## Example
```console
$ cargo buildspeed cache doctor --save ci.json            # in CI
$ cargo buildspeed cache doctor --against ci.json         # on your machine
```

## When it is wrong
The two builds are meant to differ: another profile, another target, other features.
"#,
};

pub static OTHER_SERVER: RuleInfo = RuleInfo {
    id: "cache-other-server",
    summary: "sccache's server runs with other settings than this project's",
    severity: Severity::Warning,
    docs: r#"## What it does
Compares the place where the running server keeps its entries with the one that this project's settings
name.

## Why it matters
One server serves all builds of a user, with the settings of the build that started it. Started from
another project, it fills another cache, and this one stays empty.

## Example
```console
$ sccache --stop-server    # the next build starts it with its own settings
```

## When it is wrong
The settings were changed on purpose while the server runs, for one build only.
"#,
};

pub static PATH_BOUND: RuleInfo = RuleInfo {
    id: "cache-path-bound",
    summary: "keys hold a path, so that only checkouts at the same place share entries",
    severity: Severity::Advice,
    docs: r#"## What it does
Finds in a recorded build which crates' keys hold the checkout's path, the target directory's, or that
of cargo's home.

## Why it matters
sccache hashes the directory that rustc runs in and `CARGO_MANIFEST_DIR`; a crate that reads
`env!("OUT_DIR")` has the target directory in its key. Such a crate is never found from another place.
`SCCACHE_BASEDIRS` takes prefixes out of the keys of C and C++; up to 0.19 it does nothing for Rust.

## Example
```console
$ git clone … /build/app        # the same path on every CI machine
$ export CARGO_HOME=/build/cargo
```

## When it is wrong
All who share the cache build at the same paths, as machines of one CI mostly do.
"#,
};

pub static SECRET: RuleInfo = RuleInfo {
    id: "cache-secret",
    summary: "a configuration file holds the cache's credentials",
    severity: Severity::Error,
    docs: r#"## What it does
Reports credentials of a cache in cargo's `[env]`, and addresses with a password in them.

## Why it matters
The file is committed. Who can write the cache can put any code into everyone's builds.

## Example
```toml
[env]
SCCACHE_REDIS_PASSWORD = "hunter2"   # belongs into the environment of those who may use it
```

## When it is wrong
The file is your own, in cargo's home, and nobody else reads it.
"#,
};

pub static TRIAL: RuleInfo = RuleInfo {
    id: "cache-trial",
    summary: "what a build from the cache took here, against one without it",
    severity: Severity::Note,
    docs: r#"## What it does
Gives a figure of `cargo buildspeed cache trial`: filling the cache, building from it, building from it
at another path, and the rebuild after a switch of branches, each against the same build without a cache
in the same round.

## Why it matters
A cache pays by the share of clean builds and by what it can answer for; both are measured, not assumed.

## Example
```console
$ cargo buildspeed cache trial --rounds 6    # from 6 rounds on the interval holds 95 %
```

## When it is wrong
The trial's cache lies on this machine's disk. One on the network adds its latency and its bandwidth.
"#,
};

pub static UNCACHEABLE: RuleInfo = RuleInfo {
    id: "cache-uncacheable",
    summary: "the cache cannot answer for these crates",
    severity: Severity::Advice,
    docs: r#"## What it does
Names the crates that sccache does not cache, by its own reasons: what compiles incrementally, and what
is linked (programs, build scripts, proc-macros, dynamic libraries). `cargo buildspeed cache trial`
says how much of the build's work they are.

## Why it matters
They are compiled again however warm the cache is: the share of the build that no cache takes away.

## Example
```toml
[lib]
crate-type = ["rlib", "cdylib"]   # one cdylib, and the rlib beside it is not cached either
```
Split the exported interface off into a crate of its own; the rest is then a plain library.

## When it is wrong
Incremental compilation makes rebuilds of the crate that you work on faster than any cache. Switch it
off where nothing is built twice in one place: in CI.
"#,
};

pub static UNGUARDED: RuleInfo = RuleInfo {
    id: "cache-unguarded",
    summary: "a cache on the network without a guard can break builds",
    severity: Severity::Warning,
    docs: r#"## What it does
Reports a cache on the network that rustc is called through directly.

## Why it matters
While sccache's server cannot reach its storage, it does not start, and every build fails after ten
seconds. Where it runs already, each crate waits a minute for a storage that does not answer.

## Example
```toml
[build]
rustc-wrapper = "cargo-buildspeed"   # asks first; without an answer rustc is called directly
[env]
PITCREW_CACHE_GUARD = "sccache"
```

## When it is wrong
C and C++ in build scripts matter more: the `cc` crate finds sccache only where the wrapper is called so.
"#,
};

pub static UNREACHABLE: RuleInfo = RuleInfo {
    id: "cache-unreachable",
    summary: "the cache's storage does not answer",
    severity: Severity::Error,
    docs: r#"## What it does
Asks the storage that the settings name, with a bound on the waiting, and reads the failures that the
running server has counted.

## Why it matters
A storage that is down costs every build: with sccache alone it fails or crawls, with the guard it
compiles everything.

## Example
```console
$ cargo buildspeed cache status --wait 5s
```

## When it is wrong
The storage is reached only by a way that the environment of builds has and yours has not.
"#,
};

pub static UNSUPPORTED: RuleInfo = RuleInfo {
    id: "cache-unsupported",
    summary: "the installed sccache was built without the backend in use",
    severity: Severity::Error,
    docs: r#"## What it does
Compares the backend that the settings name with the list that `sccache --help` prints.

## Why it matters
Such an sccache keeps everything on the machine's own disk, and says nothing: nothing is shared.

## Example
```console
$ cargo install --locked sccache --force    # all backends are its default
```

## When it is wrong
Builds run with another sccache than the one on PATH here.
"#,
};

pub static UNUSED: RuleInfo = RuleInfo {
    id: "cache-unused",
    summary: "no build uses a compilation cache",
    severity: Severity::Advice,
    docs: r#"## What it does
Says that sccache is not installed, or that it is and cargo does not call it.

## Why it matters
Nothing is cached. Whether a cache would pay here is what `cargo buildspeed cache trial` measures.

## Example
```console
$ cargo install --locked sccache
$ cargo buildspeed cache trial
```

## When it is wrong
Builds are rarely clean here, and nobody else builds the same crates.
"#,
};
