//! Fixes are compiled before they are written: in a scratch copy of the workspace, all together, and
//! where that fails by halves, until what is left compiles. A fix that does not compile is not applied.
//!
//! An edit is a range of bytes of the text that the rules have seen, so only that text is edited, here
//! and in the plan: where the file holds another one by now, the journal refuses to write over it.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use pitcrew_core::cargo::{BuildFailed, CargoRun, Interrupted};
use pitcrew_core::cli::CargoFlags;
use pitcrew_core::finding::{Evidence, Finding};
use pitcrew_core::fix::{self, Applicability, Edit};
use pitcrew_core::plan::Plan;
use pitcrew_core::progress::Progress;
use pitcrew_core::scratch::{self, Scratch};
use pitcrew_core::session::Session;

use crate::facts::File;
use crate::observe::deep;

/// Fixes by the number of their finding.
type Chosen = Vec<usize>;

/// Compiles the fixes of this grade or a better one. Those that compile get their evidence; the others
/// are taken away, with a word on why.
pub fn prove(
    session: &Session,
    flags: &CargoFlags,
    least: Applicability,
    seen: &[File],
    findings: &mut [Finding],
    progress: &mut Progress,
) -> Result<()> {
    let candidates = candidates(findings, least);
    if candidates.is_empty() {
        return Ok(());
    }
    progress.stage("Compiling the fixes in a scratch copy");
    let workshop = Workshop::open(session, flags, seen)?;
    let command = workshop.run(&[]).display();
    if let Some(said) = workshop.fails(findings, &Vec::new(), progress)? {
        bail!(
            "the workspace does not compile, so that no fix can be tried: {}",
            said.trim()
        );
    }
    let proven = workshop.largest(findings, &candidates, progress)?;
    progress.finish();
    for index in candidates {
        let finding = &mut findings[index];
        if proven.contains(&index) {
            finding.evidence.push(Evidence::Verified {
                command: command.clone(),
            });
        } else {
            finding.fix = None;
            finding
                .help
                .push("the usual fix does not compile here, and was left out".to_owned());
        }
    }
    workshop.scratch.close()
}

/// What the proven fixes change.
pub fn plan(session: &Session, seen: &[File], findings: &[Finding]) -> Result<Plan> {
    let proven = (0..findings.len()).filter(|index| {
        let verified = |evidence: &Evidence| matches!(evidence, Evidence::Verified { .. });
        findings[*index].evidence.iter().any(verified)
    });
    let mut plan = Plan::default();
    for (path, edits) in by_file(findings, &proven.collect()) {
        let old = text(seen, &path)?;
        let new = fix::apply(old, &edits).with_context(|| format!("cannot edit {path}"))?;
        plan.add(session.root().join(path), Some(old.into()), new);
    }
    Ok(plan)
}

/// The findings whose fix may be tried, without those that change what an earlier one changes.
fn candidates(findings: &[Finding], least: Applicability) -> Chosen {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut chosen = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let Some(fix) = finding
            .fix
            .as_ref()
            .filter(|fix| fix.applicability >= least)
        else {
            continue;
        };
        let overlaps = |edit: &Edit| taken.iter().any(|other| overlap(edit, other));
        if fix.edits.iter().any(overlaps) {
            continue;
        }
        taken.extend(&fix.edits);
        chosen.push(index);
    }
    chosen
}

/// Whether two edits touch the same bytes; two insertions at one place do.
fn overlap(a: &Edit, b: &Edit) -> bool {
    let same_place = a.start == b.start && a.end == b.end;
    a.path == b.path && (same_place || a.start < b.end && b.start < a.end)
}

fn by_file(findings: &[Finding], chosen: &Chosen) -> BTreeMap<Utf8PathBuf, Vec<Edit>> {
    let mut files: BTreeMap<Utf8PathBuf, Vec<Edit>> = BTreeMap::new();
    let fixes = chosen
        .iter()
        .filter_map(|index| findings[*index].fix.as_ref());
    for edit in fixes.flat_map(|fix| &fix.edits) {
        files
            .entry(edit.path.clone())
            .or_default()
            .push(edit.clone());
    }
    files
}

/// The text that the edits of a file were made for.
fn text<'s>(seen: &'s [File], path: &Utf8Path) -> Result<&'s str> {
    let file = seen.iter().find(|file| file.path == path);
    let file = file.with_context(|| format!("cannot edit {path}, which was not read"))?;
    Ok(&file.text)
}

/// A scratch copy to compile in.
struct Workshop<'s> {
    seen: &'s [File],
    scratch: Scratch,
    root: Utf8PathBuf,
    cwd: Utf8PathBuf,
    target_dir: Utf8PathBuf,
    args: Vec<String>,
}

