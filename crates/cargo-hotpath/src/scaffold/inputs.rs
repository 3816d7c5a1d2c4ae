//! Values for a function's parameters: what the benchmark holds, and how it is passed on. What cannot be
//! made up is a placeholder that compiles and says, when it is run, what belongs there.

use std::collections::BTreeMap;

use quote::ToTokens as _;
use syn::{GenericArgument, GenericParam, PathArguments, Signature, Type, TypeParamBound};

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    /// The type as the function declares it, for the reader.
    pub declared: String,
    /// The expression whose value the benchmark holds.
    pub value: String,
    pub pass: Pass,
    /// The value is one that the user has to give.
    pub unknown: bool,
}

/// How a held value becomes the argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    Shared,
    Mutable,
    Owned,
    /// As owned, but each call can have the same.
    Copied,
}

/// What makes values: the types that the library itself can make, and the bounds of type parameters.
pub struct Maker<'a> {
    values: &'a BTreeMap<String, String>,
    bounds: BTreeMap<String, Vec<&'a TypeParamBound>>,
    owner: Option<&'a str>,
}

/// An expression, and whether a part of it is a placeholder that the user must replace.
struct Value {
    text: String,
    unknown: bool,
}

impl Value {
    fn known(text: impl Into<String>) -> Option<Self> {
        Some(Self {
            text: text.into(),
            unknown: false,
        })
    }

    fn within(self, before: &str, after: &str) -> Self {
        Self {
            text: format!("{before}{}{after}", self.text),
            ..self
        }
    }
}

impl<'a> Maker<'a> {
    /// `owner` is the type that `Self` stands for.
    pub fn new(
        values: &'a BTreeMap<String, String>,
        signature: &'a Signature,
        owner: Option<&'a str>,
    ) -> Self {
        let mut bounds: BTreeMap<String, Vec<&TypeParamBound>> = BTreeMap::new();
        for parameter in &signature.generics.params {
            if let GenericParam::Type(parameter) = parameter {
                let own = parameter.bounds.iter();
                bounds
                    .entry(parameter.ident.to_string())
                    .or_default()
                    .extend(own);
            }
        }
        let clause = signature.generics.where_clause.iter();
        for predicate in clause.flat_map(|clause| &clause.predicates) {
            if let syn::WherePredicate::Type(predicate) = predicate {
                let name = predicate.bounded_ty.to_token_stream().to_string();
                if let Some(known) = bounds.get_mut(&name) {
                    known.extend(predicate.bounds.iter());
                }
            }
        }
        Self {
            values,
            bounds,
            owner,
        }
    }

    /// The receiver of a method.
    pub fn receiver(&self, pass: Pass) -> Input {
        let owner = self.owner.unwrap_or("Self");
        let value = self.named(owner);
        Input {
            name: "receiver".to_owned(),
            declared: owner.to_owned(),
            pass,
            unknown: value.unknown,
            value: value.text,
        }
    }

    /// A parameter; none where its type can be neither made nor inferred.
    pub fn input(&self, name: &str, declared: &Type) -> Option<Input> {
        let (inner, pass) = match declared {
            Type::Reference(reference) if reference.mutability.is_some() => {
                (&*reference.elem, Pass::Mutable)
            }
            Type::Reference(reference) => (&*reference.elem, Pass::Shared),
            Type::Path(_) if is_copied(declared) => (declared, Pass::Copied),
            other => (other, Pass::Owned),
        };
        let value = self.value(inner)?;
        Some(Input {
            name: name.to_owned(),
            declared: shown(declared),
            unknown: value.unknown,
            value: value.text,
            pass,
        })
    }

    fn value(&self, kind: &Type) -> Option<Value> {
        match kind {
            Type::Path(path) => self.path(path),
            Type::Reference(reference) if is_named(&reference.elem, "str") => {
                Value::known("\"PLACEHOLDER\"")
            }
            Type::Reference(reference) if is_named(&reference.elem, "Path") => {
                Value::known("std::path::Path::new(\"PLACEHOLDER\")")
            }
            Type::Reference(reference) => {
                let mark = if reference.mutability.is_some() {
                    "&mut "
                } else {
                    "&"
                };
                Some(self.value(&reference.elem)?.within(mark, ""))
            }
            Type::Slice(slice) => Some(self.value(&slice.elem)?.within("[", "]")),
            Type::Array(array) => {
                let len = array.len.to_token_stream().to_string();
                Some(self.value(&array.elem)?.within("[", &format!("; {len}]")))
            }
            Type::Tuple(tuple) => {
                let values: Option<Vec<Value>> =
                    tuple.elems.iter().map(|kind| self.value(kind)).collect();
                let values = values?;
                let unknown = values.iter().any(|value| value.unknown);
                let texts: Vec<String> = values.into_iter().map(|value| value.text + ",").collect();
                Some(Value {
                    text: format!("({})", texts.join(" ")),
                    unknown,
                })
            }
            Type::Paren(inner) => self.value(&inner.elem),
            Type::ImplTrait(of) => bounded(&of.bounds.iter().collect::<Vec<_>>()),
            Type::TraitObject(of) => bounded(&of.bounds.iter().collect::<Vec<_>>()),
            _ => None,
        }
    }

