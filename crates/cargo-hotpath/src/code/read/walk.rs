//! The walk over the tree: which nodes are calls, loops, bindings and uses.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat};

use super::super::uses::{own_field, plain, root, variable};
use super::super::{CallKind, LoopKind, UseKind};
use super::{Reader, calls_for_each, lines};

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
        let exclusive =
            |text: &Option<String>| text.as_deref().is_some_and(|t| t.starts_with("&mut"));
        binding.is_exclusive = exclusive(&binding.kind) || exclusive(&value);
        for call in &mut self.code.calls[first_call..] {
            if value
                .as_deref()
                .is_some_and(|value| value.trim_end_matches('?') == call.text)
            {
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
                    let kind = LoopKind::Each {
                        method: name.clone(),
                    };
                    self.looped(kind, closure.span(), |this| {
                        this.visit_expr_closure(closure);
                    });
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
