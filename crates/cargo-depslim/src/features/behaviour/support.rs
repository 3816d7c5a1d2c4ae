//! What goes with the features, and what code that goes is for.

use std::collections::{BTreeMap, BTreeSet};

use super::Verdict;
use super::altered::{Pair, Turn};
use crate::gates::cfg::Cfg;
use crate::gates::model::{Meaning, Member, Name};
use crate::gates::{Mentions, Vis};

/// Everything of a crate that is not there any more.
pub(super) struct Gone<'a> {
    /// By name: items, and methods of types that stay.
    things: BTreeMap<&'a str, Vec<Thing<'a>>>,
    /// Methods of types that go, by type: where the type is used, so are they.
    of_types: BTreeMap<&'a str, Vec<&'a Mentions>>,
}

struct Thing<'a> {
    module: usize,
    features: BTreeSet<String>,
    mentions: Option<&'a Mentions>,
    /// A new name for those who use the crate: a type, a module or a function that they would have to
    /// write out. A method is none: it may be a knob of what is there anyway.
    is_new_name: bool,
    /// A method that does nothing but set a field.
    only_sets: bool,
}

impl<'a> Gone<'a> {
    pub fn of(pair: &'a Pair<'a>) -> Self {
        let mut gone = Self {
            things: BTreeMap::new(),
            of_types: BTreeMap::new(),
        };
        let model = pair.model;
        let goes = |gate: &Cfg| pair.turn(gate) == Turn::Goes;
        // Re-exports make public what stands in private modules.
        let exported: BTreeSet<&str> = model
            .names
            .iter()
            .filter(|name| name.vis == Vis::Public && model.modules[name.module].public)
            .map(|name| name.name.as_str())
            .collect();
        for name in model.names.iter().filter(|name| goes(&name.gate)) {
            let is_module = matches!(name.meaning, Meaning::Module(_));
            let is_public = name.vis == Vis::Public
                && (model.modules[name.module].public || exported.contains(name.name.as_str()));
            let thing = Thing {
                module: name.module,
                features: pair.features(&name.gate),
                mentions: name.mentions.as_ref().filter(|_| !is_module),
                is_new_name: is_public || is_inside(pair, name),
                only_sets: false,
            };
            gone.things.entry(&name.name).or_default().push(thing);
        }
        let types: BTreeSet<&str> = gone.things.keys().copied().collect();
        for member in model.members.iter().filter(|member| goes(&member.gate)) {
            gone.member(pair, member, &types);
        }
        gone
    }

    fn member(&mut self, pair: &Pair<'_>, member: &'a Member, gone: &BTreeSet<&str>) {
        // What a debugger's print shows is no text of the program.
        if member.owner.of_trait.as_deref() == Some("Debug") {
            return;
        }
        let of = member.owner.self_type.as_deref().unwrap_or_default();
        if gone.contains(of) {
            let members = self.of_types.entry(of).or_default();
            members.extend(member.mentions.as_ref());
            return;
        }
        let thing = Thing {
            module: member.owner.module,
            features: pair.features(&member.gate),
            mentions: member.mentions.as_ref(),
            is_new_name: false,
            only_sets: member.only_sets,
        };
        self.things
            .entry(&member.owner.name)
            .or_default()
            .push(thing);
    }

    /// What it means that code goes which mentions this, with these features.
    pub fn judge(&self, mentions: &Mentions, features: &BTreeSet<String>) -> Verdict {
        self.judge_item(mentions, features, None)
    }

    /// The same of an item, by its module and name: it does not serve itself.
    pub fn judge_item(
        &self,
        mentions: &Mentions,
        features: &BTreeSet<String>,
        own: Option<(usize, &str)>,
    ) -> Verdict {
        let mut reach = Reach {
            gone: self,
            features,
            waiting: Vec::new(),
            seen: BTreeSet::new(),
            text: mentions.text,
        };
        reach.add(mentions);
        let (mut serves, mut only_sets, mut any) = (false, true, false);
        while let Some(name) = reach.waiting.pop() {
            for thing in reach.things(name) {
                if own == Some((thing.module, name)) {
                    continue;
                }
                any = true;
                only_sets &= thing.only_sets;
                serves |= thing.is_new_name;
                if !thing.is_new_name {
                    reach.follow(name, thing);
                }
            }
        }
        match (reach.text, serves) {
            (true, _) => Verdict::Text,
            (false, true) => Verdict::Support,
            (false, false) if any && only_sets => Verdict::Switch,
            (false, false) => Verdict::Replaced,
        }
    }
}

/// What some code leads to among what goes.
struct Reach<'g, 'a> {
    gone: &'g Gone<'a>,
    features: &'g BTreeSet<String>,
    waiting: Vec<&'g str>,
    seen: BTreeSet<&'g str>,
    text: bool,
}

impl<'g> Reach<'g, '_> {
    fn add(&mut self, mentions: &'g Mentions) {
        for name in &mentions.names {
            if self.seen.insert(name) {
                self.waiting.push(name);
            }
        }
    }

    /// The things of a name that go with the same features.
    fn things(&self, name: &str) -> Vec<&'g Thing<'g>> {
        let things = self.gone.things.get(name).into_iter().flatten();
        things
            .filter(|thing| !thing.features.is_disjoint(self.features))
            .collect()
    }

    fn follow(&mut self, name: &str, thing: &'g Thing<'g>) {
        let members = self.gone.of_types.get(name).into_iter().flatten().copied();
        for mentions in thing.mentions.into_iter().chain(members) {
            self.text |= mentions.text;
            self.add(mentions);
        }
    }
}

/// Whether a name stands somewhere in a module that others can name and that goes as a whole: all in
/// it is the feature's own.
fn is_inside(pair: &Pair<'_>, name: &Name) -> bool {
    let modules = &pair.model.modules;
    let mut at = Some(name.module);
    while let Some(module) = at {
        let this = &modules[module];
        if this.public && !this.path.is_empty() && pair.turn(&this.gate) == Turn::Goes {
            return true;
        }
        at = this.parent;
    }
    false
}
