//! The state of one search.

use camino::Utf8Path;

use super::entries::Texts;
use super::outcome::Outcome;
use super::request::Request;
use super::study::Study;

/// The work on one request.
pub(super) struct Work<'a> {
    /// Of the workspace.
    pub root: &'a Utf8Path,
    pub request: &'a Request,
    pub study: Study<'a>,
    pub texts: &'a Texts,
    pub outcome: Outcome,
}
