//! Files and sockets that are read or written in tiny pieces.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::spot::Spot;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct UnbufferedIo;

static INFO: RuleInfo = RuleInfo {
    id: "unbuffered-io",
    summary: "A file or socket is read or written in small pieces",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours under which each read or write of a `File`, `TcpStream` or pipe is a system call, \
where most of that time is not the copying of the data.

## Why it matters

A system call costs as much as copying some thousand bytes. A buffer of 8 KiB makes one of a thousand.

## Example

```rust
let mut file = BufWriter::new(File::create(path)?); // and `flush` at the end
let mut file = BufReader::new(File::open(path)?);
```

## When it is wrong

When each piece must reach the other side at once, or the pieces are large already.
",
};

impl Rule<Facts<'_>, Advice> for UnbufferedIo {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let direct = |class| matches!(class, Some(Class::Read | Class::Write));
        let spots = facts.spots(|below| direct(below.outer_class()));
        spots.into_iter().filter(is_tiny).map(advice).collect()
    }
}

/// Whether the kernel is busy with the calls more than with the data.
fn is_tiny(spot: &Spot<'_>) -> bool {
    let (mut copying, mut all) = (0, 0);
    for at in &spot.works {
        let work = &spot.facts.works.all[*at];
        let frame = spot.facts.view.frame(work.leaf);
        let name = &spot.facts.view.profile.function_of(frame).name;
        all += work.weight;
        if is_bulk(name) {
            copying += work.weight;
        }
    }
    copying * 2 < all
}

/// What the kernel does for each byte or page, not for each call.
fn is_bulk(name: &str) -> bool {
    const BULK: &[&str] = &[
        "copy_user",
        "copy_to_iter",
        "copy_from_iter",
        "copy_page",
        "clear_page",
        "rep_movs",
        "memcpy",
        "copy_folio",
        "copyin",
        "copyout",
        "_copy_to_user",
        "_copy_from_user",
        "memset",
        "csum",
    ];
    BULK.iter().any(|part| name.contains(part))
}

fn advice(spot: Spot<'_>) -> Advice {
    let reads = spot.part(|below| below.outer_class() == Some(Class::Read)) > 0.5;
    let call = spot.call(|call| call.name.starts_with("read") || call.name.starts_with("write"));
    let what = call.as_ref().and_then(|call| {
        call.root
            .clone()
            .or_else(|| call.arguments.first().cloned())
    });
    let what = what.unwrap_or_else(|| "file".to_owned());
    let (verb, buffer) = match reads {
        true => ("read", "BufReader"),
        false => ("write", "BufWriter"),
    };
    Advice::new(
        &INFO,
        Rank::Placed,
        spot,
        format!("each {verb} of `{what}` is a system call of its own"),
        Promise::of(0.5, "the calls go, the kernel's copying is left"),
    )
    .write(format!("let mut {what} = {buffer}::new({what});"))
    .confirmed(call.is_some())
}
