//! Reads a source file by its syntax tree. What cannot be read is left out: the profile still stands.

use proc_macro2::{LineColumn, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat, Token, Type};

use super::uses::{in_format, names, own_field, plain, root, variable};
use super::{
    Binding, Call, CallKind, Code, Function, Lines, Loop, LoopKind, Place, Use, UseKind,
};

/// None where the text is no Rust.
pub fn read(text: &str) -> Option<Code> {
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
        text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".")
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
            let syn::FnArg::Typed(typed) = input else { continue };
            let from = self.code.bindings.len();
            self.visit_pat(&typed.pat);
            let kind = self.text_of(&typed.ty);
            for binding in &mut self.code.bindings[from..] {
                binding.is_parameter = true;
                binding.is_exclusive = matches!(&*typed.ty, Type::Reference(r) if r.mutability.is_some());
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
            let kind = if name == "vec" { UseKind::Moved } else { UseKind::Read };
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
        "map", "for_each", "filter", "filter_map", "flat_map", "fold", "any", "all", "find", "position",
        "try_for_each", "try_fold", "take_while", "skip_while", "map_while", "inspect", "scan", "retain",
        "sort_by_key", "sort_by", "sort_unstable_by", "sort_unstable_by_key", "max_by_key", "min_by_key",
        "max_by", "min_by", "partition", "find_map", "dedup_by_key", "sort_by_cached_key",
    ];
    EACH.contains(&method)
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let name = item.sig.ident.to_string();
        self.function(&name, item.span(), item.sig.asyncness.is_some(), |this| {
            this.parameters(&item.sig.inputs);
            this.visit_block(&item.block);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let name = item.sig.ident.to_string();
        self.function(&name, item.span(), item.sig.asyncness.is_some(), |this| {
            this.parameters(&item.sig.inputs);
            this.visit_block(&item.block);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let Some(body) = &item.default else { return };
        let name = item.sig.ident.to_string();
        self.function(&name, item.span(), item.sig.asyncness.is_some(), |this| {
            this.parameters(&item.sig.inputs);
            this.visit_block(body);
        });
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        let around = std::mem::replace(&mut self.place.is_async, true);
        visit::visit_expr_async(self, block);
        self.place.is_async = around;
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.ends.push(lines(block.span()).last);
        visit::visit_block(self, block);
        self.ends.pop();
    }

    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.operand(&expr.expr, UseKind::Walked);
        let kind = LoopKind::For {
            pattern: self.text_of(&expr.pat),
            over: self.text_of(&expr.expr),
        };
        self.looped(kind, expr.span(), |this| {
            this.ends.push(lines(expr.span()).last);
            this.visit_pat(&expr.pat);
            this.visit_block(&expr.body);
            this.ends.pop();
        });
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        self.looped(LoopKind::While, expr.span(), |this| {
            this.ends.push(lines(expr.span()).last);
            this.visit_expr(&expr.cond);
            this.visit_block(&expr.body);
            this.ends.pop();
        });
    }

    fn visit_expr_loop(&mut self, expr: &'ast syn::ExprLoop) {
        self.looped(LoopKind::Endless, expr.span(), |this| {
            this.visit_block(&expr.body);
        });
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let first_call = self.code.calls.len();
        if let Some(init) = &local.init {
            self.operand(&init.expr, UseKind::Moved);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        let from = self.code.bindings.len();
        self.visit_pat(&local.pat);
        let (pattern, kind) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pattern => (pattern, None),
        };
        if !matches!(pattern, Pat::Ident(_)) || from >= self.code.bindings.len() {
            return;
        }
        let kind_text = kind.map(|kind| self.text_of(kind));
        let value = local.init.as_ref().map(|init| self.text_of(&*init.expr));
        let binding = &mut self.code.bindings[from];
        binding.kind = kind_text;
        let exclusive = |text: &Option<String>| text.as_deref().is_some_and(|t| t.starts_with("&mut"));
        binding.is_exclusive = exclusive(&binding.kind) || exclusive(&value);
        for call in &mut self.code.calls[first_call..] {
            if value.as_deref().is_some_and(|value| value.trim_end_matches('?') == call.text) {
                call.bound_to = Some(from);
            }
        }
        binding.value = value;
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let name = pat.ident.to_string();
        self.bind(name, pat.ident.span(), pat.mutability.is_some());
        visit::visit_pat_ident(self, pat);
    }

    fn visit_expr_method_call(&mut self, expr: &'ast syn::ExprMethodCall) {
        let name = expr.method.to_string();
        let mut call = self.call(CallKind::Method, expr.method.span(), expr);
        call.name.clone_from(&name);
        call.receiver = self.text_of(&*expr.receiver);
        call.root = root(&expr.receiver);
        call.arguments = expr.args.iter().map(|one| self.text_of(one)).collect();
        self.code.calls.push(call);
        match variable(&expr.receiver) {
            Some(root) => self.use_of(root, expr.receiver.span(), UseKind::Receiver(name.clone())),
            None => {
                self.then = Some(name.clone());
                self.visit_expr(&expr.receiver);
                self.then = None;
            }
        }
        let each = calls_for_each(&name);
        for argument in &expr.args {
            match argument {
                Expr::Closure(closure) if each => {
                    let kind = LoopKind::Each { method: name.clone() };
                    self.looped(kind, closure.span(), |this| this.visit_expr_closure(closure));
                }
                argument => self.arguments(&name, [argument]),
            }
        }
    }

    fn visit_expr_call(&mut self, expr: &'ast syn::ExprCall) {
        let name = self.text_of(&*expr.func);
        let mut call = self.call(CallKind::Function, expr.func.span(), expr);
        call.name.clone_from(&name);
        call.arguments = expr.args.iter().map(|one| self.text_of(one)).collect();
        self.code.calls.push(call);
        let last = name.rsplit("::").next().unwrap_or(&name);
        let blocks = ["spawn_blocking", "block_in_place", "spawn"].contains(&last)
            && (last != "spawn" || name.contains("thread"));
        let around = self.place.may_block;
        self.place.may_block |= blocks;
        if !matches!(*expr.func, Expr::Path(_)) {
            self.visit_expr(&expr.func);
        }
        self.arguments(&name, &expr.args);
        self.place.may_block = around;
    }

    fn visit_expr_macro(&mut self, expr: &'ast syn::ExprMacro) {
        self.macro_call(&expr.mac);
    }

    fn visit_stmt_macro(&mut self, stmt: &'ast syn::StmtMacro) {
        self.macro_call(&stmt.mac);
    }

    fn visit_expr_index(&mut self, expr: &'ast syn::ExprIndex) {
        let mut call = self.call(CallKind::Index, expr.span(), expr);
        call.receiver = self.text_of(&*expr.expr);
        call.root = root(&expr.expr);
        call.arguments = vec![self.text_of(&*expr.index)];
        self.code.calls.push(call);
        self.operand(&expr.expr, UseKind::Read);
        self.operand(&expr.index, UseKind::Read);
    }

    fn visit_expr_reference(&mut self, expr: &'ast syn::ExprReference) {
        let kind = match expr.mutability {
            Some(_) => UseKind::Exclusive,
            None => UseKind::Shared,
        };
        self.operand(&expr.expr, kind);
    }

    fn visit_expr_field(&mut self, expr: &'ast syn::ExprField) {
        match own_field(expr) {
            Some(name) => self.use_of(name, expr.span(), UseKind::Read),
            None => self.operand(&expr.base, UseKind::Read),
        }
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        self.operand(&expr.expr, UseKind::Read);
    }

    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        let assigns = matches!(
            expr.op,
            syn::BinOp::AddAssign(_)
                | syn::BinOp::SubAssign(_)
                | syn::BinOp::MulAssign(_)
                | syn::BinOp::DivAssign(_)
                | syn::BinOp::RemAssign(_)
                | syn::BinOp::BitXorAssign(_)
                | syn::BinOp::BitAndAssign(_)
                | syn::BinOp::BitOrAssign(_)
                | syn::BinOp::ShlAssign(_)
                | syn::BinOp::ShrAssign(_)
        );
        if assigns {
            self.assigned(&expr.left, UseKind::Accumulated);
        } else {
            self.operand(&expr.left, UseKind::Read);
        }
        self.operand(&expr.right, UseKind::Read);
    }

    fn visit_expr_assign(&mut self, expr: &'ast syn::ExprAssign) {
        self.operand(&expr.right, UseKind::Moved);
        self.assigned(&expr.left, UseKind::Assigned);
    }

    fn visit_expr_try(&mut self, expr: &'ast syn::ExprTry) {
        self.leave();
        visit::visit_expr_try(self, expr);
    }

    fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
        self.leave();
        visit::visit_expr_return(self, expr);
    }

    fn visit_expr_break(&mut self, expr: &'ast syn::ExprBreak) {
        self.leave();
        visit::visit_expr_break(self, expr);
    }

    fn visit_expr_await(&mut self, expr: &'ast syn::ExprAwait) {
        self.leave();
        visit::visit_expr_await(self, expr);
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        if let Some(name) = plain(expr) {
            self.use_of(name, expr.span(), UseKind::Moved);
        }
    }
}

impl Reader<'_> {
    /// The left side of an assignment.
    fn assigned(&mut self, left: &Expr, kind: UseKind) {
        if let Some(name) = root(left) {
            self.use_of(name, left.span(), kind);
        }
        // Indices and what stands around them are read.
        if !matches!(left, Expr::Path(_)) {
            self.visit_expr(left);
        }
    }
}
