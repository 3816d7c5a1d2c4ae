//! From the text of a crate's MIR to its [`Summary`].

use std::io::{self, BufRead};
use std::path::PathBuf;

use super::bodies;
use super::body::Body;
use super::guards::Shapes;
use super::impls::Sources;
use super::path::impl_place;
use super::span::Span;
use super::statement::{Call, Callee, Operand, Statement, Terminator, Value};
use super::summary::{self, Implementation, Kind, Place, Summary, Text, Unread};

mod detail;
mod near;
mod pure;

/// What is known of the crate beside its MIR.
#[derive(Debug, Clone, Default)]
pub struct Crate {
    pub name: String,
    pub externs: Vec<(String, String)>,
    /// Where rustc ran.
    pub dir: PathBuf,
    pub member: bool,
}

/// Reads the MIR of a crate.
pub fn summarise(from: impl BufRead, krate: Crate) -> io::Result<Summary> {
    let mut work = Work {
        summary: Summary {
            name: krate.name,
            externs: krate.externs,
            dir: krate.dir.to_string_lossy().into_owned(),
            member: krate.member,
            ..Summary::default()
        },
        dir: krate.dir,
        sources: Sources::default(),
        shapes: Shapes::default(),
        coroutines: Vec::new(),
    };
    let cut = bodies::each(from, &mut |text| work.body(text))?;
    work.finish_coroutines();
    work.summary.bytes = cut.bytes;
    work.summary.unread.bodies += cut.too_long;
    Ok(work.summary)
}

struct Work {
    summary: Summary,
    dir: PathBuf,
    sources: Sources,
    shapes: Shapes,
    /// The coroutines of the workspace wait until the crate's types are known: their texts, and the
    /// bodies to complete.
    coroutines: Vec<(String, usize)>,
}

impl Work {
    fn body(&mut self, text: &str) {
        let Some(body) = Body::read(text) else {
            self.not_understood(text);
            return;
        };
        self.count(&body);
        // The second version of an async closure's body, for a call that consumes it.
        if body.path.ends_with("}") && body.path.contains("{synthetic#") {
            return;
        }
        let summary = self.summarised(&body);
        let coroutine = summary.kind == Kind::Coroutine;
        if self.summary.member {
            self.shapes.learn(&body);
        }
        let leads = !(summary.calls.is_empty() && summary.makes.is_empty());
        let worth = self.summary.member || coroutine || leads;
        if !worth {
            return;
        }
        if self.summary.member && coroutine {
            let index = self.summary.bodies.len();
            self.coroutines.push((text.to_owned(), index));
        }
        self.summary.bodies.push(summary);
    }

    fn not_understood(&mut self, text: &str) {
        let header = text.lines().next().unwrap_or_default();
        self.summary.unread.add(&Unread {
            bodies: 1,
            examples: vec![header.chars().take(200).collect()],
            ..Unread::default()
        });
    }

    fn count(&mut self, body: &Body<'_>) {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let blocks = body.blocks.iter().filter(|block| !block.cleanup);
        let lines = blocks.map(|block| block.statements.len() + usize::from(block.end.is_some()));
        let examples = body.unread.iter().take(2);
        self.summary.unread.add(&Unread {
            bodies: 0,
            lines: count(body.unread.len()),
            understood: count(lines.sum()),
            examples: examples
                .map(|line| line.chars().take(200).collect())
                .collect(),
        });
    }

    fn summarised(&mut self, body: &Body<'_>) -> summary::Body {
        let own = own_type(body);
        let mut found = summary::Body {
            path: self.intern(body.path),
            kind: kind(body, own),
            place: self.extent(body),
            params: body.params.iter().map(|ty| self.intern(ty)).collect(),
            output: self.intern(body.output),
            own: own.map(|ty| self.intern(ty)),
            method: is_method(body),
            of: self.implementation(body),
            ..summary::Body::default()
        };
        let loops = self.summary.member.then(|| super::loops::Loops::of(body));
        for (number, block) in body.blocks.iter().enumerate() {
            for (statement, _) in &block.statements {
                if let Some(made) = made(body, statement) {
                    found.makes.push(self.intern(made));
                }
            }
            let Some((Terminator::Call(call), span)) = &block.end else {
                continue;
            };
            if !self.summary.member && pure::is_pure(body, call) {
                continue;
            }
            let within = loops.as_ref().and_then(|loops| loops.around(number));
            let places = (block.name, *span);
            let near = self
                .summary
                .member
                .then(|| at_home(body, call, number, places));
            let (name, span) = near.flatten().unwrap_or(places);
            found.calls.push(summary::Call {
                within: within.and_then(|within| u32::try_from(within).ok()),
                by_macro: near.flatten().is_some(),
                ..self.call(body, call, name, span)
            });
        }
        if self.summary.member {
            let loops = loops.unwrap_or_default();
            found.detail = Some(Box::new(self.detail(body, &loops, found.place)));
        }
        found
    }

