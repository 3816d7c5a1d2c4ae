//! Reading Rust sources by their tokens: fast enough for a whole workspace at each call, and not to be
//! tripped up by a file that does not parse.

pub mod documentation;
pub mod lexer;
pub mod markdown;
pub mod modules;
pub mod nesting;
pub mod tokens;
