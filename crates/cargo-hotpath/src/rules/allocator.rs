//! Programs that spend much of their time in the memory allocator, whoever calls it.

use std::collections::BTreeMap;

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::{Advice, Rank};
use crate::analyse::lines::Line;
use crate::facts::Facts;
use crate::names::origin;
use crate::profile::{Function, Origin};

pub struct Allocator;

static INFO: RuleInfo = RuleInfo {
    id: "allocator",
    summary: "Much of the time is the memory allocator's",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports a program that spends a tenth of its time or more in the allocator, after what other rules \
explain, and names the line that asks it most.

## Why it matters

The C library's allocator is made for every program. Others are made for many small objects and many \
threads, and are a line of code to try. Objects that die together can share one allocation.

## Example

```rust
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
```

An arena, as of `bumpalo` or `typed-arena`, frees all of its objects at once; a `Vec` with indices in \
place of boxes needs no allocator at all. A program that is linked with such an allocator already is told \
only of these.

## When it is wrong

When the objects are few and large: then the time is the kernel's, that gives the pages.
",
};

impl Rule<Facts<'_>, Advice> for Allocator {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        /// Less than this another allocator does not change much.
        const LEAST: f64 = 0.1;
        let mut by_line: BTreeMap<Line, Vec<usize>> = BTreeMap::new();
        let with_drops = drops_belong(facts);
        for (at, work) in facts.works.all.iter().enumerate() {
            let drops = work.below.outer_class() == Some(Class::Drop);
            let frees = work.below.has(Class::Free) && (with_drops || !drops);
            let allocates = work.below.has(Class::Alloc) || frees;
            if let Some(line) = facts.line_of(work).filter(|_| allocates) {
                by_line.entry(line).or_default().push(at);
            }
        }
        let lines = by_line.len();
        let all: Vec<usize> = by_line.values().flatten().copied().collect();
        // Where memory is asked for is where something can be changed; it is freed wherever it ends.
        let asks = |works: &Vec<usize>| {
            let asking = works
                .iter()
                .filter(|at| facts.works.all[**at].below.has(Class::Alloc));
            facts.works.weight_of(&asking.copied().collect::<Vec<_>>())
        };
        let most = by_line.iter().max_by_key(|(_, works)| asks(works));
        let Some((line, _)) = most.filter(|_| facts.share(&all).share >= LEAST) else {
            return Vec::new();
        };
        let cause = match lines {
            1 => "the allocator takes this time".to_owned(),
            _ => {
                format!("the allocator takes this time, called from {lines} lines, most from here")
            }
        };
        let spot = facts.spot(*line, all);
        let replaced = replacement(&facts.view.profile.functions);
        let advice = match replaced {
            Some(name) => Advice::new(
                &INFO,
                Rank::Allocator,
                spot,
                format!("{cause}, {name} as it is"),
                Promise::of(
                    0.0,
                    "each allocation may be needed, an arena needs next to nothing",
                ),
            )
            .write("an arena (bumpalo) for what is freed together")
            .write("or fewer allocations: reuse, borrow, indices in place of boxes"),
            None => Advice::new(
                &INFO,
                Rank::Allocator,
                spot,
                cause,
                Promise::of(
                    0.25,
                    "another allocator needs three quarters of it, an arena next to nothing",
                ),
            )
            .write("#[global_allocator] static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;")
            .write("or an arena (bumpalo) for what is freed together"),
        };
        // What is linked in place of `malloc` is not seen there.
        vec![match replaced {
            Some(_) => advice,
            None => advice.next("cargo hotpath heap"),
        }]
    }
}

/// The allocator that serves in place of the C library's, by its functions.
fn replacement(functions: &[Function]) -> Option<&'static str> {
    let functions = functions.iter();
    let mut allocators = functions.filter(|function| function.origin == Origin::Allocator);
    allocators.find_map(|function| origin::replacement(&function.name))
}

/// Whether memory is asked for at least as long as it is given back: then both are the allocator's. Else
/// it is one structure that is costly to take down.
fn drops_belong(facts: &Facts<'_>) -> bool {
    let weight = |class: Class| -> u64 {
        let works = facts.works.all.iter();
        let matching = works.filter(|work| work.below.has(class) && work.below.site.is_some());
        matching.map(|work| work.weight).sum()
    };
    weight(Class::Alloc) >= weight(Class::Free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocator_that_is_linked_in_is_known_by_its_functions() {
        let of = |origin: Origin, name: &str| Function {
            name: name.to_owned(),
            full: name.to_owned(),
            module: None,
            file: None,
            origin,
            resolved: true,
        };
        let malloc = of(Origin::Allocator, "malloc");
        let own = of(Origin::Workspace("app".to_owned()), "mi_app::main");
        assert_eq!(replacement(&[malloc.clone(), own]), None);
        for (function, name) in [
            ("_mi_page_malloc", "mimalloc"),
            (
                "<mimalloc::MiMalloc as core::alloc::global::GlobalAlloc>::alloc",
                "mimalloc",
            ),
            ("_rjem_je_arena_malloc_hard", "jemalloc"),
            ("tcmalloc::ThreadCache::Allocate", "tcmalloc"),
        ] {
            let seen = [malloc.clone(), of(Origin::Allocator, function)];
            assert_eq!(replacement(&seen), Some(name), "{function}");
        }
    }
}
