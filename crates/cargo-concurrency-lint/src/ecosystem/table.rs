//! Finds the row that a call matches, at the cost of a few hash lookups.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer};

use crate::facts::{Call, Form, Ty};

/// Which calls a row is about.
#[derive(Debug, Default, Deserialize)]
pub struct Matcher {
    #[serde(default, deserialize_with = "expanded")]
    pub paths: Vec<String>,
    #[serde(default)]
    pub on: Vec<String>,
    #[serde(default)]
    pub methods: Vec<String>,
    #[serde(default)]
    pub with: Vec<String>,
    #[serde(default)]
    pub distinct: bool,
    /// Where it is written that it is so.
    pub source: String,
}

pub trait Row {
    fn matcher(&self) -> &Matcher;
}

/// Rows, found by call.
#[derive(Debug)]
pub struct Table<T> {
    rows: Vec<T>,
    by_path: FxHashMap<String, Vec<usize>>,
    by_method: FxHashMap<String, Vec<usize>>,
    by_name: FxHashMap<String, usize>,
}

/// Types that only pass on what is done to the type in them.
const WRAPPERS: [&str; 13] = [
    "std::io::BufReader",
    "std::io::BufWriter",
    "std::io::LineWriter",
    "std::io::Take",
    "std::io::Lines",
    "tokio::io::BufReader",
    "tokio::io::BufWriter",
    "tokio::io::BufStream",
    "tokio::io::Take",
    "tokio::io::Lines",
    "tokio::io::ReadHalf",
    "futures::io::BufReader",
    "async_std::io::BufReader",
];

impl<T: Row> Table<T> {
    pub fn new(rows: Vec<T>) -> Self {
        let mut table = Self {
            rows: Vec::new(),
            by_path: FxHashMap::default(),
            by_method: FxHashMap::default(),
            by_name: FxHashMap::default(),
        };
        for (index, row) in rows.iter().enumerate() {
            let matcher = row.matcher();
            for path in &matcher.paths {
                let list = table.by_path.entry(path.clone()).or_default();
                list.push(index);
                if matcher.distinct {
                    table.by_name.insert(last(path).to_owned(), index);
                }
            }
            for method in &matcher.methods {
                let list = table.by_method.entry(method.clone()).or_default();
                list.push(index);
            }
        }
        table.rows = rows;
        table
    }

    /// The row that is about this call.
    pub fn find(&self, call: &Call) -> Option<&T> {
        self.position(call).map(|index| &self.rows[index])
    }

    /// The number of that row.
    pub fn position(&self, call: &Call) -> Option<usize> {
        if call.form == Form::Macro {
            return None;
        }
        let path = call.callee.path.as_str();
        let found = self.by_path(path, call).or_else(|| self.by_type(call));
        found.or_else(|| {
            let nameless = path.is_empty();
            nameless
                .then(|| self.by_name.get(&call.callee.name))
                .flatten()
                .copied()
        })
    }

    pub fn has(&self, call: &Call) -> bool {
        self.find(call).is_some()
    }

    /// The row that names this path.
    pub fn at(&self, path: &str) -> Option<&T> {
        let index = self.by_path.get(path)?.first()?;
        Some(&self.rows[*index])
    }

    fn by_path(&self, path: &str, call: &Call) -> Option<usize> {
        if path.is_empty() {
            return None;
        }
        let rows = self.by_path.get(path)?;
        let holds = |index: &&usize| {
            let with = &self.rows[**index].matcher().with;
            with.is_empty() || {
                let mut operands = call.receiver.iter().chain(&call.args);
                operands.any(|value| with.iter().any(|path| is_on(&value.ty, path)))
            }
        };
        rows.iter().find(holds).copied()
    }

    fn by_type(&self, call: &Call) -> Option<usize> {
        let rows = self.by_method.get(&call.callee.name)?;
        let receiver = call.receiver.as_ref().map(|value| &value.ty);
        // `File::read(&mut file, ..)` has no receiver but names the type.
        let named = call.callee.path.rsplit_once("::").map(|(ty, _)| ty);
        rows.iter().copied().find(|index| {
            let on = &self.rows[*index].matcher().on;
            on.iter().any(|path| {
                receiver.is_some_and(|ty| is_on(ty, path)) || named == Some(path.as_str())
            })
        })
    }

