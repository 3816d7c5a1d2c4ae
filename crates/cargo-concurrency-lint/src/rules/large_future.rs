//! Futures that take many bytes, each time they are moved.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use super::Found;
use crate::facts::{BodyKind, Witness};
use crate::program::Program;

pub struct LargeFuture;

static INFO: RuleInfo = RuleInfo {
    id: "large-future",
    summary: "A future takes many bytes, and is copied as a whole when it is moved",
    severity: Severity::Advice,
    docs: r#"## What it does
Reports async functions and blocks whose future is larger than 16 KiB (the setting `large-future`), by the
compiler's own layout. It needs compiler facts.

## Why it matters
A future holds every variable that lives across an await, and the futures that it awaits, nested. It is copied
when it is passed, boxed or spawned, and lies on the stack until then: a buffer of 64 KiB in a handler is copied
several times for each request, and deep nesting overflows the stack.

## Example
```rust
async fn copy(mut from: File, mut to: File) {
    let mut buffer = [0; 65536];
    // reads and writes in a loop
}
```
Write `vec![0; 65536]`, or box the inner future that is large: `Box::pin(inner()).await`.

## When it is wrong
The future is made once and lives as long as the program.
"#,
};

impl Rule<Program<'_>, Found> for LargeFuture {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, program: &Program<'_>) -> Vec<Found> {
        let limit = program.facts.limits.future_bytes;
        let mut found = Vec::new();
        for (id, function) in program.functions() {
            for body in function.bodies.iter().filter(|body| body.is_async) {
                let Some(size) = body.size.filter(|size| *size >= limit) else {
                    continue;
                };
                let what = match body.kind {
                    BodyKind::Function => format!("the future of `{}`", function.short()),
                    _ => "this block's future".to_owned(),
                };
                let kib = size.div_ceil(1024);
                let message = format!(
                    "{what} takes {kib} KiB: so much is copied whenever it is passed, boxed or spawned"
                );
                let span = match body.kind {
                    BodyKind::Function => function.name,
                    _ => body.span,
                };
                found.push(
                    program
                        .found(&INFO, id, span, message)
                        .by(Witness::Compiler, format!("rustc: its layout takes {size} bytes"))
                        .help("instead: put large buffers on the heap (`vec![0; n]`), and `Box::pin` the inner future that is large"),
                );
            }
        }
        found
    }
}
