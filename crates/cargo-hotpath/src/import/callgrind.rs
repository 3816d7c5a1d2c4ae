//! callgrind's files: costs by function and line, and the cost of each call. Such a file has no stacks;
//! they are rebuilt top down, each call taking its part of what its callee costs in all.

mod graph;

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};

use crate::names::origin::Places;
use crate::profile::Profile;
use graph::Graph;

/// Whether the text looks like it.
pub fn is_callgrind(text: &str) -> bool {
    let mut lines = text.lines().take(10);
    text.starts_with("# callgrind format")
        || lines.any(|line| line.starts_with("creator: callgrind"))
}

pub fn read(text: &str, places: &Places) -> Result<Profile> {
    let mut reader = Reader::default();
    for (number, line) in text.lines().enumerate() {
        reader
            .line(line.trim_end())
            .with_context(|| format!("line {} cannot be read: `{line}`", number + 1))?;
    }
    reader.graph.profile(places, &reader.command)
}

/// Follows the file's state from line to line.
#[derive(Default)]
struct Reader {
    graph: Graph,
    command: String,
    /// Compressed names: `(1) malloc` the first time, `(1)` from then on; one space for each kind.
    names: HashMap<(Space, u32), String>,
    object: String,
    /// The file of the function, and that of the code inlined into it.
    file: String,
    function: Option<usize>,
    callee_object: Option<String>,
    callee_file: Option<String>,
    callee: Option<String>,
    /// The next line of costs is that of a call.
    calls: bool,
    line: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    Object,
    File,
    Function,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<()> {
        let Some((key, value)) = line.split_once('=') else {
            return self.plain(line);
        };
        match key {
            "ob" => self.object = self.name(Space::Object, value)?,
            "fl" | "fi" | "fe" => self.file = self.name(Space::File, value)?,
            "fn" => {
                let name = self.name(Space::Function, value)?;
                let function = self.graph.function(without_level(&name), &self.object);
                self.graph.set_home(function, &self.file);
                self.function = Some(function);
            }
            "cob" => self.callee_object = Some(self.name(Space::Object, value)?),
            "cfi" | "cfl" => self.callee_file = Some(self.name(Space::File, value)?),
            "cfn" => self.callee = Some(self.name(Space::Function, value)?),
            "calls" => self.calls = true,
            // Jumps and what a later version may add.
            _ => {}
        }
        Ok(())
    }

    fn plain(&mut self, line: &str) -> Result<()> {
        if let Some(command) = line.strip_prefix("cmd: ") {
            command.clone_into(&mut self.command);
            return Ok(());
        }
        let starts_position = |c: char| c.is_ascii_digit() || "+-*".contains(c);
        if !line.starts_with(starts_position) {
            // Headers, comments, empty lines.
            return Ok(());
        }
        let mut words = line.split_ascii_whitespace();
        self.line = self.position(words.next().unwrap_or_default())?;
        // The first event is the one that was asked for; zeros at the end are left out.
        let cost: u64 = words.next().map_or(Ok(0), str::parse)?;
        let Some(function) = self.function else {
            return Ok(());
        };
        if std::mem::take(&mut self.calls) {
            let name = self.callee.take().unwrap_or_default();
            let object = self.callee_object.take();
            self.callee_file = None;
            let object = object.unwrap_or_else(|| self.object.clone());
            let callee = self.graph.function(without_level(&name), &object);
            self.graph
                .call(function, callee, (&self.file, self.line), cost)
        } else {
            self.graph.cost(function, (&self.file, self.line), cost)
        }
    }

    /// `16`, or by how much it differs from the line before: `+3`, `-2`, `*`.
    fn position(&self, word: &str) -> Result<u32> {
        let position = if word == "*" {
            Some(self.line)
        } else if let Some(more) = word.strip_prefix('+') {
            self.line.checked_add(more.parse()?)
        } else if let Some(less) = word.strip_prefix('-') {
            self.line.checked_sub(less.parse()?)
        } else {
            Some(word.parse()?)
        };
        position.context("its position lies outside any file")
    }

    /// `(1) name`, `(1)`, or a plain name.
    fn name(&mut self, space: Space, value: &str) -> Result<String> {
        let Some((id, name)) = value
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
        else {
            return Ok(value.to_owned());
        };
        let Ok(id) = id.parse::<u32>() else {
            // A name of C++ may begin with a bracket.
            return Ok(value.to_owned());
        };
        let name = name.trim_start();
        if name.is_empty() {
            let known = self.names.get(&(space, id));
            return known
                .cloned()
                .with_context(|| format!("the name ({id}) is not known"));
        }
        ensure!(self.names.len() < 1 << 22, "it has too many names");
        self.names.insert((space, id), name.to_owned());
        Ok(name.to_owned())
    }
}

/// The name without the level of recursion that callgrind adds: `quicksort'2`.
fn without_level(name: &str) -> &str {
    match name.rsplit_once('\'') {
        Some((plain, level)) if !plain.is_empty() && level.parse::<u32>().is_ok() => plain,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Filter, View, totals};

    const TEXT: &str = "\
# callgrind format
version: 1
creator: callgrind-3.19.0
cmd: ./app --fast
positions: line
events: Ir
summary: 1000

ob=(1) /w/target/app
fl=(1) /w/src/main.rs
fn=(1) app::main
10 100
cfn=(2) app::work
calls=3 20
+1 600
cob=(2) /usr/lib/libc.so.6
cfn=(3) malloc
calls=1 0
* 300

fn=(2)
20 450
+1 50
cob=(2)
cfn=(3)
calls=1 0
* 100

ob=(2)
fl=(2) ???
fn=(3)
0 400
";

    #[test]
    fn costs_and_calls_are_read_and_nothing_is_lost() {
        assert!(is_callgrind(TEXT));
        let profile = read(TEXT, &Places::default()).unwrap();
        assert!(profile.is_sound());
        assert_eq!(profile.total_weight(), 1000);
        assert_eq!(profile.about.command, "./app --fast");
        let view = View::unfolded(&profile, &Filter::default());
        let rows = totals::by_function(&view);
        let row = |name: &str| {
            let mut named = rows.iter();
            let row = named
                .find(|row| view.groups[row.key as usize].name == name)
                .unwrap();
            (row.own, row.total)
        };
        assert_eq!(row("app::main"), (100, 1000));
        assert_eq!(row("app::work"), (500, 600));
        assert_eq!(row("malloc"), (400, 400));
    }

    #[test]
    fn a_broken_file_is_an_error_that_names_the_line() {
        for (bad, wanted) in [
            ("fn=(9)\n", "(9)"),
            ("fn=(1) a\n5 x\n", "5 x"),
            ("-5 1\n", "-5 1"),
        ] {
            let error = format!("{:#}", read(bad, &Places::default()).unwrap_err());
            assert!(error.contains(wanted), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in "((fn|cfn|fl|ob|calls)=\\([0-3]\\)( [ab])?\n|[+*-]?[0-9]{0,3} [0-9]{1,20}\n|calls=1 1\n){0,30}",
        ) {
            if let Ok(profile) = read(&text, &Places::default()) {
                proptest::prop_assert!(profile.is_sound());
            }
        }
    }
}
