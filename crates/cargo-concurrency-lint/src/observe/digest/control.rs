//! Blocks with their statements, branches, loops and jumps.

use super::Digest;
use super::guards::Live;
use crate::facts::{
    AwaitId, Block as BlockFact, BlockId, LocalId, LocalKind, Loop, LoopId, LoopKind, Origin, Span,
    Statement as Fact, StatementKind as FactKind, TouchKind, Ty, Use, Value,
};
use crate::observe::sketch::expr::{
    Block, Expr, If, Inside, Kind, MatchArm, Pattern, Statement, StatementKind,
};

/// Methods between an await and its statement that only look at the outcome.
const LOOKS_AT: [&str; 14] = [
    "context",
    "with_context",
    "map_err",
    "wrap_err",
    "wrap_err_with",
    "unwrap_or_default",
    "unwrap_or",
    "unwrap_or_else",
    "ok",
    "ok_or",
    "ok_or_else",
    "inspect_err",
    "flatten",
    "is_ok",
];

impl<'w> Digest<'w> {
    pub(super) fn control(&mut self, kind: &'w Kind, span: Span) -> Value {
        match kind {
            Kind::Block(block) => self.block(block),
            Kind::If(parts) => self.branch(parts, span),
            Kind::Match(scrutinee, arms) => self.choice(scrutinee, arms, span),
            Kind::Let(pattern, value) => {
                let value = self.expr(value);
                self.bind_condition(pattern, &value);
                self.value(span, Ty::new("bool"), Origin::Other)
            }
            Kind::Loop(block) => {
                let id = self.open_loop(span, LoopKind::Forever);
                self.loop_body(id, block);
                self.other(span)
            }
            Kind::While(condition, block) => self.while_loop(condition, block, span),
            Kind::For(pattern, over, block) => self.for_loop(pattern, over, block, span),
            Kind::Return(value) => {
                self.leave(value.as_deref(), Use::Returned);
                let mut around = self.within;
                while let Some(id) = around {
                    let it = &mut self.function.loops[id.index()];
                    it.leaves = true;
                    around = it.within;
                }
                self.value(span, Ty::new("!"), Origin::Other)
            }
            Kind::Break(value) => {
                self.leave(value.as_deref(), Use::Other);
                if let Some(id) = self.within {
                    self.function.loops[id.index()].leaves = true;
                }
                self.value(span, Ty::new("!"), Origin::Other)
            }
            _ => self.other(span),
        }
    }

    fn leave(&mut self, value: Option<&'w Expr>, to: Use) {
        if let Some(value) = value {
            let value = self.expr(value);
            self.goes(&value, to);
            self.touched(&value, TouchKind::Moved);
        }
        self.exits += 1;
    }

    /// Walks a block; its value is that of its last expression.
    pub(super) fn block(&mut self, block: &'w Block) -> Value {
        let id = BlockId::at(self.function.blocks.len());
        self.function.blocks.push(BlockFact {
            body: self.body,
            parent: self.block,
            within: self.within,
            span: self.span(block.extent),
            statements: Vec::new(),
        });
        let around = self.block.replace(id);
        let known = self.variables.len();
        let (imports, traits) = (self.scope.imports.len(), self.traits.len());
        if !block.uses.is_empty() {
            self.scope.imports.extend(&block.uses);
            let names = self.declared.names();
            let local: Vec<_> = block.uses.iter().collect();
            self.traits
                .extend(names.imported_traits(self.scope.module, &local));
        }
        for function in &block.functions {
            let path = format!("{}::{}", self.function.path, function.name);
            self.inner.insert(function.name.clone(), path);
        }
        let mut value = self.value(self.span(block.extent), Ty::new("()"), Origin::Other);
        let last = block.statements.len().saturating_sub(1);
        for (index, statement) in block.statements.iter().enumerate() {
            let given = self.statement(id, statement, index == last);
            if let Some(given) = given {
                value = given;
            }
        }
        self.scope.imports.truncate(imports);
        self.traits.truncate(traits);
        if let Some(local) = value.local().filter(|_| self.holds_guard(&value.ty)) {
            self.keep_alive(local, known);
        }
        self.end_scope(known);
        self.block = around;
        value
    }

    /// A guard that is the block's value goes on in whoever takes it.
    fn keep_alive(&mut self, local: LocalId, known: usize) {
        let declared_here = self.variables[known.min(self.variables.len())..].iter();
        if declared_here.into_iter().any(|(_, id)| *id == local) {
            self.release(local);
        }
    }

