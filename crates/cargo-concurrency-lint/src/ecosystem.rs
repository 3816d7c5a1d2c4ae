//! What the crates of the async ecosystem do, as data: `ecosystem.toml` is the one place to extend. The
//! observers ask it what a name means and what a call gives; the rules ask it what a call does.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

mod rows;
mod table;

pub use rows::{
    As, Blocking, BlockingKind, Cancel, Channel, Client, Dropped, Gives, Layer, Limit, Lock,
    Network, NetworkKind, Plain, Runs, Runtime, Timeout, Trait, Verbs, What,
};
pub use table::{Matcher, Row, Table};

use rows::{Aliases, Guards, Inline, Prelude, Same};

use crate::facts::Ty;

const TEXT: &str = include_str!("ecosystem.toml");

/// Every table.
#[derive(Debug)]
pub struct Ecosystem {
    pub blocking: Table<Blocking>,
    pub runs: Table<Runs>,
    pub limits: Table<Limit>,
    pub permits: Table<Plain>,
    pub joins: Table<Plain>,
    pub sets: Table<Plain>,
    pub drains: Table<Plain>,
    pub channels: Table<Channel>,
    pub timeouts: Table<Timeout>,
    pub alarms: Table<Plain>,
    pub layers: Table<Layer>,
    pub network: Table<Network>,
    pub clients: Vec<Client>,
    pub locks: Table<Lock>,
    pub cancel: Table<Cancel>,
    pub futures: Table<Plain>,
    pub queries: Table<Plain>,
    pub gives: Table<Gives>,
    inherent: Table<Plain>,
    pub traits: Vec<Trait>,
    pub verbs: Verbs,
    guards: Guards,
    inline: FxHashSet<String>,
    same: FxHashMap<String, String>,
    /// The first segments of the paths that have another spelling.
    respelt: FxHashSet<String>,
    aliases: FxHashMap<String, String>,
    preludes: FxHashMap<String, Vec<String>>,
    /// Every path that a row names, and every beginning of one.
    paths: FxHashSet<String>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    blocking: Vec<Blocking>,
    runs: Vec<Runs>,
    inline: Inline,
    limits: Vec<Limit>,
    permits: Vec<Plain>,
    joins: Vec<Plain>,
    sets: Vec<Plain>,
    drains: Vec<Plain>,
    channels: Vec<Channel>,
    timeouts: Vec<Timeout>,
    alarms: Vec<Plain>,
    layers: Vec<Layer>,
    network: Vec<Network>,
    clients: Vec<Client>,
    locks: Vec<Lock>,
    guards: Guards,
    cancel: Vec<Cancel>,
    futures: Vec<Plain>,
    queries: Vec<Plain>,
    same: Vec<Same>,
    aliases: Vec<Aliases>,
    traits: Vec<Trait>,
    preludes: Vec<Prelude>,
    gives: Vec<Gives>,
    inherent: Vec<Plain>,
    verbs: Verbs,
}

impl Ecosystem {
    /// The bundled tables.
    pub fn load() -> Result<Self> {
        let written: Written =
            toml_edit::de::from_str(TEXT).context("the bundled ecosystem.toml is broken")?;
        Ok(Self::of(written))
    }

    fn of(written: Written) -> Self {
        let same = written.same.into_iter().flat_map(|row| {
            let to = row.to;
            row.from.into_iter().map(move |from| (from, to.clone()))
        });
        let aliases = written.aliases.into_iter().flat_map(|row| {
            let of = row.of;
            row.paths.into_iter().map(move |path| (path, of.clone()))
        });
        let preludes = written.preludes.into_iter();
        let mut ecosystem = Self {
            blocking: Table::new(written.blocking),
            runs: Table::new(written.runs),
            limits: Table::new(written.limits),
            permits: Table::new(written.permits),
            joins: Table::new(written.joins),
            sets: Table::new(written.sets),
            drains: Table::new(written.drains),
            channels: Table::new(written.channels),
            timeouts: Table::new(written.timeouts),
            alarms: Table::new(written.alarms),
            layers: Table::new(written.layers),
            network: Table::new(written.network),
            clients: written.clients,
            locks: Table::new(written.locks),
            cancel: Table::new(written.cancel),
            futures: Table::new(written.futures),
            queries: Table::new(written.queries),
            gives: Table::new(written.gives),
            inherent: Table::new(written.inherent),
            traits: written.traits,
            verbs: written.verbs,
            guards: written.guards,
            inline: written.inline.methods.into_iter().collect(),
            same: same.collect(),
            respelt: FxHashSet::default(),
            aliases: aliases.collect(),
            preludes: preludes.map(|row| (row.path, row.holds)).collect(),
            paths: FxHashSet::default(),
        };
        let first = |path: &String| path.split("::").next().unwrap_or_default().to_owned();
        ecosystem.respelt = ecosystem.same.keys().map(first).collect();
        ecosystem.paths = ecosystem.named_paths();
        ecosystem
    }

    /// Every path that stands in a row, with all its beginnings.
    fn named_paths(&self) -> FxHashSet<String> {
        let mut paths = FxHashSet::default();
        let mut add = |path: &str| {
            let ends = path.match_indices("::").map(|(at, _)| at);
            paths.extend(ends.map(|at| path[..at].to_owned()));
            paths.insert(path.to_owned());
        };
        macro_rules! all {
            ($($table:ident)*) => {$(self.$table.paths().for_each(&mut add);)*};
        }
        all!(blocking runs limits permits joins sets drains channels timeouts alarms layers network);
        all!(locks cancel futures queries gives inherent);
        for client in &self.clients {
            add(&client.ty);
            client.paths().iter().for_each(|path| add(path));
        }
        self.traits.iter().for_each(|row| add(&row.path));
        self.same.keys().for_each(|path| add(path));
        self.aliases.keys().for_each(|path| add(path));
        let guards = self.guards.lock.iter().chain(&self.guards.borrow);
        guards.for_each(|path| add(path));
        paths
    }

