//! Stacks of names, as text formats have them, into a profile.

use rustc_hash::FxHashMap;

use crate::names;
use crate::names::origin::{Places, Seen};
use crate::profile::{
    Frame, FrameId, Function, Module, ModuleKind, Profile, ProfileBuilder, Sample, StackId, Thread,
    ThreadId, Unit,
};

/// Deeper stacks are not to be believed, and trees of them not to be walked.
pub const DEEPEST: usize = 1024;

/// One frame as a text names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// Mangled or not; empty where it is not known.
    pub name: &'a str,
    /// The module's path, where it is told.
    pub module: Option<&'a str>,
    /// The file that the function is written in, where that is told apart.
    pub home: Option<&'a str>,
    /// The source file and the line, where they are told.
    pub at: Option<(&'a str, u32)>,
}

impl Named<'_> {
    /// All that it says, so that no two that differ are spelled alike: each part stands behind its length.
    fn spell(&self, words: &mut Vec<u8>) {
        words.clear();
        let (path, line) = self.at.unzip();
        for part in [Some(self.name), self.module, self.home, path] {
            let length = part.map_or(usize::MAX, str::len);
            words.extend_from_slice(&length.to_le_bytes());
            words.extend_from_slice(part.unwrap_or_default().as_bytes());
        }
        words.extend_from_slice(&line.unwrap_or_default().to_le_bytes());
    }
}

/// Fills a profile from stacks of names.
pub struct Stacks<'a> {
    places: &'a Places,
    builder: ProfileBuilder,
    /// What a frame's words came to: the same ones stand in thousands of stacks, and demangling them and
    /// finding whose code they are is most of reading a file.
    known: FxHashMap<Box<[u8]>, FrameId>,
    /// The words of one frame, as they are looked up.
    words: Vec<u8>,
    /// The stack before, from the outermost: most begin as the one before them does.
    before: Vec<Level>,
}

#[derive(Default)]
struct Level {
    words: Vec<u8>,
    stack: StackId,
}

impl<'a> Stacks<'a> {
    pub fn new(places: &'a Places, unit: Unit, event: &str) -> Self {
        let mut builder = ProfileBuilder::default();
        builder.about().unit = unit;
        event.clone_into(&mut builder.about().event);
        Self {
            places,
            builder,
            known: FxHashMap::default(),
            words: Vec::new(),
            before: Vec::new(),
        }
    }

    pub fn thread(&mut self, pid: i32, tid: i32, name: &str) -> ThreadId {
        self.builder.thread(&Thread {
            pid,
            tid,
            process: name.to_owned(),
            name: name.to_owned(),
        })
    }

    /// A stack, the outermost frame first; what is too deep loses its innermost frames.
    pub fn stack<'f>(&mut self, frames: impl IntoIterator<Item = Named<'f>>) -> Option<StackId> {
        let mut at = None;
        let mut is_as_before = true;
        let mut depth = 0;
        for named in frames.into_iter().take(DEEPEST) {
            named.spell(&mut self.words);
            let level = self.before.get(depth).filter(|_| is_as_before);
            let known = level.filter(|level| level.words == self.words);
            at = known.map(|level| level.stack).or_else(|| {
                is_as_before = false;
                let frame = self.frame(&named);
                let stack = self.builder.stack(at, frame);
                if depth == self.before.len() {
                    self.before.push(Level::default());
                }
                let level = &mut self.before[depth];
                std::mem::swap(&mut level.words, &mut self.words);
                level.stack = stack;
                Some(stack)
            });
            depth += 1;
        }
        // What is deeper belongs to the stack before.
        if !is_as_before {
            self.before.truncate(depth);
        }
        at
    }

    pub fn sample(&mut self, sample: Sample) {
        self.builder.sample(sample);
    }

    /// What was read from the next part of the same file.
    pub fn append(&mut self, next: Self) {
        self.builder.append(next.finish());
    }

    pub fn finish(self) -> Profile {
        self.builder.finish()
    }

    pub fn about(&mut self) -> &mut crate::profile::About {
        self.builder.about()
    }

    /// Of the words that were spelled last.
    fn frame(&mut self, named: &Named<'_>) -> FrameId {
        if let Some(frame) = self.known.get(self.words.as_slice()) {
            return *frame;
        }
        let frame = self.new_frame(named);
        self.known.insert(self.words.as_slice().into(), frame);
        frame
    }

    fn new_frame(&mut self, named: &Named<'_>) -> FrameId {
        let resolved = !named.name.is_empty() && named.name != "[unknown]";
        let full = if resolved {
            names::demangle(named.name)
        } else {
            "[unknown]".to_owned()
        };
        let module = named.module.map_or_else(Module::default, module);
        let at = named.at.map(|(path, _)| path);
        let home = named.home.or(at);
        let file = at.map(|path| self.builder.file(&self.places.shown(path)));
        let home_file = home.map(|path| self.builder.file(&self.places.shown(path)));
        let seen = Seen {
            name: &full,
            file: home,
            module: &module,
        };
        let origin = self.places.origin(&seen);
        let module = named.module.map(|_| self.builder.module(&module));
        let function = self.builder.function(Function {
            name: names::fold(&full),
            full,
            module,
            file: home_file,
            origin,
            resolved,
        });
        self.builder.frame(Frame {
            function,
            file,
            line: named.at.map(|(_, line)| line).filter(|line| *line > 0),
            ..Frame::default()
        })
    }
}

