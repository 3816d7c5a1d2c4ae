//! Reads a source file by its syntax tree. What cannot be read is left out: the profile still stands.

mod walk;

use pitcrew_core::source::nesting;
use proc_macro2::{LineColumn, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, Token, Type};

use super::uses::{in_format, names, variable};
use super::{Binding, Call, CallKind, Code, Function, Lines, Loop, LoopKind, Place, Use, UseKind};

/// None where the text is no Rust, or nests deeper than can be read.
pub fn read(text: &str) -> Option<Code> {
    nesting::check(text).ok()?;
    let file = syn::parse_file(text).ok()?;
    let mut reader = Reader {
        lines: line_starts(text),
        text,
        code: Code::default(),
        place: Place::default(),
        ends: Vec::new(),
        argument_of: None,
        then: None,
    };
    reader.visit_file(&file);
    Some(reader.code)
}

fn line_starts(text: &str) -> Vec<usize> {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

struct Reader<'t> {
    text: &'t str,
    lines: Vec<usize>,
    code: Code,
    place: Place,
    /// The last lines of the blocks around.
    ends: Vec<u32>,
    argument_of: Option<String>,
    then: Option<String>,
}

fn line(span: Span) -> u32 {
    u32::try_from(span.start().line).unwrap_or(u32::MAX)
}

fn lines(span: Span) -> Lines {
    Lines {
        first: line(span),
        last: u32::try_from(span.end().line).unwrap_or(u32::MAX),
    }
}

