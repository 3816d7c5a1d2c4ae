//! How many items there can be: of a collection, of a loop's rounds.

use super::Program;
use crate::facts::{Call, Form, Function, LocalId, LoopId, LoopKind, Origin, TouchKind, Value};

/// How many there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// No more than this: the code says so.
    AtMost(u64),
    /// It depends on the input.
    Unknown,
}

/// Methods that give no more items than they are called on.
const NO_MORE: [&str; 36] = [
    "iter",
    "iter_mut",
    "into_iter",
    "map",
    "filter",
    "filter_map",
    "enumerate",
    "cloned",
    "copied",
    "rev",
    "zip",
    "collect",
    "by_ref",
    "as_slice",
    "to_vec",
    "peekable",
    "inspect",
    "skip",
    "step_by",
    "take_while",
    "skip_while",
    "map_while",
    "fuse",
    "then",
    "values",
    "keys",
    "into_values",
    "into_keys",
    "drain",
    "clone",
    "as_ref",
    "unwrap_or_default",
    "sorted",
    "unique",
    "dedup",
    "chain_none",
];

/// Methods that add to a collection.
const ADDS: [&str; 6] = [
    "push",
    "push_back",
    "push_front",
    "insert",
    "extend",
    "append",
];

/// Values are followed no further: a queue may be filled from itself.
const DEPTH: u32 = 8;

impl Count {
    /// Whether it is known to be no more than `limit`.
    pub fn is_at_most(self, limit: u32) -> bool {
        matches!(self, Self::AtMost(count) if count <= u64::from(limit))
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::AtMost(a), Self::AtMost(b)) => Self::AtMost(a.saturating_add(b)),
            _ => Self::Unknown,
        }
    }

    fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::AtMost(a), Self::AtMost(b)) => Self::AtMost(a.saturating_mul(b)),
            _ => Self::Unknown,
        }
    }
}

