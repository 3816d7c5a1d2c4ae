//! Stacks of names, as text formats have them, into a profile.

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

/// Fills a profile from stacks of names.
pub struct Stacks<'a> {
    places: &'a Places,
    builder: ProfileBuilder,
}

impl<'a> Stacks<'a> {
    pub fn new(places: &'a Places, unit: Unit, event: &str) -> Self {
        let mut builder = ProfileBuilder::default();
        builder.about().unit = unit;
        event.clone_into(&mut builder.about().event);
        Self { places, builder }
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
        for named in frames.into_iter().take(DEEPEST) {
            let frame = self.frame(&named);
            at = Some(self.builder.stack(at, frame));
        }
        at
    }

    pub fn sample(&mut self, sample: Sample) {
        self.builder.sample(sample);
    }

    pub fn finish(self) -> Profile {
        self.builder.finish()
    }

    pub fn about(&mut self) -> &mut crate::profile::About {
        self.builder.about()
    }

    fn frame(&mut self, named: &Named<'_>) -> FrameId {
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
