//! Lines that are printed one by one.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct PrintInLoop;

static INFO: RuleInfo = RuleInfo {
    id: "print-in-loop",
    summary: "Each line is printed by a system call of its own",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours that spend time in `println!`, `eprintln!`, or in writing to `stdout()` without a \
buffer around it.

## Why it matters

Standard output is locked for each call and written at each end of a line, even into a file or a pipe; \
standard error at each piece. A buffer makes one system call of hundreds.

## Example

```rust
let mut out = BufWriter::new(stdout().lock());
for row in rows {
    writeln!(out, \"{row}\")?;
}
out.flush()?;
```

## When it is wrong

When someone waits for each line, as for progress. Then flush after it.
",
};

impl Rule<Facts<'_>, Advice> for PrintInLoop {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let prints = |class| matches!(class, Some(Class::Print | Class::Stdout));
        let spots = facts.spots(|below| prints(below.outer_class()));
        let advice = spots.into_iter().map(|spot| {
            let call = spot.call(|call| {
                [
                    "println",
                    "print",
                    "eprintln",
                    "eprint",
                    "dbg",
                    "writeln",
                    "write",
                    "write_all",
                    "flush",
                ]
                .contains(&call.name.as_str())
            });
            let name = call
                .as_ref()
                .map_or("it".to_owned(), |call| match call.kind {
                    crate::code::CallKind::Macro => format!("`{}!`", call.name),
                    _ => format!("`{}`", call.name),
                });
            let stream = if name.contains("eprint") {
                "stderr"
            } else {
                "stdout"
            };
            Advice::new(
                &INFO,
                Rank::Placed,
                spot,
                format!("{name} writes each line by itself"),
                Promise::of(0.5, "formatting is left, the calls of the kernel go"),
            )
            .write(format!(
                "let mut out = BufWriter::new({stream}().lock()); once, then writeln!(out, ..)"
            ))
            .confirmed(call.is_some())
        });
        advice.collect()
    }
}
