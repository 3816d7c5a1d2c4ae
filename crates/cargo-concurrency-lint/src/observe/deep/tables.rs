//! The tables of the ecosystem, as following calls asks for them.

use std::collections::HashSet;

use super::{quiet, types};
use crate::calls::policy::Follow;
use crate::calls::{Policy, View};
use crate::ecosystem::{Blocking, Ecosystem, Row, Runs, Table};

pub struct Tables<'e> {
    ecosystem: &'e Ecosystem,
    /// The functions' own names in the tables that are asked.
    names: HashSet<&'e str>,
}

impl<'e> Tables<'e> {
    pub fn new(ecosystem: &'e Ecosystem) -> Self {
        let mut names = HashSet::new();
        names_of::<Blocking>(&ecosystem.blocking, &mut names);
        names_of::<Runs>(&ecosystem.runs, &mut names);
        Self { ecosystem, names }
    }
}

fn names_of<'e, T: Row>(table: &'e Table<T>, names: &mut HashSet<&'e str>) {
    for row in table.rows() {
        let matcher = row.matcher();
        let paths = matcher
            .paths
            .iter()
            .filter_map(|path| path.rsplit("::").next());
        names.extend(paths);
        names.extend(matcher.methods.iter().map(String::as_str));
    }
}

impl Policy for Tables<'_> {
    fn concerns(&self, name: &str) -> bool {
        self.names.contains(name) || self.names.contains("*")
    }

    fn blocks(&self, call: &View<'_>) -> Option<usize> {
        let call = types::call(self.ecosystem, call);
        self.ecosystem.blocking.position(&call)
    }

    fn runs_elsewhere(&self, call: &View<'_>) -> bool {
        let call = types::call(self.ecosystem, call);
        self.ecosystem.runs.has(&call)
    }

    fn follows(&self, path: &str) -> Follow {
        quiet::follows(path)
    }
}
