//! The benchmark's source: pure text, from what is known of the function.

use anyhow::{Context, Result, bail};
use syn::{FnArg, GenericParam, Pat, ReceiverKind, Safety};

use super::inputs::{Input, Maker, Pass};
use super::library::Callable;

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Benchmark {
    /// Of the bench target, and of its file.
    pub name: String,
    pub text: String,
    /// What the user should look at, a line each.
    pub placeholders: Vec<String>,
}

/// The benchmark of one function; `tokio` where the package can start its runtime.
pub fn benchmark(callable: &Callable, tokio: bool) -> Result<Benchmark> {
    let function = &callable.function;
    let path = &function.path;
    let called = called(callable)?;
    let is_async = function.signature.asyncness.is_some();
    if is_async && !tokio {
        bail!(
            "`{path}` is async, and the package has no tokio to run it: add tokio to [dev-dependencies], or \
             benchmark a function that is not async"
        );
    }
    let inputs = inputs(callable)?;
    let name = name(callable);
    let call = Call {
        called: &called,
        inputs: &inputs,
        is_async,
    };
    let placeholders = inputs.iter().map(|input| {
        let Input {
            name,
            declared,
            value,
            unknown,
            ..
        } = input;
        match unknown {
            true => format!("`{name}: {declared}` could not be made up"),
            false => format!("`{name}: {declared}` is {value}"),
        }
    });
    Ok(Benchmark {
        placeholders: placeholders.collect(),
        text: source(&name, path, &call),
        name,
    })
}

/// The path by which a benchmark can call it, or why none can.
fn called(callable: &Callable) -> Result<String> {
    let function = &callable.function;
    let path = &function.path;
    if let Some(obstacle) = &function.obstacle {
        bail!(
            "`{path}` cannot be called by its path: {obstacle}; benchmark a function that calls it"
        );
    }
    if matches!(function.signature.safety, Safety::Unsafe(_)) {
        bail!(
            "`{path}` is unsafe: what it asks of its caller only you can keep; write this benchmark by hand"
        );
    }
    let constant = |parameter: &GenericParam| matches!(parameter, GenericParam::Const(_));
    if function.signature.generics.params.iter().any(constant) {
        bail!(
            "`{path}` has a constant parameter: benchmark a function that calls it with the one in use"
        );
    }
    callable.called.clone().with_context(|| {
        format!(
            "`{path}` is private to its crate, and a benchmark is another crate: make it `pub` on all of its \
             path, export it with `pub use` (`#[doc(hidden)]` keeps it out of the documentation), or benchmark \
             a public function that calls it"
        )
    })
}

fn inputs(callable: &Callable) -> Result<Vec<Input>> {
    let function = &callable.function;
    let owner = function.method.then(|| function.within.last()).flatten();
    let maker = Maker::new(
        &callable.values,
        &function.signature,
        owner.map(String::as_str),
    );
    let mut inputs = Vec::new();
    for (at, argument) in function.signature.inputs.iter().enumerate() {
        match argument {
            FnArg::Receiver(receiver) => {
                let pass = match &receiver.kind {
                    ReceiverKind::Reference(_, _, None) => Pass::Shared,
                    ReceiverKind::Reference(_, _, Some(_)) => Pass::Mutable,
                    _ => Pass::Owned,
                };
                inputs.push(maker.receiver(pass));
            }
            FnArg::Typed(typed) => {
                let name = match &*typed.pat {
                    Pat::Ident(pattern) => pattern.ident.to_string(),
                    _ => format!("input_{at}"),
                };
                let input = maker.input(&name, &typed.ty).with_context(|| {
                    use quote::ToTokens as _;
                    let declared = typed.ty.to_token_stream();
                    format!(
                        "no value can be made up for `{name}: {declared}` of `{}`, nor left open, as its type \
                         is the caller's choice: benchmark a function that calls it",
                        function.path
                    )
                })?;
                inputs.push(input);
            }
        }
    }
    Ok(inputs)
}

/// `Frame::parse` is `frame_parse`.
fn name(callable: &Callable) -> String {
    let function = &callable.function;
    let own = function.signature.ident.to_string();
    let owner = function.method.then(|| function.within.last()).flatten();
    let Some(owner) = owner else {
        return own.trim_start_matches("r#").to_owned();
    };
    let mut name = String::new();
    for c in owner.chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    format!("{name}_{own}")
}

