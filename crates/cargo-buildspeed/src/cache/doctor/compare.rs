//! Two builds' keys against each other: what differs by itself, and what misses only because a crate
//! below it does.

use std::collections::{BTreeMap, BTreeSet};

use pitcrew_core::finding::Finding;
use serde::Serialize;
use serde_json::json;

use super::Judged;
use super::alone::listed;
use super::inputs::{Inputs, Place, UnitInputs};
use crate::cache::rules;

/// Why a key differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    Rustc {
        here: String,
        there: String,
    },
    /// One of the two has no key.
    Uncacheable {
        here: Option<String>,
        there: Option<String>,
    },
    /// Flags that only one of the two has.
    Flags {
        here: Vec<String>,
        there: Vec<String>,
    },
    Variable {
        name: String,
        here: Option<String>,
        there: Option<String>,
    },
    /// They would be the same but for this path.
    Path {
        place: Place,
        here: String,
        there: String,
    },
    Sources {
        files: Vec<String>,
    },
}

/// What the comparison gave, by crate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    pub same: Vec<String>,
    pub differing: BTreeMap<String, Vec<Cause>>,
    /// Crates that differ only by what is below them.
    pub following: Vec<String>,
    pub only_here: Vec<String>,
    pub only_there: Vec<String>,
}

pub fn compare(here: &Inputs, there: &Inputs) -> Comparison {
    let mut result = Comparison::default();
    let others = by_name(there);
    let ours = by_name(here);
    result.only_there = missing(&others, &ours);
    result.only_here = missing(&ours, &others);
    for (name, units) in &ours {
        for (unit, other) in units.iter().zip(others.get(name).into_iter().flatten()) {
            if unit.uncacheable.is_some() && other.uncacheable.is_some() {
                continue;
            }
            let causes = causes((here, unit), (there, other));
            if !causes.is_empty() {
                result.differing.insert((*name).to_owned(), causes);
            }
        }
    }
    follow(here, &mut result);
    result
}

fn by_name(inputs: &Inputs) -> BTreeMap<&str, Vec<&UnitInputs>> {
    let mut all: BTreeMap<&str, Vec<&UnitInputs>> = BTreeMap::new();
    for unit in &inputs.units {
        all.entry(&unit.name).or_default().push(unit);
    }
    // The same crate with other features, or for the host: in an order that both builds have.
    for units in all.values_mut() {
        units.sort_by_key(|unit| {
            unit.args
                .iter()
                .filter(|a| !is_identity(a))
                .cloned()
                .collect::<Vec<_>>()
        });
    }
    all
}

fn missing(
    of: &BTreeMap<&str, Vec<&UnitInputs>>,
    from: &BTreeMap<&str, Vec<&UnitInputs>>,
) -> Vec<String> {
    let absent = of.keys().filter(|name| !from.contains_key(*name));
    absent.map(|name| (*name).to_owned()).collect()
}

/// Walks upwards from what differs.
fn follow(here: &Inputs, result: &mut Comparison) {
    let mut missed: BTreeSet<&str> = result.differing.keys().map(String::as_str).collect();
    let mut following: BTreeSet<&str> = BTreeSet::new();
    loop {
        let next: Vec<&str> = here
            .units
            .iter()
            .filter(|unit| unit.uncacheable.is_none() && !missed.contains(unit.name.as_str()))
            .filter(|unit| unit.deps.iter().any(|dep| missed.contains(dep.as_str())))
            .map(|unit| unit.name.as_str())
            .collect();
        if next.is_empty() {
            break;
        }
        following.extend(&next);
        missed.extend(next);
    }
    let same = here.units.iter().filter(|unit| unit.uncacheable.is_none());
    let same = same.filter(|unit| !missed.contains(unit.name.as_str()));
    let same: Vec<String> = same
        .filter(|unit| !result.only_here.contains(&unit.name))
        .map(|unit| unit.name.clone())
        .collect();
    let following = following.into_iter().map(str::to_owned).collect();
    result.same = same;
    result.following = following;
}

