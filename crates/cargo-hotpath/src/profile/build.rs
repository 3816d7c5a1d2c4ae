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

    /// What another one has seen, of the same program and the same event.
    pub fn append(&mut self, other: Profile) {
        let at = |table: &[u32], id: u32| table[id as usize];
        let files: Vec<FileId> = (other.files.iter())
            .map(|file| self.file(&file.path))
            .collect();
        let modules: Vec<ModuleId> = (other.modules.iter())
            .map(|module| self.module(module))
            .collect();
        let functions = other.functions.into_iter().map(|function| {
            self.function(Function {
                module: function.module.map(|id| at(&modules, id)),
                file: function.file.map(|id| at(&files, id)),
                ..function
            })
        });
        let functions: Vec<FunctionId> = functions.collect();
        let frames = other.frames.iter().map(|frame| {
            self.frame(Frame {
                function: at(&functions, frame.function),
                file: frame.file.map(|id| at(&files, id)),
                ..*frame
            })
        });
        let frames: Vec<FrameId> = frames.collect();
        let mut stacks: Vec<StackId> = Vec::with_capacity(other.stacks.len());
        for stack in &other.stacks {
            let parent = stack.parent.map(|id| at(&stacks, id));
            stacks.push(self.stack(parent, at(&frames, stack.frame)));
        }
        let threads: Vec<ThreadId> = (other.threads.iter())
            .map(|thread| self.thread(thread))
            .collect();
        let samples = other.samples.into_iter().map(|sample| Sample {
            thread: at(&threads, sample.thread),
            stack: sample.stack.map(|id| at(&stacks, id)),
            ..sample
        });
        self.profile.samples.extend(samples);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::synthetic;

    #[test]
    fn what_is_appended_to_nothing_stays_as_it_is_and_what_is_known_is_not_doubled() {
        for profile in [synthetic::sample(), synthetic::heap()] {
            let mut builder = ProfileBuilder::default();
            builder.append(profile.clone());
            let once = ProfileBuilder::finish(builder);
            assert_eq!(once.functions, profile.functions);
            assert_eq!(once.frames, profile.frames);
            assert_eq!(once.stacks, profile.stacks);
            assert_eq!(once.samples, profile.samples);

            let mut builder = ProfileBuilder::default();
            builder.append(profile.clone());
            builder.append(profile.clone());
            let twice = builder.finish();
            assert_eq!(twice.functions, once.functions);
            assert_eq!(twice.stacks, once.stacks);
            assert_eq!(twice.threads, once.threads);
            assert_eq!(twice.total_weight(), 2 * profile.total_weight());
        }
    }
}
