//! The search for needless features within one call: from the session and what was sifted to a request,
//! and its answer as a fact that the rules judge.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use pitcrew_core::cargo::Interrupted;
use pitcrew_core::config::{TargetCfg, effective_rustflags};
use pitcrew_core::fix::Applicability;
use pitcrew_core::scratch;
use pitcrew_core::session::Session;

use crate::args::Args;
use crate::facts::Facts;
use crate::features::entries::Texts;
use crate::features::uses::{Role, Uses};
use crate::features::{self, Before, Flags, Outcome, Reading, Request, Roots, Used, Way, graph};
use crate::gates::cfg;
use crate::prove::{Proof, Workshop};
use crate::remedy::{self, Action};
use crate::{report, rules};

/// The least that a change may be graded to be found: what will not be applied is still told.
pub fn accepted(args: &Args) -> Applicability {
    if args.apply.apply {
        args.least()
    } else {
        Applicability::MaybeIncorrect
    }
}

/// Whether this call asks for what the search tells.
pub fn is_wanted(args: &Args) -> bool {
    rules::OF_FEATURES.iter().any(|rule| args.looks_for(rule))
}

/// What the search starts from, and the conditions in RUSTFLAGS.
pub struct Ground<'a> {
    pub features: features::Ground<'a>,
    flags: Flags,
}

/// What is known without a build, but for what the sources say.
pub fn ground<'a>(session: &'a Session, args: &Args) -> Result<Ground<'a>> {
    let metadata = &session.workspace.metadata;
    let rustc = session.env.get("RUSTC").map_or("rustc", String::as_str);
    let configured = session.config.str("build.target");
    let target = args.cargo.target.first().map(String::as_str).or(configured);
    let printed_cfg = features::printed_cfg(rustc, target)?;
    let triple = target.unwrap_or(&session.toolchain.host.triple);
    let lines: Vec<String> = printed_cfg.lines().map(str::to_owned).collect();
    let built_for = TargetCfg {
        triple,
        cfg: &lines,
    };
    let flags = effective_rustflags(&session.config, built_for, &session.env).flags;
    let roots = roots(args, session);
    Ok(Ground {
        features: features::Ground::new(metadata, triple, &printed_cfg, &roots)?,
        flags: conditions(&flags),
    })
}

/// What is at hand when the search begins.
pub struct Start<'g> {
    pub ground: &'g Ground<'g>,
    pub reading: Reading<'g>,
    pub before: Before,
}

/// What the workspace can do without of the features that it asks for, once what was sifted is
/// carried out as far as it would be applied.
pub fn slim(
    facts: &Facts,
    args: &Args,
    start: Start<'_>,
    sifted: &Proof,
    workshop: &mut Workshop<'_>,
) -> Result<Outcome> {
    workshop.stage("comparing the programs with fewer features");
    let outcome = search(facts, args, start, sifted, workshop);
    match outcome {
        Err(error) if !error.is::<Interrupted>() && !scratch::is_disk_full(&error) => {
            Ok(unseen(&format!("{error:#}")))
        }
        outcome => outcome,
    }
}

/// One study that fails does not take the rest of the report along.
pub fn unseen(why: &str) -> Outcome {
    Outcome {
        notes: vec![format!("the features were not looked at: {why}")],
        ..Outcome::default()
    }
}

fn search(
    facts: &Facts,
    args: &Args,
    start: Start<'_>,
    sifted: &Proof,
    workshop: &mut Workshop<'_>,
) -> Result<Outcome> {
    let actions = sifted.held().into_iter().filter(|action| {
        report::grade(facts, action, sifted.of(action)).applicability >= args.least()
    });
    let actions: Vec<Action> = actions.collect();
    let request = Request {
        flags: start.ground.flags.clone(),
        base: changed(facts, &actions)?,
        left: changed_entries(facts, &actions),
        accept: accepted(args),
    };
    let Reading { uses, study } = start.reading;
    let ground = &start.ground.features;
    let way = Way::Building(&start.before, workshop);
    let mut outcome = features::minimal(ground, study, &request, way)?;
    outcome.used = used(&ground.graph, &uses);
    Ok(outcome)
}

/// What the members' programs and libraries name of each dependency.
fn used(graph: &graph::Graph, uses: &Uses) -> Vec<Used> {
    let mut found = Vec::new();
    for ((member, _), code) in uses.iter().filter(|((_, role), _)| *role == Role::Normal) {
        let member = &graph.packages[*member];
        for (alias, items) in &code.crates {
            let Some(package) = member.source.externs.get(alias) else {
                continue;
            };
            let shown = |path: &Vec<String>| format!("{alias}::{}", path.join("::"));
            found.push(Used {
                member: member.name.clone(),
                package: graph.packages[*package].name.clone(),
                items: items
                    .paths
                    .iter()
                    .filter(|path| !path.is_empty())
                    .map(shown)
                    .collect(),
                uncountable: items.whole || !items.globs.is_empty() || !items.macros.is_empty(),
            });
        }
    }
    found
}

/// What `--cfg` sets in the flags.
fn conditions(flags: &[String]) -> Flags {
    let after = flags.windows(2).filter(|pair| pair[0] == "--cfg");
    let joined = flags.iter().filter_map(|flag| flag.strip_prefix("--cfg="));
    let set = after.map(|pair| pair[1].as_str()).chain(joined);
    set.map(cfg::flag).collect()
}

fn roots(args: &Args, session: &Session) -> Roots {
    let selected = session.workspace.selected_members();
    Roots {
        packages: selected.map(|package| package.id.repr.clone()).collect(),
        features: args.cargo.features.clone(),
        all_features: args.cargo.all_features,
        no_default_features: args.cargo.no_default_features,
    }
}

/// The manifests as the actions make them.
fn changed(facts: &Facts, actions: &[Action]) -> Result<Texts> {
    let plan = report::plan(facts, actions)?;
    let changes = plan.changes().iter();
    let texts = changes.map(|change| {
        let text = String::from_utf8(change.new.clone());
        let text = text.with_context(|| format!("{} is no UTF-8", change.path))?;
        Ok((change.path.clone(), text))
    });
    texts.collect()
}

/// The entries that the actions take out or move, by manifest and keys.
fn changed_entries(facts: &Facts, actions: &[Action]) -> BTreeSet<(Utf8PathBuf, Vec<String>)> {
    let changes = remedy::changes(facts, actions).into_iter();
    changes
        .map(|(path, change)| (facts.root.join(path), change.key))
        .collect()
}
