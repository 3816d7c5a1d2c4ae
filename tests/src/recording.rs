//! A recorded build in a few lines of text, for the cases of a corpus:
//!
//! ```text
//! serde   1.0.2  lib         0-2    debug=2
//! derive  1.0.0  proc-macro  0-3    link=0.2
//! app     0.1.0  bin         2-8    member meta=4 link=2 after=serde,derive
//! ```
//!
//! A unit a line: package, version, kind (with `:target` where the target is named otherwise), start
//! and end in seconds, then what is particular to it. `#` starts a comment.

use anyhow::{Context, Result, bail};
use pitcrew_core::model::synthetic;
use pitcrew_core::recording::{Needs, Recording, Unit, UnitDep, UnitKind};

/// The recorded build of `profile` with these units; it took as long as its last unit.
pub fn parse(profile: &str, text: &str) -> Result<Recording> {
    let mut recording = synthetic::empty();
    recording.profile = profile.to_owned();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            let unit = unit(line, &recording.units).with_context(|| format!("in `{line}`"))?;
            recording.units.push(unit);
        }
    }
    let ends = recording.units.iter().map(|unit| unit.end_s);
    recording.wall_s = ends.fold(0.0, f64::max);
    Ok(recording)
}

fn unit(line: &str, before: &[Unit]) -> Result<Unit> {
    let mut words = line.split_whitespace();
    let mut word = |what: &str| words.next().with_context(|| format!("no {what}"));
    let package = word("package")?;
    let version = word("version")?;
    let kind = word("kind")?;
    let (start, end) = word("time")?
        .split_once('-')
        .context("a time is written `0-2.5`")?;
    let mut unit = synthetic::unit(package, start.parse()?, end.parse()?);
    unit.version = version.to_owned();
    let (kind, target) = kind.split_once(':').unwrap_or((kind, &unit.target));
    unit.target = target.to_owned();
    unit.kind = self::kind(kind)?;
    unit.profile.test = unit.kind == UnitKind::Test;
    for word in words {
        set(&mut unit, word, before)?;
    }
    Ok(unit)
}

fn kind(word: &str) -> Result<UnitKind> {
    let quoted = format!("\"{word}\"");
    serde_json::from_str(&quoted).with_context(|| format!("`{word}` is no kind of unit"))
}

fn set(unit: &mut Unit, word: &str, before: &[Unit]) -> Result<()> {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    match name {
        "member" => unit.member = true,
        "host" => unit.for_host = true,
        "incremental" => unit.profile.incremental = true,
        "meta" => unit.metadata_s = Some(value.parse()?),
        "link" => unit.link_s = Some(value.parse()?),
        "opt" => unit.profile.opt_level = value.to_owned(),
        "debug" => unit.profile.debuginfo = value.to_owned(),
        "after" => {
            for package in value.split(',') {
                let found = before.iter().position(|unit| unit.package == package);
                let found = found.with_context(|| format!("no unit of {package} stands above"))?;
                let metadata = before[found].metadata_s.is_some();
                unit.deps.push(UnitDep {
                    unit: found,
                    needs: if metadata {
                        Needs::Metadata
                    } else {
                        Needs::End
                    },
                });
            }
        }
        _ => bail!("`{word}` says nothing of a unit"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_with_what_is_particular_to_them() {
        let text = "a 1.0.0 lib 0-2 debug=0 opt=3\n# nothing\n\
                    m 0.2.0 proc-macro 0-1 host  # a macro\n\
                    app 0.1.0 test:it 2-8.5 member meta=4 link=2 after=a,m\n";
        let recording = parse("release", text).unwrap();
        assert_eq!(recording.profile, "release");
        assert!((recording.wall_s - 8.5).abs() < 1e-9);
        let [a, m, app] = recording.units.as_slice() else {
            panic!("{:?}", recording.units);
        };
        assert_eq!(
            (&*a.profile.opt_level, &*a.profile.debuginfo, a.member),
            ("3", "0", false)
        );
        assert_eq!((m.kind, m.for_host), (UnitKind::ProcMacro, true));
        assert_eq!(
            (&*app.target, app.link_s, app.member),
            ("it", Some(2.0), true)
        );
        assert_eq!(app.deps.len(), 2);
    }

    #[test]
    fn what_is_mistyped_is_named() {
        for (text, part) in [
            ("a 1.0.0 lib", "no time"),
            ("a 1.0.0 lob 0-1", "`lob` is no kind"),
            ("a 1.0.0 lib 0-1 fast", "`fast` says nothing"),
            ("a 1.0.0 lib 0-1 after=b", "no unit of b"),
        ] {
            let error = format!("{:#}", parse("dev", text).unwrap_err());
            assert!(error.contains(part), "{error}");
        }
    }
}
