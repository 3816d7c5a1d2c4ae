//! pprof's profile.proto, for `go tool pprof` and what else reads it.

use std::collections::HashMap;

use anyhow::Result;
use prost::Message;

use crate::analyse::View;
use crate::profile::{StackId, Unit};

/// The parts of the schema that we fill, with its field numbers.
#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "9")]
    time_nanos: i64,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
}

pub fn export(view: &View<'_>) -> Result<Vec<u8>> {
    let about = &view.profile.about;
    let mut writer = Writer::new(view);
    let (kind, unit) = match about.unit {
        Unit::Nanoseconds => ("cpu", "nanoseconds"),
        Unit::Cycles => ("cycles", "count"),
        Unit::Instructions => ("instructions", "count"),
        Unit::Bytes => ("alloc_space", "bytes"),
        Unit::Samples => ("samples", "count"),
    };
    let value_type = ValueType {
        kind: writer.text(kind),
        unit: writer.text(unit),
    };
    writer.profile.sample_type.push(value_type);
    writer.profile.time_nanos = signed(about.created).saturating_mul(1_000_000_000);
    writer.profile.duration_nanos = (about.wall_s * 1e9) as i64;
    for &(leaf, weight) in &view.leaves {
        let location_id = view.walk(Some(leaf)).map(|s| writer.location(s)).collect();
        let value = vec![signed(weight)];
        writer.profile.sample.push(Sample { location_id, value });
    }
    Ok(writer.profile.encode_to_vec())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

struct Writer<'a> {
    view: &'a View<'a>,
    profile: Profile,
    texts: HashMap<String, i64>,
    /// By frame of the profile, and by group of the view.
    locations: HashMap<u32, u64>,
    functions: HashMap<u32, u64>,
}

impl<'a> Writer<'a> {
    fn new(view: &'a View<'a>) -> Self {
        let mut writer = Self {
            view,
            profile: Profile::default(),
            texts: HashMap::new(),
            locations: HashMap::new(),
            functions: HashMap::new(),
        };
        // The format's own rule: the first text is empty.
        writer.text("");
        writer
    }

    fn text(&mut self, text: &str) -> i64 {
        if let Some(index) = self.texts.get(text) {
            return *index;
        }
        let index = signed(self.profile.string_table.len() as u64);
        self.profile.string_table.push(text.to_owned());
        self.texts.insert(text.to_owned(), index);
        index
    }

    fn location(&mut self, stack: StackId) -> u64 {
        let key = self.view.profile.stacks[stack as usize].frame;
        if let Some(id) = self.locations.get(&key) {
            return *id;
        }
        let function_id = self.function(stack);
        let id = self.profile.location.len() as u64 + 1;
        let line = self.view.frame(stack).line.map_or(0, i64::from);
        let line = vec![Line { function_id, line }];
        self.profile.location.push(Location { id, line });
        self.locations.insert(key, id);
        id
    }

    fn function(&mut self, stack: StackId) -> u64 {
        let group = self.view.group(stack);
        if let Some(id) = self.functions.get(&group) {
            return *id;
        }
        let described = self.view.profile.function_of(self.view.frame(stack));
        let path = self.view.profile.path(described.file).unwrap_or_default();
        let id = self.profile.function.len() as u64 + 1;
        let function = Function {
            id,
            name: self.text(&described.name),
            system_name: self.text(&described.full),
            filename: self.text(path),
        };
        self.profile.function.push(function);
        self.functions.insert(group, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Filter;
    use crate::profile::synthetic;

    #[test]
    fn every_index_points_somewhere_and_no_weight_is_lost() {
        let profile = synthetic::sample();
        let view = View::new(&profile, &Filter::default());
        let written = Profile::decode(&*export(&view).unwrap()).unwrap();
        assert_eq!(written.string_table[0], "");
        let weight: i64 = written.sample.iter().map(|sample| sample.value[0]).sum();
        assert_eq!(u64::try_from(weight).unwrap(), view.weight());
        for sample in &written.sample {
            for id in &sample.location_id {
                let location = &written.location[*id as usize - 1];
                let function = &written.function[location.line[0].function_id as usize - 1];
                assert!(!written.string_table[function.name as usize].is_empty());
            }
        }
    }
}
