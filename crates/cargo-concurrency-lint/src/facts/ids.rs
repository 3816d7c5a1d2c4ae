//! Numbers that name a fact within its list, each with a type of its own.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $name(pub u32);

        impl $name {
            /// The id of the item at `index` of its list.
            pub fn at(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// In [`Facts::files`](super::Facts::files).
    FileId
    /// In [`Facts::crates`](super::Facts::crates).
    CrateId
    /// In [`Facts::functions`](super::Facts::functions).
    FunctionId
    /// In [`Function::bodies`](super::Function::bodies).
    BodyId
    /// In [`Function::locals`](super::Function::locals).
    LocalId
    /// In [`Function::calls`](super::Function::calls).
    CallId
    /// In [`Function::awaits`](super::Function::awaits).
    AwaitId
    /// In [`Function::loops`](super::Function::loops).
    LoopId
    /// In [`Function::selects`](super::Function::selects).
    SelectId
    /// In [`Function::blocks`](super::Function::blocks).
    BlockId
}
