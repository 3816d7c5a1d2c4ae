//! Which members a command line selects, with cargo's meaning of `-p`, `--workspace`, `--exclude`
//! and their absence.

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Metadata, Package, PackageId};
use globset::{Glob, GlobMatcher};

use super::LoadOptions;
use crate::nearest::nearest;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub members: Vec<PackageId>,
    pub warnings: Vec<String>,
}

pub(super) fn select(metadata: &Metadata, options: &LoadOptions) -> Result<Selection> {
    let members = metadata.workspace_packages();
    if !options.exclude.is_empty() && !options.workspace {
        bail!("--exclude can only be used together with --workspace");
    }
    let mut warnings = Vec::new();
    let selected = if options.workspace {
        let excluded = specs(&options.exclude)?;
        for spec in &excluded {
            if !members.iter().any(|member| spec.matches(member)) {
                warnings.push(format!(
                    "excluded package `{}` not found in the workspace `{}`",
                    spec.text, metadata.workspace_root
                ));
            }
        }
        ids(&members, |m| !excluded.iter().any(|spec| spec.matches(m)))
    } else if !options.packages.is_empty() {
        let wanted = specs(&options.packages)?;
        for spec in &wanted {
            if !members.iter().any(|member| spec.matches(member)) {
                return Err(not_a_member(&spec.text, metadata, &members));
            }
        }
        ids(&members, |m| wanted.iter().any(|spec| spec.matches(m)))
    } else if metadata.workspace_default_members.is_available() {
        // cargo has already seen to `default-members` and the directory it runs in.
        metadata.workspace_default_members.to_vec()
    } else {
        ids(&members, |_| true)
    };
    if selected.is_empty() && !members.is_empty() {
        bail!("no package is left: the command line excludes every member");
    }
    Ok(Selection {
        members: selected,
        warnings,
    })
}

fn ids(members: &[&Package], wanted: impl Fn(&Package) -> bool) -> Vec<PackageId> {
    members
        .iter()
        .filter(|member| wanted(member))
        .map(|member| member.id.clone())
        .collect()
}

fn not_a_member(spec: &str, metadata: &Metadata, members: &[&Package]) -> anyhow::Error {
    let root = &metadata.workspace_root;
    match nearest(spec, members.iter().map(|member| member.name.as_str())) {
        Some(name) => anyhow::anyhow!(
            "package `{spec}` is not a member of the workspace `{root}`; did you mean `{name}`?"
        ),
        None => anyhow::anyhow!("package `{spec}` is not a member of the workspace `{root}`"),
    }
}

/// One `-p` or `--exclude` argument.
struct Spec {
    text: String,
    kind: SpecKind,
}

enum SpecKind {
    Glob(GlobMatcher),
    /// `name`, `name@1.2` or cargo's older `name:1.2`.
    Name {
        name: String,
        version: Option<String>,
    },
    /// A package id, or the URL in it: `path+file:///p#name@1.0.0`, `file:///p`.
    Url,
}

fn specs(texts: &[String]) -> Result<Vec<Spec>> {
    texts.iter().map(|text| Spec::parse(text)).collect()
}

impl Spec {
    fn parse(text: &str) -> Result<Self> {
        let kind = if text.contains("://") {
            SpecKind::Url
        } else if text.contains(['*', '?', '[', ']']) {
            let glob = Glob::new(text)
                .with_context(|| format!("cannot read the package pattern `{text}`"))?;
            SpecKind::Glob(glob.compile_matcher())
        } else {
            let (name, version) = match text.split_once(['@', ':']) {
                Some((name, version)) => (name, Some(version.to_owned())),
                None => (text, None),
            };
            SpecKind::Name {
                name: name.to_owned(),
                version,
            }
        };
        Ok(Self {
            text: text.to_owned(),
            kind,
        })
    }

    fn matches(&self, package: &Package) -> bool {
        match &self.kind {
            SpecKind::Glob(glob) => glob.is_match(package.name.as_str()),
            SpecKind::Name { name, version } => {
                package.name == name.as_str()
                    && version.as_ref().is_none_or(|wanted| {
                        let actual = package.version.to_string();
                        // `1.2` stands for every 1.2.x.
                        actual == *wanted || actual.starts_with(&format!("{wanted}."))
                    })
            }
            SpecKind::Url => {
                let id = package.id.repr.as_str();
                let bare = id.strip_prefix("path+").unwrap_or(id);
                let url = bare.split('#').next().unwrap_or(bare);
                let spec = self.text.strip_prefix("path+").unwrap_or(&self.text);
                spec == bare || spec == url
            }
        }
    }
}