impl Reader<'_> {
    /// The source of a node on one line.
    fn text_of(&self, node: &impl ToTokens) -> String {
        let span = node.to_token_stream().span();
        let offset = |at: LineColumn| -> Option<usize> {
            let start = *self.lines.get(at.line.checked_sub(1)?)?;
            let line = self.text.get(start..)?;
            let skipped: usize = line.chars().take(at.column).map(char::len_utf8).sum();
            Some(start + skipped)
        };
        let found = offset(span.start()).zip(offset(span.end()));
        let text = found.and_then(|(start, end)| self.text.get(start..end));
        let text = text.unwrap_or_default();
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(" .", ".")
    }

    fn use_of(&mut self, name: String, span: Span, kind: UseKind) {
        self.code.uses.push(Use {
            name,
            line: line(span),
            kind,
            place: self.place.clone(),
        });
    }

    /// An operand: a variable is used in this way, anything else is looked into.
    fn operand(&mut self, expr: &Expr, kind: UseKind) {
        match variable(expr) {
            Some(name) => self.use_of(name, expr.span(), kind),
            None => self.visit_expr(expr),
        }
    }

    /// `body` as the body of a function.
    fn function(&mut self, name: &str, span: Span, is_async: bool, body: impl FnOnce(&mut Self)) {
        self.code.functions.push(Function {
            name: name.to_owned(),
            lines: lines(span),
        });
        let inside = Place {
            function: Some(self.code.functions.len() - 1),
            is_async,
            ..Place::default()
        };
        let around = std::mem::replace(&mut self.place, inside);
        self.ends.push(lines(span).last);
        body(self);
        self.ends.pop();
        self.place = around;
    }

    /// `body` as the body of a loop.
    fn looped(&mut self, kind: LoopKind, span: Span, body: impl FnOnce(&mut Self)) {
        let at = self.code.loops.len();
        self.code.loops.push(Loop {
            kind,
            line: line(span),
            lines: lines(span),
            place: self.place.clone(),
            leaves_early: false,
        });
        self.place.loops.push(at);
        body(self);
        self.place.loops.pop();
    }

    fn bind(&mut self, name: String, span: Span, is_mutable: bool) -> usize {
        self.code.bindings.push(Binding {
            name,
            line: line(span),
            is_mutable,
            is_exclusive: false,
            is_parameter: false,
            kind: None,
            value: None,
            ends: self.ends.last().copied().unwrap_or(u32::MAX),
            place: self.place.clone(),
        });
        self.code.bindings.len() - 1
    }

    fn parameters(&mut self, inputs: &syn::punctuated::Punctuated<syn::FnArg, Token![,]>) {
        for input in inputs {
            let syn::FnArg::Typed(typed) = input else {
                continue;
            };
            let from = self.code.bindings.len();
            self.visit_pat(&typed.pat);
            let kind = self.text_of(&typed.ty);
            for binding in &mut self.code.bindings[from..] {
                binding.is_parameter = true;
                binding.is_exclusive =
                    matches!(&*typed.ty, Type::Reference(r) if r.mutability.is_some());
                binding.kind = Some(kind.clone());
            }
        }
    }

    fn call(&mut self, kind: CallKind, at: Span, whole: &impl ToTokens) -> Call {
        Call {
            kind,
            line: line(at),
            lines: lines(whole.to_token_stream().span()),
            name: String::new(),
            receiver: String::new(),
            root: None,
            arguments: Vec::new(),
            names: names(whole.to_token_stream()),
            text: self.text_of(whole),
            bound_to: None,
            argument_of: self.argument_of.take(),
            then: self.then.take(),
            place: self.place.clone(),
        }
    }

    fn arguments<'e>(&mut self, of: &str, arguments: impl IntoIterator<Item = &'e Expr>) {
        for argument in arguments {
            self.argument_of = Some(of.to_owned());
            self.operand(argument, UseKind::Moved);
            self.argument_of = None;
        }
    }

    fn macro_call(&mut self, mac: &syn::Macro) {
        let name = mac.path.segments.last().map(|last| last.ident.to_string());
        let name = name.unwrap_or_default();
        let mut call = self.call(CallKind::Macro, mac.path.span(), mac);
        let parser = syn::punctuated::Punctuated::<Expr, Token![,]>::parse_terminated;
        let repeat = |input: syn::parse::ParseStream<'_>| {
            let value: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((value, input.parse::<Expr>()?))
        };
        let arguments: Vec<Expr> = match mac.parse_body_with(parser) {
            Ok(list) => list.into_iter().collect(),
            Err(_) => match mac.parse_body_with(repeat) {
                Ok((value, length)) => vec![value, length],
                Err(_) => Vec::new(),
            },
        };
        call.arguments = arguments.iter().map(|one| self.text_of(one)).collect();
        call.name.clone_from(&name);
        self.code.calls.push(call);
        for argument in &arguments {
            if let Expr::Lit(literal) = argument {
                for name in in_format(&literal.to_token_stream().to_string()) {
                    self.use_of(name, literal.span(), UseKind::Read);
                }
            }
            // Macros that format take references; `vec!` takes values.
            let kind = if name == "vec" {
                UseKind::Moved
            } else {
                UseKind::Read
            };
            self.argument_of = Some(name.clone());
            self.operand(argument, kind);
            self.argument_of = None;
        }
    }

    /// Rounds of the loops around depend on each other.
    fn leave(&mut self) {
        for at in &self.place.loops {
            self.code.loops[*at].leaves_early = true;
        }
    }
}

/// Methods that call their closure for each item.
fn calls_for_each(method: &str) -> bool {
    const EACH: &[&str] = &[
        "map",
        "for_each",
        "filter",
        "filter_map",
        "flat_map",
        "fold",
        "any",
        "all",
        "find",
        "position",
        "try_for_each",
        "try_fold",
        "take_while",
        "skip_while",
        "map_while",
        "inspect",
        "scan",
        "retain",
        "sort_by_key",
        "sort_by",
        "sort_unstable_by",
        "sort_unstable_by_key",
        "max_by_key",
        "min_by_key",
        "max_by",
        "min_by",
        "partition",
        "find_map",
        "dedup_by_key",
        "sort_by_cached_key",
    ];
    EACH.contains(&method)
}
