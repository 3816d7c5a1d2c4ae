//! Fills a profile's tables, each entry once.

use rustc_hash::FxHashMap;

use super::{
    FileId, Frame, FrameId, Function, FunctionId, Module, ModuleId, Profile, Sample, SourceFile,
    Stack, StackId, Thread, ThreadId,
};

/// A profile that grows.
#[derive(Debug, Default)]
pub struct ProfileBuilder {
    profile: Profile,
    files: FxHashMap<String, FileId>,
    modules: FxHashMap<String, ModuleId>,
    functions: FxHashMap<(String, Option<ModuleId>), FunctionId>,
    frames: FxHashMap<Frame, FrameId>,
    /// By the caller's number, from 1, and the frame's, in one word: that is hashed at once.
    stacks: FxHashMap<u64, StackId>,
    threads: FxHashMap<(i32, i32), ThreadId>,
}

/// Tables are far smaller than what an index counts; one that is not keeps its last place.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl ProfileBuilder {
    pub fn file(&mut self, path: &str) -> FileId {
        if let Some(id) = self.files.get(path) {
            return *id;
        }
        let id = index(self.profile.files.len());
        let path = path.to_owned();
        self.profile.files.push(SourceFile { path: path.clone() });
        self.files.insert(path, id);
        id
    }

    pub fn module(&mut self, module: &Module) -> ModuleId {
        if let Some(id) = self.modules.get(&module.path) {
            return *id;
        }
        let id = index(self.profile.modules.len());
        self.profile.modules.push(module.clone());
        self.modules.insert(module.path.clone(), id);
        id
    }

    /// The function of this full name in its module; the first description of it stays, but for a
    /// file that was not known yet.
    pub fn function(&mut self, function: Function) -> FunctionId {
        let key = (function.full.clone(), function.module);
        if let Some(id) = self.functions.get(&key) {
            let known = &mut self.profile.functions[*id as usize];
            if known.file.is_none() && function.file.is_some() {
                *known = function;
            }
            return *id;
        }
        let id = index(self.profile.functions.len());
        self.profile.functions.push(function);
        self.functions.insert(key, id);
        id
    }

    pub fn frame(&mut self, frame: Frame) -> FrameId {
        *self.frames.entry(frame).or_insert_with(|| {
            self.profile.frames.push(frame);
            index(self.profile.frames.len() - 1)
        })
    }

    pub fn stack(&mut self, parent: Option<StackId>, frame: FrameId) -> StackId {
        let stack = Stack { parent, frame };
        let caller = parent.map_or(0, |parent| u64::from(parent) + 1);
        let key = caller << 32 | u64::from(frame);
        *self.stacks.entry(key).or_insert_with(|| {
            self.profile.stacks.push(stack);
            index(self.profile.stacks.len() - 1)
        })
    }

    pub fn thread(&mut self, thread: &Thread) -> ThreadId {
        let key = (thread.pid, thread.tid);
        *self.threads.entry(key).or_insert_with(|| {
            self.profile.threads.push(thread.clone());
            index(self.profile.threads.len() - 1)
        })
    }

    pub fn sample(&mut self, sample: Sample) {
        self.profile.samples.push(sample);
    }

    pub fn about(&mut self) -> &mut super::About {
        &mut self.profile.about
    }

    pub fn functions(&mut self) -> &mut [Function] {
        &mut self.profile.functions
    }

    pub fn finish(self) -> Profile {
        self.profile
    }
}
