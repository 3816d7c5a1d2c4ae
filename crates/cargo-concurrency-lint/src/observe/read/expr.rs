//! Expressions and statements. Places are put together from tokens and from the places of the parts:
//! asking syn for a node's span would print and parse it again.

use proc_macro2::Span;
use syn::{Expr as Syn, Lit, RangeLimits, Stmt, UnOp};

use super::super::sketch::expr::{
    Block, Closure, Expr, Extent, If, Kind, Let, MacroCall, MatchArm, Method, Statement,
    StatementKind,
};
use super::{extent, items, macros, pattern, types};

pub fn expr(written: &Syn) -> Expr {
    match written {
        Syn::Lit(it) => at(extent(it.lit.span()), literal(&it.lit)),
        Syn::Path(it) => {
            let path = types::qualified(it.qself.as_ref(), &it.path);
            at(path.extent, Kind::Path(path))
        }
        Syn::Call(it) => {
            let callee = expr(&it.func);
            let place = callee.extent.to(extent(it.paren_token.span.close()));
            at(place, Kind::Call(Box::new(callee), all(&it.args)))
        }
        Syn::MethodCall(it) => method(it),
        Syn::Macro(it) => macro_call(&it.mac),
        Syn::Await(it) => {
            let base = expr(&it.base);
            let word = extent(it.await_token.span);
            at(base.extent.to(word), Kind::Await(Box::new(base), word))
        }
        Syn::Try(it) => {
            let inner = expr(&it.expr);
            let place = inner.extent.to(extent(it.question_token.spans[0]));
            at(place, Kind::Try(Box::new(inner)))
        }
        Syn::Field(it) => {
            let base = expr(&it.base);
            let end = match &it.member {
                syn::Member::Named(name) => name.span(),
                syn::Member::Unnamed(index) => index.span,
            };
            let place = base.extent.to(extent(end));
            at(
                place,
                Kind::Field(Box::new(base), pattern::member(&it.member)),
            )
        }
        Syn::Reference(it) => {
            let inner = expr(&it.expr);
            let place = extent(it.and_token.spans[0]).to(inner.extent);
            at(place, Kind::Ref(it.mutability.is_some(), Box::new(inner)))
        }
        Syn::Paren(it) => Expr {
            extent: around(it.paren_token.span.join(), it.paren_token.span.open()),
            ..expr(&it.expr)
        },
        Syn::Group(it) => expr(&it.expr),
        other => control(other),
    }
}

/// What steers: blocks, branches, loops, closures.
fn control(written: &Syn) -> Expr {
    match written {
        Syn::Block(it) => braced(None, block(&it.block), Kind::Block),
        Syn::Unsafe(it) => braced(Some(it.unsafe_token.span), block(&it.block), Kind::Block),
        Syn::Const(it) => braced(Some(it.const_token.span), block(&it.block), Kind::Block),
        Syn::TryBlock(it) => braced(Some(it.try_token.span), block(&it.block), Kind::Block),
        Syn::Async(it) => braced(Some(it.async_token.span), block(&it.block), Kind::Async),
        Syn::Loop(it) => braced(Some(it.loop_token.span), block(&it.body), Kind::Loop),
        Syn::While(it) => {
            let condition = Box::new(expr(&it.cond));
            let start = it.while_token.span;
            braced(Some(start), block(&it.body), |body| {
                Kind::While(condition, body)
            })
        }
        Syn::ForLoop(it) => {
            let pattern = Box::new(pattern::pattern(&it.pat));
            let over = Box::new(expr(&it.expr));
            let start = it.for_token.span;
            braced(Some(start), block(&it.body), |body| {
                Kind::For(pattern, over, body)
            })
        }
        Syn::If(it) => {
            let then = block(&it.then_branch);
            let otherwise = it.else_branch.as_ref().map(|(_, branch)| expr(branch));
            let end = otherwise
                .as_ref()
                .map_or(then.extent, |branch| branch.extent);
            let parts = If {
                condition: expr(&it.cond),
                then,
                otherwise,
            };
            at(extent(it.if_token.span).to(end), Kind::If(Box::new(parts)))
        }
        Syn::Match(it) => {
            let place = extent(it.match_token.span).to(extent(it.brace_token.span.close()));
            let arms = it.arms.iter().map(match_arm).collect();
            at(place, Kind::Match(Box::new(expr(&it.expr)), arms))
        }
        Syn::Let(it) => {
            let value = expr(&it.expr);
            let place = extent(it.let_token.span).to(value.extent);
            let pattern = Box::new(pattern::pattern(&it.pat));
            at(place, Kind::Let(pattern, Box::new(value)))
        }
        Syn::Closure(it) => {
            let body = expr(&it.body);
            let start = match (&it.asyncness, &it.capture) {
                (Some(token), _) => token.span,
                (None, Some(token)) => token.span,
                (None, None) => it.inputs_begin.spans[0],
            };
            let place = extent(start).to(body.extent);
            let closure = Closure {
                is_async: it.asyncness.is_some(),
                params: it.inputs.iter().map(pattern::pattern).collect(),
                body,
            };
            at(place, Kind::Closure(Box::new(closure)))
        }
        Syn::Return(it) => jump(it.return_token.span, it.expr.as_deref(), Kind::Return),
        Syn::Break(it) => jump(it.break_token.span, it.expr.as_deref(), Kind::Break),
        Syn::Continue(it) => at(extent(it.continue_token.span), Kind::Continue),
        other => operator(other),
    }
}