    fn call(
        &mut self,
        body: &Body<'_>,
        call: &Call<'_>,
        name: Option<Span<'_>>,
        span: Option<Span<'_>>,
    ) -> summary::Call {
        let callee = match call.callee {
            Callee::Path(path) => path,
            Callee::Pointer(_) => "",
        };
        let to = &call.to;
        summary::Call {
            callee: self.intern(callee),
            args: call
                .args
                .iter()
                .map(|arg| self.operand(body, arg))
                .collect(),
            output: {
                let ty = place_type(body, to);
                self.intern(ty)
            },
            name: name.map(|span| self.place(span)),
            place: span.map(|span| self.place(span)),
            ..summary::Call::default()
        }
    }

    /// The type of an argument.
    fn operand(&mut self, body: &Body<'_>, operand: &Operand<'_>) -> Text {
        match operand {
            Operand::Copy(place) | Operand::Move(place) => self.intern(place_type(body, place)),
            Operand::Item(path) => self.intern(&format!("fn() {{{path}}}")),
            Operand::Const(_) => self.intern(""),
        }
    }

    fn intern(&mut self, text: &str) -> Text {
        self.summary.texts.intern(text)
    }

    fn place(&mut self, span: Span<'_>) -> Place {
        Place {
            file: self.intern(span.file),
            lines: span.lines,
        }
    }

    /// From the first to the last place in the file where the body is.
    fn extent(&mut self, body: &Body<'_>) -> Option<Place> {
        let home = body.locals.first()?.span?;
        let ends = body.blocks.iter().flat_map(|block| {
            let end = block.end.as_ref().and_then(|(_, span)| *span);
            block
                .statements
                .iter()
                .filter_map(|(_, span)| *span)
                .chain(end)
        });
        let locals = body.locals.iter().filter_map(|local| local.span);
        let inside = ends.chain(locals).filter(|span| span.file == home.file);
        let lines = inside.fold(home.lines, |all, span| all.cover(span.lines));
        Some(self.place(Span {
            lines,
            file: home.file,
        }))
    }

    fn implementation(&mut self, body: &Body<'_>) -> Option<Implementation> {
        let place = impl_place(body.path)?;
        let header = self.sources.header(place, &self.dir).unwrap_or_default();
        Some(Implementation {
            of: header.of.map(|of| self.intern(&of)),
            ty: self.intern(&header.ty),
        })
    }
}

/// The places of a call's name and of the whole call, where a macro of another file makes it: both are
/// where the macro is used.
fn at_home<'a>(
    body: &Body<'a>,
    call: &Call<'a>,
    block: usize,
    (name, whole): (Option<Span<'a>>, Option<Span<'a>>),
) -> Option<(Option<Span<'a>>, Option<Span<'a>>)> {
    let home = body.locals.first()?.span?;
    if name.or(whole)?.file == home.file {
        return None;
    }
    let near = near::call(body, call, block, home.file)?;
    Some((Some(near), Some(near)))
}

/// The type of a place, as MIR prints it; empty where it does not say.
pub fn place_type<'a>(body: &Body<'a>, place: &super::place::Place<'a>) -> &'a str {
    match place.ty {
        Some(ty) => ty,
        None => place.as_local().map_or("", |local| body.local(local)),
    }
}

fn kind(body: &Body<'_>, own: Option<&str>) -> Kind {
    let polled = body
        .params
        .iter()
        .any(|ty| ty.contains("std::task::Context<"));
    match own {
        Some(own) if own.starts_with("{async closure@") => Kind::Closure,
        Some(own) if own.starts_with("{async ") => Kind::Coroutine,
        Some(_) => Kind::Closure,
        None if polled => Kind::Poll,
        None => Kind::Function,
    }
}

/// The type of which this is the body: `{closure@..}` of `&mut {closure@..}`.
fn own_type<'a>(body: &Body<'a>) -> Option<&'a str> {
    if !body.path.ends_with('}') {
        return None;
    }
    let first = body.params.first()?;
    let start = first.find('{')?;
    let end = super::lex::closing(first, start)?;
    first.get(start..end)
}

fn is_method(body: &Body<'_>) -> bool {
    body.variables
        .iter()
        .any(|variable| variable.name == "self" && variable.place.as_local() == Some(1))
}

/// The coroutine that a statement makes.
fn made<'a>(body: &Body<'a>, statement: &Statement<'a>) -> Option<&'a str> {
    let Statement::Assign(to, Value::Aggregate(head, _)) = statement else {
        return None;
    };
    head.starts_with("{coroutine@")
        .then(|| place_type(body, to))
}
