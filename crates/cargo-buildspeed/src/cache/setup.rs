//! `cache setup`: what a backend needs in cargo's configuration, checked, shown as a diff, and written
//! through the journal. Credentials are never written; the variables that are to hold them are named.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::apply as applying;
use pitcrew_core::cli::Out;
use pitcrew_core::exit::Exit;
use pitcrew_core::manifest::{self, TomlChange};
use pitcrew_core::plan::Plan;
use pitcrew_core::session::Session;
use pitcrew_core::wrapper::GUARDED;

use super::args::SetupArgs;
use super::backend::{self, Backend, Kind};
use super::ci;
use super::sccache::{INSTALL, Sccache};
use super::situation::{Place, settings};
use crate::apply::TOOL;
use crate::lever::SettingFile;
use crate::places::Places;

/// What is wanted, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub kind: Kind,
    /// sccache's variables, in the order in which they are written.
    pub variables: Vec<(String, String)>,
    /// Whether rustc is called by the guard.
    pub guarded: bool,
}

impl Wanted {
    /// # Errors
    /// Where an option is missing or wrong.
    pub fn of(args: &SetupArgs) -> Result<Self> {
        let backend = args.backend.backend();
        let variables = match backend.variables(&args.options) {
            Ok(variables) => variables,
            Err(why) => bail!(why),
        };
        Ok(Self {
            kind: args.backend,
            // The scheduler's address has no variable: it stands in sccache's own file.
            variables: variables
                .into_iter()
                .filter(|(name, _)| !name.is_empty())
                .collect(),
            guarded: !args.no_guard && !matches!(args.backend, Kind::Local | Kind::Dist),
        })
    }

    /// The changes that bring a configuration of this text there.
    pub fn changes(&self, text: &str) -> Vec<TomlChange> {
        let wrapper = if self.guarded {
            "cargo-buildspeed"
        } else {
            "sccache"
        };
        let mut changes = vec![TomlChange::set(["build", "rustc-wrapper"], quoted(wrapper))];
        let mut variables = self.variables.clone();
        if self.guarded {
            variables.push((GUARDED.to_owned(), "sccache".to_owned()));
        }
        // What another backend left would have sccache use that one.
        let stale = backend::all_variables().chain([GUARDED]).filter(|name| {
            let is_wanted = variables.iter().any(|(wanted, _)| wanted == name);
            !is_wanted && manifest::lookup(text, &["env", name]).is_some()
        });
        let mut stale: Vec<&str> = stale.collect();
        stale.sort_unstable();
        stale.dedup();
        changes.extend(
            stale
                .into_iter()
                .map(|name| TomlChange::remove(["env", name])),
        );
        changes.extend(
            variables
                .iter()
                .map(|(name, value)| TomlChange::set(["env", name], quoted(value))),
        );
        changes
    }
}

/// As TOML text.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

pub fn run(args: &SetupArgs, out: &mut Out<'_>) -> Result<Exit> {
    let wanted = Wanted::of(args)?;
    let session = super::open(&args.cargo, out)?;
    if args.apply.undo {
        applying::undo(&session, TOOL, out)?;
        return Ok(Exit::Clean);
    }
    if wanted.kind == Kind::Gha {
        return workflow_only(args, out);
    }
    let file = file(&session, args);
    let plan = plan(&session, &wanted, &file)?;
    if args.apply.apply && !plan.is_empty() {
        applying::write(
            &session,
            TOOL,
            &plan,
            (&args.apply, args.output.format),
            out,
        )?;
    } else {
        plan.diff(session.root(), out.stdout_color, out.stdout)?;
        out.stdout.flush()?;
    }
    if plan.is_empty() {
        let file = session.workspace.relative(&file);
        writeln!(out.stderr, "{file} says this already.")?;
    } else if !args.apply.apply {
        writeln!(
            out.stderr,
            "Nothing is written: `--apply` does it, `cargo buildspeed --undo` takes it back."
        )?;
    }
    for note in notes(&session, args, &wanted) {
        out.note(note)?;
    }
    let differs = args.apply.check && !plan.is_empty();
    Ok(if differs { Exit::Findings } else { Exit::Clean })
}

fn file(session: &Session, args: &SetupArgs) -> Utf8PathBuf {
    let places = Places {
        root: session.root().to_owned(),
        cargo_home: session.cargo_home.clone(),
        scope: Some(args.scope),
    };
    places.path(&SettingFile::CargoConfig, args.scope)
}

fn plan(session: &Session, wanted: &Wanted, file: &Utf8Path) -> Result<Plan> {
    let text = applying::read(file)?.unwrap_or_default();
    let present = manifest::lookup(&text, &["build", "rustc-wrapper"]);
    let present = present.as_ref().and_then(serde_json::Value::as_str);
    if let Some(other) = present.filter(|other| !is_ours(other)) {
        bail!(
            "{} has `rustc-wrapper = \"{other}\"` already: take it out first, as cargo calls one \
             wrapper only",
            session.workspace.relative(file)
        );
    }
    let changes = wanted.changes(&text);
    Plan::of_toml(
        changes.into_iter().map(|change| (file.to_owned(), change)),
        &applying::read,
    )
}

