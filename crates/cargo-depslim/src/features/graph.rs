//! The packages of a workspace and their dependencies, as cargo resolved them, with what cargo's
//! resolver reads of features.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use cargo_metadata::cargo_platform::{Cfg, Platform};
use cargo_metadata::{DependencyKind, Metadata, Package as Described, Target, TargetKind};

use crate::gates::Source;

/// Everything that can be activated.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub packages: Vec<Package>,
    /// Indices of the workspace's own packages.
    pub members: Vec<usize>,
    /// cargo's first resolver mixes the features of all platforms and kinds.
    pub first_resolver: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    /// The package's folder.
    pub folder: Utf8PathBuf,
    pub features: BTreeMap<String, Vec<Value>>,
    pub dependencies: Vec<Dependency>,
    pub is_proc_macro: bool,
    pub is_member: bool,
    pub source: Source,
}

/// What a feature turns on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Feature(String),
    /// `dep:x`
    Dependency(String),
    /// `x/f`, `x?/f`
    OfDependency {
        dependency: String,
        feature: String,
        weak: bool,
    },
}

#[derive(Debug, Clone)]
pub struct Dependency {
    /// As the manifest has it: renamed where it renames.
    pub key: String,
    /// None where this resolution left it out.
    pub package: Option<usize>,
    pub kind: DependencyKind,
    pub optional: bool,
    pub default_features: bool,
    pub features: Vec<String>,
    pub target: Option<Platform>,
    /// It is one of the platform that is built for.
    pub applies: bool,
}

impl Value {
    fn parse(text: &str) -> Self {
        if let Some(name) = text.strip_prefix("dep:") {
            return Self::Dependency(name.to_owned());
        }
        match text.split_once('/') {
            None => Self::Feature(text.to_owned()),
            Some((dependency, feature)) => Self::OfDependency {
                weak: dependency.ends_with('?'),
                dependency: dependency.trim_end_matches('?').to_owned(),
                feature: feature.to_owned(),
            },
        }
    }
}

/// The platform that is built for, as cargo's conditions ask for it.
#[derive(Debug, Clone, Default)]
pub struct Host {
    pub triple: String,
    pub cfgs: Vec<Cfg>,
}

impl Host {
    /// Reads what `rustc --print cfg` printed.
    pub fn parse(triple: &str, printed: &str) -> Self {
        let cfgs = printed.lines().filter_map(|line| line.trim().parse().ok());
        Self {
            triple: triple.to_owned(),
            cfgs: cfgs.collect(),
        }
    }
}

impl Graph {
    pub fn new(metadata: &Metadata, host: &Host, first_resolver: bool) -> Self {
        let index: BTreeMap<&str, usize> = metadata
            .packages
            .iter()
            .enumerate()
            .map(|(at, package)| (package.id.repr.as_str(), at))
            .collect();
        let mut graph = Self {
            first_resolver,
            ..Self::default()
        };
        for described in &metadata.packages {
            let is_member = metadata.workspace_members.contains(&described.id);
            let package = Package::new(described, is_member, host);
            if is_member {
                graph.members.push(graph.packages.len());
            }
            graph.packages.push(package);
        }
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        for node in nodes {
            let Some(own) = index.get(node.id.repr.as_str()) else {
                continue;
            };
            for edge in &node.deps {
                if let Some(to) = index.get(edge.pkg.repr.as_str()) {
                    graph.connect(*own, *to, &edge.name, metadata);
                }
            }
        }
        graph
    }

    /// Fills in which package the dependencies of `own` lead to.
    fn connect(&mut self, own: usize, to: usize, alias: &str, metadata: &Metadata) {
        let described = &metadata.packages[to];
        let declared = metadata.packages[own].dependencies.iter();
        for (at, dependency) in declared.enumerate() {
            // A requirement may leave out the pre-release that a patch put in its place.
            let fits = dependency.req.matches(&described.version)
                || dependency.path.is_some()
                || !described.version.pre.is_empty();
            if *described.name == dependency.name && fits {
                self.packages[own].dependencies[at].package = Some(to);
            }
        }
        let externs = &mut self.packages[own].source.externs;
        externs.insert(alias.to_owned(), to);
    }

    /// The package's own library, where it has one.
    pub fn sources(&self) -> Vec<Source> {
        let sources = self.packages.iter().map(|package| package.source.clone());
        sources.collect()
    }

    pub fn find(&self, id: &str) -> Option<usize> {
        self.packages.iter().position(|package| package.id == id)
    }
}

const LIBRARY: &[TargetKind] = &[
    TargetKind::Lib,
    TargetKind::RLib,
    TargetKind::DyLib,
    TargetKind::CDyLib,
    TargetKind::StaticLib,
    TargetKind::ProcMacro,
];

impl Package {
    fn new(described: &Described, is_member: bool, host: &Host) -> Self {
        let is_library = |target: &&Target| target.kind.iter().any(|kind| LIBRARY.contains(kind));
        let library = described.targets.iter().find(is_library);
        let script = described
            .targets
            .iter()
            .find(|target| target.kind.contains(&TargetKind::CustomBuild));
        let krate = library.map_or_else(
            || described.name.replace('-', "_"),
            |target| target.name.replace('-', "_"),
        );
        let features = described.features.iter().map(|(name, values)| {
            let values = values.iter().map(|value| Value::parse(value)).collect();
            (name.clone(), values)
        });
        let folder = described.manifest_path.parent();
        Self {
            id: described.id.repr.clone(),
            name: described.name.to_string(),
            version: described.version.to_string(),
            folder: folder.map_or_else(Utf8PathBuf::new, camino::Utf8Path::to_owned),
            features: features.collect(),
            dependencies: described
                .dependencies
                .iter()
                .map(|dependency| Dependency::new(dependency, host))
                .collect(),
            is_proc_macro: library.is_some_and(|t| t.kind.contains(&TargetKind::ProcMacro)),
            is_member,
            source: Source {
                root: library.map(|target| target.src_path.clone()),
                build_script: script.map(|target| target.src_path.clone()),
                krate,
                externs: BTreeMap::new(),
            },
        }
    }

    /// The features that the manifest's table or an optional dependency declares.
    pub fn has_feature(&self, name: &str) -> bool {
        self.features.contains_key(name)
    }
}

impl Dependency {
    fn new(described: &cargo_metadata::Dependency, host: &Host) -> Self {
        let target = described.target.clone();
        let applies = target
            .as_ref()
            .is_none_or(|target| target.matches(&host.triple, &host.cfgs));
        Self {
            key: described
                .rename
                .clone()
                .unwrap_or_else(|| described.name.clone()),
            package: None,
            kind: described.kind,
            optional: described.optional,
            default_features: described.uses_default_features,
            features: described.features.clone(),
            target,
            applies,
        }
    }
}
