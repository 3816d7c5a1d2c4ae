//! Which samples and which frames count. Glue is folded into its caller, functions of one folded name
//! are one group, and samples can be picked by who is on their stack.

use std::borrow::Cow;
use std::collections::HashMap;

use regex::Regex;
use rustc_hash::FxHashMap;

use super::glue;
use crate::profile::{Frame, Function, FunctionId, Origin, Profile, Sample, StackId};

/// Which samples to look at.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only samples with a matching function on their stack.
    pub focus: Option<Regex>,
    /// None of those with one.
    pub ignore: Option<Regex>,
}

/// Functions of one folded name: what the author calls one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub origin: Origin,
    pub resolved: bool,
}

/// A profile as it is looked at.
pub struct View<'a> {
    pub profile: &'a Profile,
    pub groups: Vec<Group>,
    /// Of each function.
    group_of: Vec<u32>,
    /// Of each stack, itself where its frame is shown, else the nearest caller that is.
    nearest: Vec<Option<StackId>>,
    pub samples: Cow<'a, [Sample]>,
    /// The distinct leaves of the samples with their weight, in order: many samples share a stack.
    pub leaves: Vec<(StackId, u64)>,
    /// All stacks with samples in them or below, as one walks through the tree: first a caller, then
    /// each of its callees with all of theirs.
    pub order: Vec<Step>,
    /// Of all samples together: each row of a report is a share of them.
    weight: u64,
    count: u64,
}

/// A stack on a walk through the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub stack: StackId,
    /// How many shown callers there are.
    pub depth: u32,
}

impl<'a> View<'a> {
    /// The view with glue folded away.
    pub fn new(profile: &'a Profile, filter: &Filter) -> Self {
        Self::with(profile, filter, true)
    }

    /// Every frame as it was recorded.
    pub fn unfolded(profile: &'a Profile, filter: &Filter) -> Self {
        Self::with(profile, filter, false)
    }

    fn with(profile: &'a Profile, filter: &Filter, fold: bool) -> Self {
        let (groups, group_of) = group(profile);
        let nearest = match fold {
            true => shown(profile),
            false => (0..profile.stacks.len() as StackId).map(Some).collect(),
        };
        let samples: Cow<'_, [Sample]> = match (&filter.focus, &filter.ignore) {
            (None, None) => Cow::Borrowed(&profile.samples),
            _ => {
                let picked = picked(profile, &groups, &group_of, filter);
                let kept = |sample: &&Sample| {
                    let stack = sample.stack;
                    stack.map_or(filter.focus.is_none(), |stack| picked[stack as usize])
                };
                profile.samples.iter().filter(kept).copied().collect()
            }
        };
        let mut view = Self {
            weight: samples.iter().map(|sample| sample.weight).sum(),
            count: samples.iter().map(|sample| sample.count).sum(),
            samples,
            profile,
            groups,
            group_of,
            nearest,
            leaves: Vec::new(),
            order: Vec::new(),
        };
        view.leaves = view.weighed_leaves();
        view.order = view.walked();
        view
    }

    fn walked(&self) -> Vec<Step> {
        // How many steps there are from each stack on; a caller stands before its callees.
        let mut steps = vec![0_u32; self.profile.stacks.len()];
        for (leaf, _) in &self.leaves {
            steps[*leaf as usize] = 1;
        }
        let mut all = 0;
        for at in (0..steps.len()).rev() {
            let count = steps[at];
            if count == 0 {
                continue;
            }
            match self.caller(at as StackId) {
                Some(caller) => {
                    let caller = &mut steps[caller as usize];
                    *caller = (*caller).max(1) + count;
                }
                None => all += count,
            }
        }
        let root = Step { stack: 0, depth: 0 };
        let mut order = vec![root; all as usize];
        // Of each stack, where its next callee goes, and how deep those are; of what is above the roots, too.
        let mut free = vec![(0_u32, 0_u32); steps.len()];
        let mut above = (0, 0);
        for (at, count) in steps.iter().enumerate().filter(|(_, count)| **count > 0) {
            let stack = at as StackId;
            let caller = self.caller(stack).map(|caller| &mut free[caller as usize]);
            let (next, depth) = caller.unwrap_or(&mut above);
            let (place, depth) = (*next, *depth);
            *next += count;
            order[place as usize] = Step { stack, depth };
            free[at] = (place + 1, depth + 1);
        }
        order
    }

    fn weighed_leaves(&self) -> Vec<(StackId, u64)> {
        let leaves = self.samples.iter();
        let leaves = leaves.filter_map(|sample| Some((self.leaf(sample)?, sample.weight)));
        let mut leaves: Vec<(StackId, u64)> = leaves.collect();
        leaves.sort_unstable_by_key(|(leaf, _)| *leaf);
        leaves.dedup_by(|(leaf, weight), (known, sum)| {
            let is_same = leaf == known;
            if is_same {
                *sum += *weight;
            }
            is_same
        });
        leaves
    }

    /// The innermost shown stack of a sample; where all is glue, the innermost.
    pub fn leaf(&self, sample: &Sample) -> Option<StackId> {
        let stack = sample.stack?;
        self.nearest[stack as usize].or(Some(stack))
    }

    /// The shown caller of a stack.
    pub fn caller(&self, stack: StackId) -> Option<StackId> {
        let parent = self.profile.stacks[stack as usize].parent?;
        self.nearest[parent as usize]
    }

    /// A stack and its shown callers, the innermost first.
    pub fn walk(&self, leaf: Option<StackId>) -> impl Iterator<Item = StackId> {
        std::iter::successors(leaf, |stack| self.caller(*stack))
    }

    pub fn frame(&self, stack: StackId) -> &'a Frame {
        &self.profile.frames[self.profile.stacks[stack as usize].frame as usize]
    }

    pub fn group(&self, stack: StackId) -> u32 {
        self.group_of[self.frame(stack).function as usize]
    }

    pub fn group_of_function(&self, function: FunctionId) -> u32 {
        self.group_of[function as usize]
    }

    pub fn origin(&self, stack: StackId) -> &'a Origin {
        &self.profile.function_of(self.frame(stack)).origin
    }

    pub fn weight(&self) -> u64 {
        self.weight
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The groups whose name matches, by name.
    pub fn matching(&self, pattern: &Regex) -> Vec<u32> {
        let matching = self.groups.iter().enumerate();
        let matching = matching.filter(|(_, group)| pattern.is_match(&group.name));
        matching.map(|(at, _)| at as u32).collect()
    }
}