    /// The one spelling of a path that has several.
    pub fn canonical<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let first = path.find("::").map_or(path, |at| &path[..at]);
        let mut path = Cow::Borrowed(path);
        if !self.respelt.contains(first) {
            return path;
        }
        // A replacement may be the beginning of another.
        for _ in 0..3 {
            let ends = path.match_indices("::").map(|(at, _)| at);
            let ends: Vec<usize> = ends.chain([path.len()]).collect();
            // The longest beginning is the most particular.
            let found = ends.iter().rev().find_map(|end| {
                let to = self.same.get(&path[..*end])?;
                Some(format!("{to}{}", &path[*end..]))
            });
            match found {
                Some(replaced) if replaced != path => path = Cow::Owned(replaced),
                _ => break,
            }
        }
        path
    }

    /// A type by its canonical paths, aliases of `Result` written out.
    pub fn canonical_ty(&self, ty: &mut Ty) {
        if let Cow::Owned(path) = self.canonical(&ty.path) {
            ty.path = path;
        }
        if let Some(of) = self.aliases.get(&ty.path) {
            ty.path.clone_from(of);
        }
        // parking_lot's locks are lock_api's with a way to wait: what they hold stands behind it.
        if ty.args.len() > 1 && is_raw_lock(&ty.args[0].path) {
            ty.args.remove(0);
        }
        ty.args.iter_mut().for_each(|arg| self.canonical_ty(arg));
    }

    /// Whether a row names this path, or one that starts with it: then it exists.
    pub fn knows(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// What a glob import of `path` brings beside what stands below `path` itself.
    pub fn prelude(&self, path: &str) -> &[String] {
        self.preludes.get(path).map_or(&[], Vec::as_slice)
    }

    /// The extension traits that a glob import of `path` brings.
    pub fn traits_below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        let traits = self.traits.iter().map(|row| row.path.as_str());
        traits.filter(move |name| {
            name.rsplit_once("::")
                .is_some_and(|(module, _)| module == path)
        })
    }

    /// Whether whoever is passed a closure by a method of this name runs it before it returns.
    pub fn runs_inline(&self, method: &str) -> bool {
        self.inline.contains(method)
    }

    /// Whether the type is a lock's guard.
    pub fn is_lock_guard(&self, ty: &Ty) -> bool {
        self.guards.lock.contains(&ty.path)
    }

    /// Whether the type is a guard of a borrow that is checked at run time.
    pub fn is_borrow_guard(&self, ty: &Ty) -> bool {
        self.guards.borrow.contains(&ty.path)
    }

    /// The client of this name.
    pub fn client(&self, name: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.name == name)
    }
}

/// `parking_lot::RawMutex` and its like.
fn is_raw_lock(path: &str) -> bool {
    let raw = ["parking_lot::", "lock_api::", "spin::"];
    raw.iter().any(|start| path.starts_with(start))
        && path
            .rsplit("::")
            .next()
            .is_some_and(|name| name.starts_with("Raw"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_where_it_is_written() {
        let rows = TEXT.matches("\n[[").count();
        let sources = TEXT.matches("\nsource = \"https://").count();
        assert_eq!(rows, sources, "each `[[row]]` needs a `source`");
    }

    #[test]
    fn the_tables_load_and_hold_no_pattern_unexpanded() {
        let ecosystem = Ecosystem::load().unwrap();
        assert!(ecosystem.knows("std::fs::read_to_string"));
        assert!(ecosystem.knows("tokio::sync"), "the beginning of a path");
        assert!(
            !ecosystem
                .paths
                .iter()
                .any(|path| path.contains(['{', ',', ' ']))
        );
    }

    #[test]
    fn paths_have_one_spelling() {
        let ecosystem = Ecosystem::load().unwrap();
        for (written, canonical) in [
            ("core::time::Duration", "std::time::Duration"),
            (
                "futures_util::stream::StreamExt::next",
                "futures::StreamExt::next",
            ),
            ("tokio::task::spawn", "tokio::spawn"),
            ("tokio::task::spawn_blocking", "tokio::task::spawn_blocking"),
            (
                "sqlx::postgres::PgPoolOptions::new",
                "sqlx::pool::PoolOptions::new",
            ),
            ("corelation::x", "corelation::x"),
        ] {
            assert_eq!(ecosystem.canonical(written), canonical);
        }
        let mut ty = Ty::new("std::io::Result").with([Ty::new("core::time::Duration")]);
        ecosystem.canonical_ty(&mut ty);
        assert_eq!(ty.success(), Some(&Ty::new("std::time::Duration")));
        let raw = Ty::new("parking_lot::RawMutex");
        let mut lock = Ty::new("lock_api::Mutex").with([raw, Ty::new("u8")]);
        ecosystem.canonical_ty(&mut lock);
        assert_eq!(lock.args, [Ty::new("u8")]);
    }

    #[test]
    fn every_path_of_a_row_is_canonical() {
        let ecosystem = Ecosystem::load().unwrap();
        let found: Vec<_> = ecosystem
            .paths
            .iter()
            .filter(|path| {
                let spelt = ecosystem.canonical(path);
                // The other spellings stand in the rows that make them one.
                !ecosystem.same.contains_key(*path) && spelt != path.as_str()
            })
            .filter(|path| {
                let below = format!("{path}::");
                !ecosystem.same.keys().any(|other| other.starts_with(&below))
            })
            .collect();
        assert!(found.is_empty(), "a row that can never match: {found:?}");
    }
}
