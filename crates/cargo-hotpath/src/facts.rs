//! What the rules judge: a profile as it was looked at, and the sources of the workspace. Rules see
//! nothing else.

use crate::analyse::View;
use crate::report::Sources;

/// Everything a rule may look at.
pub struct Facts<'a> {
    /// Every frame as it was recorded: what std does under a user's line names the cause.
    pub view: &'a View<'a>,
    pub sources: &'a Sources<'a>,
}
