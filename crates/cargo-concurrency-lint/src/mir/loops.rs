//! The loops of a body, from the back edges of its control flow.

use super::body::Body;
use super::span::Lines;
use super::statement::{Operand, Statement, Terminator, Value};

/// Which loop each block is in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loops {
    pub loops: Vec<Loop>,
    /// By block, the innermost loop around it.
    within: Vec<Option<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loop {
    /// The block that a round starts with.
    pub header: usize,
    /// The innermost loop around it.
    pub parent: Option<usize>,
    /// The loop's expression, where it is known.
    pub lines: Option<Lines>,
}

impl Loops {
    pub fn of(body: &Body<'_>) -> Self {
        let edges: Vec<Vec<usize>> = (0..body.blocks.len())
            .map(|block| successors(body, block))
            .collect();
        let order = postorder(&edges);
        let before = predecessors(&edges, &order);
        let dominators = dominators(&before, &order);
        let mut found: Vec<(Loop, Vec<bool>)> = Vec::new();
        for &from in &order {
            for &header in &edges[from] {
                if dominates(&dominators, header, from) {
                    let lines = back_edge_lines(body, from);
                    add(&mut found, &before, header, from, lines);
                }
            }
        }
        Self::nested(found, body.blocks.len())
    }

    fn nested(mut found: Vec<(Loop, Vec<bool>)>, blocks: usize) -> Self {
        let size = |members: &[bool]| members.iter().filter(|member| **member).count();
        // Outer loops first, so that inner ones overwrite them.
        found.sort_by_key(|(one, members)| (std::cmp::Reverse(size(members)), one.header));
        let mut loops = Self {
            loops: Vec::new(),
            within: vec![None; blocks],
        };
        for (number, (one, members)) in found.into_iter().enumerate() {
            loops.loops.push(Loop {
                parent: loops.within[one.header],
                ..one
            });
            for (block, member) in members.into_iter().enumerate() {
                if member {
                    loops.within[block] = Some(number);
                }
            }
        }
        loops
    }

    /// The innermost loop around a block.
    pub fn around(&self, block: usize) -> Option<usize> {
        self.within.get(block).copied().flatten()
    }
}

/// Where control goes from a block. What a coroutine does when it is polled again is left out: it goes
/// on where it stopped, and waiting is no loop.
pub fn successors(body: &Body<'_>, block: usize) -> Vec<usize> {
    let count = body.blocks.len();
    let targets: Vec<u32> = match &body.blocks[block].end {
        Some((Terminator::Goto(blocks), _)) => blocks.clone(),
        Some((Terminator::Drop(_, next), _)) => next.iter().copied().collect(),
        Some((Terminator::Call(call), _)) => call.next.iter().copied().collect(),
        Some((Terminator::Switch(on, choices), _)) => {
            let resumes = block == 0 && is_state(body, on);
            choices
                .iter()
                .filter(|(value, _)| !resumes || *value == Some(0))
                .map(|(_, to)| *to)
                .collect()
        }
        Some((Terminator::Return, _)) | None => Vec::new(),
    };
    targets
        .into_iter()
        .filter_map(|to| usize::try_from(to).ok())
        .filter(|to| *to < count)
        .collect()
}

/// Whether the first block switches on the state of the coroutine.
fn is_state(body: &Body<'_>, on: &Operand<'_>) -> bool {
    let coroutine = body.params.first().is_some_and(|ty| ty.contains("&mut {"));
    let local = on.place().and_then(super::place::Place::as_local);
    coroutine
        && body.blocks[0].statements.iter().any(|(statement, _)| {
            matches!(statement, Statement::Assign(to, Value::Discriminant(_)) if to.as_local() == local)
        })
}

/// The blocks that can be reached, each behind those that it leads to.
fn postorder(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; edges.len()];
    let mut order = Vec::new();
    let mut stack = Vec::new();
    if let Some(first) = seen.first_mut() {
        *first = true;
        stack.push((0, 0));
    }
    while let Some((block, next)) = stack.pop() {
        match edges[block].get(next) {
            Some(&to) => {
                stack.push((block, next + 1));
                if !seen[to] {
                    seen[to] = true;
                    stack.push((to, 0));
                }
            }
            None => order.push(block),
        }
    }
    order
}

/// From where each block is reached, as far as that can be reached itself.
fn predecessors(edges: &[Vec<usize>], order: &[usize]) -> Vec<Vec<usize>> {
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for &block in order {
        for &to in &edges[block] {
            before[to].push(block);
        }
    }
    before
}

