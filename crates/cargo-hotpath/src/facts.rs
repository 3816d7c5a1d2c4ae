//! What the rules judge: a profile as it was looked at, what runs below which line, the sources of the
//! workspace, and what else was observed. Rules see nothing else.

use std::collections::BTreeSet;

use crate::advice::work::Works;
use crate::analyse::View;
use crate::analyse::lines::Line;
use crate::code::Codes;
use crate::report::Sources;

/// Everything a rule may look at.
pub struct Facts<'a> {
    /// Every frame as it was recorded: what std does under a user's line names the cause.
    pub view: &'a View<'a>,
    pub sources: &'a Sources<'a>,
    pub works: Works,
    pub codes: Codes<'a>,
    /// Below this part of the time nothing is said.
    pub least_share: f64,
    pub around: Around,
}

/// What was observed beside the profile.
#[derive(Debug, Clone)]
pub struct Around {
    pub cores: u32,
    /// The lines at which the program still checks an index; none where the program could not be read.
    pub checks: Option<BTreeSet<Line>>,
    /// What the manifest sets for `profile.release`.
    pub release: Option<Release>,
}

/// The settings of the release profile that decide how much is inlined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    pub has_lto: bool,
    pub one_codegen_unit: bool,
    pub optimises_size: bool,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            cores: 1,
            checks: None,
            release: None,
        }
    }
}

/// What is too little to speak of, where nobody says otherwise.
pub const LEAST_SHARE: f64 = 0.02;

impl<'a> Facts<'a> {
    pub fn new(view: &'a View<'a>, sources: &'a Sources<'a>, around: Around) -> Self {
        let codes = Codes::new(sources);
        Self {
            view,
            sources,
            works: Works::of(view, &codes),
            codes,
            least_share: LEAST_SHARE,
            around,
        }
    }
}
