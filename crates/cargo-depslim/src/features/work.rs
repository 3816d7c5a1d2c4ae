//! The state of one search.

use super::entries::Texts;
use super::outcome::Outcome;
use super::request::Request;
use super::study::Study;

/// The work on one request.
pub(super) struct Work<'a> {
    pub request: &'a Request<'a>,
    pub study: Study<'a>,
    pub texts: &'a Texts,
    pub outcome: Outcome,
}