/// What cargo derives from all the rest.
fn is_identity(arg: &str) -> bool {
    arg.starts_with("-C metadata=") || arg.starts_with("-C extra-filename=")
}

fn causes(
    (here, unit): (&Inputs, &UnitInputs),
    (there, other): (&Inputs, &UnitInputs),
) -> Vec<Cause> {
    if here.rustc != there.rustc {
        return vec![Cause::Rustc {
            here: here.rustc.clone(),
            there: there.rustc.clone(),
        }];
    }
    if unit.uncacheable != other.uncacheable {
        return vec![Cause::Uncacheable {
            here: unit.uncacheable.clone(),
            there: other.uncacheable.clone(),
        }];
    }
    let mut found = Vec::new();
    found.extend(flags(unit, other, here, there));
    for name in unit
        .env
        .keys()
        .chain(other.env.keys())
        .collect::<BTreeSet<_>>()
    {
        let (a, b) = (unit.env.get(name), other.env.get(name));
        if a == b {
            continue;
        }
        let by_path = a.zip(b).and_then(|(a, b)| path((here, a), (there, b)));
        found.push(by_path.unwrap_or_else(|| Cause::Variable {
            name: name.clone(),
            here: a.cloned(),
            there: b.cloned(),
        }));
    }
    if unit.cwd != other.cwd {
        let by_path = path((here, &unit.cwd), (there, &other.cwd));
        found.push(by_path.unwrap_or_else(|| Cause::Variable {
            name: "the directory that rustc runs in".to_owned(),
            here: Some(unit.cwd.clone()),
            there: Some(other.cwd.clone()),
        }));
    }
    found.extend(sources((here, unit), (there, other)));
    found.sort();
    found.dedup();
    found
}

/// The cause where two texts differ in nothing but where a place is.
fn path((here, a): (&Inputs, &str), (there, b): (&Inputs, &str)) -> Option<Cause> {
    let blind = here.places.blind(a);
    if blind != there.places.blind(b) {
        return None;
    }
    let places = here.places.named().into_iter().zip(there.places.named());
    for ((place, ours), (_, theirs)) in places {
        if blind.contains(place.mark()) && ours != theirs {
            return Some(Cause::Path {
                place,
                here: ours.to_owned(),
                there: theirs.to_owned(),
            });
        }
    }
    None
}

fn flags(unit: &UnitInputs, other: &UnitInputs, here: &Inputs, there: &Inputs) -> Option<Cause> {
    let only = |of: &UnitInputs, from: &UnitInputs| -> Vec<String> {
        let missing = of.args.iter().filter(|arg| !from.args.contains(arg));
        missing.cloned().collect()
    };
    let (mut ours, mut theirs) = (only(unit, other), only(other, unit));
    // Their difference says nothing that the difference which made it does not say.
    let is_only_identity = ours.iter().chain(&theirs).all(|arg| is_identity(arg));
    if !is_only_identity {
        ours.retain(|arg| !is_identity(arg));
        theirs.retain(|arg| !is_identity(arg));
    }
    if ours.is_empty() && theirs.is_empty() {
        return None;
    }
    if let ([a], [b]) = (&ours[..], &theirs[..])
        && let Some(by_path) = path((here, a), (there, b))
    {
        return Some(by_path);
    }
    Some(Cause::Flags {
        here: ours,
        there: theirs,
    })
}

/// By their places within the checkout, as a checkout elsewhere has the same files.
fn sources(
    (here, unit): (&Inputs, &UnitInputs),
    (there, other): (&Inputs, &UnitInputs),
) -> Option<Cause> {
    let blind = |inputs: &Inputs, unit: &UnitInputs| -> BTreeMap<String, String> {
        let sources = unit.sources.iter();
        sources
            .map(|(path, hash)| (inputs.places.blind(path), hash.clone()))
            .collect()
    };
    let (ours, theirs) = (blind(here, unit), blind(there, other));
    let all: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let files: Vec<String> = all
        .into_iter()
        // What a build script wrote has the build's own folder in its path.
        .filter(|path| !path.contains(Place::Target.mark()))
        .filter(|path| ours.get(*path) != theirs.get(*path))
        .cloned()
        .collect();
    (!files.is_empty()).then_some(Cause::Sources { files })
}

