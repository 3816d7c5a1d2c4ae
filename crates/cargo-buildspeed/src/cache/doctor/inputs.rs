//! What sccache makes a crate's key of, as data that can be saved and compared: the compiler, the
//! command line without the paths that it leaves out, cargo's variables, those that the source reads,
//! the directory, and the sources. Values that a source reads from the environment may be secrets, and
//! are kept as hashes.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::recording::{self, Recorded};
use pitcrew_core::session::Session;
use pitcrew_core::wrapper::log::Invocation;
use pitcrew_core::wrapper::rustc_args::RustcArgs;
use serde::{Deserialize, Serialize};

/// Raised when the meaning of a field changes.
pub const SCHEMA: u32 = 1;

/// One build's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    pub schema: u32,
    /// `rustc -vV`'s first line.
    pub rustc: String,
    pub places: Places,
    /// Of the environment, those that enter keys and that cargo did not set by itself.
    pub environment: BTreeMap<String, String>,
    pub units: Vec<UnitInputs>,
}

/// The directories whose place differs between machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    pub root: String,
    pub target: String,
    pub cargo_home: String,
}

/// One crate's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UnitInputs {
    /// `serde 1.0.2 (lib)`.
    pub name: String,
    /// Why it has no key.
    pub uncacheable: Option<String>,
    pub args: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub cwd: String,
    /// Hashes of the sources, by path.
    pub sources: BTreeMap<String, String>,
    /// The names of the crates whose files are inputs.
    pub deps: Vec<String>,
}

/// The places by their names, the most specific first: the target directory mostly lies in the root.
impl Places {
    pub fn named(&self) -> [(Place, &str); 3] {
        [
            (Place::Target, self.target.as_str()),
            (Place::Root, self.root.as_str()),
            (Place::CargoHome, self.cargo_home.as_str()),
        ]
    }

    /// The text with each place's path replaced by its name.
    pub fn blind(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (place, path) in self.named() {
            if !path.is_empty() {
                text = text.replace(path, place.mark());
            }
        }
        text
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Root,
    Target,
    CargoHome,
}

impl Place {
    pub fn mark(self) -> &'static str {
        match self {
            Self::Root => "{checkout}",
            Self::Target => "{target directory}",
            Self::CargoHome => "{cargo's home}",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Root => "the checkout",
            Self::Target => "the target directory",
            Self::CargoHome => "cargo's home",
        }
    }
}

/// Those that this program sets for the build, which the user's own build has not.
const OURS: &[&str] = &["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"];

/// Reads them off a recorded build whose artifacts are still in `target`.
pub fn of(session: &Session, recorded: &Recorded, target: &Utf8Path) -> Inputs {
    let places = Places {
        root: session.root().to_string(),
        target: session.workspace.target_dir.to_string(),
        cargo_home: session.cargo_home.to_string(),
    };
    let names = names(&recorded.calls);
    let user = |name: &str| session.env.get(name).cloned();
    let units = recorded.calls.iter().zip(&names).map(|(call, name)| {
        let mut unit = unit(call, name, &names, &recorded.calls);
        for text in unit.args.iter_mut().chain(unit.env.values_mut()) {
            // Where the user's own build has it.
            *text = text.replace(target.as_str(), &places.target);
        }
        for variable in unit.env.keys().cloned().collect::<Vec<_>>() {
            if OURS.contains(&variable.as_str()) || variable.starts_with("CARGO_TERM_") {
                unit.env.remove(&variable);
                unit.env
                    .extend(user(&variable).map(|value| (variable, value)));
            }
        }
        unit
    });
    Inputs {
        schema: SCHEMA,
        rustc: session.toolchain.rustc.clone(),
        units: units.collect(),
        environment: environment(&session.env),
        places,
    }
}