fn group(profile: &Profile) -> (Vec<Group>, Vec<u32>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(&str, &Origin), u32> = HashMap::new();
    let group_of = profile.functions.iter().map(|function| {
        let key = (function.name.as_str(), &function.origin);
        *known.entry(key).or_insert_with(|| {
            groups.push(Group {
                name: function.name.clone(),
                origin: function.origin.clone(),
                resolved: function.resolved,
            });
            groups.len() as u32 - 1
        })
    });
    let group_of = group_of.collect();
    (groups, group_of)
}

/// Of each stack, itself where it is more than glue, else the nearest caller that is.
fn shown(profile: &Profile) -> Vec<Option<StackId>> {
    let alone = |function: &Function| [false, true].map(|inlined| glue::alone(function, inlined));
    let alone: Vec<[Option<bool>; 2]> = profile.functions.iter().map(alone).collect();
    let mut below = FxHashMap::default();
    let mut nearest: Vec<Option<StackId>> = Vec::with_capacity(profile.stacks.len());
    for (at, stack) in profile.stacks.iter().enumerate() {
        let frame = &profile.frames[stack.frame as usize];
        let caller = stack.parent.and_then(|parent| nearest[parent as usize]);
        let is_glue = alone[frame.function as usize][usize::from(frame.inlined)];
        let is_glue = is_glue.unwrap_or_else(|| {
            let caller = caller.map(|caller| {
                let frame = profile.stacks[caller as usize].frame;
                profile.frames[frame as usize].function
            });
            *below.entry((frame.function, caller)).or_insert_with(|| {
                let caller = caller.map(|caller| &profile.functions[caller as usize]);
                glue::below(profile.function_of(frame), caller)
            })
        });
        nearest.push(match is_glue {
            true => caller,
            false => Some(at as StackId),
        });
    }
    nearest
}

/// Of each stack, whether its samples are looked at.
fn picked(profile: &Profile, groups: &[Group], group_of: &[u32], filter: &Filter) -> Vec<bool> {
    let matching = |pattern: &Option<Regex>| -> Option<Vec<bool>> {
        let pattern = pattern.as_ref()?;
        Some(
            groups
                .iter()
                .map(|group| pattern.is_match(&group.name))
                .collect(),
        )
    };
    let (focus, ignore) = (matching(&filter.focus), matching(&filter.ignore));
    // What holds of a stack holds of those that it called.
    let (mut focused, mut ignored) = (Vec::new(), Vec::new());
    for stack in &profile.stacks {
        let group = group_of[profile.frames[stack.frame as usize].function as usize] as usize;
        let inherited = |flags: &[bool]| stack.parent.is_some_and(|parent| flags[parent as usize]);
        let in_focus = focus.as_ref().is_none_or(|focus| focus[group]) || inherited(&focused);
        let is_ignored = ignore.as_ref().is_some_and(|ignore| ignore[group]) || inherited(&ignored);
        focused.push(in_focus);
        ignored.push(is_ignored);
    }
    focused
        .iter()
        .zip(&ignored)
        .map(|(focused, ignored)| *focused && !*ignored)
        .collect()
}
