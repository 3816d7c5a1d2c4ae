//! What a crate with fewer features has altered.

use std::collections::{BTreeMap, BTreeSet};

use super::support::Gone;
use super::{Alteration, Comparison, Verdict};
use crate::gates::cfg::{Cfg, World};
use crate::gates::model::{Meaning, Name, Owner, Shape, Site};
use crate::gates::{Kind, Mentions, Model};

/// A crate before and after.
pub(super) struct Pair<'a> {
    comparison: &'a Comparison<'a>,
    pub krate: usize,
    pub model: &'a Model,
    before: &'a BTreeSet<String>,
    after: &'a BTreeSet<String>,
}

/// How a condition changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Stays(bool),
    Goes,
    Comes,
}

pub(super) fn in_crate(
    comparison: &Comparison<'_>,
    krate: usize,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Vec<Alteration> {
    let pair = Pair {
        comparison,
        krate,
        model: comparison.library.model(krate),
        before,
        after,
    };
    let gone = Gone::of(&pair);
    let mut found = Vec::new();
    for site in &pair.model.sites {
        found.extend(pair.site(site, &gone));
    }
    pair.names(&gone, &mut found);
    pair.members(&gone, &mut found);
    found
}

impl Pair<'_> {
    fn world<'w>(&'w self, features: &'w BTreeSet<String>, here: bool) -> World<'w> {
        let world = self.comparison.setting.world(self.krate, features);
        World {
            platform: world.platform.filter(|_| here),
            ..world
        }
    }

    /// How a condition turns on the platform that is built for, where what is not known is off.
    pub fn turn(&self, gate: &Cfg) -> Turn {
        let value = |features| gate.value(&self.world(features, true)) == Some(true);
        match (value(self.before), value(self.after)) {
            (true, false) => Turn::Goes,
            (false, true) => Turn::Comes,
            (value, _) => Turn::Stays(value),
        }
    }

    /// Whether there may be a platform where the condition turns.
    fn turns_elsewhere(&self, gate: &Cfg) -> bool {
        let value = |features| gate.value(&self.world(features, false));
        value(self.before) != value(self.after)
    }

    /// The features that go and that this condition names.
    pub fn features(&self, gate: &Cfg) -> BTreeSet<String> {
        let named = gate.features().into_iter();
        let gone = named.filter(|name| self.before.contains(*name) && !self.after.contains(*name));
        gone.map(str::to_owned).collect()
    }

    /// Whether code may be part of a program. What is compiled on other platforms only is in no
    /// program here, and so may be.
    fn may_run(&self, owner: &Owner, outer: &Cfg) -> bool {
        let here = outer.value(&self.world(self.before, true)) == Some(true);
        let library = self.comparison.library;
        let is_type = |name: &str| !library.named(self.krate, name).is_empty();
        match self.comparison.linked {
            Some(linked) if here => linked.holds(self.model, owner, &is_type),
            Some(linked) => linked.has_crate(&self.model.krate),
            None => true,
        }
    }

    /// Whether any function in a module may be part of a program.
    fn module_may_run(&self, module: usize) -> bool {
        let path = &self.model.modules[module].path;
        let is_in = |other: usize| self.model.modules[other].path.starts_with(path);
        let of_names = self
            .model
            .names
            .iter()
            .filter(|name| is_in(name.module) && name.meaning == Meaning::Item(Kind::Fn));
        let owner = |name: &Name| Owner {
            module: name.module,
            name: name.name.clone(),
            is_function: name.has_symbol,
            ..Owner::default()
        };
        let members = self.model.members.iter();
        let mut members = members.filter(|m| is_in(m.owner.module) && m.owner.is_function);
        of_names
            .map(|name| (owner(name), &name.gate))
            .any(|(owner, gate)| self.may_run(&owner, gate))
            || members.any(|member| self.may_run(&member.owner, &member.gate))
    }

    fn alteration(&self, gate: &Cfg, before: bool, place: String, verdict: Verdict) -> Alteration {
        Alteration {
            krate: self.krate,
            gate: gate.clone(),
            before,
            place,
            verdict,
            elsewhere: false,
            features: self.features(gate),
        }
    }

    fn site(&self, site: &Site, gone: &Gone<'_>) -> Option<Alteration> {
        // Nothing that is there in one of the two cases only: whoever used it does not compile.
        if self.turn(&site.outer) == Turn::Goes || self.turn(&site.outer) == Turn::Comes {
            return None;
        }
        let whole = site.outer.clone().and(site.gate.clone());
        let turn = self.turn(&whole);
        let elsewhere = matches!(turn, Turn::Stays(_));
        let may_turn = if elsewhere {
            self.turns_elsewhere(&whole) && !self.features(&whole).is_empty()
        } else {
            true
        };
        let is_code = !matches!(site.shape, Shape::FieldOrVariant | Shape::Parameter);
        if !may_turn || !is_code || !self.may_run(&site.owner, &site.outer) {
            return None;
        }
        let features = self.features(&whole);
        let verdict = match site.shape {
            Shape::Attribute => Verdict::Compiled,
            Shape::Arm | Shape::Element | Shape::Value => {
                match gone.judge(&site.mentions, &features) {
                    Verdict::Text => Verdict::Text,
                    _ => Verdict::Choice,
                }
            }
            _ => gone.judge(&site.mentions, &features),
        };
        let place = self.model.owner_path(&site.owner);
        let before = turn == Turn::Goes;
        let alteration = self.alteration(&whole, before, place, verdict);
        Some(Alteration {
            elsewhere,
            ..alteration
        })
    }

    /// Names with two definitions, of which another one is in force now.
    fn names(&self, gone: &Gone<'_>, found: &mut Vec<Alteration>) {
        for (module, this) in self.model.modules.iter().enumerate() {
            for indices in this.names.values() {
                let mut spaces: BTreeMap<bool, Vec<usize>> = BTreeMap::new();
                for index in indices {
                    let is_macro = self.model.names[*index].meaning == Meaning::Macro;
                    // Each call of a macro is a site of its own.
                    if !is_macro {
                        let is_value = self.is_value(*index);
                        spaces.entry(is_value).or_default().push(*index);
                    }
                }
                for indices in spaces.values().filter(|indices| indices.len() > 1) {
                    self.alternatives(module, indices, gone, found);
                }
            }
        }
    }

    fn is_value(&self, index: usize) -> bool {
        matches!(
            self.model.names[index].meaning,
            Meaning::Item(Kind::Fn | Kind::Const | Kind::Static)
        )
    }

    fn alternatives(
        &self,
        module: usize,
        indices: &[usize],
        gone: &Gone<'_>,
        found: &mut Vec<Alteration>,
    ) {
        let turns = indices
            .iter()
            .map(|index| self.turn(&self.model.names[*index].gate));
        let comes = turns.clone().any(|turn| turn == Turn::Comes);
        if !comes {
            return;
        }
        for (index, turn) in indices.iter().zip(turns) {
            let name = &self.model.names[*index];
            if turn != Turn::Goes {
                continue;
            }
            let owner = Owner {
                module,
                name: name.name.clone(),
                is_function: name.has_symbol,
                ..Owner::default()
            };
            let may_run = match name.meaning {
                Meaning::Module(inner) => self.module_may_run(inner),
                _ => self.may_run(&owner, &name.gate),
            };
            if !may_run {
                continue;
            }
            let mut mentions = name.mentions.clone().unwrap_or_default();
            if let Meaning::Import(path) = &name.meaning {
                mentions.names.extend(path.iter().cloned());
            }
            let features = self.features(&name.gate);
            let own = Some((module, name.name.as_str()));
            let verdict = gone.judge_item(&mentions, &features, own);
            let place = self.model.owner_path(&owner);
            found.push(self.alteration(&name.gate, true, place, verdict));
        }
    }

    /// Methods with two definitions, and implementations of `Drop`, which nobody calls by name.
    fn members(&self, gone: &Gone<'_>, found: &mut Vec<Alteration>) {
        let mut by_owner: BTreeMap<&Owner, Vec<usize>> = BTreeMap::new();
        for (index, member) in self.model.members.iter().enumerate() {
            if member.gate.names_features() {
                by_owner.entry(&member.owner).or_default().push(index);
            }
        }
        for (owner, indices) in by_owner {
            let member = |index: &usize| &self.model.members[*index];
            let comes = indices
                .iter()
                .any(|index| self.turn(&member(index).gate) == Turn::Comes);
            let is_drop = owner.of_trait.as_deref() == Some("Drop");
            for member in indices.iter().map(member) {
                let goes = self.turn(&member.gate) == Turn::Goes;
                let is_altered = goes && (comes || (is_drop && self.stays(owner)));
                if !is_altered || !self.may_run(owner, &member.gate) {
                    continue;
                }
                let nothing = Mentions::default();
                let mentions = member.mentions.as_ref().unwrap_or(&nothing);
                let verdict = gone.judge(mentions, &self.features(&member.gate));
                let place = self.model.owner_path(owner);
                found.push(self.alteration(&member.gate, true, place, verdict));
            }
        }
    }

    /// Whether the type that a member is of is there after, too.
    fn stays(&self, owner: &Owner) -> bool {
        let names = owner.self_type.as_deref();
        let indices = names.map_or(&[][..], |name| {
            self.comparison.library.named(self.krate, name)
        });
        indices
            .iter()
            .any(|index| self.turn(&self.model.names[*index].gate) == Turn::Stays(true))
    }
}
