//! The linker: installed ones that may be faster than the one in use, and a configured one that may
//! be slower than rustc's own.

use pitcrew_core::config::key;
use pitcrew_core::finding::{Evidence, Finding, Rule, RuleInfo, Severity};
use pitcrew_core::manifest::TomlChange;
use pitcrew_core::model::effects::Effect;
use pitcrew_core::toolchain::{DefaultLinker, Os};

use crate::facts::Facts;
use crate::flags;
use crate::goal::Goal;
use crate::lever::{Lever, Proposal, Reuse, Scope, SettingChange};
use crate::recorded;

mod in_use;

use in_use::{InUse, in_use};

pub struct Linker;

static INFO: RuleInfo = RuleInfo {
    id: "linker",
    summary: "another linker may link faster here",
    severity: Severity::Advice,
    docs: r#"## What it does
Tries each linker that is installed and not in use: lld, mold and wild on Linux, lld on macOS and
Windows. Where the project configures a linker, it tries rustc's default in its place; so it does where
the project links through `clang` or `gcc`, for which rustc leaves its own lld. It says nothing where
the recording shows that linking is less than 2 % of the work.

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
        let current = in_use(facts);
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

fn in_words(current: &InUse) -> String {
    match &current.place {
        Some((place, _)) => format!("the linker is {}, set {place}", current.name),
        None => format!("the linker is {}, the default here", current.name),
    }
}

fn candidates(facts: &Facts, triple: &str, current: &InUse) -> Vec<Candidate> {
    let has = |tool| facts.toolchain.tool(tool).is_some();
    let fuse = |name, tool, arg| Candidate {
        name,
        tool: Some(tool),
        args: vec![arg],
        driver: None,
    };
    let mut found = Vec::new();
    match facts.toolchain.host.os {
        Os::Linux => {
            if has("lld") {
                found.push(fuse("lld", "lld", "-Clink-arg=-fuse-ld=lld"));
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
        // clang looks for a linker of this name; `ld.lld` beside it links no Mach-O.
        Os::MacOs if has("ld64.lld") => {
            found.push(fuse("lld", "ld64.lld", "-Clink-arg=-fuse-ld=lld"));
        }
        Os::Windows if triple.ends_with("-windows-msvc") && has("rust-lld") => {
            found.push(Candidate {
                name: "rust-lld",
                tool: None,
                args: vec!["-Clinker=rust-lld.exe"],
                driver: Some("rust-lld.exe"),
            });
        }
        Os::MacOs | Os::Windows | Os::Other => {}
    }
    found.retain(|candidate| candidate.name != current.name);
    found
}

fn try_it(
    facts: &Facts,
    triple: &str,
    current: &InUse,
    candidate: &Candidate,
    evidence: &[Evidence],
) -> Option<Proposal> {
    // A driver of the user's may be there for more than speed, and a project's own choice of a
    // linker is tried against the default instead.
    let chosen_by_project = current.by_flag && removable(facts).is_some();
    // Of two flags that name a linker the last counts.
    let outdone = current.by_flag && !flags::added_come_last(facts);
    if chosen_by_project || outdone || current.driver.is_some() {
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
        changes.push(flags::add(facts, &flag, Scope::User)?);
    }
    let name = candidate.name;
    let message = format!(
        "{name} is {} and not in use; it may link faster than {}, or slower",
        if candidate.tool.is_some() {
            "installed"
        } else {
            "part of rustc"
        },
        current.name,
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

/// The project's linker flags taken out.
fn removable(facts: &Facts) -> Option<SettingChange> {
    flags::remove(facts, in_use::chooses_linker)
}

/// The project's `target.<host>.linker` taken out.
fn removable_driver(facts: &Facts, triple: &str) -> Option<SettingChange> {
    let path = ["target", triple, "linker"];
    let value = facts.config.get(&key(&path))?;
    flags::is_all_in_project(facts, value)
        .then(|| SettingChange::cargo_config(TomlChange::remove(path)))
}

fn back_to_default(
    facts: &Facts,
    triple: &str,
    current: &InUse,
    evidence: &[Evidence],
) -> Option<Proposal> {
    let lld_by_default = facts.toolchain.default_linker() == DefaultLinker::RustLld;
    if current.name == "lld" && lld_by_default {
        return None;
    }
    let mut changes = Vec::new();
    if current.by_flag {
        changes.push(removable(facts)?);
    }
    let configured = current.driver.as_ref().filter(|driver| !driver.by_flag);
    if let Some(driver) = configured {
        // With a compiler as its driver rustc leaves its own lld, and only there it differs.
        let compiler = matches!(driver.name.as_str(), "clang" | "gcc");
        let differs = current.by_flag || lld_by_default || !compiler;
        if !differs || !in_use::is_for_speed(&driver.name) {
            return None;
        }
        changes.push(removable_driver(facts, triple)?);
    }
    if changes.is_empty() {
        return None;
    }
    let (place, location) = current.place.clone()?;
    let default = match in_use::default_name(facts) {
        "lld" => "rustc's own lld",
        other => other,
    };
    let installed = match current.name.as_str() {
        "rust-lld" | "the system's linker" => "",
        _ => ", and needs nothing installed",
    };
    let message = format!(
        "the project links with {}, set {place}; {default} may be as fast{installed}",
        current.name
    );
    let mut finding = Finding::new(&INFO, format!("target.{triple}"), message).at(location);
    finding.evidence = evidence.to_vec();
    let reuse = if lld_by_default && current.driver.is_none() && !current.without_lld {
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