/// What computes: operators, aggregates, casts.
fn operator(written: &Syn) -> Expr {
    match written {
        Syn::Assign(it) => {
            let (left, right) = (expr(&it.left), expr(&it.right));
            let place = left.extent.to(right.extent);
            at(place, Kind::Assign(Box::new(left), Box::new(right), false))
        }
        Syn::Binary(it) => {
            let (left, right) = (expr(&it.left), expr(&it.right));
            let place = left.extent.to(right.extent);
            let kind = if is_assignment(&it.op) {
                Kind::Assign(Box::new(left), Box::new(right), true)
            } else {
                Kind::Operands(vec![left, right])
            };
            at(place, kind)
        }
        Syn::Unary(it) => {
            let inner = expr(&it.expr);
            let (token, kind): (Span, fn(Expr) -> Kind) = match &it.op {
                UnOp::Deref(star) => (star.spans[0], |inner| Kind::Deref(Box::new(inner))),
                UnOp::Not(not) => (not.spans[0], |inner| Kind::Operands(vec![inner])),
                UnOp::Neg(minus) => (minus.spans[0], negated),
                _ => return inner,
            };
            at(extent(token).to(inner.extent), kind(inner))
        }
        Syn::Index(it) => {
            let base = expr(&it.expr);
            let place = base.extent.to(extent(it.bracket_token.span.close()));
            at(
                place,
                Kind::Index(Box::new(base), Box::new(expr(&it.index))),
            )
        }
        Syn::Range(it) => range(it),
        Syn::Cast(it) => {
            let inner = expr(&it.expr);
            let place = inner.extent.to(extent(it.as_token.span));
            at(place, Kind::Cast(Box::new(inner), types::ty(&it.ty)))
        }
        Syn::Tuple(it) => {
            let place = around(it.paren_token.span.join(), it.paren_token.span.open());
            at(place, Kind::Tuple(all(&it.elems)))
        }
        Syn::Array(it) => {
            let place = around(it.bracket_token.span.join(), it.bracket_token.span.open());
            at(place, Kind::Array(all(&it.elems)))
        }
        Syn::Repeat(it) => {
            let place = around(it.bracket_token.span.join(), it.bracket_token.span.open());
            at(
                place,
                Kind::Repeat(Box::new(expr(&it.expr)), Box::new(expr(&it.len))),
            )
        }
        Syn::Struct(it) => {
            let path = types::qualified(it.qself.as_ref(), &it.path);
            let place = path.extent.to(extent(it.brace_token.span.close()));
            let fields = it.fields.iter().map(|field| {
                let name = pattern::member(&field.member);
                (name, expr(&field.expr))
            });
            let rest = it.rest.as_deref().map(|rest| Box::new(expr(rest)));
            at(place, Kind::Struct(path, fields.collect(), rest))
        }
        Syn::RawAddr(it) => expr(&it.expr),
        Syn::Yield(it) => {
            let inner = it.expr.as_deref().map(expr);
            at(
                extent(it.yield_token.span),
                Kind::Operands(inner.into_iter().collect()),
            )
        }
        _ => at(Extent::default(), Kind::Literal),
    }
}

fn at(extent: Extent, kind: Kind) -> Expr {
    Expr { extent, kind }
}

/// A delimiter's place; its joined span is no more than its beginning where it was made up.
fn around(joined: Span, open: Span) -> Extent {
    let whole = extent(joined);
    Extent {
        start: extent(open).start,
        ..whole
    }
}

fn all<'a>(exprs: impl IntoIterator<Item = &'a Syn>) -> Vec<Expr> {
    exprs.into_iter().map(expr).collect()
}

fn negated(inner: Expr) -> Kind {
    match inner.kind {
        Kind::Int(number) => Kind::Int(-number),
        _ => Kind::Operands(vec![inner]),
    }
}

fn literal(literal: &Lit) -> Kind {
    match literal {
        Lit::Int(number) => number.base10_parse().map_or(Kind::Literal, Kind::Int),
        Lit::Str(text) => Kind::Text(text.value()),
        _ => Kind::Literal,
    }
}