impl<'s> Workshop<'s> {
    fn open(session: &Session, flags: &CargoFlags, seen: &'s [File]) -> Result<Self> {
        let scratch = Scratch::new()?;
        let workspace = &session.workspace;
        let copy = scratch::copy_workspace(
            session.root(),
            &session.outside(),
            &workspace.target_dir,
            &scratch.path().join("copy"),
        )?;
        let mut args = vec!["check".to_owned(), "--all-targets".to_owned()];
        args.extend(flags.to_args());
        Ok(Self {
            cwd: copy.root.join(&session.within),
            root: copy.root,
            seen,
            // What the compiler was asked about the dependencies serves here too.
            target_dir: deep::target_dir(session),
            scratch,
            args,
        })
    }

    fn run(&self, env: &[(String, String)]) -> CargoRun {
        CargoRun {
            args: self.args.clone(),
            cwd: self.cwd.clone(),
            env: env.to_vec(),
            ..CargoRun::default()
        }
    }

    /// As many of `chosen` as compile together.
    fn largest(
        &self,
        findings: &[Finding],
        chosen: &Chosen,
        progress: &Progress,
    ) -> Result<Chosen> {
        if chosen.is_empty() || self.fails(findings, chosen, progress)?.is_none() {
            return Ok(chosen.clone());
        }
        if chosen.len() == 1 {
            return Ok(Vec::new());
        }
        let (first, second) = chosen.split_at(chosen.len() / 2);
        let mut kept = self.largest(findings, &first.to_vec(), progress)?;
        let more = self.largest(findings, &second.to_vec(), progress)?;
        let alone = kept.len();
        kept.extend(more);
        // Each half compiles; that both do together is another question.
        if alone < kept.len() && alone > 0 && self.fails(findings, &kept, progress)?.is_some() {
            kept.truncate(alone);
        }
        Ok(kept)
    }

    /// What the compiler says against these fixes, if anything.
    fn fails(
        &self,
        findings: &[Finding],
        chosen: &Chosen,
        progress: &Progress,
    ) -> Result<Option<String>> {
        let files = by_file(findings, chosen);
        for (path, edits) in &files {
            let old = text(self.seen, path)?;
            let new = fix::apply(old, edits).with_context(|| format!("cannot edit {path}"))?;
            self.write(path, &new)?;
        }
        let env = [
            ("CARGO_TARGET_DIR".to_owned(), self.target_dir.to_string()),
            (
                "CARGO_BUILD_BUILD_DIR".to_owned(),
                self.target_dir.to_string(),
            ),
        ];
        let ran = self.run(&env).run(&mut |event| progress.build_event(event));
        for path in files.keys() {
            self.write(path, text(self.seen, path)?)?;
        }
        match ran {
            Ok(_) => Ok(None),
            Err(error) => match error.downcast::<BuildFailed>() {
                Ok(failed) => Ok(Some(failed.said)),
                Err(error) if error.is::<Interrupted>() => Err(error),
                Err(error) => Err(error.context("cannot compile the fixes")),
            },
        }
    }

    fn write(&self, path: &Utf8Path, text: &str) -> Result<()> {
        let path = self.root.join(path);
        fs::write(&path, text).with_context(|| format!("cannot write {path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allow::BAD_ALLOW;
    use pitcrew_core::fix::Fix;

    fn finding(edits: &[(usize, usize)], applicability: Applicability) -> Finding {
        let edits = edits.iter().map(|(start, end)| Edit {
            path: "src/a.rs".into(),
            start: *start,
            end: *end,
            replacement: "x".to_owned(),
        });
        let mut finding = Finding::new(&BAD_ALLOW, "f", "m");
        finding.fix = Some(Fix {
            applicability,
            edits: edits.collect(),
        });
        finding
    }

    #[test]
    fn only_the_text_that_was_seen_is_edited() {
        let seen = [File {
            path: "src/a.rs".into(),
            text: "seen".to_owned(),
            ..File::default()
        }];
        assert_eq!(text(&seen, "src/a.rs".into()).unwrap(), "seen");
        let error = text(&seen, "src/b.rs".into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot edit src/b.rs, which was not read"
        );
    }

    #[test]
    fn what_overlaps_an_earlier_fix_or_is_not_safe_waits() {
        let safe = Applicability::MachineApplicable;
        let findings = [
            finding(&[(0, 4), (9, 9)], safe),
            finding(&[(3, 5)], safe),
            finding(&[(9, 9)], safe),
            finding(&[(4, 9)], safe),
            finding(&[(20, 21)], Applicability::MaybeIncorrect),
        ];
        assert_eq!(candidates(&findings, safe), [0, 3]);
        assert_eq!(
            candidates(&findings, Applicability::MaybeIncorrect),
            [0, 3, 4]
        );
    }
}
