//! The size of the pool that a crate makes.

use super::Program;
use crate::ecosystem::What;
use crate::facts::{FunctionId, Span};

impl Program<'_> {
    /// The one size that pools of this function's crate have, with the place where it is set; none
    /// where there are several, or none is a number.
    pub fn pool_size(&self, id: FunctionId) -> Option<(u64, Span)> {
        let krate = self.function(id).krate;
        let package = self.facts.crates.get(krate.index()).map(|it| &it.package);
        let mut sizes = Vec::new();
        for (_, function, _, call) in self.calls() {
            let same = self.krate(function).map(|it| &it.package) == package;
            if !same || function.test {
                continue;
            }
            let Some(row) = self
                .ecosystem
                .limits
                .find(call)
                .filter(|row| row.what == What::Pool)
            else {
                continue;
            };
            let value = call.args.get(row.argument as usize)?;
            let number = self.source(function, value).number()?;
            sizes.push((u64::try_from(number).ok()?, call.name));
        }
        let (size, place) = *sizes.first()?;
        sizes
            .iter()
            .all(|(other, _)| *other == size)
            .then_some((size, place))
    }
}
