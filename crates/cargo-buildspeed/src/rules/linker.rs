//! The linker: installed ones that may be faster than the one in use, and a configured one that may
//! be slower than rustc's own.

use pitcrew_core::finding::{Evidence, Finding, Location, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;
use pitcrew_core::model::effects::Effect;
use pitcrew_core::toolchain::Os;

use crate::facts::Facts;
use crate::flags::{self, Source};
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Reuse, SettingChange};
use crate::place;
use crate::recorded;

pub struct Linker;

/// Since this release rustc links with its own lld on x86-64 Linux.
const LLD_IS_DEFAULT_SINCE: (u32, u32, u32) = (1, 90, 0);

static INFO: RuleInfo = RuleInfo {
    id: "linker",
    summary: "another linker may link faster here",
    severity: Severity::Advice,
    docs: r#"## What it does
Tries each linker that is installed and not in use: lld, mold and wild on Linux, lld on macOS and
Windows. Where the project configures a linker, it tries rustc's default in its place. It says nothing
where the recording shows that linking is less than 2 % of the work.

## Why it matters
Each rebuild ends with a link, and much of a short one is the link. Which linker is fastest depends on
the program, the cores and the default: rustc has used lld on x86-64 Linux since 1.90, and on a
two-core machine mold made the rebuild of a small server slower (0.95 s to 1.20 s).

## Example
```toml
# .cargo/config.toml
[target.x86_64-unknown-linux-gnu]
rustflags = ["-Clink-arg=-fuse-ld=mold"]
```

## When it is wrong
The program needs a linker script or an option that only one linker knows. A linker that teammates may
lack breaks their build: such a change goes to your own cargo home.
"#,
};

/// A linker that could be used.
struct Candidate {
    name: &'static str,
    /// The tool that must be installed; none where it comes with rustc.
    tool: Option<&'static str>,
    /// What rustc is told, as the wrapper adds it.
    args: Vec<&'static str>,
    /// `target.<host>.linker`, where the candidate needs one.
    driver: Option<&'static str>,
}

/// The linker in use.
struct Current {
    name: String,
    /// Written by the user as a flag.
    by_flag: bool,
    /// Written by the user as `target.<host>.linker`.
    by_driver: bool,
    place: Option<(String, Option<Location>)>,
}

