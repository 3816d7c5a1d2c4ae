//! From what code uses to what features must bring about.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Condition, Requirement, Setting, Why};
use super::resolve::Resolved;
use super::uses::{Code, UsedItems};
use crate::gates::cfg::Cfg;
use crate::gates::lookup::{self, Gates, Space, What};
use crate::gates::model::{Meaning, Name};
use crate::gates::{Kind, Library, Vis};

/// What must stay, and what may have to: a method of some type has a name that the code calls, on
/// whatever it calls it.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    pub sure: Vec<Requirement>,
    pub maybe: Vec<Requirement>,
}

/// What is on now.
pub struct Now<'a> {
    pub library: &'a Library,
    pub setting: &'a Setting,
    pub resolved: &'a Resolved,
}

impl Now<'_> {
    /// What `code` needs of the crate that it calls `alias`.
    pub fn needs(&self, krate: usize, alias: &str, code: &Code) -> Needs {
        let mut needs = Needs::default();
        let Some(items) = code.crates.get(alias) else {
            return needs;
        };
        for path in &items.paths {
            self.named(krate, path, Space::Code, &mut needs.sure);
        }
        for path in &items.macros {
            self.named(krate, path, Space::Macro, &mut needs.sure);
            let is_gated = path
                .last()
                .is_some_and(|name| code.gated.names.contains(name));
            let mut inside = Vec::new();
            self.expanded(krate, path, &mut inside);
            for requirement in inside {
                let is_gated = is_gated || requirement.gated;
                push(
                    &mut needs.maybe,
                    requirement.condition,
                    requirement.why,
                    is_gated,
                );
            }
        }
        self.globs(krate, items, code, &mut needs.sure);
        for krate in self.reached(krate) {
            self.methods(krate, code, &mut needs.maybe);
            self.implementations(krate, code, &mut needs.maybe);
        }
        needs
    }

    fn named(&self, krate: usize, path: &[String], space: Space, out: &mut Vec<Requirement>) {
        let mut by_meaning: BTreeMap<String, Vec<Gates>> = BTreeMap::new();
        for found in lookup::resolve(self.library, krate, path, space) {
            let is_there = self
                .setting
                .any(std::slice::from_ref(&found.gates), self.resolved);
            if is_there {
                // A type and a derive of one name are both meant, two ways to one thing are not.
                let meaning = match found.what {
                    What::Name(krate, name) => format!("{krate} {name}"),
                    What::Module(krate, module) => format!("{krate} m{module}"),
                    What::Member | What::Outside => String::new(),
                };
                by_meaning.entry(meaning).or_default().push(found.gates);
            }
        }
        let shown = format!("{}::{}", self.library.source(krate).krate, path.join("::"));
        for gates in by_meaning.into_values() {
            push(
                out,
                Condition::AnyOf(gates),
                Why::Used(shown.clone()),
                false,
            );
        }
    }

    /// What the expansion of a macro may name.
    fn expanded(&self, krate: usize, path: &[String], out: &mut Vec<Requirement>) {
        for found in lookup::resolve(self.library, krate, path, Space::Macro) {
            if let What::Name(krate, name) = found.what {
                for path in &self.library.model(krate).names[name].leads_to {
                    self.named(krate, path, Space::Code, out);
                }
            }
        }
    }

    /// Names that came in by `use x::*`, and the traits whose methods are called.
    fn globs(&self, krate: usize, items: &UsedItems, code: &Code, out: &mut Vec<Requirement>) {
        for glob in &items.globs {
            self.named(krate, glob, Space::Code, out);
            for name in lookup::names_in(self.library, krate, glob) {
                let mut path = glob.clone();
                path.push(name.clone());
                if code.names.contains(&name) || self.is_trait_in_use(krate, &path, code) {
                    self.named(krate, &path, Space::Code, out);
                    self.named(krate, &path, Space::Macro, out);
                }
            }
        }
    }

    fn is_trait_in_use(&self, krate: usize, path: &[String], code: &Code) -> bool {
        let found = lookup::resolve(self.library, krate, path, Space::Code);
        found.iter().any(|found| {
            let What::Name(krate, name) = found.what else {
                return false;
            };
            let model = self.library.model(krate);
            let name = &model.names[name];
            let is_trait = name.meaning == Meaning::Item(Kind::Trait);
            is_trait
                && model.members.iter().any(|member| {
                    member.owner.self_type.as_ref() == Some(&name.name)
                        && member.owner.of_trait.is_none()
                        && code.methods.contains(&member.owner.name)
                })
        })
    }

    /// The crate, and those that its public names lead to.
    fn reached(&self, krate: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::from([krate]);
        let model = self.library.model(krate);
        let externs = &self.library.source(krate).externs;
        let imports = model.names.iter().filter(|name| name.vis == Vis::Public);
        let paths = imports.filter_map(|name| match &name.meaning {
            Meaning::Import(path) => path.first(),
            _ => None,
        });
        let globs = model.modules.iter().flat_map(|module| &module.globs);
        let globs = globs.filter(|glob| glob.public);
        let firsts = paths.chain(globs.filter_map(|glob| glob.path.first()));
        reached.extend(firsts.filter_map(|first| externs.get(first)));
        reached
    }

    fn methods(&self, krate: usize, code: &Code, out: &mut Vec<Requirement>) {
        let model = self.library.model(krate);
        for member in &model.members {
            let owner = &member.owner;
            let is_called = code.methods.contains(&owner.name) && member.vis == Vis::Public;
            // A method of a trait is there where the trait is, which code must name.
            if !is_called || owner.of_trait.is_some() || !member.gate.names_features() {
                continue;
            }
            let Some(of) = &owner.self_type else { continue };
            let types = self.types(krate, of);
            let one = vec![Gates::default().and(krate, &member.gate)];
            if types.is_empty() || !self.setting.any(&one, self.resolved) {
                continue;
            }
            // Methods that all have the type's own condition come with the type.
            if types.iter().any(|gates| one.contains(gates)) {
                continue;
            }
            let shown = format!("{of}::{}", owner.name);
            let is_gated = code.gated.methods.contains(&owner.name);
            let condition = Condition::Implies(types, one);
            push(out, condition, Why::MayBeUsed(shown), is_gated);
        }
    }

    fn implementations(&self, krate: usize, code: &Code, out: &mut Vec<Requirement>) {
        let model = self.library.model(krate);
        for implementation in &model.impls {
            let Some(of_trait) = &implementation.of_trait else {
                continue;
            };
            let own = &implementation.self_type;
            let is_named = code.names.contains(own) && code.names.contains(of_trait);
            if !is_named || !implementation.gate.names_features() {
                continue;
            }
            let one = vec![Gates::default().and(krate, &implementation.gate)];
            if !self.setting.any(&one, self.resolved) {
                continue;
            }
            let mut types = self.types(krate, own);
            if types.is_empty() {
                // A type of another crate is there anyway.
                types.push(Gates::default());
            }
            if types.iter().any(|gates| one.contains(gates)) {
                continue;
            }
            let shown = format!("{of_trait} for {own}");
            let is_gated = [own, of_trait]
                .iter()
                .any(|name| code.gated.names.contains(*name));
            let condition = Condition::Implies(types, one);
            push(out, condition, Why::MayBeUsed(shown), is_gated);
        }
    }

    /// When the types of a name are there.
    fn types(&self, krate: usize, name: &str) -> Vec<Gates> {
        let model = self.library.model(krate);
        let is_type = |name: &&Name| {
            matches!(
                name.meaning,
                Meaning::Item(Kind::Struct | Kind::Enum | Kind::Union | Kind::Trait)
            )
        };
        let indices = self.library.named(krate, name).iter();
        let names = indices.map(|index| &model.names[*index]).filter(is_type);
        names
            .map(|name| Gates::default().and(krate, &name.gate))
            .collect()
    }
}

fn push(out: &mut Vec<Requirement>, condition: Condition, why: Why, gated: bool) {
    let hangs_on_features = match &condition {
        Condition::AnyOf(gates) | Condition::Implies(_, gates) => gates
            .iter()
            .all(|gates| gates.0.iter().any(|(_, gate)| Cfg::names_features(gate))),
        Condition::Holds(..) => true,
    };
    if !hangs_on_features {
        return;
    }
    match out.iter_mut().find(|have| have.condition == condition) {
        Some(have) => have.gated |= gated,
        None => out.push(Requirement {
            condition,
            why,
            gated,
        }),
    }
}