struct Call<'a> {
    called: &'a str,
    inputs: &'a [Input],
    is_async: bool,
}

impl Call<'_> {
    fn expression(&self) -> String {
        let arguments = self.inputs.iter().map(|input| match input.pass {
            Pass::Shared => format!("black_box(&{})", input.name),
            Pass::Mutable => format!("black_box(&mut {})", input.name),
            Pass::Owned | Pass::Copied => format!("black_box({})", input.name),
        });
        let arguments: Vec<String> = arguments.collect();
        let call = format!("{}({})", self.called, arguments.join(", "));
        match self.is_async {
            true => format!("black_box(runtime.block_on({call}))"),
            false => format!("black_box({call})"),
        }
    }

    /// Whether each call needs values of its own.
    fn needs_fresh(&self) -> bool {
        let fresh = |input: &Input| matches!(input.pass, Pass::Owned | Pass::Mutable);
        self.inputs.iter().any(fresh)
    }

    /// The values, a line each, with what the function declares.
    fn values(&self, indent: &str, line: impl Fn(&Input) -> String) -> String {
        let lines = self.inputs.iter().map(|input| {
            let Input { name, declared, .. } = input;
            format!(
                "{indent}// PLACEHOLDER `{name}: {declared}`\n{indent}{}\n",
                line(input)
            )
        });
        lines.collect()
    }
}

fn source(name: &str, path: &str, call: &Call<'_>) -> String {
    let batch = if call.needs_fresh() {
        "BatchSize, "
    } else {
        ""
    };
    let unknown = call.inputs.iter().any(|input| input.unknown);
    let stand_in = if unknown {
        "\n/// Stands for a value that only you know: replace each call.\n\
         fn placeholder<T>(what: &str) -> T {\n    panic!(\"PLACEHOLDER: {what}\")\n}\n"
    } else {
        ""
    };
    let runtime = if call.is_async {
        "    let runtime = tokio::runtime::Builder::new_current_thread()\n        .enable_all()\n        \
         .build()\n        .expect(\"a runtime\");\n"
    } else {
        ""
    };
    let body = if call.needs_fresh() {
        fresh(name, call)
    } else {
        shared(name, call)
    };
    format!(
        "//! Benchmark of `{path}`. What is marked PLACEHOLDER should be what your program gives it where it is \
         hot.\n\nuse std::hint::black_box;\n\nuse criterion::{{{batch}Criterion, criterion_group, \
         criterion_main}};\n{stand_in}\nfn benchmark(criterion: &mut Criterion) {{\n{runtime}{body}}}\n\n\
         criterion_group!(benches, benchmark);\ncriterion_main!(benches);\n"
    )
}

/// All calls share the values.
fn shared(name: &str, call: &Call<'_>) -> String {
    let values = call.values("    ", |input| {
        format!("let {} = {};", input.name, input.value)
    });
    let expression = call.expression();
    format!(
        "{values}    criterion.bench_function(\"{name}\", |bencher| {{\n        bencher.iter(|| {expression});\n    \
         }});\n"
    )
}

/// Each call has values of its own, made outside of what is timed. What the call does not take is given back,
/// so that its drop is not timed.
fn fresh(name: &str, call: &Call<'_>) -> String {
    let values = call.values("                ", |input| {
        format!("let {} = {};", input.name, input.value)
    });
    let names: Vec<&str> = call
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .collect();
    let bindings = call.inputs.iter().map(|input| match input.pass {
        Pass::Mutable => format!("mut {}", input.name),
        _ => input.name.clone(),
    });
    let tuple = |words: &[String]| format!("({},)", words.join(", "));
    let bindings = tuple(&bindings.collect::<Vec<_>>());
    let made = tuple(
        &names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>(),
    );
    let kept: Vec<String> = call
        .inputs
        .iter()
        .filter(|input| matches!(input.pass, Pass::Shared | Pass::Mutable))
        .map(|input| input.name.clone())
        .collect();
    let kept = if kept.is_empty() {
        String::new()
    } else {
        format!("                {}\n", tuple(&kept))
    };
    let expression = call.expression();
    format!(
        "    criterion.bench_function(\"{name}\", |bencher| {{\n        bencher.iter_batched(\n            || \
         {{\n{values}                {made}\n            }},\n            |{bindings}| {{\n                \
         {expression};\n{kept}            }},\n            BatchSize::SmallInput,\n        );\n    }});\n"
    )
}
