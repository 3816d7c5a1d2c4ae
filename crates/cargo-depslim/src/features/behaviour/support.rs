//! What goes with the features, and what code that goes is for.

use std::collections::{BTreeMap, BTreeSet};

use super::Verdict;
use super::altered::{Pair, Turn};
use crate::gates::cfg::Cfg;
use crate::gates::model::Meaning;
use crate::gates::{Mentions, Vis};

/// Everything of a crate that is not there any more, by name.
pub(super) struct Gone<'a> {
    things: BTreeMap<&'a str, Vec<Thing<'a>>>,
}

struct Thing<'a> {
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
            // In a module that others can name and that goes as a whole, everything is the feature's.
            let is_inside =
                model.modules[name.module].public && goes(&model.modules[name.module].gate);
            let is_public = name.vis == Vis::Public
                && (model.modules[name.module].public || exported.contains(name.name.as_str()));
            gone.push(
                &name.name,
                Thing {
                    features: pair.features(&name.gate),
                    mentions: name.mentions.as_ref().filter(|_| !is_module),
                    is_new_name: is_inside || is_public,
                    only_sets: false,
                },
            );
        }
        for member in model.members.iter().filter(|member| goes(&member.gate)) {
            gone.push(
                &member.owner.name,
                Thing {
                    features: pair.features(&member.gate),
                    mentions: member.mentions.as_ref(),
                    is_new_name: false,
                    only_sets: member.only_sets,
                },
            );
        }
        gone
    }

    fn push(&mut self, name: &'a str, thing: Thing<'a>) {
        self.things.entry(name).or_default().push(thing);
    }

    /// What it means that code goes which mentions this, with these features.
    pub fn judge(&self, mentions: &Mentions, features: &BTreeSet<String>) -> Verdict {
        if mentions.text {
            return Verdict::Text;
        }
        let mut waiting: Vec<&str> = mentions.names.iter().map(String::as_str).collect();
        let mut seen: BTreeSet<&str> = waiting.iter().copied().collect();
        let (mut serves, mut text) = (false, false);
        let (mut only_sets, mut any) = (true, false);
        while let Some(name) = waiting.pop() {
            let things = self.things.get(name).into_iter().flatten();
            let related = things.filter(|thing| !thing.features.is_disjoint(features));
            for thing in related {
                any = true;
                only_sets &= thing.only_sets;
                if thing.is_new_name {
                    serves = true;
                    continue;
                }
                let Some(mentions) = thing.mentions else {
                    continue;
                };
                text |= mentions.text;
                for next in &mentions.names {
                    if seen.insert(next) {
                        waiting.push(next);
                    }
                }
            }
        }
        match (text, serves) {
            (true, _) => Verdict::Text,
            (false, true) => Verdict::Support,
            (false, false) if any && only_sets => Verdict::Switch,
            (false, false) => Verdict::Replaced,
        }
    }
}
