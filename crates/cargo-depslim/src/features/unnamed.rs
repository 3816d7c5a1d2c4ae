//! Whether fewer features take away something that code can need without naming it.
//!
//! What code names is read of all code, also of what the workspace itself gates and no build here
//! compiles. What types bring along is only known to the compiler: an implementation, a method of
//! the same name, a field. Where nothing of that kind goes, the text has told all.

use super::attribution::Affected;
use super::resolve::Resolved;
use super::study::Study;
use crate::gates::cfg::Cfg;
use crate::gates::model::{Meaning, Name};
use crate::gates::{Kind, Vis};

impl Study<'_> {
    /// Of the crates in which an entry's change takes features away.
    pub(super) fn takes_unnamed(&self, at: usize, affected: &Affected, after: &[Resolved]) -> bool {
        let mut pairs = self.before.iter().zip(after);
        pairs.any(|(before, after)| {
            let meets = |condition, resolved| self.setting.meets(condition, resolved);
            // What is called in code that each build compiles, the compiler has been asked about.
            let mut maybe = self.maybe[at]
                .iter()
                .filter(|requirement| requirement.gated)
                .map(|requirement| &requirement.condition);
            let view = View {
                study: self,
                before,
                after,
            };
            maybe.any(|condition| meets(condition, before) && !meets(condition, after))
                || affected.features.keys().any(|krate| view.takes_of(*krate))
        })
    }
}

/// One build, as it is and as it would be.
struct View<'a> {
    study: &'a Study<'a>,
    before: &'a Resolved,
    after: &'a Resolved,
}

impl View<'_> {
    fn takes_of(&self, krate: usize) -> bool {
        let model = self.study.library.model(krate);
        let implementation = model.impls.iter().any(|implementation| {
            implementation.of_trait.as_ref().is_some_and(|of_trait| {
                let mut names = implementation.names.iter();
                self.goes(krate, &implementation.gate)
                    && names.all(|name| self.stays_there(krate, implementation.module, name))
                    && self.stays_type(krate, implementation.module, &implementation.self_type)
                    && self.stays_trait(krate, implementation.module, of_trait)
            })
        });
        let mut public = model.names.iter().filter(|name| name.vis == Vis::Public);
        implementation
            || public.any(|name| {
                let mut parts = name.parts.iter();
                if self.goes(krate, &name.gate) {
                    self.is_replaced(krate, name)
                } else {
                    self.stays(krate, &name.gate) && parts.any(|(_, gate)| self.goes(krate, gate))
                }
            })
    }

    fn goes(&self, krate: usize, gate: &Cfg) -> bool {
        let value = |resolved| self.study.setting.value(krate, gate, resolved);
        value(self.before) != Some(false) && value(self.after) == Some(false)
    }

    fn stays(&self, krate: usize, gate: &Cfg) -> bool {
        self.study.setting.value(krate, gate, self.after) != Some(false)
    }

    /// Whether something else has the name in its place.
    fn is_replaced(&self, krate: usize, name: &Name) -> bool {
        let mut others = self.of_name(krate, &name.name);
        others.any(|other| {
            other.module == name.module
                && std::mem::discriminant(&other.meaning) == std::mem::discriminant(&name.meaning)
                && self.stays(krate, &other.gate)
        })
    }

    /// A type of another crate, and a parameter, are there anyway.
    fn stays_type(&self, krate: usize, module: usize, name: &str) -> bool {
        let kinds = [Kind::Struct, Kind::Enum, Kind::Union, Kind::Trait];
        let own = self.meant(krate, module, name, &kinds);
        own.is_empty() || own.iter().any(|name| self.stays(krate, &name.gate))
    }

    /// A type of the module itself; elsewhere a name in the arguments may mean a type of another crate.
    fn stays_there(&self, krate: usize, module: usize, name: &str) -> bool {
        let own = self.meant(
            krate,
            module,
            name,
            &[Kind::Struct, Kind::Enum, Kind::Union],
        );
        let mut here = own.iter().filter(|name| name.module == module).peekable();
        here.peek().is_none() || here.any(|name| self.stays(krate, &name.gate))
    }

    /// Code of others has no use for a trait that is not public.
    fn stays_trait(&self, krate: usize, module: usize, name: &str) -> bool {
        let own = self.meant(krate, module, name, &[Kind::Trait]);
        let mut public = own.iter().filter(|name| name.vis == Vis::Public);
        own.is_empty() || public.any(|name| self.stays(krate, &name.gate))
    }

    /// The items that a name may mean in a module: those that stand in it, else all of that name.
    fn meant(&self, krate: usize, module: usize, name: &str, kinds: &[Kind]) -> Vec<&Name> {
        let is_item = |name: &&Name| match name.meaning {
            Meaning::Item(kind) => kinds.contains(&kind),
            _ => false,
        };
        let all: Vec<&Name> = self.of_name(krate, name).filter(is_item).collect();
        let here: Vec<&Name> = all
            .iter()
            .filter(|name| name.module == module)
            .copied()
            .collect();
        if here.is_empty() { all } else { here }
    }

    fn of_name(&self, krate: usize, name: &str) -> impl Iterator<Item = &Name> {
        let library = self.study.library;
        let indices = library.named(krate, name).iter();
        indices.map(move |index| &library.model(krate).names[*index])
    }
}