    fn path(&self, path: &syn::TypePath) -> Option<Value> {
        let last = path.path.segments.last()?;
        let name = last.ident.to_string();
        let arguments = arguments(&last.arguments);
        let of = |index: usize| arguments.get(index).and_then(|kind| self.value(kind));
        if let Some(bounds) = self
            .bounds
            .get(&name)
            .filter(|_| path.path.segments.len() == 1)
        {
            return bounded(bounds);
        }
        match name.as_str() {
            // Held as what is sized, and passed by reference.
            "str" | "String" => Value::known("String::from(\"PLACEHOLDER\")"),
            "bool" => Value::known("true"),
            "char" => Value::known("'a'"),
            "f32" | "f64" => Value::known(format!("1.0_{name}")),
            _ if is_integer(&name) => Value::known(format!("1_{name}")),
            "Path" | "PathBuf" => Value::known("std::path::PathBuf::from(\"PLACEHOLDER\")"),
            "Duration" => Value::known("std::time::Duration::from_millis(1)"),
            "Instant" => Value::known("std::time::Instant::now()"),
            "Option" => Some(of(0)?.within("Some(", ")")),
            "Vec" => Some(of(0)?.within("vec![", "]")),
            "Box" => Some(of(0)?.within("Box::new(", ")")),
            "Rc" => Some(of(0)?.within("std::rc::Rc::new(", ")")),
            "Arc" => Some(of(0)?.within("std::sync::Arc::new(", ")")),
            "Cow" => Some(of(0)?.within("std::borrow::Cow::Borrowed(&", ")")),
            "HashMap" | "HashSet" | "BTreeMap" | "BTreeSet" | "VecDeque" | "BinaryHeap" => {
                let key = of(0)?;
                let entry = match of(1).filter(|_| name.ends_with("Map")) {
                    Some(value) => Value {
                        text: format!("({}, {})", key.text, value.text),
                        unknown: key.unknown || value.unknown,
                    },
                    None => key,
                };
                Some(entry.within("[", "].into_iter().collect()"))
            }
            "Self" => Some(self.named(self.owner?)),
            _ => Some(self.named(&name)),
        }
    }

    /// A value of a type that has a name; what the library cannot make the user must.
    fn named(&self, name: &str) -> Value {
        match self.values.get(name) {
            Some(made) => Value {
                text: made.clone(),
                unknown: false,
            },
            None => Value {
                text: format!("placeholder(\"a value of the type `{name}`\")"),
                unknown: true,
            },
        }
    }
}

/// A value for a parameter that may have any type with these bounds.
fn bounded(bounds: &[&TypeParamBound]) -> Option<Value> {
    let named = bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    named.into_iter().find_map(|segment| {
        let argument = arguments(&segment.arguments)
            .first()
            .map(|kind| shown(kind));
        let text = match (segment.ident.to_string().as_str(), argument.as_deref()) {
            (
                "AsRef" | "Into" | "Borrow",
                Some("str" | "String" | "Path" | "PathBuf" | "OsStr"),
            ) => "\"PLACEHOLDER\"",
            ("AsRef" | "Into", Some("[u8]" | "Vec<u8>")) => "b\"PLACEHOLDER\"",
            ("ToString" | "Display" | "Debug", _) => "\"PLACEHOLDER\"",
            ("Read" | "BufRead" | "Seek", _) => "std::io::Cursor::new(b\"PLACEHOLDER\".to_vec())",
            ("Write", _) => "Vec::<u8>::new()",
            _ => return None,
        };
        Value::known(text)
    })
}

fn arguments(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return Vec::new();
    };
    let kinds = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    });
    kinds.collect()
}

fn is_integer(name: &str) -> bool {
    let (sign, width) = name.split_at(name.len().min(1));
    matches!(sign, "u" | "i") && matches!(width, "8" | "16" | "32" | "64" | "128" | "size")
}

fn is_named(kind: &Type, name: &str) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

fn is_copied(kind: &Type) -> bool {
    let Type::Path(path) = kind else { return false };
    let name = path
        .path
        .get_ident()
        .map(ToString::to_string)
        .unwrap_or_default();
    is_integer(&name) || ["bool", "char", "f32", "f64"].contains(&name.as_str())
}

/// The type as people write it.
fn shown(kind: &Type) -> String {
    let text = kind.to_token_stream().to_string();
    let mut out = String::new();
    for word in text.split(' ') {
        let glued = out.ends_with(['&', '<', '(', '[', ':', '\'']) || out.is_empty();
        let tight = word.starts_with(['<', '>', ',', ')', ']', ';', ':']) || word == "::";
        if !glued && !tight {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
