//! From text to a sketch: one file at a time, on any thread. What a file holds that is no code of its
//! own (macros' definitions, foreign items) is left out.

use pitcrew_core::position;
use pitcrew_core::source::nesting;
use proc_macro2::{LineColumn, Span};

use super::sketch::Module;
use super::sketch::expr::Extent;
use crate::facts::Pos;

mod attributes;
mod expr;
mod items;
mod macros;
mod pattern;
mod types;

/// Why a file could not be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    pub at: Pos,
    pub why: String,
}

/// The sketch of a file.
pub fn read(text: &str) -> Result<Module, Broken> {
    nesting::check(text).map_err(|refused| Broken {
        at: position::line_column(text, refused.at())
            .map_or_else(Pos::default, |(line, column)| Pos { line, column }),
        why: refused.to_string(),
    })?;
    // The map from spans to lines is the thread's own, and would grow with every file.
    proc_macro2::extra::invalidate_current_thread_spans();
    let file = syn::parse_file(text).map_err(|error| Broken {
        at: pos(error.span().start()),
        why: error.to_string(),
    })?;
    Ok(items::module(&file.items))
}

/// Whether a file says that a program wrote it.
pub fn is_generated(text: &str) -> bool {
    let opening = text.lines().take(10);
    let mut comments = opening.filter(|line| line.trim_start().starts_with("//"));
    comments.any(|line| line.contains("@generated") || line.contains("DO NOT EDIT"))
}

fn pos(at: LineColumn) -> Pos {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Pos {
        line: number(at.line),
        column: number(at.column).saturating_add(1),
    }
}

fn extent(span: Span) -> Extent {
    Extent {
        start: pos(span.start()),
        end: pos(span.end()),
    }
}

#[cfg(test)]
mod tests;