fn is_ours(wrapper: &str) -> bool {
    let stem = Utf8Path::new(wrapper).file_stem();
    matches!(stem, None | Some("sccache" | "cargo-buildspeed"))
}

/// That cache is there in a workflow and nowhere else: in a file of the project it would send every
/// developer's sccache to an address that only a runner has.
fn workflow_only(args: &SetupArgs, out: &mut Out<'_>) -> Result<Exit> {
    writeln!(
        out.stderr,
        "The cache of GitHub Actions exists within a workflow only, so nothing belongs into cargo's \
         configuration. Put this into the workflow:"
    )?;
    let snippet = ci::snippet(super::args::Service::Github, Kind::Gha, &args.options)?;
    write!(out.stdout, "{snippet}")?;
    Ok(Exit::Clean)
}

/// What the file cannot say.
fn notes(session: &Session, args: &SetupArgs, wanted: &Wanted) -> Vec<String> {
    let backend = wanted.kind.backend();
    let mut notes = Vec::new();
    match Sccache::find(&session.toolchain, std::time::Duration::from_secs(2)) {
        None => notes.push(format!(
            "sccache is not on PATH; everyone who builds here gets it by `{INSTALL}`"
        )),
        Some(sccache) if !sccache.has(backend.feature) => notes.push(format!(
            "the sccache on PATH was built without {}, and would use the disk without a word: \
             `{INSTALL} --force` brings one with all backends",
            wanted.kind.name()
        )),
        Some(_) => {}
    }
    notes.extend(credentials(backend));
    if wanted.guarded {
        notes.push(
            "rustc is called by cargo-buildspeed, which asks the cache first; everyone who builds \
             here needs it on PATH (--no-guard has sccache called directly)"
                .to_owned(),
        );
    }
    if wanted.kind == Kind::Dist {
        let scheduler = args.options.endpoint.as_deref().unwrap_or_default();
        notes.push(format!(
            "sccache reads its scheduler from its own file alone, which holds a token and is yours: \
             write `[dist]`, `scheduler_url = {}` and `[dist.auth]` into ~/.config/sccache/config, \
             then see `sccache --dist-status`",
            quoted(scheduler)
        ));
    }
    let set = settings(&session.config, &session.env, session.root());
    for (name, value) in &wanted.variables {
        let stands = set
            .get(name)
            .is_some_and(|s| s.origin == Place::Environment && s.value != *value);
        if stands {
            notes.push(format!(
                "{name} is set in your environment, which wins over the file"
            ));
        }
    }
    if session.env.contains_key("RUSTC_WRAPPER") {
        notes.push("RUSTC_WRAPPER is set in your environment, which wins over the file".to_owned());
    }
    if args.apply.apply {
        notes.push(
            "a server that runs already keeps its old settings: `sccache --stop-server`".to_owned(),
        );
    }
    notes
}

fn credentials(backend: &Backend) -> Option<String> {
    let ways: Vec<String> = backend
        .credentials
        .iter()
        .map(|way| way.join(" and "))
        .collect();
    (!ways.is_empty()).then(|| {
        format!(
            "credentials are not written: where the {} wants some, set {} in the environment",
            backend.kind.name(),
            ways.join(", or ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(guarded: bool) -> Wanted {
        Wanted {
            kind: Kind::Redis,
            variables: vec![(
                "SCCACHE_REDIS_ENDPOINT".to_owned(),
                "redis://cache.lan".to_owned(),
            )],
            guarded,
        }
    }

    fn written(wanted: &Wanted, text: &str) -> String {
        manifest::change(text, &wanted.changes(text)).unwrap()
    }

    #[test]
    fn an_empty_file_gets_the_wrapper_and_the_variables() {
        assert_eq!(
            written(&wanted(true), ""),
            "[build]\nrustc-wrapper = \"cargo-buildspeed\"\n\n[env]\nSCCACHE_REDIS_ENDPOINT = \
             \"redis://cache.lan\"\nPITCREW_CACHE_GUARD = \"sccache\"\n"
        );
    }

    #[test]
    fn what_another_backend_left_goes_and_all_else_stays() {
        let text = "# ours\n[build]\njobs = 2\nrustc-wrapper = \"cargo-buildspeed\"\n\n[env]\n\
                    KEEP = \"1\"\nSCCACHE_BUCKET = \"b\"\nPITCREW_CACHE_GUARD = \"sccache\"\n";
        assert_eq!(
            written(&wanted(false), text),
            "# ours\n[build]\njobs = 2\nrustc-wrapper = \"sccache\"\n\n[env]\nKEEP = \"1\"\n\
             SCCACHE_REDIS_ENDPOINT = \"redis://cache.lan\"\n"
        );
    }

    #[test]
    fn what_is_written_once_is_not_written_again() {
        let once = written(&wanted(true), "");
        assert_eq!(written(&wanted(true), &once), once);
    }

    #[test]
    fn another_wrapper_is_not_ours() {
        assert!(is_ours("sccache") && is_ours("/usr/bin/sccache") && is_ours(""));
        assert!(!is_ours("/opt/wrap"));
    }
}
