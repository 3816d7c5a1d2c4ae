//! Which features are on, worked out as cargo's resolver does, so that hundreds of what-ifs cost less
//! than one call of cargo.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::DependencyKind;
use serde::{Deserialize, Serialize};

use super::graph::{Graph, Value};

/// A package as it is built: for the host, where build scripts and procedural macros need it, its
/// features may be others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit {
    pub package: usize,
    pub host: bool,
}

/// What a dependency asks of features, in place of what its manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub features: Vec<String>,
    pub default_features: bool,
}

/// By package, and index among its dependencies.
pub type Overrides = BTreeMap<(usize, usize), Wanted>;

/// What is built, with which features.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    pub features: BTreeMap<Unit, BTreeSet<String>>,
    /// Which dependencies of a package are active.
    active: BTreeSet<(Unit, usize)>,
}

impl Resolved {
    /// The features of a package, of all its builds together; none where it is not built.
    pub fn of_package(&self, package: usize) -> Option<BTreeSet<String>> {
        let mut found = None;
        for host in [false, true] {
            if let Some(features) = self.features.get(&Unit { package, host }) {
                let all: &mut BTreeSet<String> = found.get_or_insert_default();
                all.extend(features.iter().cloned());
            }
        }
        found
    }

    pub fn is_built(&self, package: usize) -> bool {
        let unit = |host| self.features.contains_key(&Unit { package, host });
        unit(false) || unit(true)
    }
}

/// Where a resolution begins.
#[derive(Debug, Clone)]
pub struct Root {
    pub package: usize,
    pub features: Vec<String>,
    pub default_features: bool,
    /// With its development dependencies, as for tests and examples.
    pub dev: bool,
}

/// Resolves from `roots`.
pub fn resolve(graph: &Graph, roots: &[Root], overrides: &Overrides) -> Resolved {
    let mut resolver = Resolver {
        graph,
        overrides,
        resolved: Resolved::default(),
        waiting: BTreeMap::new(),
        with_dev: BTreeSet::new(),
    };
    for root in roots {
        if root.dev {
            resolver.with_dev.insert(root.package);
        }
    }
    for root in roots {
        let host = !graph.first_resolver && graph.packages[root.package].is_proc_macro;
        let unit = Unit {
            package: root.package,
            host,
        };
        resolver.build(unit);
        resolver.wants(unit, &root.features, root.default_features);
    }
    resolver.resolved
}

struct Resolver<'a> {
    graph: &'a Graph,
    overrides: &'a Overrides,
    resolved: Resolved,
    /// `x?/f` of dependencies that are not active yet.
    waiting: BTreeMap<(Unit, usize), Vec<String>>,
    with_dev: BTreeSet<usize>,
}

impl Resolver<'_> {
    fn build(&mut self, unit: Unit) {
        if self.resolved.features.contains_key(&unit) {
            return;
        }
        self.resolved.features.insert(unit, BTreeSet::new());
        let graph = self.graph;
        for (at, dependency) in graph.packages[unit.package].dependencies.iter().enumerate() {
            if !dependency.optional {
                self.activate(unit, at);
            }
        }
    }

    fn is_seen(&self, unit: Unit, at: usize) -> bool {
        let dependency = &self.graph.packages[unit.package].dependencies[at];
        let kind = match dependency.kind {
            DependencyKind::Development => self.with_dev.contains(&unit.package),
            _ => true,
        };
        kind && (dependency.applies || self.graph.first_resolver)
    }

    fn activate(&mut self, unit: Unit, at: usize) {
        let graph = self.graph;
        let dependency = &graph.packages[unit.package].dependencies[at];
        let Some(package) = dependency.package.filter(|_| self.is_seen(unit, at)) else {
            return;
        };
        if !self.resolved.active.insert((unit, at)) {
            return;
        }
        let to = self.unit_of(unit, at, package);
        self.build(to);
        match self.overrides.get(&(unit.package, at)) {
            Some(wanted) => self.wants(to, &wanted.features, wanted.default_features),
            None => self.wants(to, &dependency.features, dependency.default_features),
        }
        for feature in self.waiting.remove(&(unit, at)).unwrap_or_default() {
            self.enable(to, &feature);
        }
    }

    fn unit_of(&self, from: Unit, at: usize, package: usize) -> Unit {
        let dependency = &self.graph.packages[from.package].dependencies[at];
        let for_host = from.host
            || dependency.kind == DependencyKind::Build
            || self.graph.packages[package].is_proc_macro;
        Unit {
            package,
            host: for_host && !self.graph.first_resolver,
        }
    }

    fn wants(&mut self, unit: Unit, features: &[String], default_features: bool) {
        if default_features && self.graph.packages[unit.package].has_feature("default") {
            self.enable(unit, "default");
        }
        for feature in features {
            // `features = ["dep/feature"]` is refused by cargo for dependencies, and taken for
            // packages on the command line.
            self.enable(unit, feature);
        }
    }

    fn enable(&mut self, unit: Unit, feature: &str) {
        let graph = self.graph;
        let Some(values) = graph.packages[unit.package].features.get(feature) else {
            return;
        };
        let Some(features) = self.resolved.features.get_mut(&unit) else {
            return;
        };
        if !features.insert(feature.to_owned()) {
            return;
        }
        for value in values {
            match value {
                Value::Feature(name) => self.enable(unit, name),
                Value::Dependency(name) => self.each(unit, name, &mut |this, at| {
                    this.activate(unit, at);
                }),
                Value::OfDependency {
                    dependency,
                    feature,
                    weak,
                } => {
                    if !weak {
                        // Naming a feature of an optional dependency turns it on, under the
                        // implicit feature where there is one.
                        self.enable(unit, dependency);
                    }
                    self.each(unit, dependency, &mut |this, at| {
                        this.of_dependency(unit, at, feature, *weak);
                    });
                }
            }
        }
    }

    fn each(&mut self, unit: Unit, key: &str, on: &mut dyn FnMut(&mut Self, usize)) {
        let graph = self.graph;
        let dependencies = graph.packages[unit.package].dependencies.iter();
        for (at, dependency) in dependencies.enumerate() {
            if dependency.key == key {
                on(self, at);
            }
        }
    }

    fn of_dependency(&mut self, unit: Unit, at: usize, feature: &str, weak: bool) {
        if !weak {
            self.activate(unit, at);
        }
        if self.resolved.active.contains(&(unit, at)) {
            let package = self.graph.packages[unit.package].dependencies[at].package;
            if let Some(package) = package {
                let to = self.unit_of(unit, at, package);
                self.enable(to, feature);
            }
        } else if weak {
            let waiting = self.waiting.entry((unit, at)).or_default();
            waiting.push(feature.to_owned());
        }
    }
}

/// The features that asking `package` for these turns on, in it and in all it depends on, whatever
/// others ask of them.
pub fn alone(graph: &Graph, package: usize, wanted: &Wanted) -> Resolved {
    let root = Root {
        package,
        features: wanted.features.clone(),
        default_features: wanted.default_features,
        dev: false,
    };
    resolve(graph, &[root], &Overrides::new())
}