impl Cause {
    fn in_words(&self) -> String {
        let or_none = |value: &Option<String>| {
            value
                .as_ref()
                .map_or_else(|| "not set".to_owned(), |value| format!("`{value}`"))
        };
        match self {
            Self::Rustc { here, there } => format!("the compiler: {here} here, {there} there"),
            Self::Uncacheable { here, there } => {
                let words =
                    |why: &Option<String>| why.clone().unwrap_or_else(|| "cacheable".to_owned());
                format!("{} here, {} there", words(here), words(there))
            }
            Self::Flags { here, there } => {
                let list = |flags: &[String]| {
                    if flags.is_empty() {
                        "none".to_owned()
                    } else {
                        format!("`{}`", flags.join(" "))
                    }
                };
                if here.iter().chain(there).all(|flag| is_identity(flag)) {
                    "what cargo derives its file names from: features, profile or resolved \
                     dependencies differ"
                        .to_owned()
                } else {
                    format!("flags: {} here, {} there", list(here), list(there))
                }
            }
            Self::Variable { name, here, there } => {
                format!("{name}: {} here, {} there", or_none(here), or_none(there))
            }
            Self::Path { place, here, there } => {
                format!(
                    "the path of {}: {here} here, {there} there",
                    place.in_words()
                )
            }
            Self::Sources { files } => format!("sources: {}", files.join(", ")),
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::Rustc { .. } => "pin the compiler for all in rust-toolchain.toml",
            Self::Uncacheable { .. } => {
                "build with the same CARGO_INCREMENTAL wherever entries are to be shared"
            }
            Self::Flags { .. } => {
                "set flags in the project's .cargo/config.toml, not in RUSTFLAGS, so that all have the same"
            }
            Self::Variable { .. } => {
                "set it everywhere or nowhere; cargo's configuration enters no key"
            }
            Self::Path {
                place: Place::CargoHome,
                ..
            } => "set CARGO_HOME to the same path for all who share the cache",
            Self::Path { .. } => "check out at the same path wherever entries are to be shared",
            Self::Sources { .. } => "these are other crates: nothing is wrong with the cache",
        }
    }
}

pub fn judge(here: &Inputs, there: &Inputs) -> Judged {
    let compared = compare(here, there);
    let mut by_cause: BTreeMap<&Cause, Vec<&str>> = BTreeMap::new();
    for (name, causes) in &compared.differing {
        for cause in causes {
            by_cause.entry(cause).or_default().push(name);
        }
    }
    let mut by_cause: Vec<(&Cause, Vec<&str>)> = by_cause.into_iter().collect();
    by_cause.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let findings: Vec<Finding> = by_cause
        .iter()
        .map(|(cause, names)| {
            let count = names.len();
            let s = if count == 1 { "" } else { "s" };
            let message = format!("{count} crate{s} cannot be shared by {}", cause.in_words());
            listed(&rules::KEYS_DIFFER, names[0], message, names).help(cause.help())
        })
        .collect();
    let counted = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts: Vec<String> = [
        counted(compared.same.len(), "crates have the same key"),
        counted(compared.differing.len(), "differ"),
        counted(compared.following.len(), "miss for what is below them"),
        counted(compared.only_here.len(), "are only here"),
        counted(compared.only_there.len(), "are only there"),
    ]
    .into_iter()
    .flatten()
    .collect();
    Judged {
        lines: vec![format!("keys            {}", parts.join(", "))],
        findings,
        summary: json!({
            "same": compared.same,
            "differing": compared.differing,
            "following": compared.following,
            "only_here": compared.only_here,
            "only_there": compared.only_there,
        }),
    }
}

#[cfg(test)]
mod tests;
