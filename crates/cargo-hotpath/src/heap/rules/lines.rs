//! The lines of the workspace that allocate, with what each of them asked std for: that names the remedy.

use std::collections::BTreeMap;

use crate::analyse::View;
use crate::analyse::allocations::Allocations;
use crate::analyse::lines::{Line, your_line};
use crate::profile::{Figures, Frame, StackId};

/// What a line asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// `format!` and what else writes into a new string.
    Format,
    /// `clone`, `to_owned`, `to_string`, `to_vec`: a copy with an owner of its own.
    Copy,
    Collect,
    /// More room in a collection that is there.
    Growth,
    /// `Box::new` and its like.
    Boxed,
    Other,
}

/// Parts of the names of std's functions, the most telling cause first.
const CAUSES: &[(Cause, &[&str])] = &[
    (Cause::Format, &["fmt::format", "format_inner"]),
    (
        Cause::Copy,
        &[
            "::to_owned",
            "::to_string",
            "::to_vec",
            "Clone>::clone",
            "as core::convert::From<",
            "::concat",
            "::join",
        ],
    ),
    (Cause::Collect, &["::from_iter", "::collect"]),
    (
        Cause::Growth,
        &[
            "grow_one",
            "grow_amortized",
            "grow_exact",
            "finish_grow",
            "reserve_and_handle",
            "reserve_rehash",
            "VecDeque<_>::grow",
        ],
    ),
    (
        Cause::Boxed,
        &[
            "exchange_malloc",
            "box_new",
            "Box<_>::new",
            "Rc<_>::new",
            "Arc<_>::new",
            "::try_allocate_for_layout",
            "Box<_>::pin",
        ],
    ),
];

/// The same by the whole name, as debug information has the functions of std that were inlined.
const BARE: &[(&str, Cause)] = &[
    ("format", Cause::Format),
    ("to_owned", Cause::Copy),
    ("to_string", Cause::Copy),
    ("to_vec", Cause::Copy),
    ("clone", Cause::Copy),
    ("collect", Cause::Collect),
    ("from_iter", Cause::Collect),
];

/// A line, what it allocates, and for what.
#[derive(Debug, Clone, Default)]
pub struct Allocating {
    pub figures: Figures,
    pub causes: BTreeMap<Cause, Figures>,
}

impl Allocating {
    /// What most of it is for.
    pub fn main_cause(&self) -> Cause {
        let most = self.causes.iter().max_by_key(|(_, figures)| figures.blocks);
        most.map_or(Cause::Other, |(cause, _)| *cause)
    }

    pub fn of(&self, cause: Cause) -> Figures {
        self.causes.get(&cause).copied().unwrap_or_default()
    }
}

/// The lines of the workspace, each with what it allocates outside it.
pub fn allocating(allocations: &Allocations<'_>) -> BTreeMap<Line, Allocating> {
    let view = allocations.view;
    let mut lines: BTreeMap<Line, Allocating> = BTreeMap::new();
    for (leaf, figures) in &allocations.leaves {
        let mut outside: Vec<StackId> = Vec::new();
        let yours = view.walk(Some(*leaf)).find_map(|stack| {
            let line = your_line(view, stack);
            if line.is_none() {
                outside.push(stack);
            }
            line
        });
        if let Some(line) = yours {
            let allocating = lines.entry(line).or_default();
            allocating.figures += *figures;
            let cause = cause(view, &outside);
            *allocating.causes.entry(cause).or_default() += *figures;
        }
    }
    lines
}

/// What the frames between `malloc` and a line of the workspace were for.
fn cause(view: &View<'_>, outside: &[StackId]) -> Cause {
    let names: Vec<&str> = outside
        .iter()
        .map(|stack| name(view, view.frame(*stack)))
        .collect();
    let is_for = |parts: &[&str]| {
        let holds = |name: &&str| parts.iter().any(|part| name.contains(part));
        names.iter().any(holds)
    };
    let told = CAUSES.iter().map(|(cause, parts)| (*cause, is_for(parts)));
    let bare = names.iter().filter_map(|name| {
        let plain = name.split('<').next().unwrap_or(name);
        BARE.iter().find(|(bare, _)| *bare == plain)
    });
    let bare = bare.map(|(_, cause)| *cause).min();
    let told = told.filter(|(_, told)| *told).map(|(cause, _)| cause);
    told.chain(bare).min().unwrap_or(Cause::Other)
}

fn name<'a>(view: &View<'a>, frame: &Frame) -> &'a str {
    &view.profile.function_of(frame).name
}
