//! The size of the pool that a package makes.

use rustc_hash::FxHashMap;

use super::Program;
use crate::ecosystem::What;
use crate::facts::{FunctionId, Span};

/// The one size that the pools of each package have, with the place where it is first set; none where
/// there are several, or one is no number.
pub type Pools<'a> = FxHashMap<&'a str, Option<(u64, Span)>>;

pub fn all<'a>(program: &Program<'a>) -> Pools<'a> {
    let mut pools = Pools::default();
    for (_, function, _, call) in program.calls() {
        let row = program.ecosystem.limits.find(call);
        let Some(row) = row.filter(|row| row.what == What::Pool && !function.test) else {
            continue;
        };
        let Some(krate) = program.krate(function) else {
            continue;
        };
        let value = call.args.get(row.argument as usize);
        let number = value.and_then(|value| program.source(function, value).number());
        let size = number.and_then(|number| u64::try_from(number).ok());
        let made = size.map(|size| (size, call.name));
        pools
            .entry(krate.package.as_str())
            .and_modify(|known| {
                let same = known
                    .zip(made)
                    .is_some_and(|(known, made)| known.0 == made.0);
                *known = known.filter(|_| same);
            })
            .or_insert(made);
    }
    pools
}

impl Program<'_> {
    /// The one size that pools of this function's package have, with the place where it is set.
    pub fn pool_size(&self, id: FunctionId) -> Option<(u64, Span)> {
        let krate = self.krate(self.function(id))?;
        *self.pools.get(krate.package.as_str())?
    }
}
