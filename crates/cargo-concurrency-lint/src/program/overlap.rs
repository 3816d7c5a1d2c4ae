//! Whether two waits could overlap: what they only read, and what they share.

use super::Program;
use crate::facts::{AwaitId, By, Call, Function, Local, LocalId, Origin, Span, TouchKind, Value};

impl Program<'_> {
    /// Whether a future only asks for something: by the verb that its function's name begins with, or
    /// by what it is known to send.
    pub fn only_reads(&self, function: &Function, point: AwaitId) -> bool {
        let value = self.source(function, &function[point].value);
        let Origin::Call(id) = value.origin else {
            return false;
        };
        let call = &function[id];
        let name = call.callee.name.as_str();
        match call.callee.path.as_str() {
            "reqwest::RequestBuilder::send" => return self.sends_get(function, call),
            "reqwest::get" => return true,
            path if path.starts_with("tokio::fs::") => {
                return [
                    "read",
                    "read_to_string",
                    "metadata",
                    "read_dir",
                    "canonicalize",
                ]
                .contains(&name);
            }
            _ => {}
        }
        if ["fetch_one", "fetch_all", "fetch_optional"].contains(&name) {
            return self.selects(function, call);
        }
        starts_with(&self.ecosystem.verbs.reads, name)
            && !starts_with(&self.ecosystem.verbs.ordered, name)
    }

    /// Whether an await's call must keep its place: it sends, writes, or waits on purpose.
    pub fn is_ordered(&self, function: &Function, point: AwaitId) -> bool {
        let value = self.source(function, &function[point].value);
        match value.origin {
            Origin::Call(id) => {
                starts_with(&self.ecosystem.verbs.ordered, &function[id].callee.name)
            }
            _ => true,
        }
    }

    fn sends_get(&self, function: &Function, call: &Call) -> bool {
        let Some(Origin::Call(before)) = call.receiver.as_ref().map(|value| &value.origin) else {
            return false;
        };
        let chain = self.chain(function, *before);
        let Some((_, first)) = chain
            .iter()
            .find(|(_, call)| call.callee.path.starts_with("reqwest::Client::"))
        else {
            return false;
        };
        ["get", "head"].contains(&first.callee.name.as_str())
    }

    /// Whether the query's text is a `SELECT`; where it is not seen, fetching is taken to read.
    fn selects(&self, function: &Function, call: &Call) -> bool {
        let Some(Origin::Call(before)) = call.receiver.as_ref().map(|value| &value.origin) else {
            return true;
        };
        let chain = self.chain(function, *before);
        let text = chain.last().and_then(|(_, first)| first.args.first());
        match text.map(|text| &self.source(function, text).origin) {
            Some(Origin::Text(text)) => {
                let text = text.trim_start().to_ascii_lowercase();
                text.starts_with("select") && !text.contains("for update")
            }
            _ => true,
        }
    }

    /// Whether the code at `second` needs what the code at `first` does: a variable that one changes,
    /// takes away or borrows for itself, and the other mentions.
    pub fn is_dependent(&self, function: &Function, first: Span, second: Span) -> bool {
        (0..function.locals.len()).map(LocalId::at).any(|id| {
            let mentions = |span: Span| {
                function[id]
                    .touches
                    .iter()
                    .any(|touch| span.contains(touch.span))
            };
            let bound_in_first = first.contains(function[id].span);
            if bound_in_first {
                return mentions(second);
            }
            mentions(first)
                && mentions(second)
                && (is_connection(&function[id])
                    || self.is_exclusive(function, id, first)
                    || self.is_exclusive(function, id, second))
        })
    }

    /// Whether the code at `span` needs a variable for itself.
    pub fn is_exclusive(&self, function: &Function, id: LocalId, span: Span) -> bool {
        let local = &function[id];
        let touches = local
            .touches
            .iter()
            .filter(|touch| span.contains(touch.span));
        let borrowed = local.ty.by == By::RefMut;
        for touch in touches {
            match touch.kind {
                TouchKind::Changed | TouchKind::Set => return true,
                // What is given away and used again is copied, unless it can be changed through.
                TouchKind::Moved if borrowed => return true,
                TouchKind::Moved | TouchKind::Read => {}
            }
        }
        if !local.mutable {
            return false;
        }
        let on = function
            .calls
            .iter()
            .filter(|call| span.contains(call.span));
        on.into_iter().any(|call| {
            let receiver = call.receiver.as_ref();
            receiver.is_some_and(|value| self.owner(value) == Some(id)) && !self.takes_shared(call)
        })
    }

    /// The variable whose method or whose field's method is called.
    fn owner(&self, value: &Value) -> Option<LocalId> {
        match &value.origin {
            Origin::Local(id) => Some(*id),
            Origin::Field(of, _) => self.owner(of),
            _ => None,
        }
    }

    /// Whether the method is known to borrow shared.
    fn takes_shared(&self, call: &Call) -> bool {
        const SHARED: [&str; 12] = [
            "clone",
            "len",
            "is_empty",
            "iter",
            "as_ref",
            "as_str",
            "to_string",
            "to_owned",
            "get",
            "contains",
            "contains_key",
            "as_slice",
        ];
        let targets = self.targets(call);
        if targets.is_empty() {
            // reqwest's and the pools' own methods borrow shared, as do the reading ones of std.
            let path = call.callee.path.as_str();
            return path.starts_with("reqwest::Client::")
                || path.starts_with("sqlx::Pool::")
                || SHARED.contains(&call.callee.name.as_str());
        }
        targets.iter().all(|id| {
            let receiver = self.function(*id).receiver;
            receiver.is_none_or(|receiver| receiver.by == By::Ref)
        })
    }
}

/// Whether it is one connection or transaction: what goes through it goes one after the other.
pub fn is_connection(local: &Local) -> bool {
    let alike = |name: &str| {
        let name = name.to_ascii_lowercase();
        let is = ["tx", "trx", "txn", "db_tx"].contains(&name.as_str());
        is || name.contains("conn") || name.contains("transaction")
    };
    let pool = |ty: &str| ty.contains("Pool");
    let ty = local
        .ty
        .pointee()
        .path
        .rsplit("::")
        .next()
        .unwrap_or_default();
    !pool(ty) && (alike(&local.name) || alike(ty))
}

/// Whether a name is one of these words, or begins with one and `_`.
fn starts_with(words: &[String], name: &str) -> bool {
    words.iter().any(|word| {
        name.strip_prefix(word.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}