impl Program<'_> {
    /// How many items a value holds or gives.
    pub fn count(&self, function: &Function, value: &Value) -> Count {
        self.count_of(function, value, DEPTH)
    }

    /// How many rounds the loops around a place make together, within its body.
    pub fn rounds(&self, function: &Function, within: Option<LoopId>) -> Count {
        self.rounds_of(function, within, DEPTH)
    }

    fn rounds_of(&self, function: &Function, within: Option<LoopId>, depth: u32) -> Count {
        let around = function.loops_around(within);
        around.fold(Count::AtMost(1), |count, (_, it)| {
            count.times(match &it.kind {
                LoopKind::For(_, over) => self.count_of(function, over, depth),
                _ => Count::Unknown,
            })
        })
    }

    fn count_of(&self, function: &Function, value: &Value, depth: u32) -> Count {
        let Some(depth) = depth.checked_sub(1) else {
            return Count::Unknown;
        };
        match &value.origin {
            Origin::Array(items) => Count::AtMost(items.len() as u64),
            Origin::Tuple(items) => Count::AtMost(items.len() as u64),
            Origin::Repeat(count) => self.number(function, count),
            Origin::Range {
                from,
                to,
                inclusive,
            } => {
                let from = from.as_ref().map_or(Some(0), |from| from.number());
                let to = to
                    .as_ref()
                    .and_then(|to| self.source(function, to).number());
                match (from, to) {
                    (Some(from), Some(to)) => {
                        let count = (to - from).max(0) + i128::from(*inclusive);
                        Count::AtMost(u64::try_from(count).unwrap_or(u64::MAX))
                    }
                    _ => Count::Unknown,
                }
            }
            Origin::Local(id) => self.count_of_variable(function, *id, depth),
            Origin::Call(id) => self.count_of_call(function, &function[*id], depth),
            // An array's length, and a constant's items, stand in the source: as many as someone has
            // written.
            _ if value.ty.path == "[;]" => Count::AtMost(u64::from(self.facts.limits.small)),
            Origin::Item(..) if value.ty.path == "[]" => {
                Count::AtMost(u64::from(self.facts.limits.small))
            }
            _ => Count::Unknown,
        }
    }

    fn number(&self, function: &Function, value: &Value) -> Count {
        let number = self.source(function, value).number();
        let number = number.and_then(|number| u64::try_from(number).ok());
        number.map_or(Count::Unknown, Count::AtMost)
    }

    fn count_of_variable(&self, function: &Function, id: LocalId, depth: u32) -> Count {
        let local = &function[id];
        if local
            .touches
            .iter()
            .any(|touch| touch.kind == TouchKind::Set)
        {
            return Count::Unknown;
        }
        if local.init.is_none() && local.ty.path == "[;]" {
            return Count::AtMost(u64::from(self.facts.limits.small));
        }
        let Some(init) = &local.init else {
            // An item of `chunks(n)`.
            return self.count_of_chunk(function, id);
        };
        let start = match &init.origin {
            Origin::Call(call) if is_empty(&function[*call]) => Count::AtMost(0),
            _ => self.count_of(function, init, depth),
        };
        let added = function.calls.iter().filter(|call| {
            ADDS.contains(&call.callee.name.as_str())
                && call.receiver.as_ref().and_then(Value::local) == Some(id)
        });
        added.fold(start, |count, call| {
            let each = match call.callee.name.as_str() {
                "extend" | "append" => match call.args.first() {
                    Some(more) => self.count_of(function, more, depth),
                    None => Count::Unknown,
                },
                _ => Count::AtMost(1),
            };
            count.plus(each.times(self.rounds_of(function, call.within, depth)))
        })
    }

    fn count_of_chunk(&self, function: &Function, id: LocalId) -> Count {
        let over = function.loops.iter().find_map(|it| match &it.kind {
            LoopKind::For(binds, over) if binds.first() == Some(&id) => Some(over),
            _ => None,
        });
        let Some(Origin::Call(call)) = over.map(|over| &over.origin) else {
            return Count::Unknown;
        };
        let call = &function[*call];
        let chunks = [
            "chunks",
            "chunks_exact",
            "windows",
            "array_chunks",
            "ready_chunks",
        ];
        match call.args.first() {
            Some(size) if chunks.contains(&call.callee.name.as_str()) => {
                self.number(function, size)
            }
            _ => Count::Unknown,
        }
    }

    fn count_of_call(&self, function: &Function, call: &Call, depth: u32) -> Count {
        let name = call.callee.name.as_str();
        if call.form == Form::Function {
            return match call.args.as_slice() {
                // The variants of an enum: `Kind::iter()`.
                [] if ["iter", "all", "variants"].contains(&name) => {
                    Count::AtMost(u64::from(self.facts.limits.small))
                }
                [] if is_empty(call) => Count::AtMost(0),
                [items] if ["iter", "from_iter", "from", "new"].contains(&name) => {
                    self.count_of(function, items, depth)
                }
                _ => self.passes(call).map_or(Count::Unknown, |inner| {
                    self.count_of(function, inner, depth)
                }),
            };
        }
        let Some(receiver) = &call.receiver else {
            return Count::Unknown;
        };
        match (name, call.args.first()) {
            ("take", Some(limit)) => match self.number(function, limit) {
                Count::AtMost(limit) => Count::AtMost(limit),
                Count::Unknown => self.count_of(function, receiver, depth),
            },
            ("chain", Some(more)) => {
                let more = self.count_of(function, more, depth);
                self.count_of(function, receiver, depth).plus(more)
            }
            // As many as a path is deep.
            ("ancestors" | "components", _) => Count::AtMost(u64::from(self.facts.limits.small)),
            _ if NO_MORE.contains(&name) => self.count_of(function, receiver, depth),
            _ => Count::Unknown,
        }
    }
}

/// `Vec::new()` and its like.
fn is_empty(call: &Call) -> bool {
    let makes = ["new", "default", "with_capacity"].contains(&call.callee.name.as_str());
    let holds = [
        "Vec",
        "VecDeque",
        "HashSet",
        "HashMap",
        "BTreeSet",
        "BTreeMap",
        "FuturesUnordered",
        "JoinSet",
    ];
    makes
        && call
            .callee
            .path
            .rsplit("::")
            .nth(1)
            .is_some_and(|ty| holds.contains(&ty))
}
