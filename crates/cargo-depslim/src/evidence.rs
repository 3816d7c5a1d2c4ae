//! What the text and the compiler together say of one entry's use.

use std::collections::BTreeSet;

use pitcrew_core::finding::Evidence;

use crate::facts::{Facts, Place, Verdict};
use crate::remedy::{self, EntryId};

/// Where an entry is used, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub places: BTreeSet<Place>,
    pub grade: Grade,
}

/// How sure it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grade {
    /// By the text of the sources alone.
    Text,
    /// rustc has compiled all targets that see it.
    Compiled {
        /// What it said.
        fact: String,
    },
}

impl Grade {
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Text => Evidence::Syntax,
            Self::Compiled { fact } => Evidence::Compiler { fact: fact.clone() },
        }
    }
}

impl Usage {
    pub fn by_text(places: BTreeSet<Place>) -> Self {
        Self {
            places,
            grade: Grade::Text,
        }
    }

    pub fn is_unused(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether it is used, and only by what development dependencies serve.
    pub fn is_development_only(&self) -> bool {
        !self.is_unused() && self.places.iter().all(|place| place.is_development())
    }

    /// `tests and examples`
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.places.iter().map(|place| place.words()).collect();
        match words.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => "nothing".to_owned(),
        }
    }
}

/// Where the entry is used. The compiler's word counts for all that it saw; the text's for the rest.
pub fn usage(facts: &Facts, id: EntryId) -> Option<Usage> {
    let (member, dependency) = remedy::entry(facts, id)?;
    let by_text = || dependency.served().map(|found| found.place).collect();
    let Some(compiled) = &facts.compiled else {
        return Some(Usage::by_text(by_text()));
    };
    let seen = match compiled.verdict(id.member, dependency) {
        Verdict::Unknown => return Some(Usage::by_text(by_text())),
        Verdict::Unused => BTreeSet::new(),
        Verdict::Used(places) => places,
    };
    let unseen = compiled.unseen(id.member, &member.targets, dependency);
    let unseen: BTreeSet<Place> = unseen.map(|found| found.place).collect();
    let fact = if seen.is_empty() {
        format!(
            "rustc: no target of {} uses `{}`",
            member.name,
            dependency.names.join("`, `")
        )
    } else {
        let seen = Usage::by_text(seen.clone());
        format!("rustc: used by {} of {}", seen.words(), member.name)
    };
    Some(Usage {
        places: seen.union(&unseen).copied().collect(),
        grade: Grade::Compiled { fact },
    })
}