    /// The value, where the statement is its block's last expression.
    fn statement(&mut self, block: BlockId, statement: &'w Statement, last: bool) -> Option<Value> {
        let exits = self.exits;
        let guards = self.function.guards.len();
        let mut given = None;
        let (kind, awaits) = match &statement.kind {
            StatementKind::Let(it) => {
                let written = self.ty(&it.ty);
                let value = it.init.as_ref().map(|init| self.expr(init));
                let awaits = value.as_ref().and_then(|value| self.outcome(value));
                if let Some(otherwise) = &it.otherwise {
                    let live = self.live.clone();
                    self.expr(otherwise);
                    self.live = live;
                }
                let bound = self.let_binds(&it.pattern, written, value.as_ref());
                (FactKind::Let(bound), awaits)
            }
            StatementKind::Expr(expr, semicolon) => {
                let value = self.expr(expr);
                let awaits = self.outcome(&value);
                let is_tail = last && !semicolon;
                if is_tail {
                    given = Some(value);
                } else {
                    self.goes(&value, Use::Ignored);
                }
                let kind = if is_tail {
                    FactKind::Tail
                } else {
                    FactKind::Expression
                };
                (kind, awaits)
            }
        };
        if given.is_none() {
            self.end_temporaries(guards);
        }
        let span = self.span(statement.extent);
        let exits = self.exits > exits;
        self.function.blocks[block.index()].statements.push(Fact {
            span,
            kind,
            awaits,
            exits,
        });
        given
    }

    fn let_binds(
        &mut self,
        pattern: &'w Pattern,
        written: Ty,
        value: Option<&Value>,
    ) -> Vec<LocalId> {
        let Some(value) = value else {
            return self.bind(pattern, &written, LocalKind::Let, None);
        };
        let ty = if written.is_known() {
            written
        } else {
            value.ty.clone()
        };
        let bound = self.bind(pattern, &ty, LocalKind::Let, Some(value));
        match (pattern, bound.as_slice()) {
            (Pattern::Nothing, _) => self.goes(value, Use::Discarded),
            (Pattern::Name(_), [id, ..]) => {
                self.goes(value, Use::Bound(*id));
                self.touched(value, TouchKind::Moved);
            }
            _ => self.touched(value, TouchKind::Moved),
        }
        bound
    }

    /// The await whose outcome `value` is, looked at or not.
    fn outcome(&self, value: &Value) -> Option<AwaitId> {
        match &value.origin {
            Origin::Await(id) if self.function[*id].body == self.body => Some(*id),
            Origin::Call(id) if LOOKS_AT.contains(&self.function[*id].callee.name.as_str()) => {
                self.outcome(self.function[*id].receiver.as_ref()?)
            }
            _ => None,
        }
    }

    fn branch(&mut self, parts: &'w If, span: Span) -> Value {
        let known = self.variables.len();
        let guards = self.function.guards.len();
        let condition = self.expr(&parts.condition);
        self.touched(&condition, TouchKind::Read);
        if !is_let(&parts.condition) {
            // What a plain condition borrows ends before the branches.
            self.end_temporaries(guards);
        }
        let before = self.live.clone();
        let then = self.block(&parts.then);
        self.end_scope(known);
        let mut ends = vec![self.end_of_branch(then_leaves(&parts.then))];
        self.live = before;
        self.end_scope(known);
        let mut ty = then.ty;
        match &parts.otherwise {
            Some(otherwise) => {
                let value = self.expr(otherwise);
                if !ty.is_known() || ty.path == "!" {
                    ty = value.ty;
                }
                ends.push(self.end_of_branch(leaves(otherwise)));
            }
            None => ends.push(std::mem::take(&mut self.live)),
        }
        self.join_branches(ends);
        self.value(span, ty, Origin::Other)
    }

    fn choice(&mut self, scrutinee: &'w Expr, arms: &'w [MatchArm], span: Span) -> Value {
        let value = self.expr(scrutinee);
        self.touched(&value, TouchKind::Read);
        let known = self.variables.len();
        let before = self.live.clone();
        let mut ends = Vec::new();
        let mut ty = Ty::unknown();
        for arm in arms {
            self.live.clone_from(&before);
            self.bind(&arm.pattern, &value.ty, LocalKind::Pattern, None);
            if let Some(guard) = &arm.guard {
                self.expr(guard);
            }
            let given = self.expr(&arm.body);
            self.goes(&given, Use::Other);
            if !ty.is_known() && given.ty.path != "!" {
                ty = given.ty;
            }
            self.end_scope(known);
            let end = self.end_of_branch(leaves(&arm.body));
            ends.push(end);
        }
        if ends.is_empty() {
            ends.push(before);
        }
        self.join_branches(ends);
        self.value(span, ty, Origin::Other)
    }