impl Rule<Facts, Proposal> for Linker {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts) -> Vec<Proposal> {
        let Some(triple) = flags::host_target(facts) else {
            return Vec::new();
        };
        if !Goal::DEV.contains(&facts.goal) {
            return Vec::new();
        }
        let linking = recorded::linking(facts);
        if linking.is_some_and(|part| !part.is_worth_a_trial()) {
            return Vec::new();
        }
        let current = current(facts, triple);
        let evidence: Vec<Evidence> = [
            Some(Evidence::Configured {
                fact: in_words(&current),
            }),
            linking.map(|part| part.evidence("linking", facts.goal)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut proposals: Vec<Proposal> = candidates(facts, triple, &current)
            .into_iter()
            .filter_map(|candidate| try_it(facts, triple, &current, &candidate, &evidence))
            .collect();
        proposals.extend(back_to_default(facts, triple, &current, &evidence));
        proposals
    }
}

fn in_words(current: &Current) -> String {
    match &current.place {
        Some((place, _)) => format!("the linker is {}, set {place}", current.name),
        None => format!("the linker is {}, the default here", current.name),
    }
}

fn default_is_lld(facts: &Facts, triple: &str) -> bool {
    triple == "x86_64-unknown-linux-gnu" && facts.toolchain.release >= LLD_IS_DEFAULT_SINCE
}

fn current(facts: &Facts, triple: &str) -> Current {
    let root = &facts.workspace.root;
    let in_force = flags::in_force(facts);
    let options = flags::codegen_options(&in_force.flags);
    let flag_place = match &in_force.source {
        Source::Nothing => None,
        Source::Env(name) => Some((format!("by {name}"), None)),
        Source::Target(origin) | Source::Build(origin) => {
            Some((place::words(root, origin), place::of_origin(root, origin)))
        }
    };
    if let Some(name) = options.iter().rev().find_map(|option| named_by(option)) {
        return Current {
            name,
            by_flag: true,
            by_driver: driver(facts).is_some(),
            place: flag_place,
        };
    }
    if let Some((name, origin)) = driver(facts) {
        return Current {
            name,
            by_flag: false,
            by_driver: true,
            place: Some((place::words(root, origin), place::of_origin(root, origin))),
        };
    }
    let lld_is_off = options.contains(&"linker-features=-lld");
    let name = if default_is_lld(facts, triple) && !lld_is_off {
        "lld"
    } else {
        "the system's"
    };
    Current {
        name: name.to_owned(),
        by_flag: false,
        by_driver: false,
        place: None,
    }
}

/// `target.<host>.linker` or a matching cfg table's, by its last component.
fn driver(facts: &Facts) -> Option<(String, &pitcrew_core::config::Origin)> {
    let value = flags::target_value(facts, "linker")?;
    let path = value.value.as_str()?;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    Some((name.to_owned(), &value.origin))
}

/// The linker that a codegen option asks for.
fn named_by(option: &str) -> Option<String> {
    let arg = option
        .strip_prefix("link-arg=")
        .or_else(|| option.strip_prefix("link-args="))?;
    let path = arg.split_whitespace().rev().find_map(|arg| {
        arg.strip_prefix("-fuse-ld=")
            .or_else(|| arg.strip_prefix("--ld-path="))
    })?;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_prefix("ld.").unwrap_or(name);
    Some(name.to_owned())
}

fn candidates(facts: &Facts, triple: &str, current: &Current) -> Vec<Candidate> {
    let has = |tool| facts.toolchain.tool(tool).is_some();
    let fuse = |name, tool, arg| Candidate {
        name,
        tool: Some(tool),
        args: vec![arg],
        driver: None,
    };
    let mut found = Vec::new();
    let lld = ["lld", "ld.lld", "ld64.lld"]
        .into_iter()
        .find(|tool| has(tool));
    match facts.toolchain.host.os {
        Os::Linux => {
            if let Some(tool) = lld.filter(|tool| *tool != "ld64.lld") {
                found.push(fuse("lld", tool, "-Clink-arg=-fuse-ld=lld"));
            }
            if has("mold") {
                found.push(fuse("mold", "mold", "-Clink-arg=-fuse-ld=mold"));
            }
            if has("wild") && has("clang") {
                found.push(Candidate {
                    name: "wild",
                    tool: Some("wild"),
                    args: vec!["-Clinker=clang", "-Clink-arg=--ld-path=wild"],
                    driver: Some("clang"),
                });
            }
        }
        Os::MacOs => {
            if let Some(tool) = lld.filter(|tool| *tool != "ld.lld") {
                found.push(fuse("lld", tool, "-Clink-arg=-fuse-ld=lld"));
            }
        }
        Os::Windows if triple.ends_with("-windows-msvc") => found.push(Candidate {
            name: "rust-lld",
            tool: None,
            args: vec!["-Clinker=rust-lld.exe"],
            driver: Some("rust-lld.exe"),
        }),
        Os::Windows | Os::Other => {}
    }
    found.retain(|candidate| candidate.name != current.name);
    found
}

fn try_it(
    facts: &Facts,
    triple: &str,
    current: &Current,
    candidate: &Candidate,
    evidence: &[Evidence],
) -> Option<Proposal> {
    // A driver of the user's may be there for more than speed, and a project's own choice of a
    // linker is tried against the default instead.
    let chosen_by_project = current.by_flag && removable(facts).is_some();
    if chosen_by_project || current.by_driver {
        return None;
    }
    let mut changes = Vec::new();
    if let Some(driver) = candidate.driver {
        changes.push(SettingChange::cargo_config(TomlChange::set(
            ["target", triple, "linker"],
            format!("\"{driver}\""),
        )));
    }
    let flag: Vec<&str> = candidate
        .args
        .iter()
        .filter(|arg| arg.starts_with("-Clink-arg="))
        .copied()
        .collect();
    if !flag.is_empty() {
        changes.push(flags::add(facts, &flag)?);
    }
    let name = candidate.name;
    let message = format!(
        "{name} is {} and not in use; it may link faster than {}, or slower",
        if candidate.tool.is_some() {
            "installed"
        } else {
            "part of rustc"
        },
        linker_name(&current.name),
    );
    let mut finding = Finding::new(&INFO, format!("target.{triple}"), message);
    finding.evidence = evidence.to_vec();
    let args = candidate.args.iter().map(|arg| (*arg).to_owned()).collect();
    let id = format!("{}:{name}", INFO.id);
    let lever = Lever::new(
        id,
        format!("link with {name}"),
        INFO.id,
        &Goal::DEV,
        changes,
    )
    .reuse(Reuse::LinkArgs(args))
    .effect(Effect::FreeLinks);
    let lever = match candidate.tool {
        Some(tool) => lever
            .tool(tool)
            .cost(format!("everyone who builds needs {name}")),
        None => lever,
    };
    Some(Proposal::trial(finding, lever))
}

fn linker_name(name: &str) -> String {
    if name == "the system's" {
        "the system's linker".to_owned()
    } else {
        name.to_owned()
    }
}

/// The project's linker flags taken out.
fn removable(facts: &Facts) -> Option<SettingChange> {
    flags::remove(facts, |option| {
        option.starts_with("link-arg") && named_by(option).is_some()
    })
}

fn back_to_default(
    facts: &Facts,
    triple: &str,
    current: &Current,
    evidence: &[Evidence],
) -> Option<Proposal> {
    let lld_by_default = default_is_lld(facts, triple);
    if !current.by_flag || (current.name == "lld" && lld_by_default) {
        return None;
    }
    let mut changes = vec![removable(facts)?];
    if let Some((_, origin)) = driver(facts) {
        if !place::is_in_project(&facts.workspace.root, origin) {
            return None;
        }
        changes.push(SettingChange::cargo_config(TomlChange::remove([
            "target", triple, "linker",
        ])));
    }
    let (place, location) = current.place.clone()?;
    let default = if lld_by_default {
        "rustc's own lld"
    } else {
        "the system's linker"
    };
    let message = format!(
        "the project links with {}, set {place}; {default} may be as fast, and needs nothing \
         installed",
        current.name
    );
    let mut finding = Finding::new(&INFO, format!("target.{triple}"), message).at(location);
    finding.evidence = evidence.to_vec();
    let reuse = if lld_by_default && !current.by_driver {
        Reuse::LinkArgs(vec!["-Clink-arg=-fuse-ld=lld".to_owned()])
    } else {
        Reuse::Nothing
    };
    let id = format!("{}:default", INFO.id);
    let lever = Lever::new(id, "rustc's default linker", INFO.id, &Goal::DEV, changes);
    Some(Proposal::trial(
        finding,
        lever.reuse(reuse).effect(Effect::FreeLinks),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_linker_that_a_flag_names() {
        assert_eq!(named_by("link-arg=-fuse-ld=mold").as_deref(), Some("mold"));
        assert_eq!(
            named_by("link-arg=-fuse-ld=/usr/bin/ld.lld").as_deref(),
            Some("lld")
        );
        assert_eq!(named_by("link-arg=--ld-path=wild").as_deref(), Some("wild"));
        assert_eq!(named_by("link-arg=-Wl,-s"), None);
        assert_eq!(named_by("target-cpu=native"), None);
    }
}
