//! Time by source line.

use super::View;
use super::totals::{self, Row};
use crate::profile::{FileId, StackId};

/// A line of a file, from 1.
pub type Line = (FileId, u32);

pub fn line_of(view: &View<'_>, stack: StackId) -> Option<Line> {
    let frame = view.frame(stack);
    Some((frame.file?, frame.line?))
}

/// Every line, the innermost shown one as its own.
pub fn all(view: &View<'_>) -> Vec<Row<Line>> {
    totals::by(view, |stack| line_of(view, stack))
}

/// The lines of the workspace: own is the time of the line with all that it calls outside the
/// workspace, for that is what its author can change.
pub fn yours(view: &View<'_>) -> Vec<Row<Line>> {
    let mut rows = totals::nearest(view, &view.leaves, |stack| your_line(view, stack));
    rows.sort_by(|a, b| (b.own, b.total, a.key).cmp(&(a.own, a.total, b.key)));
    rows
}

/// The line of a frame of the workspace.
pub fn your_line(view: &View<'_>, stack: StackId) -> Option<Line> {
    let yours = view.origin(stack).is_yours();
    yours.then(|| line_of(view, stack)).flatten()
}

/// The lines of the functions of these groups: own time and time with all that is called from there,
/// by file, in the order of the lines.
pub fn of_functions(view: &View<'_>, groups: &[u32]) -> Vec<Row<Line>> {
    let mut rows = totals::by(view, |stack| {
        let inside = groups.contains(&view.group(stack));
        inside.then(|| line_of(view, stack)).flatten()
    });
    rows.sort_by_key(|row| row.key);
    rows
}
