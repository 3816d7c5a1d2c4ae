//! Which functions of the sources are in the linked programs.

use std::collections::BTreeSet;

use pitcrew_core::linked::Program;

use crate::gates::Model;
use crate::gates::model::Owner;

/// The functions of all programs, so that those of the sources can be looked up.
#[derive(Debug, Clone, Default)]
pub struct Linked {
    /// Crate, type or innermost module, function.
    functions: BTreeSet<(String, String, String)>,
    /// Trait, method: of implementations, whatever the type.
    of_traits: BTreeSet<(String, String)>,
    crates: BTreeSet<String>,
}

impl Linked {
    pub fn of<'p>(programs: impl Iterator<Item = &'p Program>) -> Self {
        let mut linked = Self::default();
        for program in programs {
            for name in program.functions.keys() {
                linked.add(name);
            }
        }
        linked
    }

    fn add(&mut self, name: &str) {
        let (own, rest) = match name.strip_prefix('<') {
            Some(inside) => {
                let Some((inside, rest)) = split_qualified(inside) else {
                    return;
                };
                let (own, of_trait) = match inside.rsplit_once(" as ") {
                    Some((own, of_trait)) => (own, Some(of_trait)),
                    None => (inside, None),
                };
                let method = rest.trim_start_matches("::");
                let method = method.split("::").next().unwrap_or(method);
                if let Some(of_trait) = of_trait {
                    let short = of_trait.rsplit("::").next().unwrap_or(of_trait);
                    let entry = (short.to_owned(), method.to_owned());
                    self.of_traits.insert(entry);
                    self.crates.extend(first(of_trait));
                }
                (own, rest)
            }
            None => ("", name),
        };
        let whole = format!("{own}{rest}");
        let path: Vec<&str> = whole
            .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_')
            .split("::")
            .take_while(|part| !part.starts_with('{'))
            .collect();
        if let [krate, .., parent, function] = path[..] {
            let entry = [krate, parent, function].map(str::to_owned).into();
            self.functions.insert(entry);
            self.crates.insert(krate.to_owned());
        } else if let [krate, function] = path[..] {
            let entry = [krate, krate, function].map(str::to_owned).into();
            self.functions.insert(entry);
            self.crates.insert(krate.to_owned());
        }
    }

    /// Whether code in `owner` can be part of a program. What is no function has no name there: it
    /// counts as part as soon as anything of its crate is.
    /// `is_type` tells the crate's own types from the parameters of a blanket implementation.
    pub fn holds(&self, model: &Model, owner: &Owner, is_type: &dyn Fn(&str) -> bool) -> bool {
        if !owner.is_function {
            return self.crates.contains(&model.krate);
        }
        let of_trait = |name: &Option<String>| {
            name.as_ref().is_some_and(|name| {
                let entry = (name.clone(), owner.name.clone());
                self.of_traits.contains(&entry)
            })
        };
        let is_blanket = !owner.self_type.as_deref().is_some_and(is_type);
        if (is_blanket && of_trait(&owner.of_trait))
            || (owner.of_trait.is_none() && of_trait(&owner.self_type))
        {
            return true;
        }
        let module = model.modules[owner.module].path.last();
        let parent = owner.self_type.as_ref().or(module).unwrap_or(&model.krate);
        let entry = (model.krate.clone(), parent.clone(), owner.name.clone());
        self.functions.contains(&entry)
    }

    pub fn has_crate(&self, krate: &str) -> bool {
        self.crates.contains(krate)
    }
}

/// The inside of `<..>`, and what follows it.
fn split_qualified(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    let mut before = ' ';
    for (index, c) in text.char_indices() {
        match c {
            '<' => open += 1,
            '>' if before != '-' => open -= 1,
            _ => {}
        }
        before = c;
        if open == 0 {
            return Some((&text[..index], &text[index + 1..]));
        }
    }
    None
}

fn first(path: &str) -> Option<String> {
    let path = path.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let (krate, _) = path.split_once("::")?;
    Some(krate.to_owned())
}

#[cfg(test)]
mod tests {
    use pitcrew_core::linked::fold;

    use super::*;
    use crate::gates::model::Module;

    fn linked(names: &[&str]) -> Linked {
        let mut program = Program::default();
        for name in names {
            program.add(fold(name), 1);
        }
        Linked::of(std::iter::once(&program))
    }

    fn owner(self_type: Option<&str>, of_trait: Option<&str>, name: &str) -> Owner {
        Owner {
            self_type: self_type.map(str::to_owned),
            of_trait: of_trait.map(str::to_owned),
            name: name.to_owned(),
            is_function: true,
            ..Owner::default()
        }
    }

    #[test]
    fn functions_of_sources_are_found_in_programs() {
        let module = |path: &[&str]| Module {
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            parent: None,
            gate: crate::gates::cfg::Cfg::ALWAYS,
            public: true,
            names: std::collections::BTreeMap::new(),
            globs: Vec::new(),
        };
        let model = Model {
            krate: "a".to_owned(),
            modules: vec![module(&[]), module(&["m"])],
            ..Model::default()
        };
        let linked = linked(&[
            "a::m::S<T>::run::{{closure}}",
            "a::free",
            "a::m::inner",
            "<a::m::S as core::fmt::Debug>::fmt",
            "<b::Other as a::m::Tr>::provided",
        ]);
        let in_module = |owner: Owner| Owner { module: 1, ..owner };
        for (holds, owner) in [
            (true, owner(Some("S"), None, "run")),
            (false, owner(Some("S"), None, "walk")),
            (true, owner(None, None, "free")),
            (false, owner(None, None, "inner")),
            (true, in_module(owner(None, None, "inner"))),
            (true, owner(Some("S"), Some("Debug"), "fmt")),
            (false, owner(Some("U"), Some("Debug"), "fmt")),
            (true, owner(Some("T"), Some("Debug"), "fmt")),
            (true, owner(Some("Tr"), None, "provided")),
            (false, owner(Some("Tr"), None, "required")),
        ] {
            let is_type = |name: &str| matches!(name, "S" | "U");
            assert_eq!(linked.holds(&model, &owner, &is_type), holds, "{owner:?}");
        }
        assert!(linked.has_crate("a") && linked.has_crate("b") && !linked.has_crate("c"));
    }
}
