//! Loops over much data on one core, whose rounds do not need each other.

use std::collections::BTreeMap;

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::{Advice, Rank};
use crate::analyse::lines::Line;
use crate::code::{Code, Loop, LoopKind, UseKind};
use crate::facts::Facts;

pub struct ParallelLoop;

static INFO: RuleInfo = RuleInfo {
    id: "parallel-loop",
    summary: "One core works through a loop whose rounds are independent",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports a `for` loop of yours that takes a quarter of the time or more while one thread runs, where the \
source shows no round that needs another's result: all that they have in common is added up, collected, \
or the largest or smallest of them.

## Why it matters

The machine has more cores. A loop that they share takes a part of the time.

## Example

```rust
for n in numbers { most = most.max(steps(*n)); }                 // before
let most = numbers.par_iter().map(|n| steps(*n)).max();          // after, with rayon
```

## When it is wrong

When rounds meet where the source of the loop does not show it, as in a file or a lock; when the loop is \
short and runs often; or when other processes need the other cores.
",
};

impl Rule<Facts<'_>, Advice> for ParallelLoop {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        if facts.around.cores < 2 || has_threads(facts) {
            return Vec::new();
        }
        let mut found: Vec<(Line, Vec<usize>)> = Vec::new();
        for line in candidates(facts) {
            let works = below(facts, line);
            let covers = |known: &Vec<usize>| works.iter().all(|at| known.contains(at));
            // Of loops in loops the outermost is the one to share.
            if facts.share(&works).share >= LEAST && !found.iter().any(|(_, known)| covers(known)) {
                found.push((line, works));
            }
        }
        found
            .into_iter()
            .map(|(line, works)| advice(facts, line, works))
            .collect()
    }
}

/// Less than this does not pay for the threads.
const LEAST: f64 = 0.25;

fn advice(facts: &Facts<'_>, line: Line, works: Vec<usize>) -> Advice {
    let cores = facts.around.cores;
    let spot = facts.spot(line, works);
    let over = spot.code.as_ref().and_then(|code| {
        code.loops
            .iter()
            .find(|one| one.line == line.1)
            .map(|one| one.kind.clone())
    });
    let over = match over {
        Some(LoopKind::For { over, .. }) => over,
        _ => "it".to_owned(),
    };
    let cause = format!("one core does all rounds of this loop, of {cores} that are there");
    let walk = match over.contains("..") {
        true => format!("({over}).into_par_iter()"),
        false => format!(
            "{}.par_iter()",
            over.trim_start_matches('&').trim_end_matches(".iter()")
        ),
    };
    let promise = Promise::of(
        0.5 * (1.0 - 1.0 / f64::from(cores)),
        "half of what more cores can do, to all that they can",
    );
    let promise = promise.at_most(1.0 - 1.0 / f64::from(cores));
    Advice::new(&INFO, Rank::Loop, spot, cause, promise)
        .write(format!(
            "{walk}.map(..) with rayon, then sum(), max() or collect()"
        ))
        .confirmed(true)
}

/// Whether more than one thread had a part in it worth a word.
fn has_threads(facts: &Facts<'_>) -> bool {
    let rows = crate::analyse::totals::by_thread(facts.view);
    let least = facts.works.weight as f64 * 0.05;
    rows.iter().filter(|row| row.own as f64 > least).count() > 1
}

