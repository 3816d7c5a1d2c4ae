//! What runs below which line: for each stack that was seen, the nearest line of the workspace that its
//! author can change, and what the callees below it mean. Pure, and made once for all rules.

use rustc_hash::FxHashMap;

use super::callees::{Class, class_of, is_container};
use crate::analyse::View;
use crate::analyse::lines::Line;
use crate::code::Codes;
use crate::profile::{Frame, FunctionId, Origin, StackId};

/// The time of one stack, explained.
#[derive(Debug, Clone)]
pub struct Work {
    pub leaf: StackId,
    pub weight: u64,
    /// How many times it was seen.
    pub count: u64,
    pub below: Below,
}

/// What lies between a line of the workspace and what ran.
#[derive(Debug, Clone, Copy, Default)]
pub struct Below {
    /// The frame of the line; none where no line of the workspace is on the stack.
    pub site: Option<StackId>,
    /// The outermost callee that tells the cause.
    pub outer: Option<(Class, FunctionId)>,
    /// All classes below the site.
    classes: u32,
    /// The outermost glue that drops something.
    pub dropped: Option<FunctionId>,
    /// A function of its own, not inlined, runs below.
    pub calls: bool,
    /// It runs in a dependency, which its own authors can change.
    pub foreign: bool,
}

impl Below {
    pub fn has(&self, class: Class) -> bool {
        self.classes & class.bit() != 0
    }

    pub fn outer_class(&self) -> Option<Class> {
        self.outer.map(|(class, _)| class)
    }

    /// Nothing ran but the line itself, and what was inlined there.
    pub fn is_own(&self) -> bool {
        self.site.is_some() && !self.calls && self.classes == 0
    }

    /// The callee, one further in.
    fn entered(
        mut self,
        function: FunctionId,
        class: Option<Class>,
        frame: &Frame,
        origin: &Origin,
    ) -> Self {
        self.calls |= !frame.inlined;
        let own_class = class.filter(|_| !self.foreign);
        if let Some(class) = own_class {
            self.classes |= class.bit();
            // A `Drain` shifts when it is dropped, where it was asked for or in what collects it.
            let around = matches!(self.outer_class(), Some(Class::Collect | Class::Drop));
            let shifts = class == Class::Shift && around;
            if !class.is_soft() && (self.outer.is_none() || shifts) {
                self.outer = Some((class, function));
            }
            if class == Class::Drop && self.dropped.is_none() {
                self.dropped = Some(function);
            }
        }
        if let Origin::Dependency(package) = origin {
            self.foreign |= !is_container(package);
        }
        self
    }
}

/// All of a view's time.
pub struct Works {
    pub all: Vec<Work>,
    by_leaf: FxHashMap<StackId, usize>,
    pub weight: u64,
    pub count: u64,
}

impl Works {
    pub fn of(view: &View<'_>, codes: &Codes<'_>) -> Self {
        let below = below(view, codes);
        let mut works = Self {
            all: Vec::new(),
            by_leaf: FxHashMap::default(),
            weight: view.weight(),
            count: view.count(),
        };
        for sample in view.samples.iter() {
            let Some(leaf) = sample.stack else { continue };
            let at = *works.by_leaf.entry(leaf).or_insert_with(|| {
                works.all.push(Work {
                    leaf,
                    weight: 0,
                    count: 0,
                    below: below[leaf as usize],
                });
                works.all.len() - 1
            });
            works.all[at].weight += sample.weight;
            works.all[at].count += sample.count;
        }
        works
    }

    /// The work of a sample's stack.
    pub fn at(&self, leaf: StackId) -> Option<usize> {
        self.by_leaf.get(&leaf).copied()
    }

    pub fn weight_of(&self, works: &[usize]) -> u64 {
        works.iter().map(|at| self.all[*at].weight).sum()
    }

    pub fn count_of(&self, works: &[usize]) -> u64 {
        works.iter().map(|at| self.all[*at].count).sum()
    }
}

/// Of each stack. A caller stands before what it calls, so one pass does.
fn below(view: &View<'_>, codes: &Codes<'_>) -> Vec<Below> {
    let profile = view.profile;
    let classes: Vec<Option<Class>> = (profile.functions.iter())
        .map(|function| class_of(&function.name, &function.origin))
        .collect();
    let mut made = Made {
        view,
        codes,
        known: FxHashMap::default(),
    };
    let mut all: Vec<Below> = Vec::with_capacity(profile.stacks.len());
    for (at, stack) in profile.stacks.iter().enumerate() {
        let frame = &profile.frames[stack.frame as usize];
        let function = &profile.functions[frame.function as usize];
        let caller = stack
            .parent
            .map_or_else(Below::default, |parent| all[parent as usize]);
        let line = frame.file.zip(frame.line);
        let acts = function.origin.is_yours() && line.is_some_and(|line| !made.is(line));
        // What a `Display` of yours does there, whoever asked for the text has done.
        let formats = caller.outer_class() == Some(Class::Format) && is_formatter(&function.name);
        all.push(if acts && !formats {
            Below {
                site: u32::try_from(at).ok(),
                ..Below::default()
            }
        } else {
            let class = classes[frame.function as usize];
            caller.entered(frame.function, class, frame, &function.origin)
        });
    }
    all
}

/// Whether a function is the one of `Display`, `Debug` and their kind.
fn is_formatter(name: &str) -> bool {
    name.contains(" as core::fmt::") && name.ends_with(">::fmt")
}

/// Code at lines that are in no function of the source: what `#[derive(..)]` and other macros made of
/// an item runs because its caller asked for it.
struct Made<'v> {
    view: &'v View<'v>,
    codes: &'v Codes<'v>,
    known: FxHashMap<Line, bool>,
}

impl Made<'_> {
    fn is(&mut self, line: Line) -> bool {
        *self.known.entry(line).or_insert_with(|| {
            let path = self.view.profile.path(Some(line.0)).unwrap_or_default();
            let code = self.codes.of(path);
            code.is_some_and(|code| code.function_at(line.1).is_none())
        })
    }
}