/// The user's own variables that enter every key. rustup sets cargo's home for all that it runs.
fn environment(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let enters = |name: &str| enters_keys(name) && name != "CARGO_HOME";
    let found = env.iter().filter(|(name, _)| enters(name));
    found.map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// What sccache leaves out of the variables that begin so.
fn enters_keys(name: &str) -> bool {
    name.starts_with("CARGO_")
        && !name.starts_with("CARGO_REGISTR")
        && !matches!(
            name,
            "CARGO_MAKEFLAGS" | "CARGO_BUILD_JOBS" | "CARGO_ENCODED_RUSTFLAGS"
        )
}

/// A name for each call, as a report names units.
fn names(calls: &[Invocation]) -> Vec<String> {
    let name = |call: &Invocation| {
        let args = RustcArgs::parse(call.args.iter().map(String::as_str));
        let env = |name: &str| call.env.get(name).map_or("", String::as_str);
        let kind = if args.test {
            "test".to_owned()
        } else if args
            .crate_name
            .as_deref()
            .is_some_and(|n| n.starts_with("build_script_"))
        {
            "build script".to_owned()
        } else {
            args.crate_types.join("+")
        };
        let host = if args.target.is_some() {
            ", for a target"
        } else {
            ""
        };
        let krate = args.crate_name.unwrap_or_default();
        let (package, version) = (env("CARGO_PKG_NAME"), env("CARGO_PKG_VERSION"));
        let same = krate == package.replace('-', "_") || kind == "build script";
        let krate = if same {
            String::new()
        } else {
            format!("{krate}, ")
        };
        format!("{package} {version} ({krate}{kind}{host})")
    };
    calls.iter().map(name).collect()
}

fn unit(call: &Invocation, name: &str, names: &[String], calls: &[Invocation]) -> UnitInputs {
    let parsed = RustcArgs::parse(call.args.iter().map(String::as_str));
    let mut env: BTreeMap<String, String> = call
        .env
        .iter()
        .filter(|(name, _)| enters_keys(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let (sources, read) = dep_info(call, &parsed);
    env.extend(read);
    let deps = parsed.externs.iter().filter_map(|dep| {
        let file = Utf8Path::new(&dep.path).file_stem()?.to_owned();
        let made = calls.iter().position(|call| makes(call, &file))?;
        names.get(made).cloned()
    });
    UnitInputs {
        name: name.to_owned(),
        uncacheable: uncacheable(&parsed),
        args: hashed(&call.args),
        env,
        cwd: call.cwd.clone(),
        sources,
        deps: deps.collect(),
    }
}

fn makes(call: &Invocation, stem: &str) -> bool {
    let args = RustcArgs::parse(call.args.iter().map(String::as_str));
    let name = args.crate_name.unwrap_or_default();
    let stem = stem.strip_prefix("lib").unwrap_or(stem);
    !args.extra_filename.is_empty() && stem == format!("{name}{}", args.extra_filename)
}

/// sccache's reason, in its own words.
fn uncacheable(args: &RustcArgs) -> Option<String> {
    if args.test || args.crate_types.is_empty() {
        return Some("crate-type (No crate-type passed)".to_owned());
    }
    let linked: Vec<&str> = args
        .crate_types
        .iter()
        .map(String::as_str)
        .filter(|kind| !matches!(*kind, "lib" | "rlib" | "staticlib"))
        .collect();
    // cargo writes the type before the flags, and sccache says what it meets first.
    if !linked.is_empty() {
        return Some(format!("crate-type ({})", linked.join(",")));
    }
    args.incremental.then(|| "incremental".to_owned())
}

/// The command line as it enters the key.
fn hashed(args: &[String]) -> Vec<String> {
    const LEFT_OUT: &[&str] = &[
        "--extern",
        "-L",
        "--check-cfg",
        "--out-dir",
        "--diagnostic-width",
        "--color",
    ];
    let mut kept = Vec::new();
    let mut words = args.iter().peekable();
    while let Some(word) = words.next() {
        let flag = word.split_once('=').map_or(word.as_str(), |(flag, _)| flag);
        if LEFT_OUT.contains(&flag) {
            if flag == word {
                words.next();
            }
            continue;
        }
        let takes_value = matches!(word.as_str(), "-C" | "--cfg" | "--emit" | "--crate-type");
        match words.peek() {
            Some(value) if takes_value => {
                kept.push(format!("{word} {value}"));
                words.next();
            }
            _ => kept.push(word.clone()),
        }
    }
    kept
}

/// The sources, and the variables that they read, from what rustc wrote beside the crate.
fn dep_info(
    call: &Invocation,
    args: &RustcArgs,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let name = args.crate_name.as_deref().unwrap_or_default();
    let file = Utf8PathBuf::from(args.out_dir.as_deref().unwrap_or_default())
        .join(format!("{name}{}.d", args.extra_filename));
    let text = fs::read_to_string(Utf8Path::new(&call.cwd).join(file)).unwrap_or_default();
    let mut sources = BTreeMap::new();
    let mut variables = BTreeMap::new();
    for line in text.lines() {
        if let Some(read) = line.strip_prefix("# env-dep:") {
            let (name, value) = read.split_once('=').unwrap_or((read, ""));
            let value = if name == "OUT_DIR" || name.starts_with("CARGO_") {
                value.to_owned()
            } else {
                hash(value.as_bytes())
            };
            variables.insert(name.to_owned(), value);
        } else if let Some(path) = line.strip_suffix(':')
            && let Ok(bytes) = fs::read(Utf8Path::new(&call.cwd).join(path))
        {
            sources.insert(path.to_owned(), hash(&bytes));
        }
    }
    (sources, variables)
}

fn hash(bytes: &[u8]) -> String {
    recording::key([bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_paths_that_sccache_leaves_out_are_left_out() {
        let line = "--crate-name a src/lib.rs --crate-type lib --emit=dep-info,metadata,link \
                    -C metadata=1 --out-dir /t/deps -L dependency=/t/deps --extern b=/t/b.rmeta \
                    --check-cfg cfg(x) --cfg feature=\"f\" --diagnostic-width=80";
        assert_eq!(
            hashed(&words(line)),
            [
                "--crate-name",
                "a",
                "src/lib.rs",
                "--crate-type lib",
                "--emit=dep-info,metadata,link",
                "-C metadata=1",
                "--cfg feature=\"f\"",
            ]
        );
    }

    #[test]
    fn reasons_are_sccaches_own() {
        let why = |line: &str| uncacheable(&RustcArgs::parse(line.split_whitespace()));
        assert_eq!(why("a.rs --crate-type lib"), None);
        let reason = |text: &str| Some(text.to_owned());
        assert_eq!(why("a.rs --crate-type bin"), reason("crate-type (bin)"));
        assert_eq!(
            why("a.rs --crate-type rlib --crate-type cdylib"),
            reason("crate-type (cdylib)")
        );
        assert_eq!(
            why("a.rs --crate-type lib -C incremental=/i"),
            reason("incremental")
        );
        assert_eq!(
            why("a.rs --test"),
            reason("crate-type (No crate-type passed)")
        );
    }

    #[test]
    fn only_what_enters_keys_is_looked_at() {
        assert!(enters_keys("CARGO_TERM_COLOR") && enters_keys("CARGO_PKG_NAME"));
        for no in [
            "CARGO_MAKEFLAGS",
            "CARGO_REGISTRY_TOKEN",
            "CARGO_REGISTRIES_X_TOKEN",
            "PATH",
        ] {
            assert!(!enters_keys(no), "{no}");
        }
    }

    #[test]
    fn places_are_blinded_from_the_inside_out() {
        let places = Places {
            root: "/w".to_owned(),
            target: "/w/target".to_owned(),
            cargo_home: "/h/.cargo".to_owned(),
        };
        assert_eq!(
            places.blind("/w/target/x:/w/src:/h/.cargo/r"),
            "{target directory}/x:{checkout}/src:{cargo's home}/r"
        );
    }
}