    /// Every path that a row names.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flat_map(|row| {
            let matcher = row.matcher();
            matcher
                .paths
                .iter()
                .chain(&matcher.on)
                .chain(&matcher.with)
                .map(String::as_str)
        })
    }

    pub fn rows(&self) -> &[T] {
        &self.rows
    }
}

/// Whether a method call on `ty` reaches a method of the type `path`.
fn is_on(ty: &Ty, path: &str) -> bool {
    let ty = ty.pointee();
    ty.path == path
        || WRAPPERS.contains(&ty.path.as_str()) && ty.args.iter().any(|arg| is_on(arg, path))
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// `a::{b, c}::d` written out.
fn expand(pattern: &str) -> Vec<String> {
    let Some(open) = pattern.find('{') else {
        return vec![pattern.to_owned()];
    };
    let Some(close) = pattern[open..].find('}').map(|at| open + at) else {
        return vec![pattern.to_owned()];
    };
    let choices = pattern[open + 1..close].split(',').map(str::trim);
    choices
        .flat_map(|choice| {
            let one = format!("{}{choice}{}", &pattern[..open], &pattern[close + 1..]);
            expand(&one)
        })
        .collect()
}

/// Paths, with each pattern written out.
pub fn expanded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let patterns = Vec::<String>::deserialize(deserializer)?;
    Ok(patterns
        .iter()
        .flat_map(|pattern| expand(pattern))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecosystem::{BlockingKind, Ecosystem};
    use crate::facts::{Callee, Value};

    fn call(path: &str, receiver: Option<Ty>) -> Call {
        Call {
            form: Form::Method,
            callee: Callee {
                path: path.to_owned(),
                name: last(path).to_owned(),
            },
            receiver: receiver.map(|ty| Value {
                ty,
                ..Value::default()
            }),
            ..Call::default()
        }
    }

    fn kind(call: &Call) -> Option<BlockingKind> {
        let ecosystem = Ecosystem::load().unwrap();
        ecosystem.blocking.find(call).map(|row| row.kind)
    }

    #[test]
    fn patterns_are_written_out() {
        assert_eq!(
            expand("a::{b, c}::{d,e}"),
            ["a::b::d", "a::b::e", "a::c::d", "a::c::e"]
        );
        assert_eq!(expand("a::b"), ["a::b"]);
    }

    #[test]
    fn a_path_a_type_or_an_argument_decides() {
        let file = Ty::new("std::fs::File");
        assert_eq!(
            kind(&call("std::thread::sleep", None)),
            Some(BlockingKind::Sleep)
        );
        let read = "std::io::Read::read_exact";
        assert_eq!(
            kind(&call(read, Some(file.clone()))),
            Some(BlockingKind::File)
        );
        assert_eq!(kind(&call(read, Some(Ty::new("std::io::Cursor")))), None);
        let buffered = Ty::new("std::io::BufReader").with([file.clone()]);
        assert_eq!(
            kind(&call("read_line", Some(buffered))),
            Some(BlockingKind::File)
        );
        let mut copy = call("std::io::copy", None);
        assert_eq!(kind(&copy), None, "between who knows what");
        copy.args = vec![Value {
            ty: file.clone(),
            ..Value::default()
        }];
        assert_eq!(kind(&copy), Some(BlockingKind::File));
        let locked = Ty::new("std::sync::Mutex").with([file]);
        assert_eq!(
            kind(&call("flush", Some(locked))),
            None,
            "behind a lock it is another type"
        );
    }

    #[test]
    fn a_distinct_name_is_enough_where_the_path_is_not_known() {
        let ecosystem = Ecosystem::load().unwrap();
        let mut unknown = call("buffer_unordered", None);
        unknown.callee.path = String::new();
        assert!(ecosystem.limits.has(&unknown));
        unknown.callee.path = "ours::Queue::buffer_unordered".to_owned();
        assert!(!ecosystem.limits.has(&unknown), "a method of one's own");
    }
}
