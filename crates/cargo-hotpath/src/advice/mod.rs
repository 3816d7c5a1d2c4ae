//! Advice: what to change at a hot line. [`callees`] says what a callee means, [`work`] which line is the
//! nearest above it, [`spot`] groups that by line; the rules judge spots with the source beside them, and
//! [`resolve`] sees to it that no time is promised twice.

mod beside;
pub mod callees;
pub mod promise;
pub mod resolve;
pub mod spot;
pub mod work;

use pitcrew_core::finding::{Evidence, Finding, Location, RuleInfo};

use crate::analyse::Share;
use crate::analyse::lines::Line;
use promise::Promise;
use spot::Spot;

/// What one rule has to say of one line, before it is weighed against the others.
#[derive(Debug, Clone)]
pub struct Advice {
    pub info: &'static RuleInfo,
    pub line: Line,
    path: String,
    column: u32,
    subject: String,
    cause: String,
    write: Vec<String>,
    next: Vec<String>,
    /// The time that it explains: indices of [`work::Works::all`].
    pub works: Vec<usize>,
    pub promise: Promise,
    /// How exactly the cause is known: the higher wins where two see the same time.
    pub rank: Rank,
    /// The source at the line shows the pattern.
    pub confirmed: bool,
}

/// How exactly a rule knows the cause, the least exactly first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// All below a loop.
    Loop,
    /// A line's own time, and what stands there.
    Own,
    /// A symptom: memory is freed, faulted in, moved.
    Symptom,
    /// The allocator, wherever it is called from.
    Allocator,
    /// A cost inside of a callee that the user may still want.
    Inside,
    /// The call itself need not be.
    Call,
    /// The call need not be there, and the place tells why.
    Placed,
}

impl Advice {
    pub fn new(
        info: &'static RuleInfo,
        rank: Rank,
        spot: Spot<'_>,
        cause: impl Into<String>,
        promise: Promise,
    ) -> Self {
        let text = spot.facts.sources.text(spot.path());
        let line = text
            .as_deref()
            .and_then(|text| text.lines().nth(spot.line.1 as usize - 1));
        let indent = line.map_or(0, |line| {
            line.chars().take_while(|c| c.is_whitespace()).count()
        });
        Self {
            info,
            rank,
            line: spot.line,
            path: spot.path().to_owned(),
            column: u32::try_from(indent).map_or(1, |indent| indent + 1),
            subject: spot.subject(),
            cause: cause.into(),
            write: Vec::new(),
            next: Vec::new(),
            works: spot.works,
            promise,
            confirmed: false,
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn write(mut self, line: impl Into<String>) -> Self {
        self.write.push(line.into());
        self
    }

    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }

    #[must_use]
    pub fn confirmed(mut self, confirmed: bool) -> Self {
        self.confirmed = confirmed;
        self
    }

    /// With the share of the time that is left to it, and what can be gained.
    pub fn finding(self, share: Share, samples: u64, gain: [f64; 2]) -> Finding {
        let location = Location {
            path: self.path.into(),
            line: self.line.1,
            column: self.column,
        };
        let mut finding = Finding::new(self.info, self.subject, self.cause)
            .at(Some(location))
            .evidence(Evidence::Profile {
                share: share.share,
                samples,
            })
            .evidence(Evidence::Bounded {
                model: self.promise.between().to_owned(),
                gain,
            });
        if self.confirmed {
            finding = finding.evidence(Evidence::Syntax);
        }
        finding.help = self.write;
        finding.next = self.next;
        finding
    }
}