/// The lines of loops that may be shared, those that hold most first.
fn candidates(facts: &Facts<'_>) -> Vec<Line> {
    let mut rows = crate::analyse::lines::yours(facts.view);
    rows.sort_by_key(|row| (std::cmp::Reverse(row.total), row.key));
    let least = (facts.works.weight as f64 * 0.02) as u64;
    let mut lines: Vec<Line> = Vec::new();
    for row in rows.iter().filter(|row| row.total > least) {
        let Some(code) = facts.codes.of(facts.path(row.key)) else {
            continue;
        };
        let around = code.loops.iter().filter(|one| one.lines.hold(row.key.1));
        for one in around.filter(|one| is_independent(&code, one)) {
            let line = (row.key.0, one.line);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// All that ran in the loop of this line, wherever it was called.
fn below(facts: &Facts<'_>, line: Line) -> Vec<usize> {
    let Some(code) = facts.codes.of(facts.path(line)) else {
        return Vec::new();
    };
    let Some(lines) = code
        .loops
        .iter()
        .find(|one| one.line == line.1)
        .map(|one| one.lines)
    else {
        return Vec::new();
    };
    let inside = |at: &usize| {
        let mut stacks = facts.view.walk(Some(facts.works.all[*at].leaf));
        stacks.any(|stack| {
            let frame = facts.view.frame(stack);
            frame.file == Some(line.0) && frame.line.is_some_and(|line| lines.hold(line))
        })
    };
    let all: Vec<usize> = (0..facts.works.all.len()).filter(inside).collect();
    // What writes or locks has an order.
    let ordered = |at: &usize| {
        let below = &facts.works.all[*at].below;
        let meets = [
            Class::Print,
            Class::Stdout,
            Class::Read,
            Class::Write,
            Class::Blocking,
            Class::Lock,
        ];
        meets.iter().any(|class| below.has(*class))
    };
    let meeting: Vec<usize> = all.iter().copied().filter(ordered).collect();
    match facts.works.weight_of(&meeting) * 20 > facts.works.weight_of(&all) {
        true => Vec::new(),
        false => all,
    }
}

/// Whether the source of a loop shows nothing that one round hands to another but sums and the like.
fn is_independent(code: &Code, one: &Loop) -> bool {
    let LoopKind::For { .. } = one.kind else {
        return false;
    };
    let Some(at) = code.loops.iter().position(|other| other == one) else {
        return false;
    };
    let mut shared: BTreeMap<&str, Vec<&UseKind>> = BTreeMap::new();
    for used in code
        .uses
        .iter()
        .filter(|used| used.place.loops.contains(&at))
    {
        let root = used.name.split('.').next().unwrap_or(&used.name);
        let binding = code.binding(root, &used.place, used.line);
        let is_inner = binding.is_some_and(|binding| binding.place.loops.contains(&at));
        if !is_inner {
            shared.entry(root).or_default().push(&used.kind);
        }
    }
    !one.leaves_early && !one.place.is_async && shared.values().all(|uses| is_harmless(uses))
}

/// Whether no round sees what another one left in a variable.
fn is_harmless(uses: &[&UseKind]) -> bool {
    let changes = |kind: &&&UseKind| kind.may_change() && ***kind != UseKind::Moved;
    if uses.iter().find(changes).is_none() {
        return true;
    }
    let adds = |kind: &&UseKind| **kind == UseKind::Accumulated;
    let collects = |kind: &&UseKind| match kind {
        UseKind::Receiver(method) => method == "push" || method == "extend",
        _ => false,
    };
    uses.iter().all(adds) || uses.iter().all(collects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::read;

    fn independent(body: &str) -> bool {
        let code = read(&format!(
            "fn f(items: &[u64], out: &mut State) {{\n let mut sum = 0;\n{body}\n}}\n"
        ));
        let code = code.unwrap();
        is_independent(&code, &code.loops[0])
    }

    #[test]
    fn what_rounds_hand_on_decides() {
        assert!(independent("for x in items { sum += g(*x); }"));
        assert!(independent("for x in items { sum = sum.max(g(*x)); }"));
        assert!(independent(
            "for x in items { let mut y = *x; y = g(y); sum += y; }"
        ));
        assert!(independent(
            "let mut v = Vec::new(); for x in items { v.push(g(*x)); }"
        ));
        assert!(!independent("for x in items { sum = g(sum, *x); }"));
        assert!(!independent(
            "for x in items { sum = sum.wrapping_mul(31) ^ x; }"
        ));
        assert!(!independent(
            "for x in items { sum = sum.wrapping_mul(31).wrapping_add(*x); }"
        ));
        assert!(!independent("for x in items { sum += *x; g(sum); }"));
        assert!(!independent("for x in items { sum += sum * x; }"));
        assert!(!independent("for x in items { sum <<= *x; }"));
        assert!(!independent("for x in items { g(&mut sum, *x); }"));
        assert!(!independent(
            "for x in items { if *x > 3 { break; } sum += x; }"
        ));
        assert!(!independent("for x in items { out.step(*x); }"));
        assert!(!independent("while sum < 3 { sum += 1; }"));
    }
}