fn module(path: &str) -> Module {
    let name = path.rsplit('/').next().unwrap_or(path);
    let kind = if path.starts_with("[kernel") || path.starts_with("[guest.kernel") {
        ModuleKind::Kernel
    } else if path.starts_with("[unknown") {
        ModuleKind::Unknown
    } else if name.contains(".so") || path.starts_with('[') {
        ModuleKind::Library
    } else {
        ModuleKind::Program
    };
    Module {
        path: path.to_owned(),
        build_id: None,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_spelled_differently() {
        let all = [
            Named::default(),
            Named {
                name: "a",
                ..Named::default()
            },
            Named {
                name: "a1 b",
                ..Named::default()
            },
            Named {
                name: "a",
                module: Some("b"),
                ..Named::default()
            },
            Named {
                name: "a",
                home: Some("b"),
                ..Named::default()
            },
            Named {
                name: "a",
                at: Some(("b", 1)),
                ..Named::default()
            },
            Named {
                name: "a",
                at: Some(("b", 11)),
                ..Named::default()
            },
            Named {
                name: "a",
                home: Some(""),
                at: Some(("b", 1)),
                ..Named::default()
            },
            Named {
                name: "a",
                at: Some(("b1", 1)),
                ..Named::default()
            },
        ];
        let spelled = all.map(|named| {
            let mut words = b"left over".to_vec();
            named.spell(&mut words);
            words
        });
        let distinct: std::collections::BTreeSet<&Vec<u8>> = spelled.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{spelled:?}");
    }

    #[test]
    fn what_comes_again_is_the_same_frame() {
        let places = Places::default();
        let mut stacks = Stacks::new(&places, Unit::Samples, "samples");
        let work = Named {
            name: "a::work",
            ..Named::default()
        };
        let once = stacks.stack([work]);
        assert_eq!(once, stacks.stack([work]));
        let in_kernel = Named {
            module: Some("[kernel]"),
            ..work
        };
        assert_ne!(once, stacks.stack([in_kernel]));
        let profile = stacks.finish();
        assert_eq!(profile.functions.len(), 2);
    }

    #[test]
    fn a_stack_that_begins_as_the_one_before_is_a_branch_of_it() {
        let places = Places::default();
        let mut stacks = Stacks::new(&places, Unit::Samples, "samples");
        let read = ["a;b;c", "a;b", "a;b;d", "x;b;c", "a;b;c", "a"].map(|line| {
            let names = line.split(';');
            stacks.stack(names.map(|name| Named {
                name,
                ..Named::default()
            }))
        });
        let profile = stacks.finish();
        let names = |stack| -> Vec<&str> {
            let frames = profile.frames_of(stack);
            frames
                .map(|frame| profile.function_of(frame).name.as_str())
                .collect()
        };
        let expected = ["cba", "ba", "dba", "cbx", "cba", "a"];
        assert_eq!(read.map(|stack| names(stack).concat()), expected);
        assert_eq!(profile.stacks.len(), 7);
        assert!(stacks_are_distinct(&profile));
    }

    fn stacks_are_distinct(profile: &Profile) -> bool {
        let distinct: std::collections::BTreeSet<_> = (profile.stacks.iter())
            .map(|stack| (stack.parent, stack.frame))
            .collect();
        distinct.len() == profile.stacks.len()
    }
}
