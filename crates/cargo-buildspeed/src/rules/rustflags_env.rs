//! RUSTFLAGS in the environment: they push the configured flags aside, and only some shells have them.

use pitcrew_core::config::FlagSource;
use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};

use crate::facts::Facts;
use crate::flags;
use crate::lever::Proposal;
use crate::place;

pub struct RustflagsEnv;

static INFO: RuleInfo = RuleInfo {
    id: "rustflags-env",
    summary: "RUSTFLAGS in the environment differ from the configuration's",
    severity: Severity::Warning,
    docs: r#"## What it does
Compares `RUSTFLAGS` (or `CARGO_ENCODED_RUSTFLAGS`) of the environment with the flags that the cargo
configuration holds.

## Why it matters
The variable replaces `target.*.rustflags` and `build.rustflags`: a linker or a CPU that is configured
there is dropped without a word. And a shell, an IDE or a script without the variable builds with other
flags, so everything is compiled twice, dependencies included.

## Example
```toml
# .cargo/config.toml, in the place of `export RUSTFLAGS=-Ctarget-cpu=native`
[build]
rustflags = ["-Ctarget-cpu=native"]
```

## When it is wrong
The variable is set on purpose for one command, as in CI, where it is set for the whole job: without
configured flags nothing is said there.
"#,
};

impl Rule<Facts, Proposal> for RustflagsEnv {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        judge(facts).into_iter().collect()
    }
}

fn judge(facts: &Facts) -> Option<Proposal> {
    let env = flags::from_env(facts)?;
    let FlagSource::Env(name) = env.source else {
        return None;
    };
    let configured = flags::configured(facts);
    if configured.flags == env.flags {
        return None;
    }
    let root = &facts.workspace.root;
    let shown = match env.flags.join(" ") {
        empty if empty.is_empty() => "set to nothing".to_owned(),
        flags => format!("`{flags}`"),
    };
    let finding = match &configured.source {
        FlagSource::Target(origin) | FlagSource::Build(origin) => {
            let message = format!(
                "{name} replaces the configured flags: rustc does not get `{}`, and shells without \
                 the variable compile everything again",
                configured.flags.join(" ")
            );
            Finding::new(&INFO, name, message)
                .at(place::of_origin(root, origin))
                .evidence(Evidence::Configured {
                    fact: format!(
                        "{name} is {shown}; rustflags are set {}",
                        place::words(root, origin)
                    ),
                })
                .help(format!(
                    "unset {name}, and add its flags to the configured ones"
                ))
        }
        FlagSource::Nothing | FlagSource::Env(_) => {
            if facts.in_ci() {
                return None;
            }
            let cost = if facts.toolchain.keeps_rustflags_apart() {
                "compiles everything a second time beside it"
            } else {
                "compiles everything again, each time the two take turns"
            };
            let message = format!("{name} is set in this shell: one without it {cost}");
            Finding::new(&INFO, name, message)
                .severity(Severity::Advice)
                .evidence(Evidence::Configured {
                    fact: format!("{name} is {shown}; no rustflags are configured"),
                })
                .help("put the flags into .cargo/config.toml, where every shell and IDE reads them")
        }
    };
    Some(Proposal::advice(finding))
}