    /// What is held where a branch ends; nothing is held after one that leaves.
    fn end_of_branch(&mut self, leaves: bool) -> Vec<Live> {
        let live = std::mem::take(&mut self.live);
        if leaves { Vec::new() } else { live }
    }

    fn bind_condition(&mut self, pattern: &'w Pattern, value: &Value) {
        self.bind(pattern, &value.ty, LocalKind::Pattern, None);
        self.touched(value, TouchKind::Read);
    }

    pub(super) fn open_loop(&mut self, span: Span, kind: LoopKind) -> LoopId {
        let id = LoopId::at(self.function.loops.len());
        self.function.loops.push(Loop {
            body: self.body,
            within: self.within,
            span,
            kind,
            ..Loop::default()
        });
        self.within = Some(id);
        id
    }

    fn loop_body(&mut self, id: LoopId, block: &'w Block) {
        let first = BlockId::at(self.function.blocks.len());
        let value = self.block(block);
        self.goes(&value, Use::Ignored);
        let it = &mut self.function.loops[id.index()];
        it.block = Some(first);
        self.within = it.within;
    }

    fn while_loop(&mut self, condition: &'w Expr, block: &'w Block, span: Span) -> Value {
        let known = self.variables.len();
        let guards = self.function.guards.len();
        let id = self.open_loop(span, LoopKind::While);
        if let Kind::Let(pattern, value) = &condition.kind {
            let value = self.expr(value);
            let bound = self.bind(pattern, &value.ty, LocalKind::Pattern, None);
            self.touched(&value, TouchKind::Read);
            self.function.loops[id.index()].kind = LoopKind::WhileLet(bound, value);
        } else {
            self.expr(condition);
            if !is_let(condition) {
                self.end_temporaries(guards);
            }
        }
        self.loop_body(id, block);
        self.end_scope(known);
        self.value(span, Ty::new("()"), Origin::Other)
    }

    fn for_loop(
        &mut self,
        pattern: &'w Pattern,
        over: &'w Expr,
        block: &'w Block,
        span: Span,
    ) -> Value {
        let over = self.expr(over);
        self.touched(&over, TouchKind::Moved);
        let known = self.variables.len();
        let id = self.open_loop(span, LoopKind::Forever);
        let item = self.item_ty(&over.ty);
        let bound = self.bind(pattern, &item, LocalKind::ForPattern, None);
        self.function.loops[id.index()].kind = LoopKind::For(bound, over);
        self.loop_body(id, block);
        self.end_scope(known);
        self.value(span, Ty::new("()"), Origin::Other)
    }
}

/// Whether a condition binds: its temporaries then live as long as what it binds.
fn is_let(condition: &Expr) -> bool {
    match &condition.kind {
        Kind::Let(..) => true,
        Kind::Operands(parts) => parts.iter().any(is_let),
        _ => false,
    }
}

fn then_leaves(block: &Block) -> bool {
    block
        .statements
        .iter()
        .any(|statement| match &statement.kind {
            StatementKind::Expr(expr, _) => leaves(expr),
            _ => false,
        })
}

/// Whether nothing after the expression runs.
pub(super) fn leaves(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Continue => true,
        _ => leaves_loop(expr) || matches!(&expr.kind, Kind::Block(block) if then_leaves(block)),
    }
}

/// Whether the expression leaves the loop around: no further round follows.
pub(super) fn leaves_loop(expr: &Expr) -> bool {
    const ENDS: [&str; 6] = [
        "panic",
        "unreachable",
        "todo",
        "unimplemented",
        "bail",
        "exit",
    ];
    match &expr.kind {
        Kind::Return(_) | Kind::Break(_) => true,
        Kind::Block(block) => block
            .statements
            .iter()
            .any(|statement| match &statement.kind {
                StatementKind::Expr(expr, _) => leaves_loop(expr),
                _ => false,
            }),
        Kind::If(parts) => {
            let otherwise = parts.otherwise.as_ref();
            let then = parts.then.statements.iter().any(|statement| {
                matches!(&statement.kind, StatementKind::Expr(expr, _) if leaves_loop(expr))
            });
            then && otherwise.is_some_and(leaves_loop)
        }
        Kind::Match(_, arms) => !arms.is_empty() && arms.iter().all(|arm| leaves_loop(&arm.body)),
        Kind::Macro(call) => {
            ENDS.contains(&call.path.last()) && !matches!(call.inside, Inside::Select(_))
        }
        Kind::Call(callee, _) => {
            matches!(&callee.kind, Kind::Path(path) if path.last() == "exit")
        }
        _ => false,
    }
}