/// The immediate dominator of each block that can be reached.
fn dominators(before: &[Vec<usize>], order: &[usize]) -> Vec<Option<usize>> {
    let mut number = vec![usize::MAX; before.len()];
    for (at, block) in order.iter().enumerate() {
        number[*block] = at;
    }
    let mut dominators = vec![None; before.len()];
    let Some((&root, rest)) = order.split_last() else {
        return dominators;
    };
    dominators[root] = Some(root);
    let mut changed = true;
    while changed {
        changed = false;
        for &block in rest.iter().rev() {
            let known = before[block]
                .iter()
                .copied()
                .filter(|from| dominators[*from].is_some());
            let new = known.reduce(|a, b| meet(&dominators, &number, a, b));
            if new.is_some() && dominators[block] != new {
                dominators[block] = new;
                changed = true;
            }
        }
    }
    dominators
}

fn meet(dominators: &[Option<usize>], number: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        let (lower, other) = if number[a] < number[b] {
            (a, b)
        } else {
            (b, a)
        };
        let Some(up) = dominators[lower] else {
            return other;
        };
        (a, b) = (up, other);
    }
    a
}

fn dominates(dominators: &[Option<usize>], header: usize, mut block: usize) -> bool {
    loop {
        if block == header {
            return true;
        }
        match dominators[block] {
            Some(up) if up != block => block = up,
            _ => return false,
        }
    }
}

/// Adds the blocks from which `from` is reached without passing the header.
fn add(
    found: &mut Vec<(Loop, Vec<bool>)>,
    before: &[Vec<usize>],
    header: usize,
    from: usize,
    lines: Option<Lines>,
) {
    let at = found.iter().position(|(one, _)| one.header == header);
    let at = at.unwrap_or_else(|| {
        let mut members = vec![false; before.len()];
        members[header] = true;
        let one = Loop {
            header,
            parent: None,
            lines: None,
        };
        found.push((one, members));
        found.len() - 1
    });
    let (one, members) = &mut found[at];
    one.lines = match (one.lines, lines) {
        (Some(a), Some(b)) => Some(a.cover(b)),
        (a, b) => a.or(b),
    };
    let mut waiting = vec![from];
    while let Some(block) = waiting.pop() {
        if !members[block] {
            members[block] = true;
            waiting.extend(&before[block]);
        }
    }
}

/// The jump back has the place of the whole loop.
fn back_edge_lines(body: &Body<'_>, from: usize) -> Option<Lines> {
    match &body.blocks[from].end {
        Some((Terminator::Goto(_), Some(span))) => Some(span.lines),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loops(blocks: &[&str]) -> Loops {
        let mut text = "fn f() -> () {\n".to_owned();
        for (number, end) in blocks.iter().enumerate() {
            text += &format!(
                "    bb{number}: {{\n        {end}; // scope 0 at a.rs:{number}:1: {number}:9\n    }}\n\n"
            );
        }
        Loops::of(&Body::read(&text).unwrap())
    }

    #[test]
    fn a_loop_in_a_loop() {
        let found = loops(&[
            "goto -> bb1",
            "switchInt(copy _1) -> [0: bb6, otherwise: bb2]",
            "goto -> bb3",
            "switchInt(copy _2) -> [0: bb5, otherwise: bb4]",
            "goto -> bb3",
            "goto -> bb1",
            "return",
        ]);
        assert_eq!(found.loops.len(), 2);
        assert_eq!(found.around(0), None);
        assert_eq!(found.around(6), None);
        let outer = found.around(2).unwrap();
        let inner = found.around(4).unwrap();
        assert_ne!(outer, inner);
        assert_eq!(found.loops[inner].parent, Some(outer));
        assert_eq!(found.loops[outer].lines.unwrap().line, 5);
    }

    #[test]
    fn what_leaves_a_loop_is_not_in_it() {
        let found = loops(&[
            "goto -> bb1",
            "switchInt(copy _1) -> [0: bb2, otherwise: bb3]",
            "return",
            "goto -> bb1",
        ]);
        assert_eq!((found.around(1), found.around(2)), (Some(0), None));
    }

    #[test]
    fn odd_graphs_are_no_reason_to_panic() {
        assert!(loops(&[]).loops.is_empty());
        assert!(loops(&["goto -> bb99"]).loops.is_empty());
        assert_eq!(loops(&["goto -> bb0"]).loops.len(), 1);
        loops(&[
            "switchInt(copy _1) -> [0: bb1, otherwise: bb2]",
            "goto -> bb2",
            "goto -> bb1",
        ]);
    }
}