fn method(it: &syn::ExprMethodCall) -> Expr {
    let receiver = expr(&it.receiver);
    let place = receiver.extent.to(extent(it.paren_token.span.close()));
    let method = Method {
        receiver,
        name: it.method.to_string(),
        name_extent: extent(it.method.span()),
        generics: it.turbofish.as_ref().map(types::args).unwrap_or_default(),
        args: all(&it.args),
    };
    at(place, Kind::Method(Box::new(method)))
}

fn braced(start: Option<Span>, block: Block, kind: impl FnOnce(Block) -> Kind) -> Expr {
    let place = start.map_or(block.extent, |start| extent(start).to(block.extent));
    at(place, kind(block))
}

fn jump(token: Span, value: Option<&Syn>, kind: fn(Option<Box<Expr>>) -> Kind) -> Expr {
    let value = value.map(|value| Box::new(expr(value)));
    let start = extent(token);
    let end = value.as_ref().map_or(start, |value| value.extent);
    at(start.to(end), kind(value))
}

fn range(it: &syn::ExprRange) -> Expr {
    let (dots, inclusive) = match &it.limits {
        RangeLimits::HalfOpen(dots) => (extent(dots.spans[0]), false),
        RangeLimits::Closed(dots) => (extent(dots.spans[0]), true),
    };
    let from = it.start.as_deref().map(|from| Box::new(expr(from)));
    let to = it.end.as_deref().map(|to| Box::new(expr(to)));
    let start = from.as_ref().map_or(dots, |from| from.extent);
    let end = to.as_ref().map_or(dots, |to| to.extent);
    at(start.to(end), Kind::Range(from, to, inclusive))
}

fn is_assignment(op: &syn::BinOp) -> bool {
    use syn::BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign,
        ShlAssign, ShrAssign, SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

fn match_arm(arm: &syn::Arm) -> MatchArm {
    let (inner, guard) = match &arm.pat {
        syn::Pat::Guard(it) => (&*it.pat, Some(expr(&it.guard))),
        other => (other, None),
    };
    MatchArm {
        pattern: pattern::pattern(inner),
        guard,
        body: expr(&arm.body),
    }
}

fn macro_call(mac: &syn::Macro) -> Expr {
    let path = types::path(&mac.path);
    let close = match &mac.delimiter {
        syn::MacroDelimiter::Paren(token) => token.span.close(),
        syn::MacroDelimiter::Brace(token) => token.span.close(),
        syn::MacroDelimiter::Bracket(token) => token.span.close(),
    };
    let place = path.extent.to(extent(close));
    let inside = macros::read(path.last(), &mac.tokens);
    at(place, Kind::Macro(Box::new(MacroCall { path, inside })))
}

pub fn block(written: &syn::Block) -> Block {
    let mut block = Block {
        extent: around(
            written.brace_token.span.join(),
            written.brace_token.span.open(),
        ),
        ..Block::default()
    };
    add_statements(&written.stmts, &mut block);
    block
}

pub fn add_statements(statements: &[Stmt], block: &mut Block) {
    for statement in statements {
        let (place, kind) = match statement {
            Stmt::Local(local) => {
                let (pattern, ty) = pattern::typed(&local.pat);
                let init = local.init.as_ref();
                let kind = Let {
                    pattern,
                    ty,
                    init: init.map(|init| expr(&init.expr)),
                    otherwise: init.and_then(|init| Some(expr(&init.diverge.as_ref()?.1))),
                };
                let start = extent(local.let_token.span);
                let place = start.to(extent(local.semi_token.spans[0]));
                (place, StatementKind::Let(Box::new(kind)))
            }
            Stmt::Expr(written, semicolon) => {
                let expr = expr(written);
                let end = semicolon.as_ref().map(|token| extent(token.spans[0]));
                let place = expr.extent.to(end.unwrap_or(expr.extent));
                (place, StatementKind::Expr(expr, semicolon.is_some()))
            }
            Stmt::Macro(it) => {
                let expr = macro_call(&it.mac);
                let end = it.semi_token.as_ref().map(|token| extent(token.spans[0]));
                let place = expr.extent.to(end.unwrap_or(expr.extent));
                // With braces it may be the block's value or not; with a semicolon it is not.
                (place, StatementKind::Expr(expr, it.semi_token.is_some()))
            }
            Stmt::Item(item) => {
                items::add_local(item, block);
                continue;
            }
        };
        block.statements.push(Statement {
            extent: place,
            kind,
        });
    }
}

impl Expr {
    /// An expression that says nothing.
    pub fn nothing(extent: Extent) -> Self {
        at(extent, Kind::Literal)
    }
}
