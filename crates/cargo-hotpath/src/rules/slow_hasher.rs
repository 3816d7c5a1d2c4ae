//! std's hasher where nobody attacks the map.

use pitcrew_core::finding::{Rule, RuleInfo, Severity};

use crate::advice::callees::Class;
use crate::advice::promise::Promise;
use crate::advice::work::Below;
use crate::advice::{Advice, Rank};
use crate::facts::Facts;

pub struct SlowHasher;

static INFO: RuleInfo = RuleInfo {
    id: "slow-hasher",
    summary: "std's hash function takes a good part of the time",
    severity: Severity::Advice,
    docs: "\
## What it does

Reports lines of yours under which `HashMap` or `HashSet` hash keys with SipHash, the default.

## Why it matters

SipHash keeps an attacker from choosing keys that collide. It costs several times what a plain hash \
does, most of all for short keys: numbers, ids, short strings.

## Example

```rust
use rustc_hash::FxHashMap; // cargo add rustc-hash
let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
```

`ahash` is as fast and still resists attacks; numbers that are dense want a `Vec`.

## When it is wrong

When the keys come from outside and someone gains by making them collide.
",
};

impl Rule<Facts<'_>, Advice> for SlowHasher {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn check(&self, facts: &Facts<'_>) -> Vec<Advice> {
        let spots = facts.spots(|below| below.outer_class() == Some(Class::SipHash));
        let advice = spots.into_iter().map(|spot| {
            let call = spot.call(|call| {
                let asks = [
                    "entry",
                    "get",
                    "get_mut",
                    "insert",
                    "contains_key",
                    "contains",
                    "remove",
                    "extend",
                    "collect",
                    "get_or_insert_with",
                ];
                asks.contains(&call.name.as_str())
            });
            let root = call.as_ref().and_then(|call| call.root.clone());
            let what = root.map_or("the map".to_owned(), |root| format!("`{root}`"));
            // The table is asked for the place that the hash gives: its loads wait for it, and samples
            // fall on who waits.
            let asks = |below: &Below| below.outer_class().is_none() && below.calls;
            let promise = Promise::of(0.5, "half of the hashing, to all that waits for the hash")
                .also(spot.rest_of_line(asks));
            Advice::new(
                &INFO,
                Rank::Inside,
                spot,
                format!("{what} hashes its keys with SipHash"),
                promise,
            )
            .write("rustc_hash::FxHashMap (or FxHashSet); ahash, where keys come from outside")
            .confirmed(call.is_some())
        });
        advice.collect()
    }
}
