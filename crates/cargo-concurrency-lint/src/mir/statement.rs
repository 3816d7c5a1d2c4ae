//! Statements and terminators, as far as control, values and initialisation need them.

use super::lex::{closing, find, split};
use super::place::Place;

/// One line of a block but the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement<'a> {
    /// `StorageDead(_3)`
    Dead(u32),
    /// `_3 = ...`
    Assign(Place<'a>, Value<'a>),
    /// `discriminant((*_30)) = 3`: a coroutine notes where it goes on.
    State(u32),
}

/// A line of a shape that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUnderstood;

/// What is assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Use(Operand<'a>),
    /// `&_3`, `&mut _3`, `&raw mut _3`
    Ref(Place<'a>),
    /// `discriminant(_3)`
    Discriminant(Place<'a>),
    /// A struct, a variant of an enum, a closure, a tuple (no head) or an array (the head `[]`).
    Aggregate(&'a str, Vec<Operand<'a>>),
    Cast(Operand<'a>),
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand<'a> {
    Copy(Place<'a>),
    Move(Place<'a>),
    /// A constant, without the word `const`.
    Const(&'a str),
    /// A function by its path.
    Item(&'a str),
}

/// How a block ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terminator<'a> {
    Return,
    /// The number of the state for each target; none for all other states.
    Switch(Operand<'a>, Vec<(Option<u128>, u32)>),
    Call(Call<'a>),
    /// `drop(_3) -> [return: bb4, unwind: bb5]`
    Drop(Place<'a>, Option<u32>),
    /// `goto`, `assert` and the like, and the ends that lead nowhere.
    Goto(Vec<u32>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<'a> {
    pub to: Place<'a>,
    pub callee: Callee<'a>,
    pub args: Vec<Operand<'a>>,
    /// Where it goes on; none where it never returns.
    pub next: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee<'a> {
    Path(&'a str),
    /// A function pointer.
    Pointer(Operand<'a>),
}

impl<'a> Operand<'a> {
    pub fn read(text: &'a str) -> Option<Self> {
        if let Some(place) = text.strip_prefix("move ") {
            return Some(Self::Move(Place::read(place)?));
        }
        if let Some(place) = text.strip_prefix("copy ") {
            return Some(Self::Copy(Place::read(place)?));
        }
        // Older compilers do not say `copy`.
        if let Some(place) = Place::read(text) {
            return Some(Self::Copy(place));
        }
        Some(match text.strip_prefix("const ") {
            Some(constant) => Self::Const(constant),
            None => Self::Item(text),
        })
    }

    pub fn place(&self) -> Option<&Place<'a>> {
        match self {
            Self::Copy(place) | Self::Move(place) => Some(place),
            Self::Const(_) | Self::Item(_) => None,
        }
    }
}

impl<'a> Statement<'a> {
    /// None for what does not matter here; an error for what is not understood.
    pub fn read(text: &'a str) -> Result<Option<Self>, NotUnderstood> {
        for (word, known) in [("StorageDead(", true), ("StorageLive(", false)] {
            if let Some(rest) = text.strip_prefix(word) {
                let local = rest.strip_suffix(')').and_then(Place::read);
                let number = local
                    .and_then(|place| place.as_local())
                    .ok_or(NotUnderstood)?;
                return Ok(known.then_some(Self::Dead(number)));
            }
        }
        if let Some(state) = text.strip_prefix("discriminant(") {
            let number = state.rsplit_once(") = ").ok_or(NotUnderstood)?.1;
            return Ok(number.parse().ok().map(Self::State));
        }
        let Some(at) = find(text, " = ") else {
            return if IGNORED.iter().any(|word| text.starts_with(word)) {
                Ok(None)
            } else {
                Err(NotUnderstood)
            };
        };
        let place = Place::read(&text[..at]).ok_or(NotUnderstood)?;
        Ok(Some(Self::Assign(place, Value::read(&text[at + 3..]))))
    }
}

/// Statements that change nothing that is looked at.
const IGNORED: &[&str] = &[
    "nop",
    "ConstEvalCounter",
    "Coverage",
    "FakeRead",
    "PlaceMention",
    "AscribeUserType",
    "Retag",
    "Deinit",
    "BackwardIncompatibleDropHint",
    "assume(",
    "copy_nonoverlapping(",
];

impl<'a> Value<'a> {
    pub fn read(text: &'a str) -> Self {
        known(text).unwrap_or(Self::Other)
    }
}

fn known(text: &str) -> Option<Value<'_>> {
    // A remark of newer compilers for interpreters.
    let text = text.strip_prefix("no_retag ").unwrap_or(text);
    if let Some(referent) = text.strip_prefix('&') {
        let words = ["mut ", "raw const ", "raw mut ", "fake shallow ", "fake "];
        let place = words.iter().find_map(|word| referent.strip_prefix(word));
        return Some(Value::Ref(Place::read(place.unwrap_or(referent))?));
    }
    if let Some(place) = text.strip_prefix("discriminant(") {
        return Some(Value::Discriminant(Place::read(place.strip_suffix(')')?)?));
    }
    for word in ["move ", "copy "] {
        let Some(rest) = text.strip_prefix(word) else {
            continue;
        };
        let (place, rest) = Place::prefix(rest)?;
        let operand = if word == "move " {
            Operand::Move(place)
        } else {
            Operand::Copy(place)
        };
        return Some(if rest.is_empty() {
            Value::Use(operand)
        } else {
            Value::Cast(operand)
        });
    }
    if text.starts_with("const ") {
        return Some(Value::Use(Operand::read(text)?));
    }
    aggregate(text)
}

/// `(a, b)`, `[a, b]`, `Head(a, b)`, `Head { x: a, y: b }`, `Head`.
fn aggregate(text: &str) -> Option<Value<'_>> {
    if text.starts_with('(') {
        let within = text.get(1..closing(text, 0)? - 1)?;
        return Some(Value::Aggregate("", operands(within)?));
    }
    if text.starts_with('[') {
        let within = text.get(1..closing(text, 0)? - 1)?;
        let items = match find(within, ";") {
            Some(at) => operands(&within[..at])?,
            None => operands(within)?,
        };
        return Some(Value::Aggregate("[]", items));
    }
    if let Some(at) = find(text, " {") {
        let end = closing(text, at + 1)?;
        let fields = split(text.get(at + 2..end - 1)?, b',');
        let fields = fields.iter().map(|field| {
            let at = find(field, ": ")?;
            Operand::read(&field[at + 2..])
        });
        return Some(Value::Aggregate(
            &text[..at],
            fields.collect::<Option<_>>()?,
        ));
    }
    if let Some(at) = find(text, "(") {
        let within = text.get(at + 1..closing(text, at)? - 1)?;
        return Some(Value::Aggregate(&text[..at], operands(within)?));
    }
    Some(Value::Aggregate(text, Vec::new()))
}

fn operands(text: &str) -> Option<Vec<Operand<'_>>> {
    split(text, b',').into_iter().map(Operand::read).collect()
}

impl<'a> Terminator<'a> {
    /// None where it is no terminator, but a statement.
    pub fn read(text: &'a str) -> Option<Self> {
        match text {
            "return" => return Some(Self::Return),
            "unreachable" | "resume" | "coroutine_drop" => return Some(Self::Goto(Vec::new())),
            _ => {}
        }
        if text.starts_with("terminate(") || text.starts_with("tailcall ") {
            return Some(Self::Goto(Vec::new()));
        }
        let (before, targets) = targets(text)?;
        if before == "goto" {
            return Some(Self::Goto(blocks(targets)));
        }
        if let Some(on) = argument(before, "switchInt(") {
            return Some(Self::Switch(Operand::read(on)?, choices(targets)));
        }
        if let Some(place) = argument(before, "drop(") {
            return Some(Self::Drop(Place::read(place)?, after(targets)));
        }
        Some(match call(before) {
            Some((to, callee, args)) => Self::Call(Call {
                to,
                callee,
                args,
                next: after(targets),
            }),
            None => Self::Goto(blocks(targets)),
        })
    }
}

/// Cuts the targets off: `[return: bb1, unwind: bb2]`, `bb3`, `unwind continue`.
fn targets(text: &str) -> Option<(&str, &str)> {
    let at = text.rfind(" -> ")?;
    let (before, targets) = (&text[..at], &text[at + 4..]);
    let known = targets.starts_with('[') && targets.ends_with(']')
        || block(targets).is_some()
        || targets.starts_with("unwind ");
    known.then_some((before, targets))
}

fn argument<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word)?.strip_suffix(')')
}

fn block(text: &str) -> Option<u32> {
    text.trim().strip_prefix("bb")?.parse().ok()
}

/// The named targets: `return: bb1` is `("return", 1)`.
fn named(targets: &str) -> impl Iterator<Item = (&str, u32)> {
    let list = targets.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    list.unwrap_or_default().split(", ").filter_map(|target| {
        let (name, to) = target.split_once(": ")?;
        Some((name, block(to)?))
    })
}

fn blocks(targets: &str) -> Vec<u32> {
    match block(targets) {
        Some(only) => vec![only],
        None => named(targets)
            .filter(|(name, _)| *name != "unwind")
            .map(|(_, block)| block)
            .collect(),
    }
}

fn after(targets: &str) -> Option<u32> {
    blocks(targets).first().copied()
}

fn choices(targets: &str) -> Vec<(Option<u128>, u32)> {
    named(targets)
        .map(|(value, block)| (value.parse().ok(), block))
        .collect()
}

/// `_3 = path::<T>(move _1, const 2)`, `_3 = move _5(copy _1)`.
fn call(text: &str) -> Option<(Place<'_>, Callee<'_>, Vec<Operand<'_>>)> {
    let at = find(text, " = ")?;
    let to = Place::read(&text[..at])?;
    let call = &text[at + 3..];
    for word in ["move ", "copy "] {
        let Some(pointer) = call.strip_prefix(word) else {
            continue;
        };
        let (place, rest) = Place::prefix(pointer)?;
        let pointer = Callee::Pointer(Operand::Copy(place));
        return Some((to, pointer, operands(argument(rest, "(")?)?));
    }
    let open = find(call, "(")?;
    let args = operands(call.get(open + 1..closing(call, open)? - 1)?)?;
    let path = call[..open].strip_prefix("const ").unwrap_or(&call[..open]);
    Some((to, Callee::Path(path), args))
}

#[cfg(test)]
mod tests;
