//! Guards from where they are taken to where they die. A guard in a temporary lives to the end of its
//! statement, a named one to the end of its block, to its `drop`, or to where it is given away; where
//! branches differ, it may be held.

use super::Digest;
use crate::facts::{
    AwaitId, By, CallId, Guard, GuardEnd, LocalId, LocalKind, Origin, Span, Ty, Value,
};

/// A guard that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Live {
    /// In the function's guards.
    guard: usize,
    /// The variable that owns it; a temporary has none.
    owner: Option<LocalId>,
}

/// How deep a struct is searched for a guard.
const DEPTH: u32 = 2;

impl Digest<'_> {
    /// A call gives a guard.
    pub(super) fn guard_taken(&mut self, call: CallId) {
        let ty = self.function[call].output.clone();
        if !self.holds_guard(&ty) {
            return;
        }
        let span = self.function[call].span;
        self.live.push(Live {
            guard: self.function.guards.len(),
            owner: None,
        });
        self.function.guards.push(Guard {
            body: self.body,
            ty: self.guard_in(&ty),
            taken: span,
            call: Some(call),
            end: GuardEnd::Statement,
            ..Guard::default()
        });
    }

    /// A call's type became known late.
    pub(super) fn guard_found(&mut self, call: CallId) {
        let known = self
            .function
            .guards
            .iter()
            .any(|guard| guard.call == Some(call));
        if !known {
            self.guard_taken(call);
        }
    }

    pub(super) fn holds_guard(&self, ty: &Ty) -> bool {
        ty.by == By::Value && self.holds(ty, DEPTH)
    }

    fn holds(&self, ty: &Ty, depth: u32) -> bool {
        let ecosystem = self.world.ecosystem;
        ty.walk().any(|part| {
            let guard = ecosystem.is_lock_guard(part) || ecosystem.is_borrow_guard(part);
            // A future that would give one does not hold it yet; nor does a reference to one.
            if part.path == "std::future::Future" || part.path == "fn" || part.by != By::Value {
                return false;
            }
            guard || depth > 0 && self.is_holder(part, depth)
        }) && ty.path != "std::future::Future"
    }

    fn is_holder(&self, ty: &Ty, depth: u32) -> bool {
        let def = self.declared.types.get(&ty.path);
        def.is_some_and(|def| {
            def.fields
                .values()
                .any(|field| field.by == By::Value && self.holds(field, depth - 1))
        })
    }

    /// The guard's own type within a type that holds it.
    fn guard_in(&self, ty: &Ty) -> Ty {
        let ecosystem = self.world.ecosystem;
        let mut parts = ty.walk();
        let guard =
            parts.find(|part| ecosystem.is_lock_guard(part) || ecosystem.is_borrow_guard(part));
        guard.unwrap_or(ty).clone()
    }

    /// A variable of a type that holds a guard owns the guard that its value took, or that the variable
    /// owned that it is set to.
    pub(super) fn own_guard(
        &mut self,
        id: LocalId,
        ty: &Ty,
        kind: LocalKind,
        init: Option<&Value>,
    ) {
        if !self.holds_guard(ty) {
            return;
        }
        let name = self.function[id].name.clone();
        let from = init.and_then(Value::local);
        let found = match from {
            Some(from) => self.live.iter().rposition(|live| live.owner == Some(from)),
            None => self.live.iter().rposition(|live| live.owner.is_none()),
        };
        let guard = match found {
            Some(at) => {
                self.live[at].owner = Some(id);
                self.live[at].guard
            }
            None if kind == LocalKind::Parameter => {
                self.live.push(Live {
                    guard: self.function.guards.len(),
                    owner: Some(id),
                });
                self.function.guards.push(Guard {
                    body: self.body,
                    ty: self.guard_in(ty),
                    taken: self.function[id].span,
                    ..Guard::default()
                });
                self.function.guards.len() - 1
            }
            None => return,
        };
        let guard = &mut self.function.guards[guard];
        guard.name = Some(name);
        guard.end = GuardEnd::Scope;
    }

    /// A variable's guard becomes the statement's, for the block that the variable is of gives it.
    pub(super) fn release(&mut self, id: LocalId) {
        for live in &mut self.live {
            if live.owner == Some(id) {
                live.owner = None;
            }
        }
    }

    /// A variable is given away.
    pub(super) fn moved(&mut self, id: LocalId, span: Span) {
        self.end(id, GuardEnd::Moved(span));
    }

    /// `drop(value)`, also of a tuple.
    pub(super) fn dropped(&mut self, value: &Value) {
        match &value.origin {
            Origin::Local(id) => self.end(*id, GuardEnd::Dropped(value.span)),
            Origin::Tuple(parts) => parts.iter().for_each(|part| self.dropped(part)),
            _ => {}
        }
    }

    fn end(&mut self, id: LocalId, how: GuardEnd) {
        let guards = &mut self.function.guards;
        self.live.retain(|live| {
            let ends = live.owner == Some(id);
            if ends {
                guards[live.guard].end = how;
            }
            !ends
        });
    }

    /// The temporaries taken since `known` guards were there end with their statement.
    pub(super) fn end_temporaries(&mut self, known: usize) {
        self.live
            .retain(|live| live.owner.is_some() || live.guard < known);
    }

    /// Variables whose block ends take their guards along.
    pub(super) fn end_scope(&mut self, known: usize) {
        self.variables.truncate(known);
        let variables = &self.variables;
        self.live.retain(|live| {
            live.owner
                .is_none_or(|owner| variables.iter().any(|(_, id)| *id == owner))
        });
    }

    /// What is held now is held across this await.
    pub(super) fn held_across(&mut self, id: AwaitId) {
        for live in &self.live {
            self.function.guards[live.guard].held_across.push(id);
        }
    }

    /// What may be held after branches: what is held at the end of any that goes on.
    pub(super) fn join_branches(&mut self, ends: Vec<Vec<Live>>) {
        self.live.clear();
        for live in ends.into_iter().flatten() {
            if !self.live.contains(&live) {
                self.live.push(live);
            }
        }
    }
}
