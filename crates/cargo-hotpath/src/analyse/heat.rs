//! What another plugin found, by how much of the time runs at its place: what stands in cold code can
//! wait.

use std::collections::HashMap;

use pitcrew_core::finding::Finding;

use super::lines::line_of;
use super::{Share, View, totals};
use crate::code::Lines;
use crate::profile::FileId;

/// One finding with the time at its place, callees included.
#[derive(Debug, Clone, PartialEq)]
pub struct Hot<'a> {
    pub finding: &'a Finding,
    /// At its line.
    pub line: Share,
    /// In the function around it, or for a finding about a dependency, in that crate.
    pub around: Share,
}

/// The findings, the hottest first. `functions` gives the lines of each function of a source file.
pub fn of<'a>(
    view: &View<'_>,
    findings: &'a [Finding],
    functions: &dyn Fn(&str) -> Vec<Lines>,
) -> Vec<Hot<'a>> {
    let share = |weight: u64| Share::of(weight, view.weight(), view.count());
    let lines = weights(totals::by(view, |stack| line_of(view, stack)));
    let places = Places::of(view, findings, functions);
    let around = weights(totals::by(view, |stack| {
        let (file, line) = line_of(view, stack)?;
        places.function(file, line)
    }));
    let crates: HashMap<String, u64> = totals::by_origin(view)
        .into_iter()
        .map(|row| (row.key.name().replace('-', "_"), row.total))
        .collect();
    let mut hot: Vec<Hot<'_>> = findings
        .iter()
        .map(|finding| {
            let place = places.of_finding(finding);
            let at_line = place.and_then(|place| lines.get(&place));
            let function = place.and_then(|(file, line)| places.function(file, line));
            let around = match function {
                Some(function) => around.get(&function),
                // What is about a dependency stands in a manifest.
                None => crates.get(&finding.subject.replace('-', "_")),
            };
            Hot {
                finding,
                line: share(at_line.copied().unwrap_or_default()),
                around: share(around.copied().unwrap_or_default()),
            }
        })
        .collect();
    hot.sort_by(|a, b| {
        let key = |hot: &Hot<'_>| (hot.line.share, hot.around.share);
        key(b)
            .partial_cmp(&key(a))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    hot
}

fn weights<K: Eq + std::hash::Hash>(rows: Vec<totals::Row<K>>) -> HashMap<K, u64> {
    rows.into_iter().map(|row| (row.key, row.total)).collect()
}

/// The files that findings name, as far as samples were taken there, with their functions.
struct Places<'a> {
    files: HashMap<&'a str, FileId>,
    functions: HashMap<FileId, Vec<Lines>>,
}

impl<'a> Places<'a> {
    fn of(
        view: &'a View<'_>,
        findings: &[Finding],
        functions: &dyn Fn(&str) -> Vec<Lines>,
    ) -> Self {
        let named = |path: &str| {
            let places = findings
                .iter()
                .filter_map(|finding| finding.location.as_ref());
            places.into_iter().any(|place| place.path == path)
        };
        let files: HashMap<&str, FileId> = (0..)
            .zip(&view.profile.files)
            .filter(|(_, file)| named(&file.path))
            .map(|(id, file)| (file.path.as_str(), id))
            .collect();
        let functions = files
            .iter()
            .map(|(path, id)| (*id, functions(path)))
            .collect();
        Self { files, functions }
    }

    fn of_finding(&self, finding: &Finding) -> Option<(FileId, u32)> {
        let place = finding.location.as_ref()?;
        Some((*self.files.get(place.path.as_str())?, place.line))
    }

    /// The innermost function around a line, by its file and its place in that file's list.
    fn function(&self, file: FileId, line: u32) -> Option<(FileId, usize)> {
        let functions = self.functions.get(&file)?.iter().enumerate();
        let around = functions.filter(|(_, lines)| lines.hold(line));
        let innermost = around.min_by_key(|(_, lines)| lines.count())?;
        Some((file, innermost.0))
    }
}

#[cfg(test)]
mod tests {
    use pitcrew_core::finding::{Location, RuleInfo, Severity};

    use super::*;
    use crate::analyse::Filter;
    use crate::profile::{Origin, synthetic};

    static RULE: RuleInfo = RuleInfo {
        id: "rule",
        summary: "s",
        severity: Severity::Warning,
        docs: "",
    };

    fn at(path: &str, line: u32) -> Finding {
        Finding::new(&RULE, "subject", "message").at(Some(Location {
            path: path.into(),
            line,
            column: 1,
        }))
    }

    #[test]
    fn findings_are_ordered_by_the_time_at_their_place() {
        let main = synthetic::yours("app::main", "src/main.rs", 3);
        let work = synthetic::yours("app::work", "src/main.rs", 12);
        let other = synthetic::yours("app::work", "src/main.rs", 14);
        let regex = synthetic::of(Origin::Dependency("regex-automata".to_owned()), "find");
        let profile = synthetic::profile(&[
            (&[main.clone(), work.clone(), regex], 5),
            (&[main.clone(), work], 1),
            (&[main, other], 4),
        ]);
        let everything = Filter::default();
        let view = View::new(&profile, &everything);
        let functions = |_: &str| {
            [(1, 5), (10, 20)]
                .map(|(first, last)| Lines { first, last })
                .to_vec()
        };
        let findings = [
            at("src/cold.rs", 1),
            at("src/main.rs", 15),
            at("src/main.rs", 12),
            Finding::new(&RULE, "regex_automata", "heavy"),
        ];
        let hot = of(&view, &findings, &functions);
        let shares: Vec<_> = hot
            .iter()
            .map(|hot| {
                let percent = |share: &Share| (share.share * 100.0).round();
                (hot.finding, percent(&hot.line), percent(&hot.around))
            })
            .collect();
        assert_eq!(
            shares,
            [
                (&findings[2], 60.0, 100.0),
                (&findings[1], 0.0, 100.0),
                (&findings[3], 0.0, 50.0),
                (&findings[0], 0.0, 0.0),
            ]
        );
    }
}
